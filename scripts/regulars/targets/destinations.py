"""Which list goes to which target: dbt_project/destinations.yml, the company's own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from regulars import own_project
from regulars.project import file_columns, list_definitions, shapes
from regulars.project.list_definitions import ListDefinition
from regulars.project.located import DeclarationError, Located, read_own
from regulars.targets import declaration
from regulars.targets.declaration import PEOPLE, Target, TargetColumn

FILE = "destinations.yml"
PARTS = ("lists", "otherwise", "deliveries", "tables")  # the latter two: places
KEYS = ("target", "also", "name")
KINDS = (*declaration.CHANNELS, "advertising")
# Nobody reads from it what the list is about; platforms flag names that tell of money or health.
NEUTRAL_NAME = re.compile(r"[A-Z][0-9]{0,3}-[0-9A-F]{2,8}")


@dataclass(frozen=True)
class Destination:
    """One target of one list: the columns of its file, in order, and the file's name.

    asked  the facts beyond the target's own columns that the company asked for by name
    """

    list_code: str
    list_version: int
    target: Target
    columns: tuple[TargetColumn, ...]
    file_name: str
    asked: tuple[str, ...]


def load(
    dbt_project: Path, definitions: Iterable[ListDefinition]
) -> dict[str, tuple[Destination, ...]]:
    """The destinations of each list, in the company's order: the first is what people download
    first. Raises DeclarationError if one makes no sense."""
    targets = declaration.load(dbt_project)
    entry = declared(dbt_project)
    common = set(file_columns.names(dbt_project))
    by_list = {
        definition.list_code: tuple(
            _destination(going_to, definition, targets, common)
            for going_to in _entries(entry, definition)
        )
        for definition in definitions
    }
    _check_lists(entry, {*by_list, *list_definitions.switched_off(dbt_project)})
    return by_list


def declared(dbt_project: Path) -> Located:
    """What the company says over what the product says, list by list and channel by channel."""
    places = [layer / FILE for layer in own_project.layers(dbt_project)]
    declarations = [read_own(place, dbt_project) for place in places if place.exists()]
    for entry in declarations:
        if odd := sorted(shapes.mapping(entry).keys() - set(PARTS)):
            raise entry[odd[0]].refuse(f"'{odd[0]}' is none of {', '.join(PARTS)}.")
    return reduce(Located.over, declarations)


def _check_lists(entry: Located, known: Collection[str]) -> None:
    others = entry.get("otherwise")
    for kind in shapes.mapping(others) if others else ():
        if kind not in KINDS:
            raise entry["otherwise"][kind].refuse(f"'{kind}' is none of {', '.join(KINDS)}.")
    named = entry.get("lists")
    for code in shapes.mapping(named) if named else ():
        if code not in known:
            raise entry["lists"][code].refuse(f"no list is called {code}.")


def _entries(entry: Located, definition: ListDefinition) -> list[Located]:
    """The list's own destinations, or those of its purpose or channel."""
    own, others = entry.get("lists"), entry.get("otherwise")
    kind = "advertising" if definition.purpose == "advertising" else definition.channel
    if own is not None and definition.list_code in shapes.mapping(own):
        return shapes.parts(own.get(definition.list_code))
    return shapes.parts(others.get(kind)) if others and shapes.mapping(others) else []


def _destination(
    entry: Located, definition: ListDefinition, targets: Mapping[str, Target], common: set[str]
) -> Destination:
    if not isinstance(entry.value, Mapping) or entry.value.keys() - set(KEYS):
        raise entry.refuse(f"a destination has {', '.join(KEYS)} and nothing else.")
    code = str(entry.value.get("target"))
    if code not in targets:
        raise entry.refuse(f"'{code}' is no target; there are {', '.join(targets)}.")
    target = targets[code]
    _check_use(entry, definition, target)
    known = common | set(PEOPLE) | {column.name for column in definition.columns}
    asked = shapes.texts(entry.get("also"))
    if unknown := [name for name in asked if name not in known]:
        raise entry["also"].refuse(f"{definition.list_code} has no column {unknown[0]}.")
    columns = _columns(target, asked)
    headings = [column.heading for column in columns]
    if twice := [name for name in asked if headings.count(name) > 1]:
        raise entry["also"].refuse(f"{target.name} has a column of its own called {twice[0]}.")
    return Destination(
        list_code=definition.list_code,
        list_version=definition.list_version,
        target=target,
        columns=columns,
        file_name=_file_name(entry, definition, target),
        asked=asked,
    )


def _check_use(entry: Located, definition: ListDefinition, target: Target) -> None:
    """What somebody agreed to for one purpose is not used for another."""
    if (target.use == "advertising") != (definition.purpose == "advertising") and (
        target.use != "people"
    ):
        raise entry.refuse(
            f"{definition.list_code} is for {definition.purpose}, {target.name} for {target.use}:"
            " nobody on it agreed to that."
        )
    own = {column.name for column in definition.columns}
    if lacking := sorted(target.only.keys() - own):
        raise entry.refuse(
            f"{target.name} takes some rows by {lacking[0]}, which {definition.list_code} has not."
        )
    if target.channels and definition.channel not in target.channels:
        raise entry.refuse(
            f"{definition.list_code} reaches people by {definition.channel}, {target.name} by"
            f" {' or '.join(target.channels)}."
        )


def _columns(target: Target, asked: tuple[str, ...]) -> tuple[TargetColumn, ...]:
    """The target's own, and before its last fixed ones what was asked for beyond them."""
    own = [column for column in target.columns if not column.is_asked or column.source in asked]
    have = {column.source for column in own}
    more = [TargetColumn(name, name, target.asked_form) for name in asked if name not in have]
    place = len(own) - 1 if target.accepts.last else len(own)
    return (*own[:place], *more, *own[place:])


def _file_name(entry: Located, definition: ListDefinition, target: Target) -> str:
    if target.use != "advertising":
        return definition.list_code
    # another part of the same list has a name of its own
    about = f"{definition.list_code} {target.code}" if target.only else definition.list_code
    digest = hashlib.sha256(about.encode()).hexdigest()[:6].upper()
    name = str(entry.value.get("name") or f"R{definition.list_version}-{digest}")
    if not NEUTRAL_NAME.fullmatch(name):
        raise entry["name"].refuse(f"'{name}' is no neutral name; use one such as R2-07.")
    return name


def check(dbt_project: Path, definitions: Iterable[ListDefinition]) -> int:
    """How many files go to targets. Raises DeclarationError."""
    by_list = load(dbt_project, definitions)
    places: dict[tuple[str, str], str] = {}
    for destination in (
        destination for destinations in by_list.values() for destination in destinations
    ):
        place = (destination.target.code, destination.file_name)
        if place in places:
            raise DeclarationError(
                f"{FILE}: {places[place]} and {destination.list_code} would write the same file"
                f" {destination.file_name} for {destination.target.code}."
            )
        places[place] = destination.list_code
    return len(places)
