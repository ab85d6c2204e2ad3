"""Which lines of a CSV file are plainly sound: a pattern stricter than the checks of shapes.py.

A line that is plain has no fault; one that is not may have none either, and is for the checks to
judge. Where a declaration asks for what is not known here, no line is plain.

The pattern is one of RE2, whose time is linear in the line; it knows no look-ahead.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain

from regulars.carried import CARRIED_DIGITS
from regulars.feeds.arriving_rows import FUTURE_TOLERANCE
from regulars.feeds.model import Column, Feed
from regulars.feeds.shapes import (
    AT_ALIKE,
    CODE_LENGTH,
    EARLIEST,
    LATEST,
    LONGEST_BYTES,
    has_an_end,
    is_published_id,
)

BYTES_OF_CHARACTER = 4  # at most, in UTF-8
UP_TO_THE_LONGEST = f"{{1,{LONGEST_BYTES // BYTES_OF_CHARACTER}}}"
FIRST_DIGIT = {None: r"-?\d", "0": r"\d", "1": "[1-9]"}  # by the declared minimum
BELOW_ZERO = "-1"  # at most, of a whole number
DIGITS = {"integer": 9, "bigint": 18}  # so many always fit
MONTH_AND_DAY = (  # but for 29 February, which is for the checks
    r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
CLOCK = r"[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?"
NEVER_PLAIN = r"\x00-\x1f\x7f-\x9f\"\\"  # control characters, quotes, what COPY would misread
OFFSET = r"(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)"


@dataclass(frozen=True)
class PlainLines:
    """Plainly sound lines match the pattern, and no two cells in places that are to be told apart
    are one telephone number: an id, and a number of the same row.

    pattern          of lines of at most LONGEST_BYTES, in which no text can be too long: to count
                     the characters of each takes a third of the time
    pattern_of_long  of the others
    owners           places of the cells that say whose row it is
    has_addresses    a row may say so by an address alone
    """

    pattern: str
    pattern_of_long: str
    apart: tuple[tuple[int, int], ...]
    owners: tuple[int, ...]
    has_addresses: bool

    @property
    def last_place(self) -> int:
        """Of the cells that are looked at one by one; -1 where none is."""
        return max([-1, *self.owners, *chain.from_iterable(self.apart)])


def plain_lines(feed: Feed, columns: Sequence[Column], delivered_on: date) -> PlainLines | None:
    """What is plain of lines with fields of these columns, in their order; None where the feed's
    declaration leaves nothing."""
    delivery = feed.delivery
    if set(delivery.nulls) - {""} or delivery.thousands or delivery.decimal != ".":
        return None
    lines = [_line(feed, by_sign, delivered_on) for by_sign in _by_signs(columns)]
    known = [line for line in lines if line is not None]
    if not known:
        return None
    pattern = "|".join(known)
    phones = [n for n, column in enumerate(columns) if column.personal == "phone"]
    owners = [n for n, column in enumerate(columns) if column.is_customer]
    published = [own for own in owners if is_published_id(feed, columns[own])]
    return PlainLines(
        pattern=pattern.replace(UP_TO_THE_LONGEST, "+"),  # what is escaped holds no such braces
        pattern_of_long=pattern,
        apart=tuple((own, phone) for own in published for phone in phones),
        owners=tuple(owners),
        has_addresses=bool(feed.address_columns),
    )


def _by_signs(columns: Sequence[Column]) -> Iterator[Sequence[Column]]:
    """The columns; once above and once below zero where another column of the row says which."""
    signed = next((column for column in columns if column.above_zero_for is not None), None)
    if signed is None or signed.above_zero_for is None:
        yield columns
        return
    name, values = signed.above_zero_for
    kind = next((column for column in columns if column.name == name), None)
    if kind is None:
        return
    above = replace(signed, above_zero_for=None, minimum=_higher(signed.minimum, "0"))
    below = replace(signed, above_zero_for=None, maximum=_lower(signed.maximum, BELOW_ZERO))
    # Of what is allowed still: another signed column may have asked this one before. None would
    # allow anything.
    if ones := tuple(value for value in kind.allowed if value in values):
        yield from _by_signs(_with(columns, replace(kind, allowed=ones, required=True), above))
    if others := tuple(value for value in kind.allowed if value not in values):
        yield from _by_signs(_with(columns, replace(kind, allowed=others), below))


def _with(columns: Sequence[Column], *changed: Column) -> Sequence[Column]:
    named = {column.name: column for column in changed}
    return [named.get(column.name, column) for column in columns]


def _line(feed: Feed, columns: Sequence[Column], delivered_on: date) -> str | None:
    fields = [_field(feed, column, delivered_on) for column in columns]
    known = [field for field in fields if field is not None]
    return re.escape(feed.delivery.delimiter).join(known) if len(known) == len(fields) else None


def _higher(bound: str | None, other: str) -> str:
    return other if bound is None or Decimal(bound) < Decimal(other) else bound


def _lower(bound: str | None, other: str) -> str:
    return other if bound is None or Decimal(bound) > Decimal(other) else bound


def _field(feed: Feed, column: Column, delivered_on: date) -> str | None:
    """A value of a column; of an optional one, none as well."""
    value = _value(feed, column, delivered_on)
    if value is None:
        return None
    is_filled = column.required or column.name in feed.delivery.key or "" not in feed.delivery.nulls
    return value if is_filled else f"(?:{value})?"


def _value(feed: Feed, column: Column, delivered_on: date) -> str | None:
    kind = column.kind
    if column.formats or column.is_month or (column.maximum is not None and kind not in DIGITS):
        return None
    if column.minimum is not None and kind not in ("integer", "bigint", "numeric"):
        return None
    if kind == "text":
        return _text(feed, column)
    if column.allowed or column.is_code or column.is_customer:
        return None
    if kind in ("integer", "bigint", "numeric"):
        return _number(column, _most_digits(feed, column))
    if kind == "boolean":
        return "(?:true|false)"
    return _moment(column, delivered_on)


def _text(feed: Feed, column: Column) -> str | None:
    """Anything plain within its field; an id without the mark of an address."""
    never = re.escape(feed.delivery.delimiter) + NEVER_PLAIN
    if is_published_id(feed, column):
        never += "@" + AT_ALIKE
    if column.allowed and not column.is_code:
        return f"(?:{'|'.join(map(re.escape, column.allowed))})"
    if column.allowed:
        return None
    if column.is_code:
        return rf"[A-Za-z0-9_.\-]{{1,{CODE_LENGTH}}}"
    if has_an_end(feed, column):
        return f"[^{never}]{UP_TO_THE_LONGEST}"
    return f"[^{never}]+"


def _most_digits(feed: Feed, column: Column) -> int:
    """Before the point, of a number that always fits, alone and multiplied."""
    factors = feed.delivery.multiplied
    if column.name in factors:
        return CARRIED_DIGITS // len(factors)
    return DIGITS.get(column.kind, CARRIED_DIGITS)


def _number(column: Column, most: int) -> str | None:
    if column.kind != "numeric":
        return _whole_number(column, most)
    first = FIRST_DIGIT.get(column.minimum)
    if first is None:
        return None
    whole = min(int(column.data_type[8:].split(",")[0]) - column.scale, most)
    if whole < 1:
        return None
    fraction = rf"(?:\.\d{{1,{column.scale}}})?" if column.scale else ""
    return rf"{first}\d{{0,{whole - 1}}}{fraction}"


def _whole_number(column: Column, most: int) -> str | None:
    """One with fewer digits than its bounds; of bounds with one digit, none but "below zero"."""
    minimum, limits = column.minimum, [column.maximum] if column.maximum else []
    if minimum and minimum.startswith("-"):
        limits.append(minimum[1:])
        minimum = None
    first = FIRST_DIGIT.get(minimum)
    if column.maximum == BELOW_ZERO:
        limits.remove(BELOW_ZERO)
        first = "-[1-9]" if minimum is None else None
    if first is None or not all(limit.isdecimal() and len(limit) > 1 for limit in limits):
        return None
    digits = min([most, *(len(limit) - 1 for limit in limits)])
    return rf"{first}\d{{0,{digits - 1}}}"


def _moment(column: Column, delivered_on: date) -> str | None:
    last = date.fromisoformat(LATEST) - timedelta(days=1)
    if not column.is_future_allowed:
        last = min(last, delivered_on + FUTURE_TOLERANCE)
    first = date.fromisoformat(EARLIEST)
    if last < first:
        return None
    clock = {"date": "", "timestamp": CLOCK, "timestamptz": CLOCK + OFFSET}[column.kind]
    return f"(?:{'|'.join(_days(first, last))}){clock}"


def _days(first: date, last: date) -> Iterator[str]:
    """Patterns of the days from a new year's to the last one, in whole years and months."""
    if first.year < last.year:
        yield f"(?:{_numbers(first.year, last.year - 1, 4)})-{MONTH_AND_DAY}"
    months: dict[int, list[str]] = {}  # by their days
    for month in range(1, last.month + 1):
        length = last.day if month == last.month else monthrange(last.year, month)[1]
        months.setdefault(length, []).append(f"{month:02}")
    for length, alike in months.items():
        yield f"{last.year}-(?:{'|'.join(alike)})-(?:{_numbers(1, length, 2)})"


def _numbers(first: int, last: int, digits: int) -> str:
    """A pattern of whole numbers, in hundreds and tens where they are whole: it is compiled anew
    for each block of lines."""
    found = []
    while first <= last:
        free = next(n for n in (2, 1, 0) if first % 10**n == 0 and first + 10**n - 1 <= last)
        found.append(f"{first // 10**free:0{digits - free}}" + r"\d" * free)
        first += 10**free
    return "|".join(found)
