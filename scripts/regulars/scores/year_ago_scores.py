"""What tonight's model says of histories as they were before the last twelve whole months."""

from __future__ import annotations

import pandas as pd
import psycopg

from regulars.clv import PurchaseModel
from regulars.night import Night
from regulars.scores import score_tables


def replace(
    connection: psycopg.Connection,
    night: Night,
    histories: pd.DataFrame,
    model: PurchaseModel | None,
    days: int,
) -> None:
    """Replace scores.year_ago_scores: the chance of being alive then and, without drop-out from
    there on, the purchases of `days`, a row per history; none without a `model`. The caller
    commits."""
    if model is None or histories.empty:
        histories, scores = histories.iloc[:0], pd.DataFrame()
    else:
        scores = pd.DataFrame(
            {
                "alive": model.probability_alive(histories),
                "kept": model.expected_purchases_if_kept(histories, days),
            }
        )
    score_tables.replace_by_history(connection, night, "year_ago_scores", histories, scores)
