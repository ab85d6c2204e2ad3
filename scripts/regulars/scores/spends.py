"""What the night's law of spend is fitted on: purchase days in the warehouse."""

from __future__ import annotations

import pandas as pd
import psycopg
from psycopg import sql

from regulars.backtesting.spend_law import COLUMNS, LATER_DAYS
from regulars.night import Night
from regulars.scores.known_orders import sample
from regulars.warehouse import frames

SPENDS = """
select purchase_days, monetary_value, count(*) from {marts}.customer_purchase_summaries
where monetary_value > 0 group by 1, 2 order by 1, 2
"""
DAYS = """(
    select customer_id, ordered_on, sum(net_sales) as value
    from {marts}.fct_orders
    where is_qualifying {sample}
    group by customer_id, ordered_on
) as days"""


def spends(connection: psycopg.Connection, night: Night) -> pd.DataFrame:
    """Distinct positive (purchase_days, monetary_value) with counts, in key order."""
    query = sql.SQL(SPENDS).format(marts=sql.Identifier(night.schema("marts")))
    return frames.read(connection, query, ("purchase_days", "monetary_value", "weight"))


def later_days(connection: psycopg.Connection, night: Night) -> pd.DataFrame:
    """Distinct purchase days after a first one, each with what came before it, in key order; of
    a sample where there are very many customers, as in the backtest."""
    days = sql.SQL(DAYS).format(
        marts=sql.Identifier(night.schema("marts")), sample=sample(connection, night)[0]
    )
    return frames.read(connection, sql.SQL(LATER_DAYS).format(days=days), COLUMNS)
