"""Whether the dbt project is wired for its systems, said before a file is read.

A system needs more than a declaration: its models enabled when it delivers, its entities listed,
a model for each, and upsert feeds read through `current_version`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from regulars.feeds.declaration_checks import DeclarationError
from regulars.feeds.declarations import read_system
from regulars.settings import Settings

_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_VISIBLE_ROWS = re.compile(r"\bvisible_rows\(\s*['\"](\w+)['\"]\s*,\s*['\"](\w+)['\"]\s*\)")


def check(settings: Settings) -> None:
    """Raise DeclarationError if the project is wired wrongly."""
    faults = wiring_faults(settings)
    if faults:
        raise DeclarationError(
            "The dbt project does not fit its systems:\n  " + "\n  ".join(faults)
        )


def wiring_faults(settings: Settings) -> list[str]:
    """What is wrong, a sentence each; empty where there is no dbt_project.yml to read."""
    file = settings.dbt_project / "dbt_project.yml"
    if not file.exists():
        return []
    project: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    enabled = _enabled(project)
    entities = (project.get("vars") or {}).get("system_entities") or {}
    declared = _declared(settings.dbt_project)
    return [
        *_active_faults(settings, enabled, entities),
        *_reverse_faults(settings, declared, enabled, entities),
        *_misread_feeds(settings),
    ]


def _declared(dbt_project: Path) -> set[str]:
    """Systems that have a declaration."""
    files = (dbt_project / "models/staging").glob("*/_*__sources.yml")
    return {file.parent.name for file in files if file.name == f"_{file.parent.name}__sources.yml"}


def _enabled(project: Mapping[str, Any]) -> dict[str, str]:
    """system -> its +enabled entry, as text."""
    models = (project.get("models") or {}).get(project.get("name")) or {}
    staging = models.get("staging") or {}
    return {
        system: str(entry["+enabled"])
        for system, entry in staging.items()
        if isinstance(entry, Mapping) and "+enabled" in entry
    }


def _active_faults(
    settings: Settings, enabled: Mapping[str, str], entities: Mapping[str, list[str]]
) -> Iterator[str]:
    for system in settings.systems:
        wanted = f"+enabled: \"{{{{ '{system}' in var('systems', ['house']) }}}}\""
        if system not in enabled:
            yield (
                f"{system} is active and has no +enabled entry. In dbt_project.yml, under models: "
                f"regulars: staging: {system}: write {wanted}"
            )
        elif not _switches_on(enabled[system], system):
            yield f"{system} is active and its +enabled entry does not ask for it: write {wanted}"
        if system not in entities:
            yield (
                f"{system} is active and supplies nothing: list its entities in dbt_project.yml, "
                "vars: system_entities"
            )
        for entity in entities.get(system, []):
            model = f"stg_{system}__{entity}"
            folder = settings.dbt_project / "models/staging" / system
            if not (folder / f"{model}.sql").exists():
                yield f"{system} is listed to supply {entity}, and there is no model {model}"


def _switches_on(condition: str, system: str) -> bool:
    return (
        condition == "True" or re.search(rf"['\"]{system}['\"]\s+in\s+var\(", condition) is not None
    )


def _reverse_faults(
    settings: Settings,
    declared: set[str],
    enabled: Mapping[str, str],
    entities: Mapping[str, list[str]],
) -> Iterator[str]:
    for system in sorted({*enabled, *entities} - declared):
        yield (
            f"dbt_project.yml has an entry for {system}, and there is no "
            f"models/staging/{system}/_{system}__sources.yml: write it, or remove the entry"
        )
    for system in sorted(declared - set(settings.systems)):
        if not re.search(r"\bvar\(", enabled.get(system, "")) and enabled.get(system) != "False":
            yield (
                f"{system} is not active, and its models are built all the same: give it a "
                "+enabled entry, or add it to REGULARS_SYSTEMS"
            )


def _misread_feeds(settings: Settings) -> Iterator[str]:
    """Models that read every delivered version of a row for the row that counts."""
    rules = {
        (feed.system, feed.name): feed.delivery.load
        for system in settings.systems
        for feed in read_system(settings.dbt_project, system)
    }
    for file in sorted((settings.dbt_project / "models").rglob("*.sql")):
        text = _COMMENT.sub("", file.read_text(encoding="utf-8"))
        for system, feed in _VISIBLE_ROWS.findall(text):
            if rules.get((system, feed)) == "upsert":
                yield (
                    f"{file.name}: visible_rows('{system}', '{feed}') gives every version of a row "
                    f"that was delivered, and {system}.{feed} is `load: upsert`: use "
                    f"current_version('{system}', '{feed}')"
                )
