"""CSV in a strict dialect: RFC 4180 quotes, one record a physical line unless `multiline: true`.

A quote inside an unquoted field, or text after a closing quote, condemns its own line and no
other. Lines without quotes, the usual case, never see a CSV reader.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from regulars.feeds.copy_text import CopyText
from regulars.feeds.csv_records import assemble, open_pattern, record_pattern
from regulars.feeds.header import Header, read_header
from regulars.feeds.model import Column, Feed
from regulars.feeds.notation import Notation
from regulars.feeds.parser import CUT_OFF, Tally
from regulars.feeds.refusal import FileRefused
from regulars.feeds.text_lines import CONTROL, CONTROL_OR_CR, LineBlock, pick, read_lines

RECORDS_AT_ONCE = 5_000


@dataclass(frozen=True)
class RecordBlock:
    """Records with the number of their first line; a record may hold line ends."""

    numbered: list[tuple[int, str]]

    @property
    def lines(self) -> list[str]:
        return [text for _, text in self.numbered]

    @property
    def last(self) -> int:
        return self.numbered[-1][0]

    def without_first(self) -> RecordBlock:
        return RecordBlock(self.numbered[1:])


class CsvParser:
    """Reads one CSV delivery as a stream."""

    def __init__(self, feed: Feed, file: Path, ordinal: int) -> None:
        self.tally = Tally()
        self._feed, self._file, self._ordinal = feed, file, ordinal
        self._delivery = feed.delivery
        self._copy = CopyText.of(feed)
        self._notation = Notation(feed)
        self._valid = record_pattern(feed.delivery.delimiter)
        self._opens = open_pattern(feed.delivery.delimiter)
        self._control = CONTROL if feed.delivery.multiline else CONTROL_OR_CR
        self._header: Header | None = None
        self._last_line = 0
        self._is_cut = False
        self._cut_at = 0  # line of the last record that looked cut off
        csv.field_size_limit(max(csv.field_size_limit(), 16 * feed.delivery.max_field_bytes))

    def copy_blocks(self) -> Iterator[str]:
        """Lines for COPY. Raises FileRefused on a file-level fault."""
        for block in self.blocks():
            yield self.copy_block(block)

    def blocks(self) -> Iterator[LineBlock | RecordBlock]:
        """Lines, many at a time, each block to be given to copy_block before the next one is asked
        for; the first once the header is read. Raises FileRefused on a file-level fault."""
        blocks = self._watch_end(read_lines(self._file, self._delivery))
        for block in self._records(blocks) if self._delivery.multiline else blocks:
            if self._header is None:
                self._header = self._read_header(block.lines[0])
                block = block.without_first()
            yield block
        if self._header is None:
            raise FileRefused("it is empty, without even a header; deliver a header for no rows")
        self._refuse_truncated()
        self.tally.notes += self._notation.notes()

    def raw_texts(self, wanted: Iterable[int]) -> Iterator[tuple[int, str]]:
        """(line, raw text) of these lines."""
        if self._delivery.multiline:
            numbers = set(wanted)
            records = assemble(read_lines(self._file, self._delivery), self._delivery)
            return ((number, text) for number, text in records if number in numbers)
        return pick(read_lines(self._file, self._delivery), wanted)

    def _watch_end(self, blocks: Iterator[LineBlock]) -> Iterator[LineBlock]:
        """Pass lines on; note whether the last one lacks its end."""
        for block in blocks:
            self._is_cut = block.is_cut
            yield block

    def _records(self, blocks: Iterator[LineBlock]) -> Iterator[RecordBlock]:
        """Records that may span lines, many at a time."""
        records = assemble(blocks, self._delivery)
        while batch := list(islice(records, RECORDS_AT_ONCE)):
            yield RecordBlock(batch)

    def _read_header(self, line: str) -> Header:
        header = read_header(self._feed, line, self._valid)
        self.tally.missing = header.missing
        for name in header.extra:
            self.tally.add_drift(name)
        if not header.is_as_declared:
            self.tally.columns = header.columns(self._feed)
        return header

    # ---------- lines to COPY text

    @property
    def columns(self) -> list[Column] | None:
        """The columns of the file in its order; None where it has others than declared ones."""
        header = self._header
        if header is None or header.extra:
            return None
        places = {place: n for n, place in enumerate(header.positions) if place is not None}
        return [self._feed.columns[places[place]] for place in sorted(places)]

    @property
    def _is_copy_text(self) -> bool:
        """Whether a plain line of the file can be sent as it stands."""
        return bool(self._header and self._header.is_as_declared and self._notation.is_verbatim)

    def copy_others(self, block: LineBlock, others: Iterable[tuple[int, str]], plain: int) -> str:
        """As copy_block, of these lines of a block, the other `plain` ones of which are rows."""
        if block.text:
            self._last_line = block.last
        self.tally.records += plain
        return self._copy_lines(others, may_have_control=True)

    def copy_block(self, block: LineBlock | RecordBlock) -> str:
        """Lines for COPY."""
        assert self._header is not None
        if block.lines:
            self._last_line = block.last
        if isinstance(block, RecordBlock):
            return self._copy_lines(block.numbered, True)
        if block.is_plain and self._is_copy_text and "" not in block.lines:
            written = self._copy_plain(block.first, block.lines)
            if written is not None:
                return written
        return self._copy_lines(enumerate(block.lines, block.first), block.may_have_control)

    def _copy_plain(self, first: int, lines: list[str]) -> str | None:
        """The fast path: lines that are COPY text already; None unless all of them are."""
        delimiter, commas = self._copy.delimiter, self._header.width - 1  # type: ignore[union-attr]
        start, middle = f"{self._ordinal}{delimiter}", self._copy.before_fields
        written = [
            f"{start}{number}{middle}{line}\n"
            for number, line in enumerate(lines, first)
            if line.count(delimiter) == commas
        ]
        if len(written) != len(lines):
            return None
        if lines and max(map(len, lines)) * 4 > self._delivery.max_field_bytes:
            return None
        self.tally.records += len(lines)
        return "".join(written)

    def _copy_lines(self, numbered: Iterable[tuple[int, str]], may_have_control: bool) -> str:
        assert self._header is not None
        written, quoted = [], []
        delimiter, limit = self._copy.delimiter, self._delivery.max_field_bytes // 4
        commas = self._header.width - 1 if self._is_copy_text else -1
        for number, line in numbered:
            if not line:
                continue
            self.tally.records += 1
            if may_have_control and self._control.search(line):
                written.append(self._fault(number, "control_characters", line))
            elif '"' in line:
                quoted.append((number, line))
            elif line.count(delimiter) == commas and "\\" not in line and len(line) <= limit:
                written.append(
                    f"{self._ordinal}{delimiter}{number}{self._copy.before_fields}{line}\n"
                )
            else:
                written.append(self._copy_fields(number, line, line.split(delimiter)))
        if quoted:
            written += self._copy_quoted(quoted)
        return "".join(written)

    def _copy_quoted(self, numbered: list[tuple[int, str]]) -> Iterator[str]:
        sound = []
        for number, line in numbered:
            if self._valid.fullmatch(line):
                sound.append((number, line))
            else:
                if self._opens.fullmatch(line):
                    self._cut_at = number
                yield self._fault(number, "stray_quote", line)
        rows = csv.reader([line for _, line in sound], delimiter=self._copy.delimiter, strict=True)
        for (number, line), fields in zip(sound, rows, strict=True):
            yield self._copy_fields(number, line, fields)

    def _copy_fields(self, number: int, line: str, fields: list[str]) -> str:
        header = self._header
        assert header is not None
        if len(fields) != header.width:
            if len(fields) < header.width:
                self._cut_at = number
            return self._fault(number, "field_count", line)
        limit = self._delivery.max_field_bytes
        if len(line) * 4 > limit and any(len(field.encode()) > limit for field in fields):
            return self._fault(number, "field_too_long", line)
        return self._copy.row(self._ordinal, number, self._notation.fields(header.pick(fields)))

    def _fault(self, number: int, rule: str, line: str) -> str:
        return self._copy.fault(self._ordinal, number, rule, line)

    def _refuse_truncated(self) -> None:
        if self._is_cut:
            if self._delivery.final_newline == "required":
                raise FileRefused(CUT_OFF)
            self.tally.unended_line = self._last_line
        if self._cut_at and self._cut_at == self._last_line:
            raise FileRefused(
                f"its last line ({self._cut_at}) is incomplete, as if it was cut off; deliver it "
                "again"
            )
