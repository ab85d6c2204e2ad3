"""One way to ask: a query with this night's schemas filled in, rows as dictionaries."""

from __future__ import annotations

from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from regulars.night import Night

SCHEMAS = ("staging", "intermediate", "marts", "scores", "lists")


def fetch(connection: Connection, night: Night, query: str, **values: Any) -> list[dict[str, Any]]:
    """Rows of `query`, in which {marts}, {lists} ... stand for this night's schemas."""
    schemas = {name: Identifier(night.schema(name)) for name in SCHEMAS}
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(SQL(query).format(**schemas), values).fetchall()  # type: ignore[arg-type]
