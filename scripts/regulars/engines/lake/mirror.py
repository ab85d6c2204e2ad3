"""Sources of the dbt project as Parquet: what was delivered once and for all, the rest as it is."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from psycopg import sql

from regulars.engines.lake.arrow_types import arrow_type

DELIVERY = "_delivery_id"
IDS = b"regulars_deliveries"  # in a file's metadata: the deliveries whose rows it holds
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
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(dict(self.columns)).encode()).hexdigest()[:12]

    def folder(self, lake: Path) -> Path:
        """A widened column begins a new folder: old files would have the old type."""
        return lake / "sources" / self.schema / f"{self.name}-{self.digest}"


def mirror(
    connection: psycopg.Connection, lake: Path, names: Sequence[tuple[str, str]]
) -> dict[str, dict[str, str]]:
    """Bring the named tables (schema, name) to the lake. Returns schema -> table -> glob of files.

    Rows of deliveries never change, so each is written once and cost follows tonight's rows.
    """
    globs: dict[str, dict[str, str]] = {}
    for schema, name in names:
        source = _described(connection, schema, name)
        if source is None:
            continue
        folder = source.folder(lake)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if source.is_delivered:
            _add_deliveries(connection, source, folder)
        else:
            _write(connection, source, folder / "all.parquet", sql.SQL("true"))
        globs.setdefault(schema, {})[name] = str(folder / "*.parquet")
    return globs


def _described(connection: psycopg.Connection, schema: str, name: str) -> Source | None:
    columns: dict[str, str] = dict(connection.execute(COLUMNS, [f'"{schema}"."{name}"']).fetchall())
    return Source(schema, name, columns) if columns else None


def _add_deliveries(connection: psycopg.Connection, source: Source, folder: Path) -> None:
    files = sorted(folder.glob("*.parquet"))
    known = {number for file in files for number in _deliveries_in(file)}
    present = connection.execute(
        sql.SQL("select distinct {} from {}").format(
            sql.Identifier(DELIVERY), sql.Identifier(source.schema, source.name)
        )
    ).fetchall()
    new = sorted({int(row[0]) for row in present} - known)
    if new or not files:
        condition = sql.SQL("{} = any({})").format(sql.Identifier(DELIVERY), sql.Literal(new))
        label = f"{new[0]}-{new[-1]}" if new else "none"
        _write(connection, source, folder / f"{label}.parquet", condition, new)


def _deliveries_in(file: Path) -> list[int]:
    return list(json.loads((pq.read_schema(file).metadata or {}).get(IDS, b"[]")))


def _write(
    connection: psycopg.Connection,
    source: Source,
    file: Path,
    condition: sql.Composable,
    deliveries: Sequence[int] = (),
) -> None:
    """Write whole under another name, then rename: a file in the lake is a whole one."""
    query = sql.SQL("copy (select {} from {} where {}) to stdout (format csv)").format(
        sql.SQL(", ").join(_as_text(name, kind) for name, kind in source.columns.items()),
        sql.Identifier(source.schema, source.name),
        condition,
    )
    schema = pa.schema([(name, arrow_type(kind)) for name, kind in source.columns.items()])
    schema = schema.with_metadata({IDS: json.dumps(list(deliveries)).encode()})
    unfinished = file.with_suffix(".unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream, pq.ParquetWriter(stream, schema) as writer:
        for batch in _batches(connection, query, schema):
            writer.write_batch(batch)
    unfinished.replace(file)


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
) -> list[pa.RecordBatch]:
    buffer = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for block in copy:
            buffer.write(block)
    if not buffer.tell():
        return []
    buffer.seek(0)
    table = pyarrow.csv.read_csv(
        buffer,
        read_options=pyarrow.csv.ReadOptions(column_names=schema.names),
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
    return list(table.to_batches())
