"""Sources of the dbt project as Parquet: what was delivered once and for all, the rest as it is."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from psycopg import sql

from regulars.engines.lake import folders
from regulars.engines.lake.arrow_types import arrow_type, spark_type
from regulars.private_files import make_missing

DELIVERY = "_delivery_id"
HOLDS = b"regulars_deliveries"  # in a file's metadata: the deliveries whose rows it holds
BLOCK = 4 * 2**20  # bytes, more than the longest row has
DELIVERIES = """
    select delivery_id, sha256 || ' ' || rows_loaded
    from raw.deliveries
    where feed = %s and status = 'loaded' and rows_loaded > 0
"""
COLUMNS = """
    select a.attname, format_type(a.atttypid, a.atttypmod)
    from pg_attribute as a
    where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped
    order by a.attnum
"""


@dataclass(frozen=True)
class Source:
    """A table that models read and dbt did not build, and its columns with PostgreSQL's types."""

    schema: str
    name: str
    columns: Mapping[str, str]

    @property
    def is_delivered(self) -> bool:
        return DELIVERY in self.columns

    @property
    def arrow(self) -> pa.Schema:
        return pa.schema([(name, arrow_type(kind)) for name, kind in self.columns.items()])

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(dict(self.columns)).encode()).hexdigest()[:12]

    def folder(self, lake: Path) -> Path:
        """A widened column begins a new folder: old files would have the old type."""
        return lake / "sources" / self.schema / f"{self.name}-{self.digest}"


def mirror(
    connection: psycopg.Connection, lake: Path, names: Sequence[tuple[str, str]]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Bring the named tables (schema, name) to the lake.

    Rows of deliveries never change, so each is written once and cost follows tonight's rows.
    Returns schema -> table -> {"folder": where, "columns": name -> Spark's type}.
    """
    mirrored: dict[str, dict[str, dict[str, Any]]] = {}
    for schema, name in names:
        source = _described(connection, schema, name)
        if source is None:
            continue
        folder = source.folder(lake)
        make_missing(folder)
        if source.is_delivered:
            _add_deliveries(connection, source, folder)
        else:
            _write_all(connection, source, folder)
        mirrored.setdefault(schema, {})[name] = {
            "folder": str(folder),
            "columns": {field.name: spark_type(field.type) for field in source.arrow},
        }
    return mirrored


def _described(connection: psycopg.Connection, schema: str, name: str) -> Source | None:
    columns: dict[str, str] = dict(connection.execute(COLUMNS, [f'"{schema}"."{name}"']).fetchall())
    return Source(schema, name, columns) if columns else None


def _write_all(connection: psycopg.Connection, source: Source, folder: Path) -> None:
    """The table as it is, in one file; another is none of ours."""
    file = folder / "all.parquet"
    _write(connection, source, file, sql.SQL("true"))
    for other in set(folder.glob(folders.READ)) - {file}:
        other.unlink()


def _add_deliveries(connection: psycopg.Connection, source: Source, folder: Path) -> None:
    """What the ledger has and no file holds. A file of deliveries that the ledger has otherwise is
    of another past, before a backup was restored: it goes, and its deliveries are written anew. So
    does one that does not say, since the disk has lost its end or it is none of ours, and a second
    one of the same."""
    ledger: dict[int, str] = dict(connection.execute(DELIVERIES, [source.name]).fetchall())
    mirrored: set[int] = set()
    is_there = False
    for file in sorted(folder.glob(folders.READ)):
        holds = _deliveries_in(file)
        if holds is not None and holds.items() <= ledger.items() and mirrored.isdisjoint(holds):
            mirrored |= holds.keys()
            is_there = True
        else:
            file.unlink()
    new = sorted(ledger.keys() - mirrored)
    if new or not is_there:  # of a feed without rows a file of none
        condition = sql.SQL("{} = any({})").format(sql.Identifier(DELIVERY), sql.Literal(new))
        label = f"{new[0]}-{new[-1]}" if new else "none"
        holds = {number: ledger[number] for number in new}
        _write(connection, source, folder / f"{label}.parquet", condition, holds)


def _deliveries_in(file: Path) -> dict[int, str] | None:
    """delivery_id -> content, as the ledger had it when the file was written; None where the file
    does not say it."""
    if file.suffix != ".parquet":
        return None
    try:
        metadata = pq.read_schema(file).metadata or {}
    except (pa.ArrowException, OSError):
        return None
    if HOLDS not in metadata:
        return None
    return {int(number): content for number, content in json.loads(metadata[HOLDS]).items()}


def _write(
    connection: psycopg.Connection,
    source: Source,
    file: Path,
    condition: sql.Composable,
    holds: Mapping[int, str] = MappingProxyType({}),
) -> None:
    query = sql.SQL("copy (select {} from {} where {}) to stdout (format csv)").format(
        sql.SQL(", ").join(_as_text(name, kind) for name, kind in source.columns.items()),
        sql.Identifier(source.schema, source.name),
        condition,
    )
    schema = source.arrow.with_metadata({HOLDS: json.dumps(dict(holds)).encode()})
    with folders.whole_file(file) as stream, pq.ParquetWriter(stream, schema) as writer:
        for batch in _batches(connection, query, schema):
            writer.write_batch(batch)


def _as_text(name: str, kind: str) -> sql.Composable:
    """A column as Arrow's CSV reader takes it: instants in ISO form, bytes as hexadecimal."""
    column = sql.Identifier(name)
    if kind == "timestamp with time zone":
        pattern = sql.Literal('YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        return sql.SQL("to_char({} at time zone 'UTC', {})").format(column, pattern)
    if kind == "bytea":
        return sql.SQL("encode({}, 'hex')").format(column)
    return column


def _batches(
    connection: psycopg.Connection, query: sql.Composed, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Rows as they come, a few megabytes at a time."""
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        rows = Rows(copy)
        if not rows.has_any:
            return
        yield from pyarrow.csv.open_csv(
            pa.PythonFile(rows, mode="r"),
            read_options=pyarrow.csv.ReadOptions(column_names=schema.names, block_size=BLOCK),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=schema,
                null_values=[""],
                true_values=["t"],
                false_values=["f"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )


class Rows(io.RawIOBase):
    """What COPY sends, as a file to read from."""

    def __init__(self, copy: Iterable[bytes | memoryview]) -> None:
        self._blocks = iter(copy)
        self._rest = bytes(next(self._blocks, b""))

    @property
    def has_any(self) -> bool:
        return bool(self._rest)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """As many bytes as asked for, but at the end."""
        parts, missing = [self._rest], size - len(self._rest)
        while missing > 0 and (block := next(self._blocks, None)) is not None:
            parts.append(bytes(block))
            missing -= len(block)
        content = b"".join(parts)
        self._rest = content[size:] if size >= 0 else b""
        return content[:size] if size >= 0 else content
