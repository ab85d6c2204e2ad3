"""JSON lines: one object a line. Values are kept as they came and meet the same checks as CSV's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from regulars.feeds.copy_text import CopyText
from regulars.feeds.header import refuse_absent, shown
from regulars.feeds.model import Feed
from regulars.feeds.notation import Notation
from regulars.feeds.parser import CUT_OFF, Tally
from regulars.feeds.refusal import FileRefused
from regulars.feeds.text_lines import CONTROL, pick, read_lines

MAX_EXPONENT = 40
BLANK = " \t\n\r"


class RowFault(Exception):
    """The rule that a line breaks."""


class Number(str):
    """A JSON number as it stands in the line."""

    __slots__ = ()


class JsonLinesParser:
    """Reads one JSON-lines delivery as a stream."""

    def __init__(self, feed: Feed, file: Path, ordinal: int) -> None:
        self.tally = Tally()
        self._feed, self._file, self._ordinal = feed, file, ordinal
        self._copy = CopyText.of(feed)
        self._notation = Notation(feed)
        self._headers = [column.header for column in feed.columns]
        self._declared = set(self._headers)
        self._seen: set[str] = set()

    def copy_blocks(self) -> Iterator[str]:
        """Lines for COPY. Raises FileRefused on a file-level fault."""
        is_cut = False
        for block in read_lines(self._file, self._feed.delivery):
            yield "".join(
                self._copy_line(number, line)
                for number, line in enumerate(block.lines, block.first)
                if line.strip()
            )
            is_cut, last = block.is_cut, block.last
        if is_cut:
            if self._feed.delivery.final_newline == "required":
                raise FileRefused(CUT_OFF)
            self.tally.unended_line = last
        self._check_names()
        self.tally.notes += self._notation.notes()

    def raw_texts(self, wanted: Iterable[int]) -> Iterator[tuple[int, str]]:
        """(line, raw text) of these lines."""
        return pick(read_lines(self._file, self._feed.delivery), wanted)

    def _check_names(self) -> None:
        """Names that no object has. Raises FileRefused where they must be in the header."""
        if not self.tally.records:
            return
        absent = [c for c in self._feed.columns if c.header not in self._seen]
        refuse_absent([c for c in absent if c.is_header_required], self.tally.drift)
        self.tally.missing = [column.header for column in absent]

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
            self.tally.add_drift(shown(name))
        if any(isinstance(values.get(name), dict | list) for name in self._headers):
            raw = _raw_members(line)
            values |= {k: raw[k] for k, value in values.items() if isinstance(value, dict | list)}
        fields = [self._as_text(n, values.get(name)) for n, name in enumerate(self._headers)]
        limit = self._feed.delivery.max_field_bytes
        if len(line) * 4 > limit and any(f and len(f.encode()) > limit for f in fields):
            raise RowFault("field_too_long")
        return fields

    def _as_text(self, n: int, value: object) -> str | None:
        if value is None:
            return None
        if isinstance(value, bool):
            return self._notation.boolean(n, value)
        if isinstance(value, Number):
            return self._number(n, value)
        text = str(value)
        if not text.isprintable():  # escapes such as \u0000 pass the line's own check
            if any("\ud800" <= character <= "\udfff" for character in text):
                raise RowFault("bad_text")
            if CONTROL.search(text):
                raise RowFault("control_characters")
        return self._notation.text(n, text)

    def _number(self, n: int, text: Number) -> str:
        """By value in a column of numbers, as it stands in any other."""
        if self._feed.columns[n].kind not in ("integer", "bigint", "numeric"):
            return str(text)
        number = Decimal(text)
        is_plain = number.is_finite() and abs(number.adjusted()) <= MAX_EXPONENT
        return self._notation.number(n, number) if is_plain else str(text)


def _object(line: str) -> dict[str, object]:
    try:
        values = json.loads(
            line,
            object_pairs_hook=_pairs,
            parse_float=Number,
            parse_int=Number,
            parse_constant=Number,
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


def _raw_members(line: str) -> dict[str, str]:
    """name -> value of a sound object, as it stands in the line."""
    decoder = json.JSONDecoder(parse_float=Number, parse_int=Number)
    members: dict[str, str] = {}
    position = _next(line, line.index("{") + 1)
    while line[position] != "}":
        if line[position] == ",":
            position = _next(line, position + 1)
        name, position = decoder.raw_decode(line, position)
        start = _next(line, _next(line, position) + 1)  # behind the colon
        _, position = decoder.raw_decode(line, start)
        members[name] = line[start:position]
        position = _next(line, position)
    return members


def _next(line: str, position: int) -> int:
    """The first position from here that is not blank."""
    while line[position] in BLANK:
        position += 1
    return position
