"""What bad service and the channel of the first order go with: how readily people leave.

Measured effects, beside the scores and not part of them. Pareto/NBD with covariates that everybody
has from the first order on:

  service  of the rate and of drop-out for whoever had a case with their first order (heavy buyers
           have more of them), and of drop-out again where the case went badly: luck among those
           who had one. Why only the first order's experience is fair: docs/clv-methods.md
  channel  of the rate and of drop-out for whoever first bought through another channel than most
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import psycopg
from psycopg import sql

from regulars.backtesting.names import channel_covariate
from regulars.clv import ParetoNBD, WithCovariates
from regulars.night import Night
from regulars.scores.known_orders import sample
from regulars.warehouse import frames

SERVED_DAYS = 30  # as the variable first_order_served_days: an experience has so long to happen
FEWEST = 20  # customers in each of two groups that are compared: fewer say nothing
MOST_CHANNELS = 4  # beside the commonest; the rarest count with that

CUSTOMERS = """
with customers as (
    select customer_id, frequency, recency_days, customer_age_days
    from {marts}.customer_purchase_summaries
    where customer_age_days >= {days} {sample}
),

first_orders as (
    select customer_id, channel
    from {marts}.fct_orders
    where order_seq = 1
)
"""

CHANNELS = """
select first_orders.channel, count(*)
from customers
inner join first_orders on customers.customer_id = first_orders.customer_id
where first_orders.channel is not null
group by first_orders.channel
order by count(*) desc, first_orders.channel collate "C"
"""

HISTORIES = """
select
    frequency, recency_days, customer_age_days,
    case when served.customer_id is null then 0 else 1 end as case_first,
    coalesce(served.is_bad, 0) as bad_first,
    {channels}
    count(*)
from customers
left join {intermediate}.int_first_orders_served as served
    on customers.customer_id = served.customer_id
left join first_orders
    on customers.customer_id = first_orders.customer_id
group by {keys}
order by {keys}
"""
COLUMNS = ("frequency", "recency", "T", "case_first", "bad_first")


def histories(connection: psycopg.Connection, night: Night) -> pd.DataFrame:
    """Distinct histories with what is known of the first order and the number of customers, in key
    order; of a sample where there are very many, as in the backtest.

    Columns: COLUMNS, one of 0 and 1 per channel that is compared, and weight.
    """
    names = {
        "marts": sql.Identifier(night.schema("marts")),
        "intermediate": sql.Identifier(night.schema("intermediate")),
        "days": sql.Literal(SERVED_DAYS),
        "sample": sample(connection, night)[0],
    }
    sizes = connection.execute(sql.SQL(CUSTOMERS + CHANNELS).format(**names)).fetchall()
    compared = compared_channels(sizes)
    is_first = sql.SQL("case when first_orders.channel = {} then 1 else 0 end,")
    keys = range(1, len(COLUMNS) + len(compared) + 1)
    query = sql.SQL(CUSTOMERS + HISTORIES).format(
        channels=sql.SQL(" ").join(is_first.format(channel) for channel in compared.values()),
        keys=sql.SQL(", ").join(map(sql.Literal, keys)),
        **names,
    )
    return frames.read(connection, query, (*COLUMNS, *compared, "weight"))


def compared_channels(sizes: list[tuple[str, int]]) -> dict[str, str]:
    """Covariate -> channel: those after the commonest that enough people came by. `sizes` are
    channels with their numbers of people, the largest first."""
    return {
        channel_covariate(channel, sizes[0][0]): channel
        for channel, people in sizes[1 : MOST_CHANNELS + 1]
        if people >= FEWEST
    }


def settled(known: Mapping[str, float] | None, found: pd.DataFrame) -> WithCovariates | None:
    """The model with the `known` parameters, or fitted; None where there is nothing to compare."""
    columns = covariates(found)
    if known:
        columns = {
            process: [name for name in names if f"{process}_{name}" in known]
            for process, names in columns.items()
        }
    if not any(columns.values()):
        return None
    model = WithCovariates(ParetoNBD(), **columns)
    return model.with_params(**known).assess(found) if known else model.fit(found)


def covariates(found: pd.DataFrame) -> dict[str, list[str]]:
    """Columns that act on the rate, and on drop-out."""
    channels = [name for name in found.columns if name not in (*COLUMNS, "weight")]
    if is_too_few(found):
        return {"rate": channels, "dropout": channels}
    return {
        "rate": ["case_first", *channels],
        "dropout": ["case_first", "bad_first", *channels],
    }


def is_too_few(found: pd.DataFrame) -> bool:
    """Fewer than FEWEST customers served badly, or well."""
    had_case, weight = found["case_first"] == 1, found["weight"]
    badly = float(weight[found["bad_first"] == 1].sum())
    return min(badly, float(weight[had_case].sum()) - badly) < FEWEST
