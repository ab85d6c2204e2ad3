"""What Python reads of dbt's tables, every engine brings to PostgreSQL."""

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
