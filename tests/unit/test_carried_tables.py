"""What Python reads of dbt's tables is promised by a contract, and every engine brings it."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from regulars.settings import PROJECT

NAME = re.compile(r"\b(?:int|stg|base)_[a-z_]+\b")
READERS = [
    file
    for folder in ("scripts/regulars", "expectations")
    for file in (PROJECT / folder).rglob("*")
    if file.suffix in (".py", ".sql", ".html", ".j2")
]
FOLDERS_CARRIED = ("marts", "pii", "intermediate/campaigns")
PERSONAL = re.compile(r'schema=["\']pii["\']')


def test_every_model_named_outside_dbt_is_carried() -> None:
    models = {file.stem: file for file in (PROJECT / "dbt_project/models").rglob("*.sql")}
    named = {name for file in READERS for name in NAME.findall(file.read_text())} & models.keys()
    assert "stg_deliveries" in named
    assert {name for name in named if not _is_carried(name, models[name])} == set()


def _is_carried(name: str, file: Path) -> bool:
    folder = str(file.parent.relative_to(PROJECT / "dbt_project/models"))
    if folder.startswith(FOLDERS_CARRIED) or PERSONAL.search(file.read_text()):
        return True
    documents = (yaml.safe_load(path.read_text()) or {} for path in file.parent.glob("*.yml"))
    entries = (model for document in documents for model in document.get("models", ()))
    return any(
        entry["name"] == name and entry.get("config", {}).get("meta", {}).get("carried")
        for entry in entries
    )


def test_tables_on_the_way_are_dbts_own() -> None:
    """Who else needs a table reads one with a contract; a message may name it."""
    models = {file.stem for file in (PROJECT / "dbt_project/models").rglob("int_*.sql")}
    named = {name for file in READERS for name in NAME.findall(file.read_text())} & models
    assert named == {"int_contact_stops"}


def test_what_publication_logs_and_files_follow_has_a_contract() -> None:
    documents = [
        yaml.safe_load(path.read_text()) or {}
        for path in (PROJECT / "dbt_project/models").rglob("*.yml")
    ]
    contracted = {
        model["name"]
        for document in documents
        for model in document.get("models", ())
        if model.get("config", {}).get("contract", {}).get("enforced")
    }
    logged = {file.stem for file in (PROJECT / "dbt_project/models/marts/logged").glob("*.sql")}
    assert len(logged) == 4
    assert logged | {"withheld_lists", "list_schedules", "merged_accounts"} <= contracted
