"""What a deletion leaves behind in the database's own files: old row versions, statistics and the
write-ahead log. They are rewritten, and the log's past is dropped."""

from __future__ import annotations

import time
from typing import LiteralString

import psycopg
from psycopg import sql

from regulars.erasure import orphaned_files
from regulars.erasure.receipt import Line
from regulars.settings import Settings
from regulars.warehouse import WarehouseError, connect
from regulars.warehouse.older_readers import TO_SEE_READERS, sees_readers

TABLES = """
    select n.nspname, c.relname
    from pg_class as c
    inner join pg_namespace as n on c.relnamespace = n.oid
    left join pg_stat_all_tables as s on c.oid = s.relid
    where c.relkind = 'r' and n.nspname <> 'information_schema' and n.nspname not like 'pg%%'
        and exists (
            select 1 from pg_attribute as a
            where a.attrelid = c.oid and a.atttypid in ('text'::regtype, 'jsonb'::regtype)
                and a.attnum > 0 and not a.attisdropped
        )
        -- left as it is: no row was ever changed, deleted or taken back, as far as anybody counted
        and (%(is_counted)s and s.n_tup_upd + s.n_tup_del + s.n_dead_tup = 0
            and s.vacuum_count + s.autovacuum_count = 0
            and (s.n_tup_ins > 0 or pg_relation_size(c.oid) = 0)) is not true
    order by 1, 2
"""
# It changes when the server loses what it has counted, by a crash, or is told to forget it.
COUNTED_SINCE = """
    select concat_ws(' ', wal.stats_reset, of_database.stats_reset)
    from pg_stat_wal as wal
    inner join pg_stat_database as of_database on of_database.datname = current_database()
"""
IS_COUNTED = "select exists (select 1 from ops.last_cleaning where counted_since = %s)"
CLEANED = """
    insert into ops.last_cleaning (counted_since) values (%s)
    on conflict (is_it) do update set counted_since = excluded.counted_since
"""
# Whoever may keep old rows, by what ends them: oldest is null of who has a lock and no snapshot.
HOLDERS = """
    -- a standby that feeds back what it reads has no database
    select
        'connection ' || pid || ' of ' || coalesce(usename::text, backend_type) as holder,
        backend_xmin as oldest
    from pg_stat_activity
    where coalesce(datname, current_database()) = current_database()
        and pid <> pg_backend_pid() and (backend_xmin is not null or xact_start is not null)
    union all
    select 'prepared transaction ' || gid, transaction
    from pg_prepared_xacts where database = current_database()
    union all
    select 'replication slot ' || slot_name, coalesce(xmin, catalog_xmin)
    from pg_replication_slots
    where xmin is not null or catalog_xmin is not null or restart_lsn is not null
"""
NAMED = "select holder from ({holders}) as held order by holder"
READERS = """
    select 1 from ({holders}) as held
    where oldest is not null and age(oldest) >= age(%s::xid)
"""
# A slot keeps the log from where its reader is, a segment at a time.
READERS_OF_THE_LOG = "select 1 from pg_replication_slots where restart_lsn < %s::pg_lsn"
# What nobody is there to end: (what it is, the statement that ends it).
LEFT_BEHIND = """
    select 'prepared transaction ' || gid, format('rollback prepared %L', gid)
    from pg_prepared_xacts where database = current_database()
    union all
    select 'replication slot ' || slot_name,
        format('select pg_drop_replication_slot(%L)', slot_name)
    from pg_replication_slots
    where not active
    order by 1
"""


class StaysOpen(WarehouseError):
    """Nothing can be queried of whom an erasure removed; the files cannot be rewritten yet.

    people_erased  how many it removed before
    """

    people_erased = 0


STAYS_OPEN = (
    "An erasure's receipt stays open: somebody reads what it must rewrite. Nothing can be queried "
    "of the person any more; the next night tries again, or `regulars erase` once the reader has "
    "ended."
)
UNSEEN = f"An erasure's receipt stays open: {TO_SEE_READERS}, then `regulars erase`."
STATISTICS = ("pg_statistic", "pg_statistic_ext_data")


