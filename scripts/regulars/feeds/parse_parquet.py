"""Parquet: read in batches; values become text by value and meet the same checks as CSV's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.feeds.arrow_text import column_texts, decoded_bytes
from regulars.feeds.copy_text import CopyText
from regulars.feeds.header import match_header
from regulars.feeds.model import Delivery, Feed
from regulars.feeds.notation import Notation
from regulars.feeds.parser import Tally
from regulars.feeds.refusal import FileRefused
from regulars.feeds.streams import unpacked_limit
from regulars.feeds.text_lines import CONTROL

ROWS_AT_ONCE = 8_192
BYTES_AT_ONCE = 16 * 2**20  # of decoded values


def row_count(file: Path) -> int:
    """Rows by the file's own footer. Raises FileRefused."""
    return _open(file).metadata.num_rows


class ParquetParser:
    """Reads one Parquet delivery as a stream. Its line numbers are row numbers, from 1."""

    def __init__(self, feed: Feed, file: Path, ordinal: int) -> None:
        self.tally = Tally()
        self._feed, self._file, self._ordinal = feed, file, ordinal
        self._copy = CopyText.of(feed)
        self._notation = Notation(feed)

    def copy_blocks(self) -> Iterator[str]:
        """Lines for COPY. Raises FileRefused on a file-level fault."""
        for first, rows in self._rows():
            yield "".join(self._copy_row(n, fields) for n, fields in enumerate(rows, first))
        self.tally.notes += self._notation.notes()

    def raw_texts(self, wanted: Iterable[int]) -> Iterator[tuple[int, str]]:
        """(row, its declared fields as a JSON object)."""
        numbers = set(wanted)
        for first, rows in self._rows():
            for number, fields in enumerate(rows, first):
                if number in numbers:
                    yield number, self._raw(fields)

    def _rows(self) -> Iterator[tuple[int, list[tuple[str | None, ...]]]]:
        file = _open(self._file)
        header = match_header(self._feed, list(file.schema_arrow.names))
        self.tally.missing = header.missing
        for name in header.extra:
            self.tally.add_drift(name)
        names = [c.header for c in self._feed.columns if c.header not in header.missing]
        first = 1
        try:
            for batch in batches(self._file, names, self._feed.delivery):
                texts = [self._column(batch, n) for n in range(len(self._feed.columns))]
                yield first, list(zip(*texts, strict=True))
                first += batch.num_rows
        except (pa.ArrowException, OSError):
            raise FileRefused("its Parquet pages cannot be read; deliver it again") from None

    def _column(self, batch: pa.RecordBatch, n: int) -> list[str | None]:
        name = self._feed.columns[n].header
        if name not in batch.schema.names:
            return [None] * batch.num_rows
        return column_texts(batch.column(name), self._feed.columns[n], n, self._notation)

    def _copy_row(self, number: int, fields: tuple[str | None, ...]) -> str:
        self.tally.records += 1
        limit = self._feed.delivery.max_field_bytes
        for text in fields:
            if text and not text.isprintable() and CONTROL.search(text):
                return self._fault(number, "control_characters", fields)
            if text and len(text) * 4 > limit and len(text.encode()) > limit:
                return self._fault(number, "field_too_long", fields)
        return self._copy.row(self._ordinal, number, fields)

    def _fault(self, number: int, rule: str, fields: tuple[str | None, ...]) -> str:
        return self._copy.fault(self._ordinal, number, rule, self._raw(fields))

    def _raw(self, fields: tuple[str | None, ...]) -> str:
        names = [column.header for column in self._feed.columns]
        return json.dumps(dict(zip(names, fields, strict=True)), ensure_ascii=False)


def batches(file: Path, names: list[str] | None, delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """Rows of these columns, or of all, a few megabytes at a time. Raises FileRefused when they
    unpack beyond the limits.

    Text is read as a dictionary first, so that its size is known before it is written out.
    """
    parquet = _open(file, text_columns(_open(file)))
    limit = unpacked_limit(file, delivery)
    groups = [parquet.metadata.row_group(n) for n in range(parquet.metadata.num_row_groups)]
    packed_rows = max(1, parquet.metadata.num_rows)
    size = sum(group.total_byte_size for group in groups)
    _refuse_beyond(limit, size)
    at_once = max(1, min(ROWS_AT_ONCE, BYTES_AT_ONCE * packed_rows // max(1, size)))
    total = 0
    for batch in parquet.iter_batches(at_once, columns=names):
        size = decoded_bytes(batch)
        total += size
        _refuse_beyond(limit, total)
        pieces = 1 + size // BYTES_AT_ONCE
        rows = max(1, -(-batch.num_rows // pieces))
        for start in range(0, batch.num_rows, rows):
            yield batch.slice(start, rows)


def text_columns(parquet: pq.ParquetFile) -> list[str]:
    """Columns that Arrow can read as a dictionary."""
    schema = parquet.schema_arrow
    return [
        f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)
    ]


def _refuse_beyond(limit: int, size: int) -> None:
    if size > limit:
        raise FileRefused(
            f"it unpacks to more than {limit} bytes; if that is right, raise max_bytes or "
            "max_ratio of the feed"
        )


def _open(file: Path, dictionaries: list[str] | None = None) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(
            file, memory_map=False, pre_buffer=False, read_dictionary=dictionaries
        )
    except (pa.ArrowException, OSError, ValueError):
        raise FileRefused("it is no readable Parquet file; deliver it again") from None
