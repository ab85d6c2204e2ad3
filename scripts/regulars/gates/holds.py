"""What a night holds back, waits for or cannot use: the one source of everybody who tells it.

The gates' lines, `regulars status`, the report and the alert read the same rows and say the same
sentences. Counts are the table night_holds'; no sentence holds a value of a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import psycopg
from psycopg import sql

from regulars.feeds.ledger_warnings import ledger_warnings
from regulars.gates.hold import KINDS, Hold
from regulars.gates.open_erasures import unclosed, with_leftovers
from regulars.night import Night


def of_night(connection: psycopg.Connection, night: Night) -> tuple[Hold, ...]:
    """What the built tables of a night say, before it is published. The role reads all schemas."""
    return _in_order(
        _counted(connection, night.schema("marts")),
        _withheld(connection, _withheld_tonight(night)),
        warned(connection, night.as_of),
        unclosed(connection, night.as_of),
        with_leftovers(connection, night.as_of),
    )


def _withheld_tonight(night: Night) -> sql.Composable:
    """But for lists of a feed that this company does not deliver: nothing is missing there."""
    return sql.SQL("(select list_code, reason from {} where not is_off)").format(
        sql.Identifier(night.schema("lists"), "withheld_lists")
    )


def of_published(connection: psycopg.Connection) -> tuple[Hold, ...]:
    """The same of the live generation; nothing before the first publication."""
    row = connection.execute(
        "select as_of, to_regclass('published.night_holds') is not null"
        " from published.live_generation"
    ).fetchone()
    if row is None:
        return ()
    as_of, is_told = row
    live = sql.SQL(
        "(select w.* from decisions.withheld_lists as w where w.generation ="
        " (select generation from published.live_generation))"
    )
    return _in_order(
        _counted(connection, "published") if is_told else (),
        _withheld(connection, live),
        warned(connection, as_of),
        unclosed(connection, as_of),
        with_leftovers(connection, as_of),
    )


def warned(connection: psycopg.Connection, as_of: date) -> list[Hold]:
    """The ledger's warnings about what the feeds delivered last, up to a night."""
    return [
        Hold("ledger_warning", warning.feed, warning.files, words=warning.warning)
        for warning in ledger_warnings(connection, as_of)
    ]


def _counted(connection: psycopg.Connection, schema: str) -> list[Hold]:
    query = sql.SQL(
        'select kind, subject, held_count, amount, words from {} order by subject collate "C"'
    ).format(sql.Identifier(schema, "night_holds"))
    return [Hold(*row) for row in connection.execute(query)]


def _withheld(connection: psycopg.Connection, table: sql.Composable) -> list[Hold]:
    query = sql.SQL(
        'select list_code, reason from {} as withheld order by list_code collate "C"'
    ).format(table)
    return [Hold("list_withheld", code, words=reason) for code, reason in connection.execute(query)]


def _in_order(*parts: Iterable[Hold]) -> tuple[Hold, ...]:
    """By kind; the order within a kind stays."""
    return tuple(sorted((h for part in parts for h in part), key=lambda h: KINDS.index(h.kind)))
