"""What customers are worth, how far they have come, and who comes back."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any

from psycopg import Connection

from regulars.night import Night
from regulars.project.variables import lifecycles, tier_cuts
from regulars.report.queries.ask import fetch
from regulars.report.sections import (
    Cohort,
    CohortMonth,
    Cohorts,
    NextOrders,
    Payback,
    Relationships,
    SecondPurchasePoint,
    TierTotal,
    Value,
    ValueBin,
)

# 0, 1, 2, 5, 10 ... ten million: bands that fit any company's money.
EDGES = [Decimal(0)] + [Decimal(m) * 10**power for power in range(7) for m in (1, 2, 5)]
MOST_BINS = 11
MOST_COHORTS = 25
MOST_MONTHS = 24
CURVE_DAYS = 365
DUE_DAYS = 30

BINS = """
select width_bucket(net_clv_12m, %(edges)s::numeric[]) as bin, count(*) as people
from {marts}.customer_lifetime_values
where net_clv_12m is not null
group by 1
"""

TIER_TOTALS = """
select
    value_tier,
    count(*) as people,
    coalesce(sum(net_clv_12m), 0) as net_clv_12m,
    coalesce(sum(net_clv_lifetime), 0) as net_clv_lifetime,
    coalesce(sum(value_at_risk), 0) as value_at_risk
from {marts}.customer_lifetime_values
where net_clv_12m is not null
group by value_tier
"""

# Of people of one value any may come first: the sums are the same.
HUNDREDTHS = """
with ranked as (
    select
        net_clv_12m,
        row_number() over (order by net_clv_12m desc) as place
    from {marts}.customer_lifetime_values
    where net_clv_12m is not null
),

company as (
    select count(net_clv_12m) as people from {marts}.customer_lifetime_values
)

select (place - 1) * 100 / people + 1 as hundredth, sum(net_clv_12m) as net_clv_12m
from ranked
cross join company
group by 1
"""

LIFECYCLE_COUNTS = """
select lifecycle_status, count(*) as people
from {marts}.customer_lifetime_values
where lifecycle_status is not null
group by lifecycle_status
"""

TOTAL_RANGE = """
select p10, p90
from {marts}.value_totals
where total_of = 'company' and measure = 'net_value' and p10 is not null
"""


def value(connection: Connection, night: Night, dbt_project: Path) -> Value:
    """Net value over 12 months: its spread, its tiers and how concentrated it is."""
    cuts, states = tier_cuts(dbt_project), lifecycles(dbt_project)
    bins = {row["bin"]: row["people"] for row in fetch(connection, night, BINS, edges=EDGES)}
    tiers = fetch(connection, night, TIER_TOTALS)
    hundredths = {
        row["hundredth"]: row["net_clv_12m"] for row in fetch(connection, night, HUNDREDTHS)
    }
    statuses = {
        row["lifecycle_status"]: row["people"] for row in fetch(connection, night, LIFECYCLE_COUNTS)
    }
    total_range = next(iter(fetch(connection, night, TOTAL_RANGE)), None)
    return Value(
        bins=value_bins(bins),
        tiers=tuple(
            TierTotal(tier=row.pop("value_tier") or "none", **row)
            for row in sorted(tiers, key=lambda row: place(tuple(cuts), row["value_tier"]))
        ),
        concentration=tuple(accumulate(hundredths.get(best, Decimal(0)) for best in range(1, 101)))
        if hundredths
        else (),
        lifecycle={
            status: statuses[status] for status in sorted(statuses, key=lambda s: place(states, s))
        },
        total_range=(total_range["p10"], total_range["p90"]) if total_range else None,
        tier_cuts=cuts,
    )


def place(known: tuple[str, ...], name: str | None) -> tuple[int, str]:
    """Sort key: known names in their order, then others by name."""
    return (known.index(name) if name in known else len(known), name or "")


def value_bins(people_by_bucket: dict[int, int]) -> tuple[ValueBin, ...]:
    """Bands from the first to the last that anybody is in; the smallest merge if too many."""
    if not people_by_bucket:
        return ()
    bounds: list[Decimal | None] = [None, *EDGES, None]
    bins = [
        ValueBin(bounds[i], bounds[i + 1], people_by_bucket.get(i, 0))
        for i in range(min(people_by_bucket), max(people_by_bucket) + 1)
    ]
    first = 1 if bins[0].lower is None else 0
    while len(bins) > MOST_BINS:
        low, high = bins[first], bins[first + 1]
        bins[first : first + 2] = [ValueBin(low.lower, high.upper, low.people + high.people)]
    return tuple(bins)


STATUSES = """
select relationship_status, count(*) as people
from {marts}.dim_customers
where is_staff is not true
group by relationship_status
"""

CURVE = """
select day, second_share
from {marts}.second_purchase_curve
where day <= %(days)s
order by day
"""

BOUNDS = "select t_50, t_90, events, is_from_curve from {marts}.second_purchase_bounds"

NEXT_ORDERS = """
select
    count(*) as people,
    count(*) filter (where expected_next_order_on <= %(until)s) as due
