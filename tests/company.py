"""A small sample company for tests: its deliveries, its nights, and a fingerprint of its state."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from regulars import warehouse
from regulars.feeds import schema
from regulars.sample_company import generate
from regulars.settings import Settings

LAST_NIGHT = date(2026, 10, 31)
NIGHTS = 480
CUSTOMERS = 600

SCHEMAS = (
    "raw",
    "pii",
    "staging",
    "intermediate",
    "marts",
    "scores",
    "lists",
    "published",
    "decisions",
)
# Bookkeeping and numbering: a result depends on none of these.
NOT_RESULTS = {"recorded_at", "published_at", "_delivery_id", "delivery_id", "last_delivery_id",
               "modified_at", "path", "is_new"}  # fmt: skip


def write_deliveries(landing: Path, nights: int = NIGHTS, customers: int = CUSTOMERS) -> None:
    """The sample company's deliveries up to LAST_NIGHT."""
    generate(
        landing,
        landing.parent / "truth",
        customers=customers,
        seed=11,
        first_night=LAST_NIGHT - timedelta(days=nights - 1),
        last_night=LAST_NIGHT,
        world="kettle_and_crane",
    )


def clone(settings: Settings, name: str, home: Path) -> Settings:
    """A copy of a company: its database, its generations, the same deliveries."""
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(settings.home, home, symlinks=True, ignore=shutil.ignore_patterns("landing"))
    with warehouse.connect(replace(settings, database="postgres"), "admin", autocommit=True) as c:
        c.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s",
            [settings.database],
        )
        c.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        c.execute(
            sql.SQL("create database {} template {}").format(
                sql.Identifier(name), sql.Identifier(settings.database)
            )
        )
    copy = replace(settings, database=name, home=home)
    schema.migrate(copy)  # rights on a database are not part of its template
    return copy


# What a night worked on, not what it made.
WORK_TABLES = {"int_touched_customers", "int_touched_orders", "stg_deliveries_changed"}
# What depends on what past nights decided, which the same deliveries in one go do not know.
LOG_TABLES = {"customer_history", "int_customer_states_before", "int_customer_state_changes"}
LOG_COLUMNS = {"value_tier"}


def fingerprint(
    settings: Settings, schemas: Iterable[str] = SCHEMAS, *, log_apart: bool = False
) -> dict[str, str]:
    """table -> MD5 over its rows in a fixed order, bookkeeping columns left out.

    log_apart also leaves out what follows from the decision log.
    """
    tables = WORK_TABLES | LOG_TABLES if log_apart else WORK_TABLES
    columns = NOT_RESULTS | LOG_COLUMNS if log_apart else NOT_RESULTS
    with warehouse.connect(settings, "admin") as connection:
        return {
            f"{schema}.{table}": _table_md5(connection, schema, table, kept)
            for schema, table, kept in _tables(connection, list(schemas), tables, columns)
        }


def files_of(folder: Path) -> dict[str, str]:
    """File name -> SHA-256 of the list files in a generation's folder."""
    files = sorted(p for p in (folder / "lists").iterdir() if p.is_file())
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def difference(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Names whose value is not the same in both."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _tables(
    connection: psycopg.Connection, schemas: list[str], but: set[str], but_columns: set[str]
) -> list[tuple[str, str, list[str]]]:
    rows = connection.execute(
        """
        select c.table_schema, c.table_name, array_agg(c.column_name::text order by c.column_name)
        from information_schema.columns as c
        inner join information_schema.tables as t using (table_schema, table_name)
        where c.table_schema = any(%s) and t.table_type = 'BASE TABLE'
            and c.column_name <> all(%s)
            and c.table_name <> all(%s)
        group by 1, 2
        order by 1, 2
        """,
        [schemas, sorted(but_columns), sorted(but)],
    )
    return [(schema, table, columns) for schema, table, columns in rows]


def _table_md5(connection: psycopg.Connection, schema: str, table: str, columns: list[str]) -> str:
    row = sql.SQL("row({})::text").format(
        sql.SQL(", ").join(sql.Identifier("t", column) for column in columns)
    )
    query = sql.SQL(
        "select coalesce(md5(string_agg({row}, '|' order by {row} collate \"C\")), 'empty')"
        " || ' ' || count(*) from {table} as t"
    ).format(row=row, table=sql.Identifier(schema, table))
    return str(connection.execute(query).fetchone()[0])  # type: ignore[index]
