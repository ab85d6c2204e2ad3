"""Declared date formats, such as DD/MM/YYYY HH24:MI or D-M-YYYY[ H12:MI AM].

A format of fixed width is checked and rearranged by the engine; one with a part that varies (a
number without leading zeros, an offset, decimals, a part in brackets) by `spellings.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import permutations

from regulars.feeds.marks import SPACES

FIXED = {"YYYY": 4, "MM": 2, "DD": 2, "HH24": 2, "MI": 2, "SS": 2}
# Parts that vary, as regular expressions; their groups are named by what they are.
VARYING = {
    "M": r"(?P<MM>\d{1,2})",
    "D": r"(?P<DD>\d{1,2})",
    "H24": r"(?P<HH>\d{1,2})",
    "HH12": r"(?P<H12>\d\d)",
    "H12": r"(?P<H12>\d{1,2})",
    "AM": r"(?P<AM>[AaPp])\.?[Mm]\.?",
    "F": r"(?P<F>\d{1,9})",
    "TZ": r"(?P<TZ>(?i:Z|UTC|GMT)|(?i:UTC|GMT)?[+-]\d\d(?::?\d\d)?)",
}
MEANING = {"M": "MM", "D": "DD", "H24": "HH24", "HH12": "HH24", "H12": "HH24"}
_SAMPLE = {"YYYY": "2026", "MM": "01", "DD": "02", "HH24": "10", "MI": "11", "SS": "12",
           "AM": "AM", "F": "5", "TZ": "Z"}  # fmt: skip
STRFTIME = {
    "%-d": "D",
    "%-m": "M",
    "%-H": "H24",
    "%-I": "H12",
    "%Y": "YYYY",
    "%m": "MM",
    "%d": "DD",
    "%H": "HH24",
    "%M": "MI",
    "%S": "SS",
    "%I": "HH12",
    "%p": "AM",
    "%f": "F",
    "%z": "TZ",
}
_TOKEN = re.compile("|".join(sorted([*FIXED, *VARYING], key=len, reverse=True)))
DATE = ("YYYY", "MM", "DD")
CLOCK = ("HH24", "MI", "SS", "F")
ISO = {"YYYY": "", "MM": "-", "DD": "-", "HH24": " ", "MI": ":", "SS": ":"}


def tokens(date_format: str) -> list[tuple[str, int]]:
    """(token, its first position in a value, from 1) in the order they stand; of fixed width."""
    text = canonical(date_format)
    places, shift = [], 0
    for match in _TOKEN.finditer(text):
        places.append((match[0], match.start() + 1 - shift))
        shift += len(match[0]) - FIXED.get(match[0], 0)  # HH24 stands for two characters
    return places


def canonical(date_format: str) -> str:
    """The format in YYYY-MM-DD tokens; %Y-%m-%d is understood too."""
    for directive, token in STRFTIME.items():
        date_format = date_format.replace(directive, token)
    return date_format


def varies(date_format: str) -> bool:
    """Whether values of this format have no fixed width."""
    text = canonical(date_format)
    return "[" in text or any(match[0] in VARYING for match in _TOKEN.finditer(text))


def shape(date_format: str) -> str:
    """What a value looks like with every digit written as 9."""
    return _TOKEN.sub(lambda match: "9" * FIXED[match[0]], canonical(date_format))


def pattern(date_format: str) -> re.Pattern[str]:
    """A value of this format; groups YYYY, MM, DD, HH or H12 with AM, MI, SS, F, TZ."""
    text = canonical(date_format)
    regex, position = "", 0
    for match in _TOKEN.finditer(text):
        regex += _between(text[position : match.start()])
        fixed = f"(?P<{match[0].removesuffix('24')}>" + r"\d" * FIXED.get(match[0], 0) + ")"
        regex += VARYING.get(match[0], fixed)
        position = match.end()
    return re.compile(regex + _between(text[position:]), re.ASCII)


def _between(text: str) -> str:
    """Separators as they stand, a space as any that people set, a part in brackets as one that may
    be missing."""
    spaces = "[ " + "".join(SPACES) + "]"
    return re.escape(text).replace("\\ ", spaces).replace(r"\[", "(?:").replace(r"\]", ")?")


def format_problem(kind: str, date_format: str) -> str | None:
    """Why a column of this kind cannot have this format; None when it can."""
    if kind not in ("date", "timestamp", "timestamptz"):
        return "format is for dates, timestamps and booleans."
    text = canonical(date_format)
    parts = [MEANING.get(match[0], match[0]) for match in _TOKEN.finditer(text)]
    rest = _TOKEN.sub("", text).replace("T", "")
    if len(set(parts)) != len(parts) or not set(DATE) <= set(parts):
        return f"format '{date_format}' needs YYYY, MM and DD, each once."
    if any(character.isalnum() or character == "%" for character in rest):
        known = ", ".join([*FIXED, *VARYING])
        return f"format '{date_format}' knows {known}, the letter T and separators only."
    if not _is_bracketed(rest):
        return f"format '{date_format}' has a bracket without its other half."
    return _clock_problem(kind, date_format, parts, text)


def _is_bracketed(rest: str) -> bool:
    brackets = "".join(character for character in rest if character in "[]")
    return brackets.replace("[]", "") == ""


def _clock_problem(kind: str, date_format: str, parts: list[str], text: str) -> str | None:
    if kind == "date" and len(parts) > len(DATE):
        return f"format '{date_format}' has a time, the column is a date."
    if kind == "timestamp" and "TZ" in parts:
        return f"format '{date_format}' has an offset, the column is a timestamp without one."
    clock = [name for name in CLOCK if name in parts]
    if any(name not in parts for name in CLOCK[: len(clock)]):
        return f"format '{date_format}' has minutes without hours, or seconds without minutes."
    if ("12" in text) != ("AM" in parts):
        return f"format '{date_format}' needs HH12 or H12 and AM together."
    return None


def guessed_days(formats: Sequence[str]) -> str | None:
    """Why these formats cannot stand together: a value of both would be two days. Else None."""
    for one, other in permutations(formats, 2):
        for value in _samples(one):
            match = pattern(other).fullmatch(value)
            if match and match["DD"] != _SAMPLE["DD"]:
                return (
                    f"formats '{one}' and '{other}' take one value for two days: which is the "
                    "month would be a guess. Declare the one that the system writes."
                )
    return None


def _samples(date_format: str) -> list[str]:
    """A value with all that may be missing, and one with nothing of it."""
    text = canonical(date_format)
    bare = re.sub(r"\[[^\]]*\]", "", text)
    return [
        _TOKEN.sub(lambda match: _SAMPLE[MEANING.get(match[0], match[0])], each)
        for each in (re.sub(r"[\[\]]", "", text), bare)
    ]


def iso_expression(value: str, date_format: str) -> str:
    """SQL that rearranges a value of this format, of fixed width, into ISO 8601."""
    positions = dict(tokens(date_format))
    pieces = []
    for name, separator in ISO.items():
        if name in positions:
            piece = f"substr({value}, {positions[name]}, {FIXED[name]})"
            pieces.append(f"'{separator}' || {piece}" if separator else piece)
    return "(" + " || ".join(pieces) + ")"
