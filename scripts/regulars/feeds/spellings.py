"""Dates and times of a declared format without fixed width, brought to ISO 8601."""

from __future__ import annotations

import re
from collections.abc import Sequence

from regulars.feeds.dates import pattern

NOT_SPELLED = "?"  # before a value in no declared format: no check lets it through
UTC_NAMES = ("Z", "UTC", "GMT")


class Spelling:
    """The declared formats of one column. Counts values whose decimals it had to cut."""

    def __init__(self, kind: str, formats: Sequence[str]) -> None:
        self._kind = kind
        self._patterns = [pattern(date_format) for date_format in formats]
        self.values_cut = 0

    def iso(self, text: str) -> str:
        """The value in ISO 8601, to the microsecond; marked when it is in no declared format."""
        for expression in self._patterns:
            match = expression.fullmatch(text)
            if match:
                return self._iso(match) or NOT_SPELLED + text
        return NOT_SPELLED + text

    def _iso(self, match: re.Match[str]) -> str | None:
        parts = match.groupdict()
        day = f"{parts['YYYY']}-{parts['MM']:0>2}-{parts['DD']:0>2}"
        if self._kind == "date":
            return day
        hour = _hour(parts)
        if hour is None:
            return None
        time = f"{hour:0>2}:{parts.get('MI') or '00'}:{parts.get('SS') or '00'}"
        return f"{day}T{time}{self._fraction(parts.get('F'))}{_zone(parts.get('TZ'))}"

    def _fraction(self, digits: str | None) -> str:
        if not digits:
            return ""
        if digits[6:].strip("0"):
            self.values_cut += 1
        return "." + digits[:6]


def _hour(parts: dict[str, str | None]) -> str | None:
    """00 to 23; None where a 12-hour clock says anything but 1 to 12."""
    twelve, half = parts.get("H12"), parts.get("AM")
    if twelve is None:
        return parts.get("HH") or "00"
    hour = int(twelve)
    if not 1 <= hour <= 12 or half is None:
        return None
    return str(hour % 12 + (12 if half in "Pp" else 0))


def _zone(name: str | None) -> str:
    if name is None:
        return ""
    if name.upper() in UTC_NAMES:
        return "Z"
    offset = name.lstrip("UTCGMutcgm")
    digits = offset[1:].replace(":", "").ljust(4, "0")
    return f"{offset[0]}{digits[:2]}:{digits[2:]}"
