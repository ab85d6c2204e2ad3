"""What was built in the lake, to PostgreSQL, where Python and readers look for it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from psycopg import sql

from regulars.engines.dbt_results import TransformError
from regulars.engines.lake.arrow_types import postgres_type
from regulars.engines.lake.finished import FROM_ITS_START

KINDS: Mapping[str, LiteralString] = {"r": "table", "v": "view", "m": "materialized view"}
CARRIED = ("marts", "lists", "pii")  # folders whose tables somebody reads outside dbt


def is_carried(node: Mapping[str, Any], prefix: str) -> bool:
    """Does anybody outside dbt read this node of the manifest?"""
    config = node["config"]
    return node["resource_type"] in ("model", "seed") and (
        node["schema"].removeprefix(prefix) in CARRIED or bool(config["meta"].get("carried"))
    )


def carry(connection: psycopg.Connection, node: Mapping[str, Any], files: list[Path]) -> int:
    """Replace the node's table by the rows of the files. Returns their number.

    Types are the contract's; of a table without one they follow the files. Raises TransformError
    where the lake has no file of the table, or one that is not whole.
    """
    table = sql.Identifier(node["schema"], node["alias"])
    if not files:
        raise _lost(node)
    schema = _opened(node, files[0]).schema_arrow
    _create(connection, node, schema)
    columns = sql.SQL(", ").join(map(sql.Identifier, schema.names))
    rows = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(sql.SQL("copy {} ({}) from stdin (format csv)").format(table, columns)) as copy,
    ):
        for file in files:
            for batch in _batches(node, file):
                copy.write(_as_csv(batch))
                rows += batch.num_rows
    connection.execute(sql.SQL("analyze {}").format(table))
    return rows


def _opened(node: Mapping[str, Any], file: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file)
    except pa.ArrowException:
        raise _lost(node) from None


def _batches(node: Mapping[str, Any], file: Path) -> Iterator[pa.RecordBatch]:
    try:
        yield from _opened(node, file).iter_batches()
    except (pa.ArrowException, OSError):  # both may be what Arrow says of bytes that are no page
        raise _lost(node) from None


def _lost(node: Mapping[str, Any]) -> TransformError:
    return TransformError(
        f"{node['schema']}.{node['alias']}: the lake has lost a file of it, or a part of one. "
        f"{FROM_ITS_START}"
    )


def drop(connection: psycopg.Connection, node: Mapping[str, Any]) -> None:
    """Drop the node's table or view, and views on it, if it is there."""
    row = connection.execute(
        "select relkind from pg_class where oid = to_regclass(%s)",
        [f'"{node["schema"]}"."{node["alias"]}"'],
    ).fetchone()
    if row is not None:
        connection.execute(
            sql.SQL("drop {} {} cascade").format(
                sql.SQL(KINDS[row[0]]), sql.Identifier(node["schema"], node["alias"])
            )
        )


def _create(connection: psycopg.Connection, node: Mapping[str, Any], schema: pa.Schema) -> None:
    table = sql.Identifier(node["schema"], node["alias"])
    connection.execute(
        sql.SQL("create schema if not exists {}").format(sql.Identifier(node["schema"]))
    )
    drop(connection, node)
    promised = {name: c.get("data_type") for name, c in node["columns"].items()}
    columns = [
        sql.SQL("{} {}").format(
            sql.Identifier(field.name),
            sql.SQL(promised.get(field.name) or postgres_type(field.type)),
        )
        for field in schema
    ]
    connection.execute(sql.SQL("create table {} ({})").format(table, sql.SQL(", ").join(columns)))


def _as_csv(batch: pa.RecordBatch) -> bytes:
    buffer = io.BytesIO()
    arrays = [c.storage if isinstance(c, pa.ExtensionArray) else c for c in batch.columns]
    batch = pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)
    pyarrow.csv.write_csv(batch, buffer, pyarrow.csv.WriteOptions(include_header=False))
    return buffer.getvalue()
