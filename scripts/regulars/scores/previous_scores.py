"""What last night's model says of histories: the bridge from its values to tonight's needs it."""

from __future__ import annotations

import pandas as pd
import psycopg

from regulars.backtesting.candidates import CANDIDATES
from regulars.clv import PurchaseModel
from regulars.night import Night
from regulars.scores import decision_log, score_tables


def replace(
    connection: psycopg.Connection, night: Night, histories: pd.DataFrame, days: int
) -> None:
    """Replace scores.previous_scores: expected purchases of `days` by the champion of the last
    published night, a row per history; none without such a model. The caller commits."""
    model = _champion(connection, night) if len(histories) else None
    if model is None:
        histories, scores = histories.iloc[:0], pd.DataFrame()
    else:
        scores = pd.DataFrame({"orders": model.expected_purchases(histories, days)})
    score_tables.replace_by_history(connection, night, "previous_scores", histories, scores)


def _champion(connection: psycopg.Connection, night: Night) -> PurchaseModel | None:
    """With the parameters that scored its night; None where no night was scored, or by a model
    that there is no more."""
    last = decision_log.incumbent(connection, night)
    if last is None or last.model not in CANDIDATES:
        return None
    params = decision_log.parameters(connection, last.as_of, last.digest).get(last.model)
    return CANDIDATES[last.model].from_params(**params) if params else None
