"""What a declaration must satisfy before a loader relies on it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection
from datetime import date
from zoneinfo import ZoneInfo

from regulars.feeds.dates import format_problem, guessed_days
from regulars.feeds.marks import APOSTROPHE, SPACES
from regulars.feeds.model import (
    NUMERIC,
    PLAIN_TYPES,
    RHYTHMS,
    WEEKDAYS,
    Column,
    Delivery,
    Feed,
)
from regulars.settings import SettingsError

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,50}")
CHOICES = {
    "format": ("csv", "jsonl", "parquet"),
    "load": ("upsert", "append", "snapshot"),
    "empty": ("allowed", "refused"),
    "final_newline": ("required", "optional"),
    "ambiguous_hour": ("later", "earlier"),
    "decimal": (".", ","),
    "thousands": ("", ".", ",", " ", "'", *SPACES, APOSTROPHE),
}
# The loader finds line ends in bytes, so ASCII must mean ASCII.
ENCODING = re.compile(r"utf-8|ascii|iso8859-\d+|cp125\d|cp850|cp437|koi8-r|mac-roman")
NEVER_A_DELIMITER = set('\\\r\n".abcdefghijklmnopqrstuvwxyzN0123456789')
NUMBERS = ("integer", "bigint", "numeric")
BOUNDED = (*NUMBERS, "date")


class DeclarationError(SettingsError):
    """A feed is declared wrongly; the message says where and what to write."""


def check_feed(feed: Feed, where: str, guards: Collection[str]) -> None:
    """Raise DeclarationError at the first thing the loader could not rely on.

    guards: what a feed may be said to guard.
    """
    _identifiers(feed, where)
    _delivery(feed.delivery, where)
    _guards(feed.delivery, where, guards)
    _keys(feed, where)
    _timezone(feed.timezone, where)
    for column in feed.columns:
        _column(column, f"{where}, column '{column.name}'")
        _sign(feed, column, f"{where}, column '{column.name}'")


def _identifiers(feed: Feed, where: str) -> None:
    if not feed.group:
        raise DeclarationError(f"{where}: group is missing (sales, service or care).")
    if not feed.columns:
        raise DeclarationError(f"{where}: no columns are declared.")
    for name in (feed.table, *(column.name for column in feed.columns)):
        if not IDENTIFIER.fullmatch(name):
            raise DeclarationError(
                f"{where}: '{name}' is no column or table name here: lower-case letters, digits "
                "and underscores, a letter first. The file's own name goes under `header`."
            )
    for names in ([c.name for c in feed.columns], [c.header for c in feed.columns]):
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise DeclarationError(f"{where}: declared twice: {', '.join(sorted(twice))}.")


def _delivery(delivery: Delivery, where: str) -> None:
    where = f"{where}, delivery"
    for name, choices in CHOICES.items():
        if getattr(delivery, name) not in choices:
            raise DeclarationError(f"{where}: {name} is one of {', '.join(map(repr, choices))}.")
    parts = delivery.path.split("/")
    if delivery.path.startswith("/") or ".." in parts or "" in parts:
        raise DeclarationError(f"{where}: path lies inside the system's landing folder.")
    if len(delivery.delimiter) != 1 or delivery.delimiter in NEVER_A_DELIMITER:
        raise DeclarationError(f"{where}: delimiter is one character such as , ; | or a tab.")
    if not delivery.delimiter.isascii():
        raise DeclarationError(f"{where}: delimiter is an ASCII character.")
    if delivery.thousands and delivery.thousands == delivery.decimal:
        raise DeclarationError(f"{where}: thousands and decimal are different marks.")
    if not 0 <= float(delivery.quarantine_limit_pct) <= 100:
        raise DeclarationError(f"{where}: quarantine_limit_pct lies between 0 and 100.")
    if not 0 <= float(delivery.shrink_limit_pct) <= 100:
        raise DeclarationError(f"{where}: shrink_limit_pct lies between 0 and 100.")
    if not 0 <= float(delivery.doubt_below_pct) <= 100:
        raise DeclarationError(f"{where}: doubt_below_pct lies between 0 and 100.")
    _encoding(delivery.encoding, where)
    _rhythm(delivery, where)


def _rhythm(delivery: Delivery, where: str) -> None:
    """When it is expected."""
    expected = delivery.expected
    days = expected if isinstance(expected, tuple) else ()
    if expected not in RHYTHMS and not (days and set(days) <= set(WEEKDAYS)):
        raise DeclarationError(
            f"{where}: expected is one of {', '.join(RHYTHMS)}, or weekdays such as [mon, thu]."
        )
    if isinstance(delivery.late_after_days, bool) or not (
        isinstance(delivery.late_after_days, int) and 0 <= delivery.late_after_days <= 366
    ):
        raise DeclarationError(f"{where}: late_after_days is a whole number from 0 to 366.")
    if delivery.since is not None:
        try:
            date.fromisoformat(delivery.since)
        except ValueError:
            raise DeclarationError(f"{where}: since is a day such as 2026-05-01.") from None


def _guards(delivery: Delivery, where: str, guards: Collection[str]) -> None:
    """What nobody knows without it."""
    unknown = sorted(set(delivery.guards) - set(guards))
    if unknown:
        raise DeclarationError(
            f"{where}: guards {', '.join(unknown)} is unknown; use {', '.join(guards)}."
        )


def _encoding(encoding: str, where: str) -> None:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise DeclarationError(f"{where}: encoding '{encoding}' is unknown.") from None
    if not ENCODING.fullmatch(name):
        raise DeclarationError(
            f"{where}: encoding '{encoding}' cannot be streamed: utf-8, latin-1, windows-1252 and "
            "their like can; have UTF-16 converted at the source."
        )


def _keys(feed: Feed, where: str) -> None:
    delivery = feed.delivery
    names = {column.name for column in feed.columns}
    used = (*delivery.key, *delivery.index, *([delivery.version] if delivery.version else []))
    for name in used:
        if name not in names:
            raise DeclarationError(f"{where}: '{name}' is in key, version or index, no column.")
    if delivery.load == "upsert" and not (delivery.key and delivery.version):
        raise DeclarationError(f"{where}: load: upsert needs a key and a version column.")
    numbers = {column.name for column in feed.columns if column.kind in NUMBERS}
    if not set(delivery.multiplied) <= numbers:
        raise DeclarationError(f"{where}: multiplied names columns that are numbers.")
    if delivery.complete_by and not set(delivery.complete_by) < set(delivery.key):
        raise DeclarationError(
            f"{where}: complete_by names a part of the key of an upsert feed, such as [order_id] "
            "of [order_id, line_no]."
        )


def _timezone(timezone: str | None, where: str) -> None:
    if timezone is None:
        return
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError):
        raise DeclarationError(
            f"{where}: timezone '{timezone}' is no IANA zone such as Europe/Amsterdam."
        ) from None


def _column(column: Column, where: str) -> None:
    if column.data_type not in PLAIN_TYPES and not NUMERIC.fullmatch(column.data_type):
        raise DeclarationError(
            f"{where}: data_type '{column.data_type}' is not supported; use "
            f"{', '.join(PLAIN_TYPES)} or numeric(p,s)."
        )
    for form in column.formats:
        problem = (
            _boolean_problem(column.formats)
            if column.kind == "boolean"
            else format_problem(column.kind, form)
        )
        if problem:
            raise DeclarationError(f"{where}: {problem}")
    problem = guessed_days(column.formats) if column.kind != "boolean" else None
    if problem:
        raise DeclarationError(f"{where}: {problem}")
    if (column.minimum or column.maximum) and column.kind not in BOUNDED:
        raise DeclarationError(f"{where}: min and max are for numbers and dates.")
    if column.is_long and (column.kind != "text" or column.is_code or column.is_customer):
        raise DeclarationError(f"{where}: long is for a text that is no code and no id.")
    if column.is_code and column.kind != "text":
        raise DeclarationError(f"{where}: code is for text.")
    if column.is_month and column.kind != "date":
        raise DeclarationError(f"{where}: month is for a date.")
    if column.is_customer and column.kind != "text":
        raise DeclarationError(f"{where}: customer is for text.")
    for bound in (column.minimum, column.maximum):
        if bound is not None and not _is_bound(column.kind, bound):
            raise DeclarationError(f"{where}: bound '{bound}' is no {column.kind}.")


def _sign(feed: Feed, column: Column, where: str) -> None:
    if column.above_zero_for is None:
        return
    name, values = column.above_zero_for
    others = [other for other in feed.columns if other.name == name]
    if column.kind not in NUMBERS or not others or not set(values) <= set(others[0].allowed):
        raise DeclarationError(
            f"{where}: above_zero_for is of a number, and names allowed values of another column."
        )


def _boolean_problem(formats: tuple[str, ...]) -> str | None:
    spellings = [spelling.lower() for form in formats for spelling in form.split("/")]
    if any(form.count("/") != 1 for form in formats) or "" in spellings:
        return "format of a boolean is what says true, a slash, what says false: yes/no."
    if len(set(spellings)) != len(spellings):
        return "format of a boolean says one thing twice; case does not count."
    return None


def _is_bound(kind: str, bound: str) -> bool:
    pattern = r"\d{4}-\d\d-\d\d" if kind == "date" else r"-?\d+(\.\d+)?"
    return re.fullmatch(pattern, bound) is not None
