"""The header of a CSV file against the declaration: matched by name, in any order."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cached_property

from regulars.feeds.model import Column, Feed
from regulars.feeds.refusal import FileRefused
from regulars.feeds.text_lines import CONTROL_OR_CR

NOT_SHOWN = "(a name that is not shown)"
PLAIN_NAME = re.compile(r"(?!.*\d{4})[A-Za-z][A-Za-z0-9 _.-]{0,39}")


@dataclass(frozen=True)
class Header:
    """Where each declared column stands in a line; None where an optional one is missing."""

    width: int
    positions: tuple[int | None, ...]
    missing: list[str]
    extra: list[str]

    @cached_property
    def is_as_declared(self) -> bool:
        return self.width == len(self.positions) and all(
            place == number for number, place in enumerate(self.positions)
        )

    def columns(self, feed: Feed) -> list[str]:
        """The declared columns in the line's order; empty where an undeclared one stands."""
        named = dict(zip(self.positions, feed.columns, strict=True))
        return [named[n].name if n in named else "" for n in range(self.width)]

    def pick(self, fields: list[str]) -> list[str | None]:
        """A line's fields in declared order."""
        return [None if place is None else fields[place] for place in self.positions]


def read_header(feed: Feed, line: str, valid: re.Pattern[str]) -> Header:
    """Raises FileRefused. The message names declared columns only: a file without a header
    has a customer's data in its first line."""
    if not line:
        raise FileRefused("its first line is empty; the header belongs there")
    if CONTROL_OR_CR.search(line):
        raise FileRefused("its first line holds control characters (UTF-16?); deliver plain text")
    if not valid.fullmatch(line):
        raise FileRefused("the quotes in its header are not closed, or stand where none may be")
    names = next(csv.reader([line], delimiter=feed.delivery.delimiter, strict=True))
    if len(names) == 1 and len(feed.columns) > 1:
        raise FileRefused(
            f"its header is a single field; it should be separated by "
            f"{feed.delivery.delimiter!r}, or the declaration be corrected"
        )
    return match_header(feed, names)


def match_header(feed: Feed, names: list[str]) -> Header:
    """Match names with declared columns. Raises FileRefused."""
    declared = {column.header for column in feed.columns}
    if len(set(names)) != len(names):
        twice = sorted(name for name in declared if names.count(name) > 1)
        raise FileRefused(f"its header names a column twice: {', '.join(twice) or 'undeclared'}")
    places = {name: place for place, name in enumerate(names)}
    absent = [column for column in feed.columns if column.header not in places]
    extra = [name for name in names if name not in declared]
    is_header = 2 * (len(names) - len(extra)) >= len(names)  # else it may be a row of values
    extra = [shown(name) if is_header else NOT_SHOWN for name in extra]
    needed = [
        column
        for column in absent
        if column.required or column.is_header_required or column.name in feed.delivery.key
    ]
    refuse_absent(needed, extra if is_header else [])
    return Header(
        len(names),
        tuple(places.get(column.header) for column in feed.columns),
        [column.header for column in absent],
        extra,
    )


def refuse_absent(needed: list[Column], extra: list[str]) -> None:
    """Raise FileRefused if there are any; the message names what came instead."""
    if not needed:
        return
    came = f"; undeclared ones came: {', '.join(extra)}" if extra else ""
    raise FileRefused(
        f"its header lacks the required column {', '.join(c.header for c in needed)}{came}. "
        "Deliver it, or correct the declaration"
    )


def shown(name: str) -> str:
    """An undeclared header as it may be repeated: anything but a plain name could be a value."""
    return name if PLAIN_NAME.fullmatch(name) else NOT_SHOWN
