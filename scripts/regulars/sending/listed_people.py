"""Who stands in which row of a published file. The files of tools do not say it (a tool need not
know our ids): they keep the order of ranks, and who is in none stands among the rejected.

Everything is read row by row: memory does not grow with the list.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from typing import Any

from regulars.erasure.state_files import ABOUT_ANOTHER, GONE
from regulars.targets.declaration import Target
from regulars.targets.forms import guard


@dataclass(frozen=True)
class Listed:
    """Somebody on a list. Addresses are in normal form, null where the list's file has no row.

    same_as   whose address they share, who ranks higher; empty if that person was erased
    facts     the row of the list's file; empty for who is not in it
    """

    rank: int
    customer_id: str
    household_id: str | None
    email: str | None
    phone_e164: str | None
    same_as: str | None
    facts: Mapping[str, str]


def everybody(folder: Path, entry: Mapping[str, Any]) -> Iterator[Listed]:
    """Everybody on a list who is to be contacted, by rank."""
    accepted = (_accepted(row) for row in _rows(folder / entry["file"]["name"]))
    rejected = (_rejected(row) for row in _rows(folder / entry["rejected"]["name"]))
    return merge(accepted, rejected, key=lambda person: person.rank)


def of_rows(
    folder: Path, entry: Mapping[str, Any], sent: Mapping[str, Any], target: Target
) -> Iterator[str]:
    """customer_id of every row of a target's files, in their order. sent: its entry of the list."""
    rejected = (
        (int(row["rank"]), row["customer_id"]) for row in _rows(folder / sent["rejected"]["name"])
    )
    waiting = next(rejected, None)
    for person in everybody(folder, entry):
        if target.only and not _is_about(person, target):
            continue
        while waiting and waiting[0] < person.rank:
            waiting = next(rejected, None)
        if waiting != (person.rank, guard(person.customer_id)) and waiting != (
            person.rank,
            person.customer_id,
        ):
            yield person.customer_id


def _is_about(person: Listed, target: Target) -> bool:
    """Whether a target takes their part of the list. What is known of nobody is in no part: who has
    no row in the list's file, by their address, has none in such a target's either."""
    return target.is_for({name: unguarded(cell or "") for name, cell in person.facts.items()})


def _accepted(row: dict[str, str]) -> Listed:
    def cell(name: str) -> str | None:
        return unguarded(row[name]) or None

    return Listed(
        rank=int(row["rank"]),
        customer_id=unguarded(row["customer_id"]),
        household_id=cell("household_id"),
        email=cell("email"),
        phone_e164=cell("phone_e164"),
        same_as=None,
        facts=row,
    )


def _rejected(row: dict[str, str]) -> Listed:
    about = ABOUT_ANOTHER.fullmatch(row["reason"])
    same_as = about[1] if about else ("" if row["reason"] == GONE else None)
    return Listed(int(row["rank"]), unguarded(row["customer_id"]), None, None, None, same_as, {})


def unguarded(cell: str) -> str:
    """A cell of a list's own file as it was before it was made safe for a spreadsheet."""
    return cell[1:] if cell.startswith("'") and guard(cell[1:]) == cell else cell


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)
