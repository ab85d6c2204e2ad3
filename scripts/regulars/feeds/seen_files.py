"""Which files were read as they stand now, so that a night does not read them all again.

A shortcut, and no more: without it every file is read, hashed and found in the ledger. The time
of a file's last change (ctime) is part of it; unlike the time of its content, no tool can set it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import psycopg

from regulars.feeds.discover import Arrival, Stamp

SeenFile = tuple[str, Stamp]  # path, and how it stood


def seen(connection: psycopg.Connection, tables: Collection[str]) -> dict[SeenFile, bool]:
    """Files of these feeds as they were read; true where that was refused and never accepted."""
    rows = connection.execute(
        """
        select path, size, modified_at, changed_at, bool_and(is_refused)
        from ops.seen_files
        where feed = any(%s)
        group by path, size, modified_at, changed_at
        """,
        [list(tables)],
    )
    return {(path, (size, *times)): refused for path, size, *times, refused in rows}


def remember(connection: psycopg.Connection, files: Iterable[tuple[Arrival, bool]]) -> None:
    """Note files as read. files: (arrival, whether it was refused)."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.seen_files"
            " (feed, path, size, modified_at, changed_at, is_refused)"
            " values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
            [(a.feed.table, a.path, *a.stamp, is_refused) for a, is_refused in files],
        )
