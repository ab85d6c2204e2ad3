"""When each history is due again: the night's model of rhythm, and `scores.next_orders`."""

from __future__ import annotations

import pandas as pd
import psycopg

from regulars.clv import PurchaseModel, RegularModifiedBetaGeometric
from regulars.clv.next_order import SHARES, next_order_days
from regulars.night import Night
from regulars.scores import score_tables

NAME = RegularModifiedBetaGeometric.name
_ENOUGH = 20_000  # histories: k is a whole number, and more would not move it


def sampled(histories: pd.DataFrame) -> pd.DataFrame:
    """Every n-th history in key order, so that there are 20,000 at most."""
    return histories.iloc[:: -(-len(histories) // _ENOUGH)] if len(histories) else histories


def replace(
    connection: psycopg.Connection,
    night: Night,
    histories: pd.DataFrame,
    model: PurchaseModel | None,
) -> None:
    """Replace the table: histories with a rhythm, by a `model` that knows of any. The caller
    commits."""
    days = pd.DataFrame(columns=list(SHARES))
    if isinstance(model, RegularModifiedBetaGeometric):
        days = next_order_days(model, histories).dropna().astype("int64")
    keys = histories.loc[days.index]
    score_tables.replace_by_history(connection, night, "next_orders", keys, days)
