"""The columns that every list file has: those of list_file_rows, as its YAML names them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from regulars import own_project, yaml_text

MODEL = "list_file_rows"
DETAILS = "details"  # a list's own columns in one value; the file has them one by one, at the end
RUN_ID = "run_id"  # which night's work; added by the export, after the night's date


@lru_cache(maxsize=8)
def _columns(dbt_project: Path) -> tuple[dict, ...]:
    product = own_project.layers(dbt_project)[-1]
    path = product / "models" / "marts" / "campaigns" / "_campaigns__models.yml"
    models = yaml_text.parsed(path.read_text(encoding="utf-8"))["models"]
    return tuple(next(model["columns"] for model in models if model["name"] == MODEL))


def names(dbt_project: Path) -> tuple[str, ...]:
    """In the order of a file."""
    columns = [column["name"] for column in _columns(dbt_project) if column["name"] != DETAILS]
    place = columns.index("as_of") + 1
    return (*columns[:place], RUN_ID, *columns[place:])


def of_messages(dbt_project: Path) -> tuple[str, ...]:
    """What may stand in a message that the person reads; everything else is for us alone."""
    return tuple(
        column["name"]
        for column in _columns(dbt_project)
        if column.get("config", {}).get("meta", {}).get("in_messages")
    )
