"""What is published: tables people query, real ones, or views over one where columns move with the
night alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from regulars.engines import models_of
from regulars.night import Night
from regulars.settings import Settings

Columns = dict[str, str]  # name -> SQL type


@dataclass(frozen=True)
class PublishedTable:
    """A dbt model that is published: where dbt builds it, its key, and what its columns mean.

    written_for: the column by which builds write it, or all that it is made of, for touched
        customers alone, if they do.
    read: column -> SQL of `live` (the row of live_generation) and of the other columns, for what
        moves with the night and with nothing else: people read a view over the others' table.
    """

    schema: str
    name: str
    primary_key: tuple[str, ...]
    description: str
    columns: Mapping[str, str]
    written_for: str | None = None
    log: tuple[str, str] | None = None
    read: Mapping[str, str] = field(default_factory=dict)

    @property
    def schema_of_rows(self) -> str:
        """Where the rows lie that publications change."""
        return "stored" if self.read else "published"

    @property
    def rows(self) -> sql.Identifier:
        """The table of these rows."""
        return sql.Identifier(self.schema_of_rows, self.name)

    @property
    def published(self) -> sql.Identifier:
        """What people query."""
        return sql.Identifier("published", self.name)

    def written(self, columns: Columns) -> Columns:
        """Of the model's columns those that are rows' own."""
        return {name: kind for name, kind in columns.items() if name not in self.read}


def published_tables(settings: Settings, night: Night) -> list[PublishedTable]:
    """Models whose config says `meta: {published: true, primary_key: [...]}`, by name."""
    tables = [
        PublishedTable(
            schema=node["schema"],
            name=node["alias"],
            primary_key=tuple(node["config"]["meta"]["primary_key"]),
            description=node["description"],
            columns={name: column["description"] for name, column in node["columns"].items()},
            written_for=node["config"]["meta"].get("written_for"),
            log=_pair(node["config"]["meta"].get("log")),
            read={
                name: column["config"]["meta"]["read"]
                for name, column in node["columns"].items()
                if column.get("config", {}).get("meta", {}).get("read")
            },
        )
        for node in models_of(settings, night)
        if node["config"].get("meta", {}).get("published")
    ]
    return sorted(tables, key=lambda table: table.name)


def _pair(names: Sequence[str] | None) -> tuple[str, str] | None:
    if names is None:
        return None
    log, tonight = names
    return log, tonight


def columns_of(connection: psycopg.Connection, schema: str, table: str) -> Columns:
    rows = connection.execute(
        """
        select a.attname, format_type(a.atttypid, a.atttypmod)
        from pg_attribute as a
        inner join pg_class as c on a.attrelid = c.oid
        inner join pg_namespace as n on c.relnamespace = n.oid
        where n.nspname = %s and c.relname = %s and a.attnum > 0 and not a.attisdropped
        order by a.attnum
        """,
        [schema, table],
    )
    return dict(rows.fetchall())


def keys_of(connection: psycopg.Connection, table: PublishedTable) -> dict[str, tuple[str, ...]]:
    """Constraint name -> its columns."""
    rows = connection.execute(
        """
        select c.conname, array_agg(a.attname::text order by k.place)
        from pg_constraint as c
        cross join unnest(c.conkey) with ordinality as k (attnum, place)
        inner join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = k.attnum
        where c.conrelid = %s::regclass and c.contype in ('p', 'u')
        group by c.conname
        """,
        [table.rows.as_string(connection)],
    )
    return {name: tuple(columns) for name, columns in rows}


def listed(names: Columns | tuple[str, ...], alias: str | None = None) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in names
    )
