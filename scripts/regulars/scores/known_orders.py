"""The past at an origin out of the warehouse: what deliveries up to it had said, and no more.

An order stands as its latest version delivered by the origin said, its net sales less the refunds
delivered by then. What the first delivery of a feed brought, and orders of systems that do not
tell their deliveries, count as known on their own dates: they are the past that a company starts
with. Lines, prices and who a customer is are tonight's. Outcomes are tonight's knowledge.

Beyond MOST_CUSTOMERS a fixed half, quarter … of the customers is judged, by their ids' digests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

import numpy as np
import psycopg
from psycopg import sql

from regulars.backtesting.origins import Split
from regulars.backtesting.past import FEATURES, OUTCOMES, Past, mean_log_gap
from regulars.backtesting.spend_law import COLUMNS, LATER_DAYS
from regulars.night import Night
from regulars.warehouse import frames

MOST_CUSTOMERS = 50_000

# One pass over the night's orders; kept until the transaction ends.
ORDERS = """
create temporary table backtest_orders on commit drop as
with orders as (
    select
        order_id, customer_id, ordered_on, status, net_sales, is_qualifying,
        gross_sales - discounts as sale
    from {marts}.fct_orders
    where not is_held and order_type = 'sale' {sample}
),
versions as (
    select
        states.*,
        row_number() over (
            partition by states.order_id
            order by
                states.version_at asc nulls first, states.delivery_rank asc nulls last,
                states.line asc nulls last
        ) as version
    from {intermediate}.int_order_states as states
    inner join orders on states.order_id = orders.order_id
),
-- a version that came after a later one never counted
counting as (
    select
        versions.*,
        max(versions.version) over (
            partition by versions.order_id
            order by versions.delivery_rank asc nulls last, versions.line asc nulls last
            rows between unbounded preceding and current row
        ) as latest
    from versions
),
states as (
    select
        order_id,
        status,
        case when is_first_delivery then null else delivered_on end as known_from,
        lead(delivered_on) over (
            partition by order_id order by delivery_rank asc nulls last, line asc nulls last
        ) as known_until
    from counting
    where version = latest
)
select
    orders.order_id,
    orders.customer_id,
    orders.ordered_on,
    orders.sale,
    orders.net_sales,
    orders.is_qualifying,
    coalesce(states.status, orders.status) in ('paid', 'shipped', 'delivered') as is_sold,
    greatest(coalesce(states.known_from, orders.ordered_on), orders.ordered_on) as known_from,
    states.known_until
from orders
left join states on orders.order_id = states.order_id
"""
REFUNDS = """
create temporary table backtest_refunds on commit drop as
select
    refunds.order_id,
    refunds.amount,
    case
        when arrivals.delivered_on is null or arrivals.is_first_delivery then refunds.refunded_on
        else arrivals.delivered_on
    end as known_on
from {marts}.fct_refunds as refunds
left join {intermediate}.int_refund_arrivals as arrivals
    on refunds.refund_id = arrivals.refund_id
where not refunds.is_held and refunds.order_id in (select order_id from backtest_orders)
"""
# Purchase days as known tonight. An order has a row per state; all say the same of tonight.
DAYS = """
create temporary table backtest_days on commit drop as
select customer_id, ordered_on, sum(net_sales) as value
from (
    select distinct order_id, customer_id, ordered_on, net_sales
    from backtest_orders where is_qualifying
) as orders
group by customer_id, ordered_on
"""
KNOWN = """
create temporary table backtest_known on commit drop as
with refunded as (
    select order_id, sum(amount) as amount
    from backtest_refunds
    where known_on <= {origin}
    group by order_id
),
worth as (
    select
        orders.customer_id, orders.ordered_on,
        orders.sale - coalesce(refunded.amount, 0) as value
    from backtest_orders as orders
    left join refunded on orders.order_id = refunded.order_id
    where
        orders.is_sold
        and orders.known_from <= {origin}
        and (orders.known_until is null or orders.known_until > {origin})
)
select
    customer_id, ordered_on, sum(value) as value,
    ordered_on - lag(ordered_on) over (
        partition by customer_id order by ordered_on asc nulls last
    ) as gap
