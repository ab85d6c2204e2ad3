"""What the ledger noted about accepted files: missing optional columns, drift, cut decimals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import psycopg


@dataclass(frozen=True)
class LedgerWarning:
    """A warning about files of one feed on the last day that it delivered."""

    feed: str
    delivered_on: date
    warning: str
    files: int
    path: str


def ledger_warnings(
    connection: psycopg.Connection, as_of: date | None = None
) -> list[LedgerWarning]:
    """Of each feed, the warnings on its last delivered day up to as_of, by feed and text.

    One answer for `regulars status`, the raw gate's message and the report. No warning quotes a
    value of a file. The connection's role reads schema raw.
    """
    rows = connection.execute(
        """
        select d.feed, d.delivered_on, w.warning, count(*), min(d.path collate "C")
        from raw.deliveries as d
        cross join unnest(d.warnings) as w (warning)
        where
            d.status = 'loaded'
            and d.delivered_on = (
                select max(latest.delivered_on)
                from raw.deliveries as latest
                where
                    latest.feed = d.feed
                    and latest.status = 'loaded'
                    and latest.delivered_on <= coalesce(%(as_of)s, latest.delivered_on)
            )
        group by d.feed, d.delivered_on, w.warning
        order by d.feed collate "C", w.warning collate "C"
        """,
        {"as_of": as_of},
    )
    return [LedgerWarning(*row) for row in rows]
