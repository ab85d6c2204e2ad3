"""Who reads by a snapshot from before a table is rewritten.

PostgreSQL writes a table anew when a column gets another type, and whoever has a snapshot from
before finds it empty, as soon as they ask: no error, no rows.
"""

from __future__ import annotations

import time

import psycopg

from regulars.warehouse.connect import WarehouseError

# Whoever may not see other roles' connections in full is shown them without their snapshots.
SEES_READERS = "select pg_has_role('pg_read_all_stats', 'usage')"
TO_SEE_READERS = (
    "the administrator may not see who reads: have a superuser `grant pg_read_all_stats to` it"
)
OLDER_READERS = """
    select 1 from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
        and backend_type = 'client backend' and backend_xmin is not null
"""


def sees_readers(connection: psycopg.Connection) -> bool:
    """Whether this role sees the snapshots of all others: if not, nobody in sight is no fact."""
    return connection.execute(SEES_READERS).fetchone() == (True,)


def wait_for_older_readers(connection: psycopg.Connection, seconds: int) -> None:
    """Until nobody else has a snapshot: it would be from before what this transaction commits next.

    Raises WarehouseError after so many seconds, or where nobody can say who has one. The clock
    decides how long to wait, nothing else.
    """
    if not sees_readers(connection):
        raise WarehouseError(
            f"A published column gets another type, and {TO_SEE_READERS}, then run the same command"
            " again."
        )
    until = time.monotonic() + seconds
    while connection.execute(OLDER_READERS).fetchone():
        if time.monotonic() > until:
            raise WarehouseError(
                "A published column gets another type, and somebody has read since before; once "
                "they have ended, run the same command again."
            )
        time.sleep(0.2)
        connection.execute("select pg_stat_clear_snapshot()")
