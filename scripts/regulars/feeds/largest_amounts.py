"""Which rows to look for when amounts add up to more than a column of money holds.

Each row is within bounds, and a hundred of the largest still add up (regulars/carried.py): one more
of one order, customer or month does not.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from regulars.carried import CARRIED_DIGITS
from regulars.feeds import declarations
from regulars.feeds.model import Feed
from regulars.settings import Settings
from regulars.warehouse import connect

OVERFLOW = "numeric field overflow"
SUSPICIOUS = 10 ** (CARRIED_DIGITS - 2)  # in any currency, of a row


def advice(settings: Settings) -> str:
    """Feeds, how many of their rows hold such amounts, and what to do; names no value."""
    feeds = declarations.load(settings.dbt_project, settings.systems)
    with connect(settings, "transformer") as connection:
        counts = {feed.table: _large_rows(connection, feed) for feed in feeds}
    found = ", ".join(f"raw.{feed}: {rows} rows" for feed, rows in counts.items() if rows)
    return (
        "Amounts add up to more than a column of money holds. Rows of"
        f" {SUSPICIOUS:,} or more, a number or what is multiplied: {found or 'none'}. Have them"
        " corrected and delivered again, then run the night again."
    )


def _large_rows(connection: psycopg.Connection, feed: Feed) -> int:
    """Rows that were delivered with a number, or a product that is an amount, so large."""
    amounts: list[sql.Composable] = [
        sql.Identifier(column.name) for column in feed.columns if column.kind == "numeric"
    ]
    if feed.delivery.multiplied:
        amounts.append(
            sql.SQL(" * ").join(
                sql.SQL("cast({} as numeric)").format(sql.Identifier(name))
                for name in feed.delivery.multiplied
            )
        )
    if not amounts:
        return 0
    row = connection.execute(
        sql.SQL("select count(*) from raw.{} where greatest({}) >= {}").format(
            sql.Identifier(feed.table),
            sql.SQL(", ").join(sql.SQL("abs({})").format(amount) for amount in amounts),
            sql.Literal(SUSPICIOUS),
        )
    ).fetchone()
    return int(row[0]) if row else 0
