"""The night's model of spend: how it is fitted on the purchase days in the warehouse."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import psycopg
from psycopg import sql

from regulars import score_tables
from regulars.backtesting.known_orders import sample
from regulars.clv import GammaGamma, NextSpend, SpendLaw
from regulars.night import Night

# Under these few later days what one of them says of the next is a guess.
FEWEST_LATER_DAYS = 30

SPENDS = """
select purchase_days, monetary_value, count(*) from {marts}.customer_purchase_summaries
where monetary_value > 0 group by 1, 2 order by 1, 2
"""
LATER_DAYS = """
with days as (
    select customer_id, ordered_on, sum(net_sales) as value
    from {marts}.fct_orders
    where is_qualifying {sample}
    group by customer_id, ordered_on
),
known as (
    select
        value,
        row_number() over earlier - 1 as days_before,
        sum(value) over earlier - value as spent_before
    from days
    window earlier as (partition by customer_id order by ordered_on asc nulls last)
)
select days_before, spent_before, value, count(*)
from known
where days_before > 0 and spent_before > 0 and value > 0
group by 1, 2, 3
order by 1, 2, 3
"""


def spends(connection: psycopg.Connection, night: Night) -> pd.DataFrame:
    """Distinct positive (purchase_days, monetary_value) with counts, in key order."""
    query = sql.SQL(SPENDS).format(marts=sql.Identifier(night.schema("marts")))
    return score_tables.read(connection, query, ("purchase_days", "monetary_value", "weight"))


def later_days(connection: psycopg.Connection, night: Night) -> pd.DataFrame:
    """Distinct purchase days after a first one, each with what came before it, in key order; of
    a sample where there are very many customers, as in the backtest."""
    query = sql.SQL(LATER_DAYS).format(
        marts=sql.Identifier(night.schema("marts")), sample=sample(connection, night)[0]
    )
    columns = ("days_before", "spent_before", "value", "weight")
    return score_tables.read(connection, query, columns)


def settled(
    known: Mapping[str, float] | None, later: pd.DataFrame, all_spends: pd.DataFrame
) -> SpendLaw:
    """The model with the `known` parameters, or fitted: on later days, or on everybody's means
    where there are too few of those."""
    few = later["weight"].sum() < FEWEST_LATER_DAYS
    data = all_spends if few else later
    kind: type[GammaGamma | NextSpend] = GammaGamma if few else NextSpend
    model = kind.from_params(**known).assess(data) if known else kind().fit(data)
    if few:
        model.warnings.append(
            f"fewer than {FEWEST_LATER_DAYS} purchase days followed another: how far a customer's "
            "own spend tells the next is taken from the shape of all, and likely too far"
        )
    return model
