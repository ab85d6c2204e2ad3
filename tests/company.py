"""A small sample company for tests: its deliveries, its nights, and a fingerprint of its state."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.sample_company import generate
from regulars.settings import PROJECT, Settings
from tests import parsed, server

LAST_NIGHT = date(2026, 10, 31)
NIGHTS = 480
CUSTOMERS = 600
NEVER = 36_500  # days: nobody is erased but by a test that asks for it

MADE_OF = (
    "scripts/regulars",
    "dbt_project",
    "expectations",
    "requirements/runtime.txt",
    "tests/company.py",
    "tests/server.py",
)
LEFT_OVERS = {"__pycache__", "logs", "target"}

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
NOT_RESULTS = {
    "recorded_at",
    "published_at",
    "_delivery_id",
    "delivery_id",
    "last_delivery_id",
    "corrected_by",
    "modified_at",
    "path",
    "is_new",
}


def write_deliveries(
    landing: Path, nights: int = NIGHTS, customers: int = CUSTOMERS, **ahead: int
) -> None:
    """The sample company's deliveries up to LAST_NIGHT. ahead: as `generate` has it."""
    generate(
        landing,
        landing.parent / "truth",
        customers=customers,
        seed=11,
        first_night=LAST_NIGHT - timedelta(days=nights - 1),
        last_night=LAST_NIGHT,
        world="kettle_and_crane",
        **ahead,
    )


@dataclass(frozen=True)
class BuiltCompany:
    """A company around its last night: three databases of a server in a folder."""

    folder: Path

    @property
    def server(self) -> Path:
        return self.folder / "server"

    @property
    def before(self) -> Settings:
        return self._settings("before")

    @property
    def unpublished(self) -> Settings:
        return self._settings("unpublished")

    @property
    def after(self) -> Settings:
        return self._settings("after")

    def _settings(self, name: str) -> Settings:
        return Settings(
            project=PROJECT,
            home=self.folder / name,
            landing=self.folder / "landing",
            server=self.server,
            database=f"company_{name}",
            dbt_threads=2,
            erasure_grace_days=NEVER,
        )

    def build(self) -> None:
        """Deliver, run both nights, leave the server stopped."""
        from regulars.nights.run import run_night

        write_deliveries(self.before.landing)
        mask = os.umask(0)  # what is private is so by the product's own hand
        server.start(self.server)
        try:
            raw_tables.migrate(self.after)
            run_night(self.after, LAST_NIGHT - timedelta(days=1))
            clone(self.after, self.before.database, self.before.home)
            run_night(self.after, LAST_NIGHT, self._keep_unpublished)
        finally:
            server.stop(self.server)
            os.umask(mask)
        (self.server / "port").unlink()  # each copy takes a port of its own

    def _keep_unpublished(self, step: str, result: object | None) -> None:
        if step == "publish" and result is None:
            clone(self.after, self.unpublished.database, self.unpublished.home)

    def discard(self) -> None:
        """Delete it, and stop the server that a build which was killed left running."""
        if self.server.exists():
            server.discard(self.server)
        shutil.rmtree(self.folder, ignore_errors=True)

    def copy(self, folder: Path) -> BuiltCompany:
        """The same in another folder: a server's files belong to its account, so cp copies them."""
        subprocess.run(["cp", "-a", f"{self.folder}/.", str(folder)], check=True)
        return BuiltCompany(folder)


def copy_of_company(folder: Path) -> BuiltCompany:
    """A copy of the company that the present code makes; the first to ask builds it."""
    kept = BuiltCompany(server.KEPT / "company")
    stamp = kept.folder / "made-of"
    with server.one_at_a_time("company"):
        made_of = _digest()
        if not stamp.exists() or stamp.read_text() != made_of:
            kept.discard()
            kept.build()
            stamp.write_text(made_of)
        return kept.copy(folder)


def _digest() -> str:
    """SHA-256 of all that a night is made of."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(path for name in MADE_OF for path in _files(PROJECT / name)):
        digest.update(f"{path.relative_to(PROJECT)} ".encode() + path.read_bytes())
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    found = path.rglob("*") if path.is_dir() else [path]
    return [file for file in found if file.is_file() and not LEFT_OVERS & set(file.parts)]


def clone(settings: Settings, name: str, home: Path) -> Settings:
    """A copy of a company: its database, its generations, the same deliveries.

    Use one name again and again: what dbt parsed for the last clone of that name is handed on.
    """
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(settings.home, home, symlinks=True, ignore=shutil.ignore_patterns("landing"))
    copy = replace(settings, database=name, home=home)
    parsed.hand_on(copy)
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
    raw_tables.migrate(copy)  # rights on a database are not part of its template
    return copy


# What a night worked on, not what it made.
WORK_TABLES = {
    "int_account_people_before",
    "int_category_peers_before",
    "int_customers_logged_since",
    "int_touched_customers",
    "int_touched_orders",
    "int_touched_points",
    "int_touched_shares",
    "int_touched_units",
    "stg_deliveries_changed",
}
# What depends on what past nights decided, which the same deliveries in one go do not know.
LOG_TABLES = {
    "customer_history",
    "int_customer_states_before",
    "customer_state_changes",
    "customer_month_ends",
    "customer_value_changes",
    "value_bridge",
    "int_changed_assumptions",
    "customer_value_input_changes",
    "int_customer_value_inputs_before",
    "int_customer_value_inputs_corrected",
    "int_customer_value_steps",
    "int_previous_night",
    "int_value_segments_before",
    "value_terms",
    "previous_histories",
    "previous_scores",
}
LOG_COLUMNS = {"value_tier", "rfm_group_since", "customers_lost", "margin_lost"}


def fingerprint(
    settings: Settings, schemas: Iterable[str] = SCHEMAS, *, log_apart: bool = False
) -> dict[str, str]:
    """table -> MD5 over its rows in a fixed order, bookkeeping columns left out.

    log_apart also leaves out what follows from the decision log.
    """
    tables = WORK_TABLES | LOG_TABLES if log_apart else WORK_TABLES
    columns = NOT_RESULTS | LOG_COLUMNS if log_apart else NOT_RESULTS
    with warehouse.connect(settings, "admin") as connection:
        return fingerprint_on(connection, schemas, tables, columns)


def fingerprint_on(
    connection: psycopg.Connection,
    schemas: Iterable[str] = SCHEMAS,
    tables: set[str] = WORK_TABLES,
    columns: set[str] = NOT_RESULTS,
) -> dict[str, str]:
    """The same as a connection sees them now, without these tables and columns."""
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
        where c.table_schema = any(%s) and (
                t.table_type = 'BASE TABLE'
                or to_regclass(format('stored.%%I', c.table_name)) is not null  -- a view of it
            )
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
