"""Which lines of a CSV file are plainly sound: a pattern stricter than the checks of shapes.py.

A line that matches has no fault; one that does not may have none either, and is for the checks to
judge. Where a declaration asks for what is not known here, no line is plain.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from regulars.feeds.arriving_rows import FUTURE_TOLERANCE
from regulars.feeds.model import Column, Feed
from regulars.feeds.shapes import AT_ALIKE, CODE_LENGTH, is_published_id

DIGITS = {"integer": 9, "bigint": 18}  # so many always fit
YEAR = r"(?:19|20)\d\d"
MONTH_AND_DAY = (  # but for 29 February, which is for the checks
    r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
CLOCK = r"[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?"
NEVER_PLAIN = r"\x00-\x1f\x7f-\x9f\"\\"  # control characters, quotes, what COPY would misread
OFFSET = r"(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)"


def pattern(feed: Feed, columns: Sequence[Column], delivered_on: date) -> re.Pattern[str] | None:
    """Matches plainly sound lines with fields of these columns, in their order; None where the
    feed's declaration leaves none."""
    delivery = feed.delivery
    if set(delivery.nulls) - {""} or delivery.thousands or delivery.decimal != ".":
        return None
    fields = [_field(feed, column, delivered_on) for column in columns]
    known = [field for field in fields if field is not None]
    if len(known) < len(fields):
        return None
    return re.compile(re.escape(delivery.delimiter).join(known), re.ASCII)


def _field(feed: Feed, column: Column, delivered_on: date) -> str | None:
    """A value of a column; of an optional one, none as well."""
    value = _value(feed, column, delivered_on)
    if value is None:
        return None
    is_filled = column.required or column.name in feed.delivery.key or "" not in feed.delivery.nulls
    return value if is_filled else f"(?:{value})?"


def _value(feed: Feed, column: Column, delivered_on: date) -> str | None:
    kind = column.kind
    if column.formats or column.maximum is not None:
        return None
    if column.minimum is not None and kind not in ("integer", "bigint", "numeric"):
        return None
    if kind == "text":
        return _text(feed, column)
    if column.allowed or column.is_code or column.is_customer:
        return None
    if kind in ("integer", "bigint", "numeric"):
        return _number(column)
    if kind == "boolean":
        return "(?:true|false)"
    return _moment(column, delivered_on)


def _text(feed: Feed, column: Column) -> str | None:
    """Anything plain within its field; an id without the mark of an address, a customer's in a
    feed without telephone numbers, for it might be one."""
    never = re.escape(feed.delivery.delimiter) + NEVER_PLAIN
    if is_published_id(feed, column):
        if column.is_customer and any(other.personal == "phone" for other in feed.columns):
            return None
        never += "@" + AT_ALIKE
    if column.allowed and not column.is_code:
        return f"(?:{'|'.join(map(re.escape, column.allowed))})"
    if column.allowed:
        return None
    if column.is_code:
        return rf"[A-Za-z0-9_.\-]{{1,{CODE_LENGTH}}}"
    return f"[^{never}]+"


def _number(column: Column) -> str | None:
    sign = {None: "-?", "0": "", "1": "(?=0*[1-9])"}.get(column.minimum)
    if sign is None:
        return None
    if column.kind != "numeric":
        return rf"{sign}\d{{1,{DIGITS[column.kind]}}}"
    whole = int(column.data_type[8:].split(",")[0]) - column.scale
    if whole < 1:
        return None
    fraction = rf"(?:\.\d{{1,{column.scale}}})?" if column.scale else ""
    return rf"{sign}\d{{1,{whole}}}{fraction}"


def _moment(column: Column, delivered_on: date) -> str:
    day = f"{'' if column.is_future_allowed else _known(delivered_on)}{YEAR}-{MONTH_AND_DAY}"
    clock = {"date": "", "timestamp": CLOCK, "timestamptz": CLOCK + OFFSET}[column.kind]
    return day + clock


def _known(delivered_on: date) -> str:
    """Before a day: it is not later than the delivery allows."""
    last = delivered_on + FUTURE_TOLERANCE
    year, month = f"{last.year:04}", f"{last.month:02}"
    years = _below(year)
    months = "|".join(f"{number:02}" for number in range(1, last.month))
    days = "|".join(f"{number:02}" for number in range(1, last.day + 1))
    this_year = [f"{year}-{month}-(?:{days})", *([f"{year}-(?:{months})-"] if months else [])]
    return f"(?={'|'.join([*years, *this_year])})"


def _below(number: str) -> list[str]:
    """Patterns of the numbers of as many digits that are smaller."""
    return [
        rf"{number[:place]}[0-{int(digit) - 1}]" + r"\d" * (len(number) - place - 1)
        for place, digit in enumerate(number)
        if digit != "0"
    ]
