"""Feeds that are not in, what is withheld for it, and a person's word that it may go out.

The night's table marts.feed_states decides; this reads it, and leaves word for whoever may approve.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg import sql

from regulars.gates.approvals import GUARDS
from regulars.night import Night
from regulars.settings import Settings
from regulars.warehouse import connect


@dataclass(frozen=True)
class Withheld:
    """feeds: what is not in, in words. lists: which lists are withheld for it."""

    feeds: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


NOTHING = Withheld()


def withheld(settings: Settings, night: Night) -> Withheld:
    """What this night withholds. Leaves a note of it that can be approved, or takes it back."""
    with connect(settings, "transformer") as connection:
        states = _rows(
            connection,
            night,
            "marts",
            "select state, words from {}.feed_states where is_withholding order by feed",
        )
        lists = _rows(
            connection,
            night,
            "lists",
            "select list_code from {}.int_withheld_lists order by list_code",
        )
        if not night.prefix:
            _note(connection, night.as_of, [state for state, _ in states])
    return Withheld(tuple(words for _, words in states), tuple(code for (code,) in lists))


def _rows(connection: psycopg.Connection, night: Night, schema: str, query: str) -> list[tuple]:
    text = sql.SQL(query).format(sql.Identifier(night.schema(schema)))  # type: ignore[arg-type]
    return connection.execute(text).fetchall()


def _note(connection: psycopg.Connection, as_of: date, states: list[str]) -> None:
    connection.execute("delete from ops.gate_stops where as_of = %s and gate = %s", [as_of, GUARDS])
    if states:
        connection.execute(
            "insert into ops.gate_stops (as_of, gate, input_digest, claims, faults)"
            " values (%s, %s, '', %s, 0)",
            [as_of, GUARDS, states],
        )