from worth
where value > 0
group by customer_id, ordered_on
"""
CELLS = """
with features as (
    select
        customer_id,
        count(*) - 1 as frequency,
        max(ordered_on) - min(ordered_on) as recency,
        {origin} - min(ordered_on) as age,
        round(sum(value) / count(*), 6) as monetary_value,
        count(case when ordered_on > {recent} then 1 end) as recent_purchases,
        coalesce(sum(case when ordered_on > {recent} then value end), 0) as recent_value
    from backtest_known
    group by customer_id
),
outcomes as (
    select customer_id, count(*) as actual, sum(value) as spend
    from backtest_days
    where ordered_on > {origin} and ordered_on <= {end}
    group by customer_id
)
select
    features.frequency, features.recency, features.age, features.monetary_value,
    features.recent_purchases, features.recent_value,
    coalesce(outcomes.actual, 0), coalesce(outcomes.spend, 0), count(*)
from features
left join outcomes on features.customer_id = outcomes.customer_id
group by 1, 2, 3, 4, 5, 6, 7, 8
order by 1, 2, 3, 4, 5, 6, 7, 8
"""
REPEATS = """
select days.ordered_on - {start}, count(*)
from backtest_days as days
inner join (
    select customer_id, min(ordered_on) as first_on from backtest_known group by customer_id
) as customers on days.customer_id = customers.customer_id
where days.ordered_on > customers.first_on and days.ordered_on <= {end}
group by 1
order by 1
"""
GAPS = "select gap, count(*) from backtest_known where gap is not null group by 1 order by 1"


def pasts(connection: psycopg.Connection, night: Night, splits: Iterable[Split]) -> Iterator[Past]:
    """The past at each origin, in the order of `splits`."""
    share = _collect(connection, night)
    for cut in splits:
        yield _past(connection, cut, share)


def _collect(connection: psycopg.Connection, night: Night) -> float:
    """Orders with their states and refunds, into temporary tables. Returns the share sampled."""
    condition, share = sample(connection, night)
    names = {
        "marts": sql.Identifier(night.schema("marts")),
        "intermediate": sql.Identifier(night.schema("intermediate")),
        "sample": condition,
    }
    for statement in (ORDERS, REFUNDS, DAYS):
        connection.execute(sql.SQL(statement).format(**names))
    connection.execute("analyze backtest_orders, backtest_refunds, backtest_days")
    return share


def sample(connection: psycopg.Connection, night: Night) -> tuple[sql.Composable, float]:
    """A further condition on customer_id that leaves MOST_CUSTOMERS at most, and the share left."""
    marts = sql.Identifier(night.schema("marts"))
    row = connection.execute(
        sql.SQL("select count(*) from {}.customer_purchase_summaries").format(marts)
    ).fetchone()
    halvings = max(0, int(np.ceil(np.log2(max(int(row[0]) if row else 0, 1) / MOST_CUSTOMERS))))
    if halvings == 0:
        return sql.SQL(""), 1.0
    limit = f"{16**8 >> halvings:08x}"
    condition = sql.SQL('and left(md5(customer_id), 8) collate "C" < {}')
    return condition.format(sql.Literal(limit)), 0.5**halvings


def _past(connection: psycopg.Connection, cut: Split, share: float) -> Past:
    names = {
        "start": sql.Literal(cut.start),
        "origin": sql.Literal(cut.origin),
        "end": sql.Literal(cut.end),
        "recent": sql.Literal(cut.origin - timedelta(days=cut.holdout_days)),
    }
    connection.execute(sql.SQL(KNOWN).format(**names))
    columns = [*FEATURES, *OUTCOMES, "weight"]
    cells = frames.read(connection, sql.SQL(CELLS).format(**names), columns)
    repeats = frames.read(connection, sql.SQL(REPEATS).format(**names), ("day", "repeats"))
    gaps = frames.read(connection, sql.SQL(GAPS).format(), ("gap", "times"))
    known = sql.SQL(LATER_DAYS).format(days=sql.Identifier("backtest_known"))
    later = frames.read(connection, known, COLUMNS)
    connection.execute("drop table backtest_known")
    return Past(cut, cells, repeats, later, mean_log_gap(gaps), share)
