"""Bring the columns of a raw table to their declared types: exactly, or not at all.

A change of a declaration is a migration. It is exact when every value, written as text and read in
the new type, gives the old value back; otherwise it is refused with what to do.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from regulars.feeds.declaration_checks import DeclarationError
from regulars.feeds.model import Column, Feed

NUMBERS = ("integer", "bigint", "numeric")
WRITTEN_OUT = {
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
}


def differing_columns(connection: psycopg.Connection, feed: Feed) -> list[tuple[Column, str]]:
    """(column, type that it has in raw.<table>) where that is not the declared one."""
    rows = connection.execute(
        """
        select a.attname, format_type(a.atttypid, a.atttypmod)
        from pg_attribute as a
        where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped
        """,
        [f'raw."{feed.table}"'],
    )
    stored: dict[str, str] = dict(rows.fetchall())
    return [
        (column, stored[column.name])
        for column in feed.columns
        if column.name in stored and stored[column.name] != _type_name(column)
    ]


def retype(connection: psycopg.Connection, feed: Feed) -> list[str]:
    """Change what differs; returns the names of the columns. Raises DeclarationError.

    Views over the table go with the change: the build of the same night makes them anew.
    """
    differing = differing_columns(connection, feed)
    if not differing:
        return []
    zone = feed.timezone or "UTC"
    connection.execute("select set_config('timezone', %s, true)", [zone])
    for column, stored in differing:
        _refuse_loss(connection, feed, column, stored)
    _drop_views(connection, feed)
    for column, _ in differing:
        connection.execute(
            sql.SQL("alter table raw.{} alter column {} type {} using {}").format(
                sql.Identifier(feed.table),
                sql.Identifier(column.name),
                sql.SQL(_type_name(column)),  # type: ignore[arg-type]
                _read_again(column),
            )
        )
    connection.execute("reset timezone")
    return [column.name for column, _ in differing]


def _type_name(column: Column) -> str:
    """As PostgreSQL spells it."""
    return WRITTEN_OUT.get(column.data_type, column.data_type.replace(" ", ""))


def _read_again(column: Column) -> sql.Composed:
    return sql.SQL("{}::text::{}").format(
        sql.Identifier(column.name),
        sql.SQL(_type_name(column)),  # type: ignore[arg-type]
    )


def _refuse_loss(connection: psycopg.Connection, feed: Feed, column: Column, stored: str) -> None:
    """Raise DeclarationError where a value would not survive the change."""
    numbers = column.kind in NUMBERS and stored.startswith(NUMBERS)
    query = sql.SQL(
        """
        select count(*)
        from raw.{table}
        where
            {column} is not null
            and case
                when not pg_input_is_valid({column}::text, {declared}) then true
                else {differs}
            end
        """
    ).format(
        table=sql.Identifier(feed.table),
        column=sql.Identifier(column.name),
        declared=sql.Literal(_type_name(column)),
        differs=_differs_as_number(column) if numbers else _differs_read_back(column, stored),
    )
    row = connection.execute(query).fetchone()
    values = row[0] if row else 0
    if values:
        raise DeclarationError(
            f"{feed.label}, column '{column.name}': raw.{feed.table} holds {stored}, the "
            f"declaration now says {column.data_type}, and {values} stored values would change or "
            f"not fit. Declare a type that holds them ({stored} does), or give the column another "
            "name and its old name under `header`: then what comes from now on has the new type."
        )


def _differs_as_number(column: Column) -> sql.Composed:
    return sql.SQL("{}::numeric <> {}::numeric").format(
        _read_again(column), sql.Identifier(column.name)
    )


def _differs_read_back(column: Column, stored: str) -> sql.Composed:
    return sql.SQL(
        "case when not pg_input_is_valid({again}::text, {name}) then true"
        " else {again}::text::{stored} is distinct from {column} end"
    ).format(
        again=_read_again(column),
        name=sql.Literal(stored),
        stored=sql.SQL(stored),  # type: ignore[arg-type]
        column=sql.Identifier(column.name),
    )


def _drop_views(connection: psycopg.Connection, feed: Feed) -> None:
    """Views that read the table, by their owner; what depends on them goes too."""
    rows = connection.execute(
        """
        select distinct n.nspname, v.relname, pg_get_userbyid(v.relowner)
        from pg_depend as d
        inner join pg_rewrite as r on d.objid = r.oid
        inner join pg_class as v on r.ev_class = v.oid
        inner join pg_namespace as n on v.relnamespace = n.oid
        where
            d.classid = 'pg_rewrite'::regclass
            and d.refobjid = to_regclass(%s)
            and v.relkind = 'v'
        order by 1, 2
        """,
        [f'raw."{feed.table}"'],
    )
    for schema, view, owner in rows.fetchall():
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(owner)))
        connection.execute(
            sql.SQL("drop view if exists {} cascade").format(sql.Identifier(schema, view))
        )
    connection.execute("set local role regulars_owner")
