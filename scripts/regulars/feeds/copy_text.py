r"""COPY's text format: what the parsers write into the table of text fields.

The delimiter is the feed's own, so that a CSV line without quotes or backslashes already is COPY
text. Null is the empty string where the feed says so, \N otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from regulars.feeds.model import Feed

NUL_SHOWN = "\\x00"  # PostgreSQL text cannot hold NUL


@dataclass(frozen=True)
class CopyText:
    """How rows of a feed are written for COPY."""

    delimiter: str
    null: str
    columns: int

    @classmethod
    def of(cls, feed: Feed) -> CopyText:
        delimiter = feed.delivery.delimiter if feed.delivery.format == "csv" else "\t"
        return cls(delimiter, "" if "" in feed.delivery.nulls else r"\N", len(feed.columns))

    @cached_property
    def _escapes(self) -> dict[int, str]:
        escaped = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
        escaped[self.delimiter] = "\\" + self.delimiter if self.delimiter != "\t" else "\\t"
        return str.maketrans(escaped)

    @cached_property
    def before_fields(self) -> str:
        """Between the line number and the fields of a sound row: no rule, no raw text."""
        d = self.delimiter
        return f"{d}{self.null}{d}{self.null}{d}"

    def escape(self, text: str) -> str:
        return text.translate(self._escapes)

    def row(self, ordinal: int, line: int, fields: Sequence[str | None]) -> str:
        """A sound row; fields are in declared order."""
        d, null = self.delimiter, self.null
        written = [null if text is None else text.translate(self._escapes) for text in fields]
        return f"{ordinal}{d}{line}{self.before_fields}{d.join(written)}\n"

    def fault(self, ordinal: int, line: int, rule: str, raw: str) -> str:
        """A row that could not be parsed: its rule and raw text, no fields."""
        d = self.delimiter
        raw = self.escape(raw.replace("\x00", NUL_SHOWN))
        fields = d.join([self.null] * self.columns)
        return f"{ordinal}{d}{line}{d}{rule}{d}{raw}{d}{fields}\n"
