"""Erasures that are not at their end: begun, waiting for the database's own files to be rewritten,
or done but for what they had to leave."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg

from regulars.gates.hold import Hold

DEADLINES = """
select 1 from pg_attribute
where attrelid = to_regclass('decisions.erasures') and attname = 'close_by' and not attisdropped
"""
SAYS_WHAT_IS_LEFT = """
select 1 from pg_attribute
where attrelid = to_regclass('decisions.erasure_lines') and attname = 'is_left'
    and not attisdropped
"""
TOLD_FOR = timedelta(days=7)
LEFTOVERS = """
select count(*) from decisions.erasures as e
where e.as_of <= %(night)s and e.as_of > %(since)s and exists (
    select 1 from decisions.erasure_lines as l
    where l.erasure_id = e.erasure_id and l.is_left
)
"""


def with_leftovers(connection: psycopg.Connection, as_of: date) -> list[Hold]:
    """Erasures of the last week that had to leave something which a person is to mend. Nothing in a
    warehouse that no version which notes it has brought up to date."""
    if connection.execute(SAYS_WHAT_IS_LEFT).fetchone() is None:
        return []
    row = connection.execute(LEFTOVERS, {"night": as_of, "since": as_of - TOLD_FOR}).fetchone()
    return [Hold("erasure_left", "leftovers", row[0])] if row and row[0] else []


def unclosed(connection: psycopg.Connection, as_of: date) -> list[Hold]:
    """By the night up to which they are to be closed; overdue in a later one. Nothing in a
    warehouse that no version with deadlines has brought up to date."""
    if connection.execute(DEADLINES).fetchone() is None:
        return []
    rows = connection.execute(
        "select close_by, status, count(*) from decisions.erasures"
        " where status <> 'closed' and as_of <= %s group by close_by, status order by 1, 2",
        [as_of],
    )
    return [
        Hold(_kind(status, is_late=close_by < as_of), str(close_by), number, words=status)
        for close_by, status, number in rows
    ]


def _kind(status: str, *, is_late: bool) -> str:
    if is_late:
        return "erasure_overdue"
    return "erasure_begun" if status == "open" else "erasure_open"
