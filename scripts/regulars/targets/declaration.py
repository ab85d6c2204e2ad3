"""What each target takes: one file each, dbt_project/targets/<target>.yml. docs/targets.md has
every key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regulars import own_project
from regulars.project import file_columns, shapes
from regulars.project.bounds import TEXT, Bounds, one_of, whole
from regulars.project.located import Located, read_own
from regulars.targets.forms import FORMS

FOLDER = "targets"
NAME = re.compile(r"[a-z][a-z0-9_]*")
CHANNELS = ("email", "phone", "post")
FILE: Mapping[str, Bounds] = {
    "encoding": one_of("utf-8", "utf-8-sig"),  # -sig: with a byte-order mark
    "delimiter": one_of(",", ";", "\t"),
    "line_end": one_of("lf", "crlf"),
    "max_bytes": whole(1_000, 10**12, is_required=False),
    "max_rows": whole(1, 10**9, is_required=False),
    "at_least": whole(0, 10**6, is_required=False),
}
TOP: Mapping[str, Bounds] = {
    "name": TEXT,
    "use": one_of("people", "messages", "advertising"),
    "key": one_of("email", "phone_e164", "customer_id"),
    "least_age": whole(0, 100, is_required=False),
    "membership_days": whole(31, 3650, is_required=False),
}
TOP_PARTS = (
    "file",
    "columns",
    "channels",
    "accepts",
    "together",
    "consents",
    "asked_form",
    "only",
)
ACCEPTS = ("headings", "first", "last", "not_together", "cells")
COLUMN = ("heading", "from", "form", "is_hashed", "is_required", "is_asked", "values")
# Of a person, beside the columns of a list's own file: what list_people adds.
PEOPLE = (
    "last_name",
    "country",
    "postcode",
    "city",
    "birth_date",
    "email_consent",
    "email_consent_at",
)
# What says nothing that the person or the tool may not know.
NEUTRAL = ("customer_id", "list_code", "list_version", "as_of", "run_id", "valid_until")


@dataclass(frozen=True)
class TargetColumn:
    """One column of a target's file.

    source       the fact of a person that it is made of
    values       what is written for what, where the tool has words of its own; else None
    is_required  a person without it has no row
    is_asked     written only where a destination asks for `source` by name
    """

    heading: str
    source: str
    form: str
    is_hashed: bool = False
    is_required: bool = False
    is_asked: bool = False
    values: Mapping[str, str] | None = None


@dataclass(frozen=True)
class FileRules:
    encoding: str
    delimiter: str
    line_end: str
    max_bytes: int | None
    max_rows: int | None
    at_least: int


@dataclass(frozen=True)
class Accepts:
    """What the target's tool takes of a file, told apart from how we write it.

    headings      names that it knows; others pass only where asked for; empty: it takes any
    first, last   the first (last) column is one of these; empty: any
    not_together  headings of which a file has one at most
    cells         pattern of a whole cell, by heading
    """

    headings: tuple[str, ...]
    first: tuple[str, ...]
    last: tuple[str, ...]
    not_together: tuple[tuple[str, ...], ...]
    cells: Mapping[str, re.Pattern[str]]


@dataclass(frozen=True)
class Target:
    """One target.

    code       its name in declarations, and of its folder
    use        people read it, messages are made from it, or it is an audience of an ad platform
    key        which of a person's facts stands for the row: without it, or twice, no row
    channels   a list goes there only if it reaches people so; empty: any
    together   columns that are of use only if all of them are filled
    consents   (channel, purpose) of the feed `consents` that must be granted
    only       of a list's own column: the values whose rows it takes; empty: every row
    membership_days  after which its tool forgets who was on a list; 0: never
    """

    code: str
    name: str
    use: str
    key: str
    channels: tuple[str, ...]
    least_age: int
    file: FileRules
    columns: tuple[TargetColumn, ...]
    together: tuple[tuple[str, ...], ...]
    consents: tuple[tuple[str, str], ...]
    asked_form: str
    accepts: Accepts
    only: Mapping[str, tuple[str, ...]]
    membership_days: int

    def is_for(self, facts: Mapping[str, Any]) -> bool:
        """Whether a row of the list belongs into the file at all."""
        return all(str(facts.get(column)) in values for column, values in self.only.items())


def load(dbt_project: Path) -> dict[str, Target]:
    """Every target by its code. Raises DeclarationError if one makes no sense."""
    open_facts = {*NEUTRAL, *PEOPLE, *file_columns.of_messages(dbt_project)}
    files = own_project.files(dbt_project, f"{FOLDER}/*.yml")
    targets = (_target(read_own(path, dbt_project), path.stem, open_facts) for path in files)
    return {target.code: target for target in targets}


def _target(entry: Located, code: str, open_facts: set[str]) -> Target:
    if not NAME.fullmatch(code):
        raise entry.refuse(f"'{code}' is no name of a target: use a-z, 0-9 and _.")
    entry.check_values(TOP, TOP_PARTS)
    for part in ("file", "columns"):
        if not entry.value.get(part):
            raise entry.refuse(f"{part} is empty.")
    entry["file"].check_values(FILE)
    columns = tuple(_column(part, open_facts) for part in shapes.parts(entry["columns"]))
    target = Target(
        code=code,
        name=entry.value["name"],
        use=entry.value["use"],
        key=entry.value["key"],
        channels=shapes.texts(entry.get("channels"), CHANNELS),
        least_age=int(entry.value.get("least_age") or 0),
        file=_file(entry["file"].value),
        columns=columns,
        together=_groups(entry.get("together")),
        consents=tuple(_consent(part) for part in shapes.parts(entry.get("consents"))),
        asked_form=entry.value.get("asked_form", "text"),
        accepts=_accepts(entry),
        only={name: shapes.texts(part) for name, part in _named(entry.get("only"))},
        membership_days=int(entry.value.get("membership_days") or 0),
    )
    _check_whole(entry, target)
    return target


def _column(entry: Located, open_facts: set[str]) -> TargetColumn:
    entry.check_values({"heading": TEXT, "from": TEXT}, COLUMN)
    value = entry.value
    form = value.get("form", "text")
    if form not in list(FORMS):
        raise entry["form"].refuse(f"'{form}' is no form; use one of {', '.join(FORMS)}.")
    is_asked = shapes.flag(entry.get("is_asked"))
    if value["from"] not in open_facts and not is_asked:
        raise entry["from"].refuse(
            f"{value['from']} is for us alone: write is_asked: true, and it goes only where a"
            " destination asks for it by name."
        )
    values = {name: shapes.text(part) for name, part in _named(entry.get("values"))}
    return TargetColumn(
        heading=value["heading"],
        source=value["from"],
        form=form,
        is_hashed=shapes.flag(entry.get("is_hashed")),
        is_required=shapes.flag(entry.get("is_required")),
        is_asked=is_asked,
        values=values or None,
    )


def _file(value: Mapping[str, Any]) -> FileRules:
    return FileRules(
        encoding=value["encoding"],
        delimiter=value["delimiter"],
        line_end={"lf": "\n", "crlf": "\r\n"}[value["line_end"]],
        max_bytes=value.get("max_bytes"),
        max_rows=value.get("max_rows"),
        at_least=value.get("at_least", 0),
    )


def _accepts(entry: Located) -> Accepts:
    accepts = entry.get("accepts")
    if accepts is None:
        return Accepts((), (), (), (), {})
    accepts.check_values({}, ACCEPTS)
    return Accepts(
        headings=shapes.texts(accepts.get("headings")),
        first=shapes.texts(accepts.get("first")),
        last=shapes.texts(accepts.get("last")),
        not_together=_groups(accepts.get("not_together")),
        cells={name: _pattern(part) for name, part in _named(accepts.get("cells"))},
    )


def _named(entry: Located | None) -> list[tuple[str, Located]]:
    """The parts of a mapping by name, none where it is left out."""
    return [(name, entry[name]) for name in shapes.mapping(entry)] if entry else []


def _groups(entry: Located | None) -> tuple[tuple[str, ...], ...]:
    return tuple(shapes.texts(part) for part in shapes.parts(entry))


def _consent(entry: Located) -> tuple[str, str]:
    pair = shapes.texts(entry)
    if len(pair) != len(("channel", "purpose")):
        raise entry.refuse("a consent is a channel and a purpose ([google_ads, ad_user_data]).")
    return pair[0], pair[1]


def _pattern(entry: Located) -> re.Pattern[str]:
    pattern = shapes.text(entry)
    try:
        return re.compile(pattern)
    except re.error as error:
        raise entry.refuse(f"'{pattern}' is no pattern: {error}.") from None


def _check_whole(entry: Located, target: Target) -> None:
    """What only the columns together can get wrong."""
    headings = [column.heading for column in target.columns]
    if twice := sorted({heading for heading in headings if headings.count(heading) > 1}):
        raise entry["columns"].refuse(f"{twice[0]} is there twice.")
    for name in (*target.accepts.cells, *(h for group in target.together for h in group)):
        if name not in headings:
            raise entry.refuse(f"{name} is no column of this target.")
    if target.accepts.headings and (odd := sorted(set(headings) - set(target.accepts.headings))):
        raise entry["columns"].refuse(f"{target.name} knows no column {odd[0]}.")
    if fault := _fault_of_places(headings, target.accepts):
        raise entry["columns"].refuse(fault)
    if target.asked_form not in list(FORMS):
        raise entry["asked_form"].refuse(f"'{target.asked_form}' is no form.")
    if target.key not in [column.source for column in target.columns if column.is_required]:
        raise entry["key"].refuse(f"no column that is required is made of {target.key}.")
    if target.use == "advertising" and not target.consents:
        raise entry.refuse("an advertising target needs the consents that its platform asks for.")


def _fault_of_places(headings: list[str], accepts: Accepts) -> str | None:
    """What the validator would say of every night's file."""
    if accepts.first and headings[0] not in accepts.first:
        return f"the first column is none of {', '.join(accepts.first)}."
    if accepts.last and headings[-1] not in accepts.last:
        return f"the last column is none of {', '.join(accepts.last)}."
    for group in accepts.not_together:
        if len(beside := [heading for heading in headings if heading in group]) > 1:
            return f"{' and '.join(beside)} stand side by side."
    return None
