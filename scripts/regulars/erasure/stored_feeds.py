"""The feeds whose rows an erasure looks through: also those that nobody loads any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
from psycopg import sql

from regulars.erasure.person import Person
from regulars.erasure.receipt import Line
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
    connection: psycopg.Connection, feeds: tuple[Feed, ...], person: Person
) -> Iterator[Line]:
    """Rows that name the person in tables of feeds that nobody declares: they are left, and said.

    Without a declaration nobody knows which column is whose.
    """
    declared = {feed.table for feed in feeds}
    for table in sorted(set(_columns(connection)) - declared):
        row = connection.execute(
            sql.SQL("select count(*) from {} as r where r::text ~* %s").format(
                sql.Identifier("raw", table)
            ),
            [person.mention_in_postgres],
        ).fetchone()
        rows = row[0] if row else 0
        yield Line(f"raw.{table}", "rows left: no feed declares it", rows, is_left=True)


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
