"""What every parser offers: rows for COPY, raw texts, and a tally of what it noticed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

# Rules that a parser applies; the engine applies those of shapes.py.
PARSE_RULES = {
    "field_count": "the line has more or fewer fields than the header",
    "stray_quote": "a quote stands where the format allows none",
    "control_characters": "the line holds control characters",
    "field_too_long": "a field is longer than max_field_bytes",
    "bad_json": "the line is no JSON object",
    "duplicate_field": "the JSON object names a field twice",
    "bad_text": "a field holds text that is no valid Unicode",
}
MAX_DRIFT = 50  # names kept of columns that nobody declared
CUT_OFF = (
    "its last line has no line end, as if it was cut off; deliver it again, or declare "
    "final_newline: optional"
)


@dataclass
class Tally:
    """What a parser noticed on its way. Filled while copy_blocks runs."""

    records: int = 0
    drift: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    columns: list[str] | None = None  # of a header that is not as declared
    unended_line: int | None = None  # the last line, where its line end is missing

    def add_drift(self, name: str) -> None:
        if name not in self.drift and len(self.drift) < MAX_DRIFT:
            self.drift.append(name[:63])


class Parser(Protocol):
    """Reads one delivery as a stream."""

    tally: Tally

    def copy_blocks(self) -> Iterator[str]:
        """Lines for COPY (ordinal, line, rule, raw text, fields). Raises FileRefused."""
        ...

    def raw_texts(self, wanted: Iterable[int]) -> Iterator[tuple[int, str]]:
        """(line, raw text) of these lines, ascending, in a second pass over the file."""
        ...
