"""Published tables follow their models: columns, keys, indexes and what comments say of them."""

from __future__ import annotations

import psycopg
from psycopg import sql

from regulars.night import Night
from regulars.publication.published_tables import (
    Columns,
    PublishedTable,
    columns_of,
    keys_of,
    listed,
)
from regulars.publication.views import create_list_views, create_view, drop_views
from regulars.settings import Settings
from regulars.warehouse import connect
from regulars.warehouse.older_readers import wait_for_older_readers


def migrate_published(settings: Settings, night: Night, tables: list[PublishedTable]) -> list[str]:
    """Give every published table its model's columns and key. Returns the changes, in words.

    Raises WarehouseError where somebody reads on for longer than the lock timeout.
    """
    announced: list[str] = []
    is_rewritten = False
    with connect(settings, "admin") as connection:
        for table in tables:
            of_model = columns_of(connection, table.schema, table.name)
            wanted = table.written(of_model)
            _move(connection, table)
            present = columns_of(connection, table.schema_of_rows, table.name)
            if not present:
                _create(connection, table, wanted)
            else:
                is_rewritten |= bool(_retyped(present, wanted))
                announced += _alter(connection, table, present, wanted)
                announced += _alter_key(connection, table)
            _index(connection, table)
            if table.read:
                create_view(connection, table, of_model)
            _comment(connection, table)
        create_list_views(connection)
        if is_rewritten:
            wait_for_older_readers(connection, settings.lock_timeout_seconds)
    return announced


def _create(connection: psycopg.Connection, table: PublishedTable, columns: Columns) -> None:
    target = table.rows
    definitions = [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))  # type: ignore[arg-type]
        for name, kind in columns.items()
    ]
    statements = [
        sql.SQL("create table {} ({}, primary key ({}))").format(
            target, sql.SQL(", ").join(definitions), listed(table.primary_key)
        ),
        sql.SQL("alter table {} owner to regulars_owner").format(target),
        sql.SQL("grant select, insert, delete on {} to regulars_builder").format(target),
    ]
    if not table.read:
        statements.append(sql.SQL("grant select on {} to analyst").format(target))
    for statement in statements:
        connection.execute(statement)


def _move(connection: psycopg.Connection, table: PublishedTable) -> None:
    """Bring the rows of a version before to where they lie now."""
    other = sql.Identifier("published" if table.read else "stored", table.name)
    kind = "select 1 from pg_class where oid = to_regclass(%s) and relkind = 'r'"
    if not connection.execute(kind, [other.as_string(connection)]).fetchone():
        return
    drop_views(connection, table)
    right = "revoke select on {} from analyst" if table.read else "grant select on {} to analyst"
    connection.execute(sql.SQL(right).format(other))  # type: ignore[arg-type]
    connection.execute(
        sql.SQL("alter table {} set schema {}").format(other, sql.Identifier(table.schema_of_rows))
    )


def _alter(
    connection: psycopg.Connection, table: PublishedTable, present: Columns, wanted: Columns
) -> list[str]:
    """Add, drop and retype columns; values follow with the next publication."""
    actions: list[sql.Composable] = []
    words: list[str] = []
    retyped = _retyped(present, wanted)
    for name in present.keys() - wanted.keys():
        actions.append(sql.SQL("drop column {}").format(sql.Identifier(name)))
        if name not in table.read:
            words.append(f"published.{table.name}.{name} dropped")
    for name, kind in wanted.items():
        column, type_ = sql.Identifier(name), sql.SQL(kind)  # type: ignore[arg-type]
        if name not in present:
            actions.append(sql.SQL("add column {} {}").format(column, type_))
            words.append(f"published.{table.name}.{name} added")
        elif name in retyped:
            actions.append(
                sql.SQL("alter column {0} type {1} using {0}::text::{1}").format(column, type_)
            )
            words.append(f"published.{table.name}.{name} is now {kind}")
    if actions:
        drop_views(connection, table)
        connection.execute(
            sql.SQL("alter table {} {}").format(table.rows, sql.SQL(", ").join(actions))
        )
    return sorted(words)


def _retyped(present: Columns, wanted: Columns) -> set[str]:
    return {name for name, kind in wanted.items() if present.get(name, kind) != kind}


def _alter_key(connection: psycopg.Connection, table: PublishedTable) -> list[str]:
    """Give a table another key, at the next night's migration where rows of before forbid it.

    Those rows have nothing in a new column, so nulls may be in the key.
    """
    target, columns = table.rows, listed(table.primary_key)
    present = keys_of(connection, table)
    if list(present.values()) == [table.primary_key]:
        return []
    actions: list[sql.Composable] = [
        sql.SQL("drop constraint {}").format(sql.Identifier(name)) for name in present
    ]
    repeated = sql.SQL("select 1 from {} group by {} having count(*) > 1 limit 1")
    is_possible = not connection.execute(repeated.format(target, columns)).fetchone()
    if is_possible:
        actions.append(sql.SQL("add unique nulls not distinct ({})").format(columns))
    if actions:
        alter = sql.SQL("alter table {} {}").format(target, sql.SQL(", ").join(actions))
        connection.execute(alter)
    when = "is now" if is_possible else "will be, after this publication,"
    return [f"published.{table.name}: its key {when} {', '.join(table.primary_key)}"]


def _index(connection: psycopg.Connection, table: PublishedTable) -> None:
    """Let a small night find the rows of whom it was written for without reading all the others."""
    if table.written_for and table.written_for != table.primary_key[0]:
        statement = sql.SQL("create index if not exists {} on {} ({})").format(
            sql.Identifier(f"{table.name}_{table.written_for}"),
            table.rows,
            sql.Identifier(table.written_for),
        )
        connection.execute(statement)


def _comment(connection: psycopg.Connection, table: PublishedTable) -> None:
    """Put the models' descriptions where psql and BI tools show them; only what differs."""
    target = table.published
    comments: dict[str, str] = dict(
        connection.execute(
            """
            select coalesce(a.attname, ''), d.description
            from pg_description as d
            left join pg_attribute as a on a.attrelid = d.objoid and a.attnum = d.objsubid
                and d.objsubid > 0
            where d.classoid = 'pg_class'::regclass and d.objoid = %s::regclass
            """,
            [table.published.as_string(connection)],
        ).fetchall()
    )
    whole = sql.SQL("view {}" if table.read else "table {}").format(target)
    for name, words in {"": table.description, **table.columns}.items():
        text = " ".join(words.split())
        if not text or comments.get(name) == text:
            continue
        subject = sql.SQL("column {}.{}").format(target, sql.Identifier(name)) if name else whole
        connection.execute(sql.SQL("comment on {} is {}").format(subject, sql.Literal(text)))
