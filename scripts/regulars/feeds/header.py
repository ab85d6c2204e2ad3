"""The header of a CSV file against the declaration: matched by name, in any order."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cached_property

from regulars.feeds.model import Feed
from regulars.feeds.refusal import FileRefused
from regulars.feeds.text_lines import CONTROL_OR_CR


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
    needed = [c.header for c in absent if c.required or c.name in feed.delivery.key]
    if needed:
        raise FileRefused(
            f"its header lacks the required column {', '.join(needed)}; deliver it, or correct "
            "the declaration"
        )
    return Header(
        len(names),
        tuple(places.get(column.header) for column in feed.columns),
        [column.header for column in absent],
        [name for name in names if name not in declared],
    )
