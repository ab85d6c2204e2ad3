"""Declared date formats: fixed-width patterns such as DD/MM/YYYY HH24:MI."""

from __future__ import annotations

import re

TOKENS = {"YYYY": 4, "MM": 2, "DD": 2, "HH24": 2, "MI": 2, "SS": 2}
STRFTIME = {"%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "HH24", "%M": "MI", "%S": "SS"}
_TOKEN = re.compile("|".join(TOKENS))
DATE = ("YYYY", "MM", "DD")
ISO = {"YYYY": "", "MM": "-", "DD": "-", "HH24": " ", "MI": ":", "SS": ":"}


def tokens(date_format: str) -> list[tuple[str, int]]:
    """(token, its first position in a value, from 1) in the order they stand."""
    text = canonical(date_format)
    found, shift = [], 0
    for match in _TOKEN.finditer(text):
        found.append((match[0], match.start() + 1 - shift))
        shift += len(match[0]) - TOKENS[match[0]]  # HH24 stands for two characters
    return found


def canonical(date_format: str) -> str:
    """The format in YYYY-MM-DD tokens; %Y-%m-%d is understood too."""
    for directive, token in STRFTIME.items():
        date_format = date_format.replace(directive, token)
    return date_format


def shape(date_format: str) -> str:
    """What a value looks like with every digit written as 9."""
    return _TOKEN.sub(lambda match: "9" * TOKENS[match[0]], canonical(date_format))


def format_problem(kind: str, date_format: str) -> str | None:
    """Why a column of this kind cannot have this format; None when it can."""
    if kind not in ("date", "timestamp", "timestamptz"):
        return "format is for dates and timestamps."
    names = [token for token, _ in tokens(date_format)]
    rest = _TOKEN.sub("", canonical(date_format))
    if len(set(names)) != len(names) or not set(DATE) <= set(names):
        return f"format '{date_format}' needs YYYY, MM and DD, each once."
    if any(character.isalnum() or character == "%" for character in rest):
        return f"format '{date_format}' knows {', '.join(TOKENS)} and separators only."
    if kind == "date" and len(names) > len(DATE):
        return f"format '{date_format}' has a time, the column is a date."
    clock = [name for name in ("HH24", "MI", "SS") if name in names]
    if any(b not in names for b in ("HH24", "MI", "SS")[: len(clock)]):
        return f"format '{date_format}' has minutes without hours, or seconds without minutes."
    return None


def iso_expression(value: str, date_format: str) -> str:
    """SQL that rearranges a value of this format into ISO 8601."""
    positions = dict(tokens(date_format))
    pieces = []
    for name, separator in ISO.items():
        if name in positions:
            piece = f"substr({value}, {positions[name]}, {TOKENS[name]})"
            pieces.append(f"'{separator}' || {piece}" if separator else piece)
    return "(" + " || ".join(pieces) + ")"
