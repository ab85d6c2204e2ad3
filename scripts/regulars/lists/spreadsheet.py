"""Cells that a spreadsheet shows as they are and never runs."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal

# A spreadsheet takes a cell that starts with one of these for a formula; the wide forms are what
# a Japanese keyboard types, and some programs fold them.
FORMULA_STARTS = "=+-@\uff1d\uff0b\uff0d\uff20"
PLAIN_NEGATIVE = re.compile(r"-\d+(\.\d+)?")
# Where a semicolon separates cells (half of Europe), what follows it starts a cell of its own.
AFTER_SEMICOLON = re.compile(rf";(\s*[{re.escape(FORMULA_STARTS)}])")
LINE_BREAKING = {"Cc", "Zl", "Zp"}  # control characters, line and paragraph separators


def cell(value: object) -> str:
    """Any value of a list row as text for a spreadsheet: null empty, text flat and guarded."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return format(value, "d" if isinstance(value, int) else "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return guard(flatten(str(value)))


def flatten(text: str) -> str:
    """One line: every control character or line break becomes a space, runs of space one."""
    if not text.isprintable():  # the usual cell has nothing to replace
        text = "".join(" " if unicodedata.category(c) in LINE_BREAKING else c for c in text)
    return " ".join(text.split())


def guard(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run; negative numbers stay numbers."""
    text = AFTER_SEMICOLON.sub(r";'\1", text)
    if text.lstrip()[:1] not in tuple(FORMULA_STARTS) or PLAIN_NEGATIVE.fullmatch(text):
        return text
    return f"'{text}"
