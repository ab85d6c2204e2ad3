"""The tables people query: real ones, changed row by row inside one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

from regulars.engines import models_of
from regulars.night import Night
from regulars.settings import Settings
from regulars.warehouse import connect
from regulars.warehouse.older_readers import wait_for_older_readers

Columns = dict[str, str]  # name -> SQL type


@dataclass(frozen=True)
class PublishedTable:
    """A dbt model that is published: where dbt builds it, its key, and what its columns mean.

    written_for: the column by which builds write it for touched customers alone, if they do.
    """

    schema: str
    name: str
    primary_key: tuple[str, ...]
    description: str
    columns: Mapping[str, str]
    written_for: str | None = None


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
        )
        for node in models_of(settings, night)
        if node["config"].get("meta", {}).get("published")
    ]
    return sorted(tables, key=lambda table: table.name)


def migrate_published(settings: Settings, night: Night, tables: list[PublishedTable]) -> list[str]:
    """Give every published table its model's columns and key. Returns the changes, in words.

    Raises WarehouseError where somebody reads on for longer than the lock timeout.
    """
    announced: list[str] = []
    is_rewritten = False
    with connect(settings, "admin") as connection:
        for table in tables:
            wanted = _columns(connection, table.schema, table.name)
            present = _columns(connection, "published", table.name)
            if not present:
                _create(connection, table, wanted)
            else:
                is_rewritten |= bool(_retyped(present, wanted))
                announced += _alter(connection, table, present, wanted)
                announced += _alter_key(connection, table)
            _index(connection, table)
            _comment(connection, table)
        _create_list_views(connection)
        if is_rewritten:
            wait_for_older_readers(connection, settings.lock_timeout_seconds)
    return announced


PROBED_ROWS = 1000
IS_NEW_THROUGHOUT = """
    select coalesce(avg(case when exists (
        select 1 from {published} as p
        where {same_key} and row({model_columns}) is not distinct from row({published_columns})
    ) then 1 else 0 end), 1) < 0.5
    from (select * from {model} limit {probed_rows}) as m
