"""Which feeds are in, as the night's own table says."""

from __future__ import annotations

from psycopg import Connection

from regulars.feeds.model import GUARDS
from regulars.night import Night
from regulars.report.queries.rows import fetch
from regulars.report.sections import Guards

STATES = """
select feed, words, is_approved, is_switched_on, guards_sales, guards_permission, guards_service,
    guards_farewells
from {marts}.feed_states
order by feed collate "C"
"""


UNDECIDED = "select count(*) as orders from {marts}.fct_orders where is_undecided"


def read(connection: Connection, night: Night) -> Guards:
    """What is not in, what a person lets pass, and which guards nothing delivers."""
    rows = fetch(connection, night, STATES)
    stale = [row for row in rows if row["words"]]
    given = [row for row in rows if row["is_switched_on"]]
    return Guards(
        withholding=tuple(row["words"] for row in stale if not row["is_approved"]),
        approved=tuple(row["words"] for row in stale if row["is_approved"]),
        lacking=tuple(
            guard for guard in GUARDS if not any(row[f"guards_{guard}"] for row in given)
        ),
        undecided_orders=fetch(connection, night, UNDECIDED)[0]["orders"],
    )


def not_in(connection: Connection, night: Night) -> dict[str, str]:
    """feed -> what of it is missing or refused."""
    return {row["feed"]: row["words"] for row in fetch(connection, night, STATES) if row["words"]}
