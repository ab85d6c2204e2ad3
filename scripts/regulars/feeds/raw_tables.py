"""The raw table of a feed: declared columns, typed, plus where each row came from."""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg

from regulars import own_project, warehouse
from regulars.feeds import declarations
from regulars.feeds.model import Feed
from regulars.feeds.raw_columns import retype
from regulars.settings import Settings

LAST_VERSION = "select version from ops.last_migration"
NOTE_VERSION = """
    insert into ops.last_migration (version) values (%s)
    on conflict (is_it) do update set version = excluded.version
"""


def migrate(settings: Settings) -> dict[str, int]:
    """Bring the warehouse to this version of the code, and schema raw to its declarations.

    Raises DeclarationError for a declaration that is wrong, or cannot be followed without loss.
    """
    feeds = declarations.load(settings.dbt_project, settings.systems)

    def create_raw_tables(connection: psycopg.Connection) -> int:
        for feed in feeds:
            retype(connection, feed)
            for statement in raw_table_ddl(feed):
                connection.execute(statement)  # type: ignore[arg-type]
        connection.execute(NOTE_VERSION, [_version(settings)])
        return len(feeds)

    return warehouse.migrate(settings, create_raw_tables)


def bring_up_to_date(settings: Settings) -> None:
    """`migrate`, unless these very files did so last: of a night's steps some may come after an
    upgrade, some before. Raises what that does."""
    with warehouse.connect(settings, "admin") as connection:
        is_known = connection.execute("select to_regclass('ops.last_migration')").fetchone()
        version = is_known != (None,) and connection.execute(LAST_VERSION).fetchone()
    if version != (_version(settings),):
        migrate(settings)


def _version(settings: Settings) -> str:
    """SHA-256 of the files that `migrate` follows. Of the code all of both packages: what reads a
    declaration decides a column's type as well."""
    code = [*Path(warehouse.__file__).parent.glob("*.*"), *Path(__file__).parent.glob("*.py")]
    declared = own_project.files(settings.dbt_project, "models/staging/*/_*__sources.yml")
    digest = hashlib.sha256(repr(settings.systems).encode())
    for file in (*sorted(code), *declared):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def raw_table_ddl(feed: Feed) -> list[str]:
    """Statements that bring raw.<table> to its declaration; safe to repeat.

    Columns are added, never dropped: what was delivered stays as it was delivered.
    """
    table = f'raw."{feed.table}"'
    columns = [f'    "{column.name}" {column.data_type},' for column in feed.columns]
    create = "\n".join(
        [
            f"create table if not exists {table} (",
            *columns,
            "    _delivery_id bigint not null,",
            "    _line integer not null,",
            "    _delivered_on date not null,",
            "    primary key (_delivery_id, _line)",
            ")",
        ]
    )
    additions = [
        f'alter table {table} add column if not exists "{column.name}" {column.data_type}'
        for column in feed.columns
    ]
    return [create, *additions, *_indexes(feed, table)]


def _indexes(feed: Feed, table: str) -> list[str]:
    statements = []
    if feed.delivery.key:
        columns = ", ".join(f'"{name}"' for name in feed.delivery.key)
        statements.append(f'create index if not exists "{feed.table}_key" on {table} ({columns})')
    for name in feed.delivery.index:
        statements.append(f'create index if not exists "{feed.table}_{name}" on {table} ("{name}")')
    return statements
