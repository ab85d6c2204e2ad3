"""What the value distribution leaves in `scores.history_values`: a row per distinct purchase
history."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import psycopg

from regulars.clv import PurchaseModel, SpendDistribution
from regulars.clv.histories import Floats
from regulars.clv.value_distribution import ValueQuantiles, value_distributions
from regulars.night import Night
from regulars.scores import score_tables
from regulars.scores.score_tables import AT_KNOTS, OF_ORDERS
from regulars.value_knots import KNOTS


def value_scores(quantiles: ValueQuantiles) -> pd.DataFrame:
    """The columns of the table after its key, a row per history."""
    columns: dict[str, Floats] = {}
    for name, values in zip(
        AT_KNOTS, (*quantiles.given_purchase.values(), quantiles.p90), strict=True
    ):
        columns |= {f"{name}_knot_{knot}": values[:, knot] for knot in range(len(KNOTS))}
    for name, counts in zip(
        OF_ORDERS, (*quantiles.orders.values(), quantiles.orders_p90), strict=True
    ):
        columns[name] = counts
    columns["orders_variance"] = quantiles.orders_variance
    return pd.DataFrame(columns).astype(dict.fromkeys(OF_ORDERS, "int64"))


def replace(
    connection: psycopg.Connection,
    night: Night,
    histories: pd.DataFrame,
    model: PurchaseModel | None,
    spend: SpendDistribution | None,
    days: float,
) -> None:
    """Replace the table; it is left empty where either model is missing. The caller commits."""
    blocks: Iterable[score_tables.Block] = ()
    if model is not None and spend is not None:
        found = value_distributions(model, spend, histories, days)
        blocks = (
            (histories.iloc[rows], value_scores(quantiles)) for rows, quantiles in found.blocks()
        )
    score_tables.replace_in_blocks(connection, night, "history_values", blocks)
