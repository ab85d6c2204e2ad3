"""A delivered Parquet file without somebody's rows, read a batch at a time within the loader's
limits: what it unpacks to never stands in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.erasure.delivered_file import FileChanged, FileUnreadable, limits, new_file
from regulars.erasure.person import Person
from regulars.erasure.whose_record import is_theirs
from regulars.feeds.arrow_text import column_texts
from regulars.feeds.model import Feed
from regulars.feeds.notation import Notation
from regulars.feeds.parse_parquet import batches
from regulars.feeds.refusal import FileRefused


def count(file: Path, feed: Feed | None, person: Person) -> int:
    """Rows of the person's. Raises FileUnreadable, FileChanged."""
    return sum(sum(theirs) for _, theirs in _judged(file, feed, person))


def write_without(file: Path, feed: Feed | None, person: Person, target: Path) -> None:
    """Every other row, in the types of the file. Raises FileUnreadable, FileChanged."""
    schema = pq.read_schema(file)
    with (
        new_file(target, file, is_packed=True) as stream,
        pq.ParquetWriter(stream, schema) as writer,
    ):
        for batch, theirs in _judged(file, feed, person):
            kept = batch.filter(pa.array([not is_one for is_one in theirs], pa.bool_()))
            writer.write_batch(_in_types_of(schema, kept))


def _judged(
    file: Path, feed: Feed | None, person: Person
) -> Iterator[tuple[pa.RecordBatch, list[bool]]]:
    """(rows, whether each is the person's)."""
    try:
        for batch in batches(file, None, limits(feed)):
            yield batch, [is_theirs(feed, *row, person) for row in _rows(batch, feed)]
    except (pa.ArrowException, OSError, FileRefused, ValueError, OverflowError) as error:
        raise (FileUnreadable if file.exists() else FileChanged)(file.name) from error


def _rows(batch: pa.RecordBatch, feed: Feed | None) -> Iterator[tuple[dict[str, str | None], str]]:
    """(header -> text, all texts side by side: a name may stand twice)."""
    names = batch.schema.names
    texts = [_texts(values, name, feed) for values, name in zip(batch.columns, names, strict=True)]
    for row in zip(*texts, strict=True):
        yield dict(zip(names, row, strict=True)), " ".join(text for text in row if text is not None)


def _texts(values: pa.Array, name: str, feed: Feed | None) -> list[str | None]:
    """Of a declared column what the loader reads there (an id of 77.0 is 77), of others whatever
    stands there."""
    for n, column in enumerate(feed.columns if feed else ()):
        if feed and column.header == name:
            return column_texts(values, column, n, Notation(feed))
    whatever: list[Any] = values.to_pylist()
    return [None if value is None else str(value) for value in whatever]


def _in_types_of(schema: pa.Schema, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Text was read as a dictionary."""
    arrays = [
        values if values.type.equals(field.type) else values.cast(field.type)
        for values, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
