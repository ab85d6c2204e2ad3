"""How values become the text that the checks expect: that of a CSV file as it is declared.

Text of the file goes through as it stands, but for dates in a format without fixed width. Typed
values (numbers of JSON, everything in Parquet) are written by value: 12.0 is the integer 12.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

from regulars.feeds.dates import FIXED, canonical
from regulars.feeds.model import Column, Feed
from regulars.feeds.spellings import Spelling

WHOLE = ("integer", "bigint", "text")
STRFTIME = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH24": "%H", "MI": "%M", "SS": "%S"}


class Notation:
    """Of one feed, for one reading of one file: it counts what it had to change."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._nulls = set(feed.delivery.nulls)
        self._spellings = {
            n: Spelling(column.kind, column.formats)
            for n, column in enumerate(feed.columns)
            if column.is_spelled
        }
        self._changes: Counter[str] = Counter()

    @property
    def is_verbatim(self) -> bool:
        """Whether text of the file can go through without a look."""
        return not self._spellings

    def note(self, change: str, values: int = 1) -> None:
        """Count values that were changed; the ledger will say so."""
        self._changes[change] += values

    def notes(self) -> list[str]:
        """What was changed, and how often."""
        changes = self._changes.copy()
        for n, spelling in self._spellings.items():
            if spelling.values_cut:
                changes[f"{self._feed.columns[n].name}: cut to microseconds"] += spelling.values_cut
        return [f"{what} ({count} values)" for what, count in changes.items()]

    def fields(self, texts: Sequence[str | None]) -> Sequence[str | None]:
        """The fields of a line, in declared order."""
        if self.is_verbatim:
            return texts
        return [None if text is None else self.text(n, text) for n, text in enumerate(texts)]

    def text(self, n: int, text: str) -> str:
        """Text of the n-th column."""
        spelling = self._spellings.get(n)
        if spelling is None or text in self._nulls:
            return text
        return spelling.iso(text)

    def number(self, n: int, value: Decimal) -> str:
        """A number, by value: without a fraction of zeros where the column has none."""
        column = self._feed.columns[n]
        if not value.is_finite():
            return str(value)
        if column.kind in WHOLE and value == value.to_integral_value():
            return f"{value.to_integral_value() + 0:f}"
        text = f"{value:f}"
        return text.replace(".", self._feed.delivery.decimal) if column.kind == "numeric" else text

    def boolean(self, n: int, value: bool) -> str:
        """True or false as the column declares them."""
        column = self._feed.columns[n]
        if column.kind == "boolean" and column.formats:
            return column.formats[0].split("/")[0 if value else 1]
        return "true" if value else "false"

    def day(self, n: int, value: date) -> str:
        """A date."""
        column = self._feed.columns[n]
        return value.strftime(_strftime(column)) if column.date_format else value.isoformat()

    def moment(self, n: int, value: datetime) -> str:
        """A time of any zone or none; midnight is a date where the column holds dates."""
        column = self._feed.columns[n]
        if column.kind == "date" and value.time() == time.min:
            return self.day(n, value.date())
        if value.tzinfo is not None:
            return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
        return value.strftime(_strftime(column)) if column.date_format else value.isoformat()


def _strftime(column: Column) -> str:
    text = canonical(column.date_format or "")
    for token in sorted(FIXED, key=len, reverse=True):
        text = text.replace(token, STRFTIME[token])
    return text
