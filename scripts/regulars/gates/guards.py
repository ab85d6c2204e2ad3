"""What may be approved of feeds that are not in: the table marts.feed_states decides."""

from __future__ import annotations

from datetime import date

import psycopg
from psycopg import sql

from regulars.gates.gate_names import GUARDS
from regulars.night import Night


def note(connection: psycopg.Connection, night: Night) -> None:
    """Leave word of what withholds lists, for whoever may let it pass; or take it back."""
    states = connection.execute(
        sql.SQL("select state from {} where is_withholding order by feed").format(
            sql.Identifier(night.schema("marts"), "feed_states")
        )
    ).fetchall()
    _note(connection, night.as_of, [state for (state,) in states])


def _note(connection: psycopg.Connection, as_of: date, states: list[str]) -> None:
    connection.execute("delete from ops.gate_stops where as_of = %s and gate = %s", [as_of, GUARDS])
    if states:
        connection.execute(
            "insert into ops.gate_stops (as_of, gate, input_digest, claims, faults)"
            " values (%s, %s, '', %s, 0)",
            [as_of, GUARDS, states],
        )
