"""Parquet: read in batches; values become text and meet the same checks as CSV's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from regulars.feeds.copy_text import CopyText
from regulars.feeds.header import match_header
from regulars.feeds.model import Feed
from regulars.feeds.parser import Tally
from regulars.feeds.refusal import FileRefused
from regulars.feeds.text_lines import CONTROL

ROWS_AT_ONCE = 8_192


def row_count(file: Path) -> int:
    """Rows by the file's own footer. Raises FileRefused."""
    return _open(file).metadata.num_rows


class ParquetParser:
    """Reads one Parquet delivery as a stream. Its line numbers are row numbers, from 1."""

    def __init__(self, feed: Feed, file: Path, ordinal: int) -> None:
        self.tally = Tally()
        self._feed, self._file, self._ordinal = feed, file, ordinal
        self._copy = CopyText.of(feed)

    def copy_blocks(self) -> Iterator[str]:
        """Lines for COPY. Raises FileRefused on a file-level fault."""
        for first, rows in self._rows():
            yield "".join(self._copy_row(n, fields) for n, fields in enumerate(rows, first))

    def raw_texts(self, wanted: Iterable[int]) -> Iterator[tuple[int, str]]:
        """(row, its declared fields as a JSON object)."""
        numbers = set(wanted)
        for first, rows in self._rows():
            for number, fields in enumerate(rows, first):
                if number in numbers:
                    yield number, self._raw(fields)

    def _rows(self) -> Iterator[tuple[int, list[tuple[str | None, ...]]]]:
        file = _open(self._file)
        self._refuse_bomb(file)
        header = match_header(self._feed, list(file.schema_arrow.names))
        self.tally.missing = header.missing
        for name in header.extra:
            self.tally.add_drift(name)
        names = [c.header for c in self._feed.columns if c.header not in header.missing]
        first = 1
        try:
            for batch in file.iter_batches(ROWS_AT_ONCE, columns=names):
                texts = [self._column(batch, column.header) for column in self._feed.columns]
                yield first, list(zip(*texts, strict=True))
                first += batch.num_rows
        except (pa.ArrowException, OSError):
            raise FileRefused("its Parquet pages cannot be read; deliver it again") from None

    def _column(self, batch: pa.RecordBatch, name: str) -> list[str | None]:
        if name not in batch.schema.names:
            return [None] * batch.num_rows
        return as_text(batch.column(name), name)

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

    def _refuse_bomb(self, file: pq.ParquetFile) -> None:
        groups = range(file.metadata.num_row_groups)
        size = sum(file.metadata.row_group(group).total_byte_size for group in groups)
        if size > self._feed.delivery.max_bytes:
            raise FileRefused(
                f"it unpacks to more than {self._feed.delivery.max_bytes} bytes; if that is right, "
                "raise max_bytes of the feed"
            )


def as_text(values: pa.Array, name: str) -> list[str | None]:
    """A column as text: ISO dates and times (zoned ones in UTC), plain numbers, true and false.

    Raises FileRefused for types that no declared column can hold.
    """
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.dictionary_decode(), kind.value_type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        raise FileRefused(f"its column {name} is of type {kind}, which no declared column can hold")
    if pa.types.is_timestamp(kind):
        moment = pc.cast(values, pa.timestamp("us", tz=kind.tz))
        zone = "Z" if kind.tz else ""
        return [_moment(value, zone) for value in moment.to_pylist()]
    if pa.types.is_floating(kind):
        return [None if value is None else _float(value) for value in values.to_pylist()]
    return pc.cast(values, pa.string()).to_pylist()


def _moment(value: object, zone: str) -> str | None:
    if not isinstance(value, datetime):
        return None
    moment = value.astimezone(UTC) if zone else value
    return moment.replace(tzinfo=None).isoformat() + zone


def _float(value: float) -> str:
    """Shortest text that reads back as this number, without an exponent."""
    text = repr(value)
    return f"{Decimal(text):f}" if "e" in text else text


def _open(file: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file, memory_map=False, pre_buffer=False)
    except (pa.ArrowException, OSError, ValueError):
        raise FileRefused("it is no readable Parquet file; deliver it again") from None
