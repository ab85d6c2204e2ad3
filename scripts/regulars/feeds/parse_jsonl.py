"""JSON lines: one object a line. Values become text and meet the same checks as CSV's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from regulars.feeds.copy_text import CopyText
from regulars.feeds.model import Feed
from regulars.feeds.parser import Tally
from regulars.feeds.refusal import FileRefused
from regulars.feeds.text_lines import CONTROL, pick, read_lines

MAX_EXPONENT = 40


class RowFault(Exception):
    """The rule that a line breaks."""


class JsonLinesParser:
    """Reads one JSON-lines delivery as a stream."""

    def __init__(self, feed: Feed, file: Path, ordinal: int) -> None:
        self.tally = Tally()
        self._feed, self._file, self._ordinal = feed, file, ordinal
        self._copy = CopyText.of(feed)
        self._headers = [column.header for column in feed.columns]
        self._declared = set(self._headers)
        self._seen: set[str] = set()

    def copy_blocks(self) -> Iterator[str]:
        """Lines for COPY. Raises FileRefused on a file-level fault."""
        cut_at = None
        for block in read_lines(self._file, self._feed.delivery):
            yield "".join(
                self._copy_line(number, line)
                for number, line in enumerate(block.lines, block.first)
                if line.strip()
            )
            cut_at = block.last if block.is_cut else None
        if cut_at and self._feed.delivery.final_newline == "required":
            raise FileRefused(
                "its last line has no line end, as if it was cut off; deliver it again, or "
                "declare final_newline: optional"
            )
        if self.tally.records:
            self.tally.missing = [name for name in self._headers if name not in self._seen]

    def raw_texts(self, wanted: Iterable[int]) -> Iterator[tuple[int, str]]:
        """(line, raw text) of these lines."""
        return pick(read_lines(self._file, self._feed.delivery), wanted)

    def _copy_line(self, number: int, line: str) -> str:
        self.tally.records += 1
        try:
            return self._copy.row(self._ordinal, number, self.fields(line))
        except RowFault as fault:
            return self._copy.fault(self._ordinal, number, str(fault), line)

    def fields(self, line: str) -> list[str | None]:
        """The declared fields of a line as text. Raises RowFault."""
        values = _object(line)
        self._seen.update(values)
        for name in values.keys() - self._declared:
            self.tally.add_drift(name)
        fields = [_as_text(values.get(name)) for name in self._headers]
        limit = self._feed.delivery.max_field_bytes
        if len(line) * 4 > limit and any(f and len(f.encode()) > limit for f in fields):
            raise RowFault("field_too_long")
        return fields


def _object(line: str) -> dict[str, object]:
    try:
        values = json.loads(
            line,
            object_pairs_hook=_pairs,
            parse_float=_plain_number,
            parse_int=str,
            parse_constant=str,
        )
    except (ValueError, RecursionError):
        raise RowFault("bad_json") from None
    if not isinstance(values, dict):
        raise RowFault("bad_json")
    return values


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise RowFault("duplicate_field")
    return values


def _plain_number(text: str) -> str:
    """1.5e3 as 1500: JSON knows exponents, the declared shapes do not."""
    if "e" not in text.lower():
        return text
    number = Decimal(text)
    return f"{number:f}" if abs(number.adjusted()) <= MAX_EXPONENT else text


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if not text.isprintable():  # escapes such as \u0000 pass the line's own check
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise RowFault("bad_text")
        if CONTROL.search(text):
            raise RowFault("control_characters")
    return text
