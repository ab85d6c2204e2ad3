"""Refunds above their sale, by order: what was paid back and does not count."""

from __future__ import annotations

from psycopg import Connection

from regulars.night import Night
from regulars.report.queries.ask import fetch
from regulars.report.sections import ExcessRefund

MOST = 20
LARGEST = """
select order_id, excess_refunds as amount
from {marts}.fct_orders
where excess_refunds > 0
order by excess_refunds desc, order_id collate "C"
limit %(most)s
"""


def largest(connection: Connection, night: Night) -> tuple[ExcessRefund, ...]:
    """The largest of them; how many there are in all is among the holds."""
    rows = fetch(connection, night, LARGEST, most=MOST)
    return tuple(ExcessRefund(row["order_id"], row["amount"]) for row in rows)
