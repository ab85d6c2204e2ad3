"""Erasures whose receipt is not closed: the database's own files still hold whom they removed."""

from __future__ import annotations

from datetime import date

import psycopg

from regulars.gates.hold import Hold

DEADLINES = """
select 1 from pg_attribute
where attrelid = to_regclass('decisions.erasures') and attname = 'close_by' and not attisdropped
"""


def unclosed(connection: psycopg.Connection, as_of: date) -> list[Hold]:
    """By the night up to which they are to be closed; overdue in a later one. Nothing in a
    warehouse that no version with deadlines has brought up to date."""
    if connection.execute(DEADLINES).fetchone() is None:
        return []
    rows = connection.execute(
        "select close_by, count(*) from decisions.erasures"
        " where status <> 'closed' and as_of <= %s group by close_by order by close_by",
        [as_of],
    )
    return [
        Hold("erasure_overdue" if close_by < as_of else "erasure_open", str(close_by), number)
        for close_by, number in rows
    ]
