"""Who reads by a snapshot from before a table is rewritten.

PostgreSQL writes a table anew when a column gets another type, and whoever has a snapshot from
before finds it empty, as soon as they ask: no error, no rows.
"""

from __future__ import annotations

import time

import psycopg

from regulars.warehouse.connect import WarehouseError

OLDER_READERS = """
    select 1 from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
        and backend_type = 'client backend' and backend_xmin is not null
"""


def wait_for_older_readers(connection: psycopg.Connection, seconds: int) -> None:
    """Until nobody else has a snapshot: it would be from before what this transaction commits next.

    Raises WarehouseError after so many seconds. The clock decides how long to wait, nothing else.
    """
    until = time.monotonic() + seconds
    while connection.execute(OLDER_READERS).fetchone():
        if time.monotonic() > until:
            raise WarehouseError(
                "A published column gets another type, and somebody has read since before; once "
                "they have ended, run the same command again."
            )
        time.sleep(0.2)
        connection.execute("select pg_stat_clear_snapshot()")
