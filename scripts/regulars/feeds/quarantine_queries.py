"""Quarantined rows, counted and as they were delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from regulars import warehouse
from regulars.feeds import declarations
from regulars.settings import Settings


@dataclass(frozen=True)
class RuleCount:
    """Rows of a feed in quarantine for one rule and reason, not replayed yet."""

    feed: str
    rule: str
    reason: str
    rows: int
    files: int
    last_delivered_on: date


@dataclass(frozen=True)
class QuarantinedRow:
    """A row as it was delivered. raw_text may hold personal data: show it, never log it."""

    feed: str
    file: str
    line: int
    rule: str
    reason: str
    raw_text: str


def list_counts(settings: Settings, feed: str | None = None) -> list[RuleCount]:
    """What is in quarantine, most rows first. Raises UnknownFeed."""
    declarations.named(settings, feed)
    with warehouse.connect(settings, "loader") as connection:
        rows = connection.execute(
            """
            select q.feed, q.rule, q.reason, count(*), count(distinct q.file), max(d.delivered_on)
            from raw.quarantine as q
            inner join raw.deliveries as d on q.delivery_id = d.delivery_id
            where q.replayed_at is null and (%(feed)s::text is null or q.feed = %(feed)s)
            group by 1, 2, 3
            order by 4 desc, 1, 2, 3
            """,
            {"feed": feed},
        )
        return [RuleCount(*row) for row in rows]


def show(settings: Settings, feed: str, limit: int = 20) -> list[QuarantinedRow]:
    """Rows of a feed in quarantine, the latest delivery first. Raises UnknownFeed."""
    declarations.named(settings, feed)
    with warehouse.connect(settings, "loader") as connection:
        rows = connection.execute(
            """
            select feed, file, line, rule, reason, raw_text
            from raw.quarantine
            where replayed_at is null and feed = %s
            order by delivery_id desc, line
            limit %s
            """,
            [feed, limit],
        )
        return [QuarantinedRow(*row) for row in rows]
