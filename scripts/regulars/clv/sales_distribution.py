"""How the distribution of net sales did: what customers spent, against what was said they might.

It is `value_distribution`'s at no cost (t = 0), for every customer in units of what one purchase of
theirs was expected to bring.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.clv._distributions_at_points import LEVELS
from regulars.clv._purchase_model import PurchaseModel
from regulars.clv.count_scores import Ranged
from regulars.clv.gamma_gamma import SpendDistribution
from regulars.clv.histories import Floats
from regulars.clv.value_distribution import TOP, quantile, sales_given_purchase, unconditional

LOW, HIGH = 0.1, 0.9  # the range of who buys at all


@dataclass(frozen=True)
class SalesScores(Ranged):
    """One distribution of net sales and one outcome y a row.

    below, upto  chance of less than y and of at most y: between them lies the randomised PIT
    low, high    P10 and P90 given a purchase
    p90          the unconditional 90% quantile, 0 where nine in ten buy nothing
    """

    below: Floats
    upto: Floats
    p90: Floats
    outside: ClassVar[float] = 1 - HIGH + LOW


@dataclass(frozen=True)
class SalesDistribution:
    """Distributions of S/E (E: expected net sales of one purchase), a row per history.

    given_purchase   quantiles at LEVELS, given N > 0
    bought           P(N > 0)
    orders, orders_variance  mean and variance of N, unconditional
    """

    given_purchase: Floats
    bought: Floats
    orders: Floats
    orders_variance: Floats

    def scores(self, at: NDArray[np.intp], expected_spend: Floats, actual: Floats) -> SalesScores:
        """For outcomes `actual` of customers whose distribution is in row `at`, one purchase of
        whom was expected to bring `expected_spend`."""
        levels, bought = self.given_purchase[at][:, None, :], self.bought[at]
        rows = np.arange(len(at))
        low, high = (
            expected_spend * quantile(levels, rows, np.full(len(at), q))[:, 0] for q in (LOW, HIGH)
        )
        top = unconditional(lambda some, level: quantile(levels, some, level), bought, 1)
        p90 = expected_spend * np.maximum(top[:, 0], 0.0)
        reached = 1 - bought + bought * _reached(levels[:, 0], actual / expected_spend)
        below = np.where(actual > 0, reached, 0.0)
        return SalesScores(low=low, high=high, below=below, upto=reached, p90=p90)

    def sales_variance(self, spend: SpendDistribution, purchase_days: Floats) -> Floats:
        """Var(S/E): counts, and beta-prime spend given them, with Q = q + p·n; the divisor Q − 2 is
        held at 0.5, since at Q = 2 the variance is infinite (as in the mart value_totals)."""
        p, q, _ = spend.params.values()
        shape = q + p * purchase_days
        given = self.orders_variance + self.orders**2 + self.orders * (shape - 1) / p
        variance: Floats = self.orders_variance + given / np.maximum(shape - 2, 0.5)
        return variance


def sales_distribution(
    model: PurchaseModel, spend: SpendDistribution, histories: pd.DataFrame, days: float
) -> SalesDistribution:
    """The distributions over the next `days`, for every row of `histories` (frequency, recency,
    T)."""
    levels, moments = sales_given_purchase(model, spend, histories, days)
    bought = model.purchase_probability(histories, days)
    mean, variance = moments.T
    return SalesDistribution(
        levels, bought, bought * mean, bought * (variance + (1 - bought) * mean**2)
    )


def of_everybody(amounts: Floats, weight: Floats, actual: Floats) -> SalesScores | None:
    """The plain distribution that everybody does what one of them did before: scores of outcomes
    `actual` under the `amounts` of an earlier time, `weight` customers each. None where nobody
    bought."""
    bought = amounts > 0
    if not np.any(bought):
        return None
    order = np.argsort(amounts, kind="stable")
    values, share = amounts[order], np.cumsum(weight[order]) / np.sum(weight)
    none = float(np.sum(weight[~bought]) / np.sum(weight))
    low, high = (values[_place(share, none + (1 - none) * q)] for q in (LOW, HIGH))
    start = np.concatenate([[0.0], share])
    below = start[np.searchsorted(values, actual, side="left")]
    upto = start[np.searchsorted(values, actual, side="right")]
    each = np.ones(len(actual))
    return SalesScores(
        low=low * each,
        high=high * each,
        below=below,
        upto=upto,
        p90=values[_place(share, TOP)] * each,
    )


def _place(share: Floats, chance: float) -> int:
    return min(int(np.searchsorted(share, chance - 1e-12)), len(share) - 1)


def _reached(levels: Floats, value: Floats) -> Floats:
    """P(S/E ≤ value | a purchase), by straight lines between the levels; 1 above the last."""
    rows = np.arange(len(value))
    low = np.clip((levels <= value[:, None]).sum(axis=1) - 1, 0, len(LEVELS) - 2)
    below, above = levels[rows, low], levels[rows, low + 1]
    part = (value - below) / np.maximum(above - below, 1e-300)
    probability = LEVELS[low] + np.clip(part, 0.0, 1.0) * (LEVELS[low + 1] - LEVELS[low])
    return np.where(value >= levels[:, -1], 1.0, np.where(value <= levels[:, 0], 0.0, probability))
