"""Whether the dbt project is wired for its systems, said before a file is read.

A system needs more than a declaration: its models enabled when it delivers, its entities listed,
a model for each, and upsert feeds read through `current_version`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from regulars import own_project
from regulars.feeds.declaration_checks import DeclarationError
from regulars.feeds.declarations import read_system
from regulars.project.variables import variables
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
    if not (settings.dbt_project / own_project.PROJECT_FILE).exists():
        return []
    enabled = _enabled(settings.dbt_project)
    entities = variables(settings.dbt_project)["system_entities"]
    declared = _declared(settings.dbt_project)
    return [
        *_active_faults(settings, enabled, entities),
        *_reverse_faults(settings, declared, enabled, entities),
        *_misread_feeds(settings),
    ]


def _declared(dbt_project: Path) -> set[str]:
    """Systems that have a declaration."""
    files = own_project.files(dbt_project, "models/staging/*/_*__sources.yml")
    return {file.parent.name for file in files if file.name == f"_{file.parent.name}__sources.yml"}


def _enabled(dbt_project: Path) -> dict[str, str]:
    """system -> its +enabled entry, as text; a company's own systems are always on without one."""
    *own, product = own_project.layers(dbt_project)
    entries = _entries(product, own_project.declared(product).get("name"))
    if own:  # a package is told no variables: what asks for one is off, but for the default
        entries = {system: str(system == "house") for system in entries}
    for company in own:
        entries |= dict.fromkeys(_declared(company) - _declared(product), "True")
        for package in (own_project.PRODUCT, own_project.declared(company).get("name")):
            entries |= _entries(company, package)
    return entries


def _entries(dbt_project: Path, package: object) -> dict[str, str]:
    models = (own_project.declared(dbt_project).get("models") or {}).get(package) or {}
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
            file = f"models/staging/{system}/{model}.sql"
            if not own_project.find(settings.dbt_project, file).exists():
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
    for file in own_project.files(settings.dbt_project, "models/**/*.sql"):
        text = _COMMENT.sub("", file.read_text(encoding="utf-8"))
        for system, feed in _VISIBLE_ROWS.findall(text):
            if rules.get((system, feed)) == "upsert":
                yield (
                    f"{file.name}: visible_rows('{system}', '{feed}') gives every version of a row "
                    f"that was delivered, and {system}.{feed} is `load: upsert`: use "
                    f"current_version('{system}', '{feed}')"
                )