from {marts}.customer_lifetime_values
where expected_next_order_on is not null
"""


def relationships(connection: Connection, night: Night) -> Relationships:
    """People by relationship, and the company's own curve to a second purchase."""
    rows = fetch(connection, night, STATUSES)
    bounds: dict[str, Any] = next(iter(fetch(connection, night, BOUNDS)), {})
    return Relationships(
        statuses={row["relationship_status"]: row["people"] for row in rows},
        curve=tuple(
            SecondPurchasePoint(row["day"], float(row["second_share"]))
            for row in fetch(connection, night, CURVE, days=CURVE_DAYS)
        ),
        window_from_day=bounds.get("t_50"),
        window_to_day=bounds.get("t_90"),
        second_purchases=bounds.get("events") or 0,
        is_own_window=bool(bounds.get("is_from_curve")),
        next_orders=next_orders(connection, night),
    )


def next_orders(connection: Connection, night: Night) -> NextOrders | None:
    """Who has a rhythm, and how many of them are expected within 30 days."""
    until = night.as_of + timedelta(days=DUE_DAYS)
    row = fetch(connection, night, NEXT_ORDERS, until=until)[0]
    return NextOrders(row["people"], row["due"], until) if row["people"] else None


COHORT_MONTHS = """
with numbered as (
    select
        cohort_month,
        age_month,
        cohort_size,
        active_customers,
        is_mature,
        dense_rank() over (order by cohort_month desc) as months_back
    from {marts}.cohort_months
    where cohort_by = %(by)s
)

select * from numbered
where months_back <= %(cohorts)s and age_month between 0 and %(months)s
order by cohort_month, age_month
"""

COHORT_COUNT = """
select count(distinct cohort_month) as cohorts
from {marts}.cohort_months
where cohort_by = %(by)s
"""


def cohorts(connection: Connection, night: Night, by: str) -> Cohorts:
    """The newest cohorts by first or second purchase, oldest first."""
    rows = fetch(connection, night, COHORT_MONTHS, by=by, cohorts=MOST_COHORTS, months=MOST_MONTHS)
    total = fetch(connection, night, COHORT_COUNT, by=by)[0]["cohorts"]
    by_month: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_month[row["cohort_month"]].append(row)
    return Cohorts(
        by=by,
        cohorts=tuple(cohort(month, months) for month, months in by_month.items()),
        cut_off=total - len(by_month),
    )


PAYBACKS = """
with aged as (
    select
        cohort_month as month,
        cohort_size as people,
        acquisition_cost as cost,
        cumulative_margin as margin,
        repeat_rate as came_again,
        payback_month as after_months,
        row_number() over (partition by cohort_month order by age_month desc) as place
    from {marts}.cohort_months
    where cohort_by = 'first'
)

select month, people, cost, margin, came_again, after_months
from aged
where place = 1
order by month desc
limit %(cohorts)s
"""


def paybacks(connection: Connection, night: Night) -> tuple[Payback, ...]:
    """The newest cohorts by first purchase as far as they have come, oldest first."""
    rows = fetch(connection, night, PAYBACKS, cohorts=MOST_COHORTS)
    return tuple(Payback(**row) for row in reversed(rows))


def cohort(month: Any, rows: list[dict[str, Any]]) -> Cohort:
    """One cohort with every month up to its oldest; a month without a row had nobody active."""
    known = {row["age_month"]: row for row in rows}
    months = []
    is_mature = True
    for age in range(max(known) + 1):
        row = known.get(age)
        is_mature = row["is_mature"] if row else is_mature
        months.append(CohortMonth(age, row["active_customers"] if row else 0, is_mature))
    return Cohort(month, rows[0]["cohort_size"], tuple(months))
