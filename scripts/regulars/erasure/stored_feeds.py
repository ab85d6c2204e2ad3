"""The feeds whose rows an erasure looks through: also those that nobody loads any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
from psycopg import sql

from regulars.erasure.receipt import Line
from regulars.erasure.together import Together, Told, names, texts
from regulars.feeds import declarations
from regulars.feeds.model import Feed
from regulars.settings import Settings


def stored_feeds(connection: psycopg.Connection, settings: Settings) -> tuple[Feed, ...]:
    """Declared feeds that have a table in schema raw, with those columns that it has.

    A system that is switched off keeps what it delivered; the feeds of one that is on come first.
    Raises DeclarationError.
    """
    others = declarations.systems(settings.dbt_project) - set(settings.systems)
    stored: dict[str, Feed] = {}
    columns = _columns(connection)
    for feed in declarations.load(settings.dbt_project, settings.systems):
        stored[feed.table] = feed
    for system in sorted(others):
        for feed in declarations.read_system(settings.dbt_project, system):
            has = columns.get(feed.table, frozenset())
            known = tuple(column for column in feed.columns if column.name in has)
            if known:
                stored.setdefault(feed.table, replace(feed, columns=known))
    return declarations.with_id_places(stored.values())


def left_undeclared(
    connection: psycopg.Connection, feeds: tuple[Feed, ...], together: Together
) -> Iterator[Told]:
    """Rows that name one of them in tables of feeds that nobody declares: they are left, and said.

    Without a declaration nobody knows which column is whose.
    """
    declared = {feed.table for feed in feeds}
    everybody = together.people.items()
    for table in sorted(set(_columns(connection)) - declared):
        named = sql.SQL(
            "select one, count(*) from {} as r inner join unnest({}::integer[], {})"
            " as known (one, mention) on r::text ~* mention where {} group by one order by one"
        ).format(
            sql.Identifier("raw", table),
            sql.Literal([one for one, _ in everybody]),
            texts(person.mention_in_postgres for _, person in everybody),
            names(sql.SQL("r::text"), together.as_one),
        )
        for one, rows in connection.execute(named):
            what = "rows left: no feed declares it"
            yield one, Line(f"raw.{table}", what, rows, is_left=True)


def _columns(connection: psycopg.Connection) -> dict[str, frozenset[str]]:
    """Columns of every table of schema raw that deliveries are loaded into."""
    rows = connection.execute(
        """
        select table_name, array_agg(column_name::text)
        from information_schema.columns
        where table_schema = 'raw'
        group by table_name
        having bool_or(column_name = '_delivery_id')
        """
    )
    return {table: frozenset(names) for table, names in rows}
