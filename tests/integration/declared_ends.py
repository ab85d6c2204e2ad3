"""Rows whose values stand at the ends of what their declarations accept, made from these alone."""

from __future__ import annotations

import csv
import json
import random
import string
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from os import SEEK_END
from pathlib import Path

from regulars.carried import CARRIED_DIGITS
from regulars.feeds.model import NUMERIC, Column, Feed
from regulars.feeds.shapes import CODE_LENGTH, EARLIEST, LATEST, LONGEST_BYTES, has_an_end

WIDEST = {"integer": 2**31, "bigint": 2**63}
NUMBERS = (*WIDEST, "numeric")
USUAL = {"currency": "EUR", "country": "NL", "language": "nl", "timezone": "Europe/Amsterdam"}
Row = dict[str, str]


def numbers_at(column: Column) -> tuple[str, str]:
    """Least and largest number that a column may hold."""
    if column.kind == "numeric":
        match = NUMERIC.fullmatch(column.data_type)
        assert match is not None
        whole = min(int(match[1]) - int(match[2]), CARRIED_DIGITS)
        largest = str(Decimal(10 ** (whole + int(match[2])) - 1).scaleb(-int(match[2])))
        least = f"-{largest}"
    else:
        least, largest = str(-WIDEST[column.kind]), str(WIDEST[column.kind] - 1)
    return column.minimum or least, column.maximum or largest


def ends(feed: Feed, column: Column, delivered_on: date) -> tuple[str, ...]:
    """Least and largest value, or the longest text; nothing where the values are enumerated."""
    if column.allowed or column.kind == "boolean":
        return ()
    if column.kind in NUMBERS:
        return numbers_at(column)
    if column.kind == "text":
        return (_longest_text(feed, column),)
    last = date.fromisoformat(LATEST) if column.is_future_allowed else delivered_on
    last += timedelta(days=-1 if column.is_future_allowed else 1)
    return tuple(_moment(column, str(day)) for day in (EARLIEST, last))


def rows_at_their_ends(feed: Feed, delivered_on: date) -> Iterator[Row]:
    """header -> value: a row for each end of each column, all else in it usual; and two with all
    numbers at their least and their largest. Of numbers that are multiplied, one at a time."""
    factors = [feed.column(name).header for name in feed.delivery.multiplied]
    numbers = [c for c in feed.columns if c.kind in NUMBERS and c.name not in feed.delivery.key]
    changes = [
        {c.header: numbers_at(c)[side] for c in numbers} | dict.fromkeys(factors[:-1], "1")
        for side in (0, 1)
    ]
    changes += [{c.header: end} for c in feed.columns for end in ends(feed, c, delivered_on)]
    for number, change in enumerate(changes):
        usual = {c.header: _usual(feed, c, number, delivered_on) for c in feed.columns}
        yield usual | dict.fromkeys(factors, "1") | change


def deliver(landing: Path, feed: Feed, delivered_on: date, rows: Iterable[Row]) -> None:
    """Write them to the feed's file of that day, or below what stands in it."""
    day = feed.delivery.path.replace("{delivered_on}", str(delivered_on))
    file = landing / feed.system / day.replace("{.revision}", "")
    file.parent.mkdir(parents=True, exist_ok=True)
    if feed.delivery.format == "jsonl":
        file.write_text("".join(json.dumps(_typed(feed, row)) + "\n" for row in rows))
        return
    with file.open("a+", encoding=feed.delivery.encoding, newline="") as stream:
        stream.seek(0)
        names = next(csv.reader(stream), None)
        header = names or [column.header for column in feed.columns]
        stream.seek(0, SEEK_END)
        writer = csv.DictWriter(stream, header, extrasaction="ignore", lineterminator="\n")
        if names is None:
            writer.writeheader()
        writer.writerows(rows)


def _typed(feed: Feed, row: Row) -> dict[str, str | int]:
    whole = {column.header for column in feed.columns if column.kind in WIDEST}
    return {name: int(value) if name in whole else value for name, value in row.items()}


def _longest_text(feed: Feed, column: Column) -> str:
    """Letters that no compression makes shorter."""
    length = feed.delivery.max_field_bytes - 1
    if has_an_end(feed, column):
        length = LONGEST_BYTES
    if column.is_code:
        length = CODE_LENGTH
    if column.personal == "phone":
        return "1" * length
    ending = "@mail.example" if column.personal == "email" else ""
    letters = random.Random(f"{feed.system} {column.name}").choices(
        string.ascii_letters, k=length - len(ending)
    )
    return "".join(letters) + ending


def _moment(column: Column, day: str) -> str:
    if column.kind == "date":
        return day
    between = "T" if column.is_spelled else " "
    return f"{day}{between}00:00:00" + ("Z" if column.kind == "timestamptz" else "")


def _usual(feed: Feed, column: Column, number: int, delivered_on: date) -> str:
    """Of ids of one number, the rows of a system's feeds belong together."""
    if column.allowed:
        return column.allowed[0]
    if column.kind == "boolean":
        return column.formats[0].split("/")[1] if column.formats else "false"
    if column.kind == "numeric":
        return "9.50"
    if column.kind in NUMBERS:
        return str(number + 1 if column.name in feed.delivery.key else 2)
    if column.kind != "text":
        return _moment(column, str(delivered_on - timedelta(days=1)))
    if column.personal in ("email", "phone"):
        return f"n{number}@mail.example" if column.personal == "email" else f"+3161234{number:04}"
    return USUAL.get(column.name, f"{feed.system}-end-{number}")
