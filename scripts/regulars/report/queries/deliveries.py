"""What was delivered, refused and set aside. Counts only: no value of any row is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from psycopg import Connection

from regulars.feeds import declarations
from regulars.feeds.model import Feed
from regulars.night import Night
from regulars.report.queries.ask import fetch
from regulars.report.sections import Deliveries, Drift, FeedDeliveries, QuarantineRule, Refusal
from regulars.settings import Settings

# What this night could see, and which of it the previous published night had not seen.
VISIBLE = """
with visible as (
    select
        deliveries.*,
        %(previous)s::date is null
        or deliveries.delivered_on > %(previous)s::date
        or deliveries.delivery_id > coalesce(
            (
                select publications.last_delivery_id
                from decisions.effective_publications as publications
                where publications.as_of = %(previous)s::date
            ),
            0
        ) as is_new
    from raw.deliveries as deliveries
    where
        deliveries.delivered_on <= %(on)s
        and deliveries.delivery_id <= coalesce(%(last)s::bigint, 9223372036854775807)
)
"""

# A row that was replayed before this night reported it is one row in, and not set aside.
FEEDS = (
    VISIBLE
    + """
, counted as (
    select
        visible.*,
        visible.is_new and visible.status <> 'refused' as is_counted,
        visible.replay_of is not null and coalesce(origin.is_new, false) as is_of_tonight
    from visible
    left join visible as origin on visible.replay_of = origin.delivery_id
)

select
    feed,
    count(*) filter (where is_new and status = 'loaded' and replay_of is null) as loaded,
    count(*) filter (where is_new and status = 'redelivered') as redelivered,
    count(*) filter (where is_new and status = 'refused') as refused,
    coalesce(sum(rows_in) filter (where is_counted and not is_of_tonight), 0)::bigint as rows_in,
    coalesce(sum(rows_loaded) filter (where is_counted), 0)::bigint as rows_loaded,
    (
        coalesce(sum(rows_quarantined) filter (where is_counted), 0)
        - coalesce(sum(rows_loaded) filter (where is_counted and is_of_tonight), 0)
    )::bigint as rows_quarantined,
    coalesce(sum(rows_redelivered) filter (where is_counted), 0)::bigint as rows_redelivered,
    max(delivered_on) filter (where status = 'loaded') as last_delivered_on
from counted
group by feed
order by feed collate "C"
"""
)

REFUSALS = (
    VISIBLE
    + """
select feed, delivered_on, coalesce(reason, 'no reason recorded') as reason
from visible
where is_new and status = 'refused'
order by delivered_on desc, feed collate "C", delivery_id
limit %(most)s
"""
)

QUARANTINE = (
    VISIBLE
    + """
select
    quarantine.feed,
    quarantine.rule,
    count(*) filter (where visible.is_new) as rows,
    count(*) as rows_ever
from raw.quarantine as quarantine
inner join visible on quarantine.delivery_id = visible.delivery_id
where quarantine.replayed_at is null
group by quarantine.feed, quarantine.rule
order by rows desc, rows_ever desc, quarantine.feed collate "C", quarantine.rule collate "C"
"""
)

DRIFT = (
    VISIBLE
    + """
select distinct visible.feed, columns.name
from visible
cross join lateral unnest(visible.drift) as columns (name)
where visible.is_new
order by visible.feed, columns.name
"""
)

MOST_REFUSALS = 20


def since(
    connection: Connection, settings: Settings, night: Night, previous: date | None
) -> Deliveries:
    """Deliveries that the previous published night had not seen; all of them on the first."""
    values: dict[str, Any] = {
        "on": night.as_of,
        "previous": previous,
        "last": night.last_delivery_id,
        "most": MOST_REFUSALS,
    }
    drift: dict[str, list[str]] = defaultdict(list)
    for row in fetch(connection, night, DRIFT, **values):
        drift[row["feed"]].append(row["name"])
    return Deliveries(
        feeds=by_feed(
            fetch(connection, night, FEEDS, **values),
            declarations.load(settings.dbt_project, settings.systems),
        ),
        refusals=tuple(Refusal(**row) for row in fetch(connection, night, REFUSALS, **values)),
        quarantine=tuple(
            QuarantineRule(**row) for row in fetch(connection, night, QUARANTINE, **values)
        ),
        drift=tuple(Drift(feed, tuple(columns)) for feed, columns in sorted(drift.items())),
    )


def by_feed(rows: list[dict[str, Any]], declared: Sequence[Feed]) -> tuple[FeedDeliveries, ...]:
    """Every declared feed in its order, also one that never came; then what is undeclared."""
    came = {row["feed"]: row for row in rows}
    names = list(dict.fromkeys([*(feed.table for feed in declared), *came]))
    return tuple(FeedDeliveries(**came.get(name, {"feed": name})) for name in names)
