"""What bad service costs: how much sooner those leave whose first order was served badly.

A measured effect, beside the scores and not part of them. Pareto/NBD with covariates: of the rate
and of drop-out for whoever had a case with their first order (heavy buyers have more of them), and
of drop-out again where the case went badly: luck among those who had one. Why only the first
order's experience is fair, and how well the interval holds: docs/clv-methods.md, Covariates.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import psycopg
from psycopg import sql

from regulars import score_tables
from regulars.backtesting.known_orders import sample
from regulars.backtesting.names import SERVICE_EFFECT
from regulars.clv import ParetoNBD, WithCovariates
from regulars.night import Night

NAME = SERVICE_EFFECT[0]
SERVED_DAYS = 30  # as the variable first_order_served_days: an experience has so long to happen
FEWEST = 20  # customers served badly, and as many served well: fewer say nothing

HISTORIES = """
select
    frequency, recency_days, customer_age_days,
    case when served.customer_id is null then 0 else 1 end as case_first,
    coalesce(served.is_bad, 0) as bad_first,
    count(*)
from (
    select customer_id, frequency, recency_days, customer_age_days
    from {marts}.customer_purchase_summaries
    where customer_age_days >= {days} {sample}
) as customers
left join {marts}.int_first_orders_served as served
    on customers.customer_id = served.customer_id
group by 1, 2, 3, 4, 5
order by 1, 2, 3, 4, 5
"""
COLUMNS = ("frequency", "recency", "T", "case_first", "bad_first", "weight")


def histories(connection: psycopg.Connection, night: Night) -> pd.DataFrame:
    """Distinct histories with the first order's experience and the number of customers, in key
    order; of a sample where there are very many, as in the backtest."""
    query = sql.SQL(HISTORIES).format(
        marts=sql.Identifier(night.schema("marts")),
        days=sql.Literal(SERVED_DAYS),
        sample=sample(connection, night)[0],
    )
    return score_tables.read(connection, query, COLUMNS)


def settled(known: Mapping[str, float] | None, served: pd.DataFrame) -> WithCovariates | None:
    """The model with the `known` parameters, or fitted; None where too few were served badly, or
    too few well."""
    if is_too_few(served):
        return None
    columns = {"rate": ["case_first"], "dropout": ["case_first", "bad_first"]}
    model = WithCovariates(ParetoNBD(), **columns)
    return model.with_params(**known).assess(served) if known else model.fit(served)


def is_too_few(served: pd.DataFrame) -> bool:
    """Fewer than FEWEST customers in either of the groups that are compared."""
    had_case, weight = served["case_first"] == 1, served["weight"]
    badly = float(weight[served["bad_first"] == 1].sum())
    return min(badly, float(weight[had_case].sum()) - badly) < FEWEST