"""
ROW_BY_ROW = (
    """
    delete from {published} as p
    where {published_may_differ} and not exists (
        select 1 from {model} as m
        where {same_key} and {model_may_differ}
            and row({model_columns}) is not distinct from row({published_columns})
    )
    """,
    """
    insert into {published} ({columns})
    select {model_columns} from {model} as m
    where {model_may_differ} and not exists (
        select 1 from {published} as p where {same_key} and {published_may_differ}
    )
    """,
)
WHOLE = (
    "delete from {published}",
    "insert into {published} ({columns}) select {model_columns} from {model} as m",
)
OF_UNPUBLISHED = "{} in (select source_customer_id from ops.unpublished_customers)"


def merge(
    connection: psycopg.Connection,
    night: Night,
    table: PublishedTable,
    *,
    facts_are_published: bool = False,
) -> int:
    """Make published.<table> equal to its model, and return the rows deleted and inserted.

    Only rows that differ are changed, and with `facts_are_published` (that of ops.builds) only rows
    of customers written since are compared, where the table is written for them alone. Where most
    of the first rows differ, as chances do from day to day, all are changed: comparing would cost
    as much again and spare little.
    """
    names = _columns(connection, table.schema, table.name)
    parts = {
        "model": sql.Identifier(table.schema, table.name),
        "published": sql.Identifier("published", table.name),
        "columns": _list(names),
        "model_columns": _list(names, "m"),
        "published_columns": _list(names, "p"),
        "same_key": sql.SQL(" and ").join(
            sql.SQL("m.{0} = p.{0}").format(sql.Identifier(key)) for key in table.primary_key
        ),
        "probed_rows": sql.Literal(PROBED_ROWS),
        "published_may_differ": sql.SQL("true"),
        "model_may_differ": sql.SQL("true"),
    }
    if table.written_for and facts_are_published:
        for name, alias in (("published_may_differ", "p"), ("model_may_differ", "m")):
            column = sql.Identifier(alias, table.written_for)
            parts[name] = sql.SQL(OF_UNPUBLISHED).format(column)
        statements = ROW_BY_ROW
    else:
        (is_new_throughout,) = connection.execute(
            sql.SQL(IS_NEW_THROUGHOUT).format(**parts)
        ).fetchone() or (False,)
        statements = WHOLE if is_new_throughout else ROW_BY_ROW
    return sum(
        connection.execute(sql.SQL(statement).format(**parts)).rowcount for statement in statements
    )


def _columns(connection: psycopg.Connection, schema: str, table: str) -> Columns:
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


def _create(connection: psycopg.Connection, table: PublishedTable, columns: Columns) -> None:
    target = sql.Identifier("published", table.name)
    definitions = [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))  # type: ignore[arg-type]
        for name, kind in columns.items()
    ]
    statements = [
        sql.SQL("create table {} ({}, primary key ({}))").format(
            target, sql.SQL(", ").join(definitions), _list(table.primary_key)
        ),
        sql.SQL("alter table {} owner to regulars_owner").format(target),
        sql.SQL("grant select, insert, delete on {} to regulars_builder").format(target),
        sql.SQL("grant select on {} to analyst").format(target),
    ]
    for statement in statements:
        connection.execute(statement)


def _alter(
    connection: psycopg.Connection, table: PublishedTable, present: Columns, wanted: Columns
) -> list[str]:
    """Add, drop and retype columns; values follow with the next publication."""
    actions: list[sql.Composable] = []
    words: list[str] = []
    retyped = _retyped(present, wanted)
    for name in present.keys() - wanted.keys():
        actions.append(sql.SQL("drop column {}").format(sql.Identifier(name)))
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
        _drop_list_view(connection, table.name)  # it holds on to every column
        connection.execute(
            sql.SQL("alter table {} {}").format(
                sql.Identifier("published", table.name), sql.SQL(", ").join(actions)
            )
        )
    return sorted(words)


def _retyped(present: Columns, wanted: Columns) -> set[str]:
    return {name for name, kind in wanted.items() if present.get(name, kind) != kind}


def _alter_key(connection: psycopg.Connection, table: PublishedTable) -> list[str]:
    """Give a table another key, at the next night's migration where rows of before forbid it.

    Those rows have nothing in a new column, so nulls may be in the key.
    """
    target, columns = sql.Identifier("published", table.name), _list(table.primary_key)
    present = _keys(connection, table)
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


def _keys(connection: psycopg.Connection, table: PublishedTable) -> dict[str, tuple[str, ...]]:
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
        [f'published."{table.name}"'],
    )
    return {name: tuple(columns) for name, columns in rows}


def _index(connection: psycopg.Connection, table: PublishedTable) -> None:
    """Let a small night find the rows of whom it was written for without reading all the others."""
    if table.written_for:
        statement = sql.SQL("create index if not exists {} on {} ({})").format(
            sql.Identifier(f"{table.name}_{table.written_for}"),
            sql.Identifier("published", table.name),
            sql.Identifier(table.written_for),
        )
        connection.execute(statement)


def _comment(connection: psycopg.Connection, table: PublishedTable) -> None:
    """Put the models' descriptions where psql and BI tools show them; only what differs."""
    target = sql.Identifier("published", table.name)
    comments: dict[str, str] = dict(
        connection.execute(
            """
            select coalesce(a.attname, ''), d.description
            from pg_description as d
            left join pg_attribute as a on a.attrelid = d.objoid and a.attnum = d.objsubid
                and d.objsubid > 0
            where d.classoid = 'pg_class'::regclass and d.objoid = %s::regclass
            """,
            [f'published."{table.name}"'],
        ).fetchall()
    )
    for name, words in {"": table.description, **table.columns}.items():
        text = " ".join(words.split())
        if not text or comments.get(name) == text:
            continue
        subject = (
            sql.SQL("column {}.{}").format(target, sql.Identifier(name))
            if name
            else sql.SQL("table {}").format(target)
        )
        connection.execute(sql.SQL("comment on {} is {}").format(subject, sql.Literal(text)))


LIST_VIEWS = {
    "list_members": "tonight_members",
    "list_exclusions": "tonight_exclusions",
    "list_movements": "tonight_movements",
}


def _create_list_views(connection: psycopg.Connection) -> None:
    """What marketing may read: tonight's lists and who was left out, without contact data."""
    for table, view in LIST_VIEWS.items():
        if not _columns(connection, "published", table):
            continue
        name, source = sql.Identifier("lists", view), sql.Identifier("published", table)
        if _columns(connection, "lists", view) == _columns(connection, "published", table):
            continue
        _drop_list_view(connection, table)
        connection.execute(sql.SQL("create view {} as select * from {}").format(name, source))
        connection.execute(sql.SQL("alter view {} owner to regulars_owner").format(name))
        connection.execute(sql.SQL("grant select on {} to marketing").format(name))


def _drop_list_view(connection: psycopg.Connection, table: str) -> None:
    if table in LIST_VIEWS:
        name = sql.Identifier("lists", LIST_VIEWS[table])
        connection.execute(sql.SQL("drop view if exists {}").format(name))


def _list(names: Columns | tuple[str, ...], alias: str | None = None) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in names
    )
