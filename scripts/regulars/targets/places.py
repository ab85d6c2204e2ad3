"""Where files go once they are published: the parts `deliveries` and `tables` of
dbt_project/destinations.yml. docs/delivery.md has every key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from regulars.project import shapes
from regulars.project.list_definitions import ListDefinition
from regulars.project.located import Located
from regulars.targets import destinations

TABLES = "tables"
"""What the audience tables are called where a target is named."""
KEYS = ("connection", "folder")
CONNECTION = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Place:
    """Where one target's files go.

    connection  id of an Airflow connection; None is a folder of this machine
    folder      below it, of S3 with the bucket first
    """

    target: str
    connection: str | None
    folder: str


@dataclass(frozen=True)
class Places:
    """Every place by target, and the lists that the audience tables have."""

    files: Mapping[str, Place]
    tables: tuple[str, ...]

    @property
    def targets(self) -> list[str]:
        """What can be delivered to, in the order of the declaration; the tables last."""
        return [*self.files, *([TABLES] if self.tables else [])]


def load(dbt_project: Path, definitions: Iterable[ListDefinition]) -> Places:
    """Where a company's files go; nowhere without a declaration. Raises DeclarationError."""
    definitions = list(definitions)
    going = destinations.load(dbt_project, definitions).values()
    targets = {
        destination.target.code
        for destinations_of_list in going
        for destination in destinations_of_list
    }
    entry = destinations.declared(dbt_project)
    declared = entry.get("deliveries")
    files = (
        {code: _place(declared[code], code, targets) for code in shapes.mapping(declared)}
        if declared
        else {}
    )
    return Places(files, _tables(entry.get(TABLES), definitions))


def _place(entry: Located, target: str, targets: set[str]) -> Place:
    if target not in targets:
        raise entry.refuse(f"no list goes to '{target}'; lists go to {', '.join(sorted(targets))}.")
    value = entry.value
    if not isinstance(value, Mapping) or value.keys() - set(KEYS) or "folder" not in value:
        raise entry.refuse(f"a delivery has {' and '.join(KEYS)}, and nothing else.")
    folder = shapes.text(entry["folder"])
    connection = shapes.text(entry["connection"]) if entry.get("connection") else None
    if connection is not None and not CONNECTION.fullmatch(connection):
        raise entry["connection"].refuse(f"'{connection}' is no id of an Airflow connection.")
    if ".." in PurePosixPath(folder).parts:
        raise entry["folder"].refuse("a folder does not lead upwards (..).")
    if connection is None and not PurePosixPath(folder).is_absolute():
        raise entry["folder"].refuse("without a connection, the folder begins with /.")
    return Place(target, connection, folder.rstrip("/"))


def _tables(entry: Located | None, definitions: list[ListDefinition]) -> tuple[str, ...]:
    by_code = {definition.list_code: definition for definition in definitions}
    codes = shapes.texts(entry)
    for part, code in zip(shapes.parts(entry), codes, strict=True):
        if code not in by_code:
            raise part.refuse(f"no list that is switched on is called {code}.")
        if by_code[code].list_class not in ("marketing", "service"):
            raise part.refuse(
                f"{code} is a list of class {by_code[code].list_class}: a tool that syncs"
                " would write to its people."
            )
    return codes
