"""Of which deliveries a column with addresses was read, so that a night reads what has come since.

A place is a column, and how it is read. The note goes, and all is read again, where other rules
read addresses and where an erasure has changed what stands in raw. It can be lost without harm.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg


def unread(connection: psycopg.Connection, place: str, table: str) -> list[int]:
    """Ids of the deliveries of a feed's table in raw that `place` was not read of."""
    rows = connection.execute(
        """
        select delivered.delivery_id
        from raw.deliveries as delivered
        where delivered.feed = %s and not exists (
            select 1 from ops.read_deliveries as known
            where known.place = %s and known.delivery_id = delivered.delivery_id
        )
        order by delivered.delivery_id
        """,
        [table, place],
    )
    return [delivery_id for (delivery_id,) in rows]


def note_read(connection: psycopg.Connection, place: str, deliveries: Sequence[int]) -> None:
    connection.execute(
        "insert into ops.read_deliveries (place, delivery_id) select %s, unnest(%s::bigint[])",
        [place, list(deliveries)],
    )


def forget_read(connection: psycopg.Connection) -> None:
    """Of every place, so that all is read again."""
    connection.execute("delete from ops.read_deliveries")
