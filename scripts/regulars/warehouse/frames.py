"""Rows of a query as a frame."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pandas as pd
import psycopg
from psycopg import sql


def read(
    connection: psycopg.Connection, query: sql.Composed, columns: Sequence[str]
) -> pd.DataFrame:
    """All rows of `query` as a frame of floats, in the query's order (by COPY)."""
    buffer = io.BytesIO()
    with (
        connection.cursor() as cursor,
        cursor.copy(sql.SQL("copy ({}) to stdout (format csv)").format(query)) as copy,
    ):
        for block in copy:
            buffer.write(block)
    if buffer.tell() == 0:
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in columns})
    buffer.seek(0)
    return pd.read_csv(buffer, header=None, names=list(columns), dtype="float64")
