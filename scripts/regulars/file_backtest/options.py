"""Options of the reader, as people type them: understood, or refused in a sentence."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pandas as pd

from regulars.clv.calendar_days import written_days
from regulars.file_backtest.errors import FileError

_NAMED_DELIMITERS = {"\\t": "\t", "tab": "\t", "TAB": "\t"}
_DIRECTIVES = set("aAwdbBmyYHIpMSfzZjUWcxXGuV%")
# what gives a day: each set by itself
_DAYS = ({"d", "m", "y"}, {"j", "y"}, {"G", "V", "u"}, {"c"}, {"x"})
_SAME = {"b": "m", "B": "m", "Y": "y"}


def delimiter_of(text: str) -> str:
    r"""One character; `\t` and `tab` are the tabulator. Raises FileError."""
    character = _NAMED_DELIMITERS.get(text, text)
    if not character:
        raise FileError("the delimiter is empty: give one character, e.g. --delimiter ';' or '\\t'")
    if len(character) > 1:
        raise FileError(
            f"the delimiter has {len(character)} characters: give one, e.g. ',' ';' '|' or '\\t'"
        )
    if character in '"\r\n' or ord(character) > 127:
        raise FileError(
            "the delimiter is a quote, a line break or no ASCII: give ',' ';' '|' '\\t'"
        )
    return character


def date_format_of(text: str | None) -> str | None:
    """A format that gives a whole day. Raises FileError."""
    if text is None:
        return None
    if not text.strip():
        raise FileError(
            "the date format is empty: leave it out for ISO 8601, or give e.g. '%d/%m/%Y'"
        )
    directives = set(re.findall(r"%(.)", text + " "))
    unknown = directives - _DIRECTIVES
    if unknown or text.endswith("%"):
        raise FileError(f"the date format holds a directive that is not known: {text!r}")
    known = {_SAME.get(letter, letter) for letter in directives}
    if not any(needed <= known for needed in _DAYS):
        raise FileError(
            f"the date format {text!r} gives no day: it needs %Y, %m and %d, or %Y and %j"
        )
    if not _is_read_back(text):
        raise FileError(
            f"the date format {text!r} cannot be read back: it says a part twice, or parts that do "
            "not go together"
        )
    return text


def _is_read_back(date_format: str) -> bool:
    """Whether the reader of dates finds the day again in what the format writes."""
    moment = datetime(2026, 1, 31, 13, 5, 7, tzinfo=UTC)
    written = pd.Series([moment.strftime(date_format)])
    try:
        day = written_days(written, date_format).iloc[0]
    except (ValueError, re.error):
        return False
    return bool(pd.notna(day) and day.date() == moment.date())
