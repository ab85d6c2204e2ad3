"""How good a forecast was, beyond its error: order, spread, and the law behind the number.

As in `accuracy`, arrays are of one length and a row stands for `weight` customers.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from regulars.clv._purchase_model import PurchaseModel
from regulars.clv.accuracy import _midranks, accuracy, top_share
from regulars.clv.histories import Floats, added_up

_BLOCK = 256  # histories whose counts are computed together
_UNSEEN = 1e-4  # chance of a count beyond the last one computed
_LARGEST_COUNT = 4096


def judge(expected: Floats, actual: Floats, weight: Floats) -> dict[str, float]:
    """`accuracy` with msle, gini and calibration_slope; what is not defined is left out."""
    found = accuracy(expected, actual, weight)
    found["msle"] = _mean((np.log1p(expected) - np.log1p(actual)) ** 2, weight)
    found |= _defined("gini", normalised_gini(expected, actual, weight))
    found |= _defined("calibration_slope", calibration_slope(expected, actual, weight))
    return found


def normalised_gini(expected: Floats, actual: Floats, weight: Floats) -> float | None:
    """Gini of the outcomes ordered by forecast ÷ that ordered by the outcomes: 1 is perfect.

    By mid-ranks, so that ties count half. None where outcomes do not vary.
    """
    best = _covariance(_midranks(actual, weight), actual, weight)
    if best <= 0:
        return None
    return _covariance(_midranks(expected, weight), actual, weight) / best


def calibration_slope(expected: Floats, actual: Floats, weight: Floats) -> float | None:
    """Slope of outcomes on forecasts: 1 is right, below 1 forecasts differ too much."""
    spread = _covariance(expected, expected, weight)
    return _covariance(expected, actual, weight) / spread if spread > 0 else None


def brier(chance: Floats, happened: Floats, weight: Floats) -> float:
    """Mean square of (chance − 1 if it happened, else 0)."""
    return _mean((chance - happened) ** 2, weight)


def top_decile_spend(expected: Floats, spend: Floats, weight: Floats) -> float | None:
    """Part of all spend by the tenth with the highest forecast; None without any spend."""
    return top_share(expected, spend, weight) if np.sum(weight * spend) > 0 else None


def deciles(expected: Floats, actual: Floats, weight: Floats) -> list[tuple[float, float]]:
    """(mean expected, mean actual) of ten equal groups by forecast, the highest first.

    Ties are shared: customers with one forecast have one mean, wherever a border cuts them.
    """
    _, group = np.unique(-expected, return_inverse=True)
    members = added_up(group, weight)
    ends = np.cumsum(members)
    means = [added_up(group, weight * values) / members for values in (expected, actual)]
    borders = np.linspace(0.0, ends[-1], 11)
    found = []
    for low, high in pairwise(borders):
        inside = np.clip(np.minimum(ends, high) - np.maximum(ends - members, low), 0.0, None)
        said, came = (float(np.sum(inside * mean) / np.sum(inside)) for mean in means)
        found.append((said, came))
    return found


def crps(
    model: PurchaseModel, histories: pd.DataFrame, expected: Floats, at: np.ndarray, actual: Floats,
    days: float,
) -> Floats:  # fmt: skip
    """Continuous ranked probability score per customer: Σ over k of (F(k) − 1{actual ≤ k})².

    `histories` are distinct, `expected` their forecasts, `at` each customer's row in them. Of a
    law that is a single number the score is the absolute error, so it compares with any MAE.
    """
    found = np.empty(len(actual))
    rank = np.argsort(expected, kind="stable")  # alike together: a block needs no more counts
    place = np.empty(len(rank), dtype=np.intp)
    place[rank] = np.arange(len(rank))
    customers = np.argsort(place[at], kind="stable")
    starts = np.searchsorted(place[at][customers], np.arange(0, len(rank), _BLOCK))
    for start, end, first in zip(
        starts, [*starts[1:], len(actual)], range(0, len(rank), _BLOCK), strict=True
    ):
        block = rank[first : first + _BLOCK]
        below, above = _squares(model, histories.iloc[block], float(expected[block[-1]]), days)
        rows = customers[start:end]
        count = np.minimum(actual[rows], below.shape[1] - 1).astype(np.intp)
        each = place[at[rows]] - first
        found[rows] = below[each, count] + above[each, count] + (actual[rows] - count)
    return found


def _squares(
    model: PurchaseModel, histories: pd.DataFrame, expected: float, days: float
) -> tuple[Floats, Floats]:
    """Σ F(k)² over k < y and Σ (1 − F(k))² over k ≥ y, a column per y."""
    up_to = 16 + 4 * int(min(expected, _LARGEST_COUNT))
    while True:
        up_to = min(up_to, _LARGEST_COUNT)
        law = np.cumsum(model.predictive_counts(histories, days, up_to), axis=1)
        if up_to == _LARGEST_COUNT or np.all(1 - law[:, -1] < _UNSEEN):
            break
        up_to *= 2
    nothing = np.zeros((len(law), 1))
    below = np.concatenate([nothing, np.cumsum(law**2, axis=1)], axis=1)
    above = np.cumsum(((1 - law) ** 2)[:, ::-1], axis=1)[:, ::-1]
    return below, np.concatenate([above, nothing], axis=1)


def _defined(name: str, value: float | None) -> dict[str, float]:
    return {} if value is None else {name: value}


def _mean(values: Floats, weight: Floats) -> float:
    return float(np.sum(weight * values) / np.sum(weight))


def _covariance(one: Floats, other: Floats, weight: Floats) -> float:
    return _mean((one - _mean(one, weight)) * (other - _mean(other, weight)), weight)