def clean(settings: Settings) -> list[Line]:
    """Rewrite every table with texts in which an old row may lie, and the statistics; delete files
    that are no table's. Returns what was done, and what could not be.

    Raises StaysOpen when a reader keeps a table or the log for longer than the lock timeout, or
    nobody can say whether one does: the next night takes it up again.
    """
    with connect(settings, "admin", autocommit=True) as connection:
        if not sees_readers(connection):
            raise StaysOpen(UNSEEN)
        connection.execute(
            "select set_config('lock_timeout', %s, false)", [f"{settings.lock_timeout_seconds}s"]
        )
        _wait_for_readers(connection, settings.lock_timeout_seconds)
        counted_since = connection.execute(COUNTED_SINCE).fetchone()
        is_counted = connection.execute(IS_COUNTED, counted_since).fetchone()
        tables = connection.execute(TABLES, {"is_counted": is_counted == (True,)}).fetchall()
        try:
            _rewrite(connection, tables)
            lines = _without_orphans(connection, settings)
            _drop_log(connection)
            _wait_for_readers_of_the_log(connection, settings.lock_timeout_seconds)
        except psycopg.errors.LockNotAvailable:
            raise StaysOpen(STAYS_OPEN) from None
        connection.execute(CLEANED, counted_since)
    return [Line(orphaned_files.PLACE, "tables rewritten", len(tables)), *lines]


def _without_orphans(connection: psycopg.Connection, settings: Settings) -> list[Line]:
    """What is still no table's once everybody has ended who may have been making one."""
    try:
        paths = orphaned_files.found(connection)
        if paths:
            now = connection.execute("select pg_current_xact_id()::xid::text").fetchone()
            _wait_while(
                connection, sql.SQL(orphaned_files.WRITERS), now, settings.lock_timeout_seconds
            )
            paths = sorted({*paths} & {*orphaned_files.found(connection)})
    except psycopg.errors.InsufficientPrivilege:
        return [Line(orphaned_files.PLACE, orphaned_files.UNSEEN, 1, is_left=True)]
    return orphaned_files.deleted(settings, paths)


def count_at_once(connection: psycopg.Connection) -> None:
    """The server counts this transaction's changes at its end, not when it finds the time."""
    connection.execute("select pg_stat_force_next_flush()")


def _rewrite(connection: psycopg.Connection, tables: list[tuple[str, str]]) -> None:
    for schema, name in tables:
        connection.execute(
            sql.SQL("vacuum (full, analyze) {}").format(sql.Identifier(schema, name))
        )
    for name in STATISTICS:
        connection.execute(sql.SQL("vacuum (full) {}").format(sql.Identifier("pg_catalog", name)))


def holders(settings: Settings) -> list[str]:
    """Connections, prepared transactions and replication slots that may keep old rows now."""
    with connect(settings, "admin") as connection:
        if not sees_readers(connection):
            return [f"not known ({TO_SEE_READERS})"]
        return [holder for (holder,) in connection.execute(_of_holders(NAMED))]


def left_behind(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """(what, how it is ended) of transactions that were prepared and slots that nobody reads."""
    return connection.execute(LEFT_BEHIND).fetchall()


def _of_holders(query: LiteralString) -> sql.Composed:
    return sql.SQL(query).format(holders=sql.SQL(HOLDERS))


def _wait_for_readers(connection: psycopg.Connection, seconds: int) -> None:
    """Whoever began before the deletion still sees what it deleted: it cannot be cleaned away."""
    now = connection.execute("select pg_current_xact_id()::xid::text").fetchone()
    _wait_while(connection, _of_holders(READERS), now, seconds)


def _wait_for_readers_of_the_log(connection: psycopg.Connection, seconds: int) -> None:
    """Until nobody has to read what the log said before; then its files are deleted."""
    now = connection.execute("select pg_current_wal_lsn()::text").fetchone()
    _wait_while(connection, sql.SQL(READERS_OF_THE_LOG), now, seconds)
    connection.execute("checkpoint")


def _wait_while(
    connection: psycopg.Connection,
    query: sql.SQL | sql.Composed,
    values: tuple[str] | None,
    seconds: int,
) -> None:
    """Raises StaysOpen. The clock decides how long to wait, and nothing else."""
    until = time.monotonic() + seconds
    while connection.execute(query, values).fetchone():
        if time.monotonic() > until:
            raise StaysOpen(STAYS_OPEN)
        time.sleep(0.2)


def _drop_log(connection: psycopg.Connection) -> None:
    """Begin a new segment and drop those before: two checkpoints, the first may still need one."""
    connection.execute("checkpoint")
    connection.execute("select pg_switch_wal()")
    connection.execute("checkpoint")
    connection.execute("select pg_switch_wal()")
    connection.execute("checkpoint")
