"""How good a whole distribution of counts was, not only its mean.

[1] Gneiting, Raftery (2007), Strictly Proper Scoring Rules, Prediction, and Estimation, JASA 102.
[2] Czado, Gneiting, Held (2009), Predictive Model Assessment for Count Data, Biometrics 65.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.clv._purchase_model import PurchaseModel
from regulars.clv.histories import Floats

INTERVAL = 0.90  # the central interval that is judged
_BLOCK = 256  # histories whose counts are computed together
_UNSEEN = 1e-4  # chance of a count beyond the last one computed
_LARGEST_COUNT = 4096


@dataclass(frozen=True)
class Ranged:
    """A range per row, from `low` to `high`; `outside` is the chance of what lies beyond it."""

    low: Floats
    high: Floats
    outside: ClassVar[float]

    def interval_score(self, actual: Floats) -> Floats:
        """Width, and 2/α for each unit outside ([1] eq. 43)."""
        missed = np.maximum(self.low - actual, 0.0) + np.maximum(actual - self.high, 0.0)
        return self.high - self.low + 2 / self.outside * missed

    def covers(self, actual: Floats) -> Floats:
        """1 where the outcome lies within the range, its ends included."""
        return ((self.low <= actual) & (actual <= self.high)).astype(np.float64)


@dataclass(frozen=True)
class CountScores(Ranged):
    """One distribution and one outcome y a row.

    crps        continuous ranked probability score, Σ over k of (F(k) − 1{y ≤ k})² ([1] eq. 20)
    below, upto F(y − 1) and F(y): between them lies the randomised PIT of y
    low, high   the central 90% interval: the 5% and 95% quantiles
    p90         the 90% quantile
    """

    crps: Floats
    below: Floats
    upto: Floats
    p90: Floats
    outside: ClassVar[float] = 1 - INTERVAL


def count_scores(
    model: PurchaseModel,
    histories: pd.DataFrame,
    expected: Floats,
    at: NDArray[np.intp],
    actual: Floats,
    days: float,
) -> CountScores:
    """Score the model's distribution of purchases in `days` for rows with outcomes `actual`.

    `histories` are distinct, `expected` their forecasts, `at` each row's place in them.
    """
    scores = {field.name: np.empty(len(actual)) for field in fields(CountScores)}
    rank = np.argsort(expected, kind="stable")  # alike together: a block needs no more counts
    place = np.empty(len(rank), dtype=np.intp)
    place[rank] = np.arange(len(rank))
    rows_in_order = np.argsort(place[at], kind="stable")
    firsts = range(0, len(rank), _BLOCK)
    starts = np.searchsorted(place[at][rows_in_order], [*firsts, len(rank)])
    for first, start, end in zip(firsts, starts, starts[1:], strict=False):
        block, rows = rank[first : first + _BLOCK], rows_in_order[start:end]
        cumulative = _cumulative_counts(
            model, histories.iloc[block], float(expected[block[-1]]), days
        )
        for name, values in _scores(cumulative, place[at[rows]] - first, actual[rows]).items():
            scores[name][rows] = values
    return CountScores(**scores)


def pit_deciles(below: Floats, upto: Floats, weight: Floats) -> list[float]:
    """Share of customers in each tenth of the randomised PIT; 0.1 each of a true distribution.

    below, upto: chance of less than the outcome, and of at most that. In expectation over the
    randomisation ([2] eq. 3), so that equal data give equal shares.
    """
    width = np.maximum(upto - below, 1e-12)
    edges = np.linspace(0.0, 1.0, 11)
    filled = np.clip((edges[:, None] - below) / width, 0.0, 1.0)
    filled[-1] = 1.0
    shares = (np.diff(filled, axis=0) * weight).sum(axis=1) / np.sum(weight)
    return [float(share) for share in shares]


def _cumulative_counts(
    model: PurchaseModel, histories: pd.DataFrame, expected: float, days: float
) -> Floats:
    """P(X ≤ k) by history, k = 0, 1, … until next to nothing is left."""
    up_to = 16 + 4 * int(min(expected, _LARGEST_COUNT))
    while True:
        up_to = min(up_to, _LARGEST_COUNT)
        cumulative = np.cumsum(model.predictive_counts(histories, days, up_to), axis=1)
        if up_to == _LARGEST_COUNT or np.all(1 - cumulative[:, -1] < _UNSEEN):
            return np.minimum(cumulative, 1.0)
        up_to *= 2


def _scores(cumulative: Floats, row: NDArray[np.intp], actual: Floats) -> dict[str, Floats]:
    """The fields of CountScores, for outcomes `actual` under the distributions in `row`."""
    nothing = np.zeros((len(cumulative), 1))
    below = np.concatenate([nothing, np.cumsum(cumulative**2, axis=1)], axis=1)
    above = np.cumsum(((1 - cumulative) ** 2)[:, ::-1], axis=1)[:, ::-1]
    above = np.concatenate([above, nothing], axis=1)
    last = cumulative.shape[1]
    count = np.minimum(actual, last).astype(np.intp)
    reached = np.concatenate([nothing, cumulative, nothing + 1.0], axis=1)
    tails = ((1 - INTERVAL) / 2, (1 + INTERVAL) / 2, 0.9)
    low, high, p90 = (_quantile(cumulative, tail)[row] for tail in tails)
    return {
        "crps": below[row, count] + above[row, count] + (actual - count),
        "below": reached[row, count],
        "upto": reached[row, count + 1],
        "low": low,
        "high": high,
        "p90": p90,
    }


def _quantile(cumulative: Floats, chance: float) -> Floats:
    """The smallest count that is reached with this chance; the last one where none is."""
    reached = cumulative >= chance
    return np.where(reached.any(axis=1), reached.argmax(axis=1), cumulative.shape[1]).astype(
        np.float64
    )
