"""Laws of counts and of value, given a purchase, at the points of a lattice.

Counts come from the model of purchases; given N, spend is beta-prime; the law of value is the sum
over N. Of one frequency, all points share the laws given N: only the weights of N differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from regulars.clv._purchase_model import PurchaseModel
from regulars.clv.gamma_gamma import SpendLaw
from regulars.clv.histories import Floats

# costs of 0, 28, 56, 85, 100, 115, 133, 150 and 300% of the margin on goods, and costs alone: dense
# where they are near the margin, for there the best year turns from many orders to few
KNOTS = (0.0, 0.22, 0.36, 0.46, 0.5, 0.535, 0.57, 0.6, 0.75, 1.0)
LEVELS = np.concatenate([np.linspace(0.0, 0.9, 37), [0.925, 0.95, 0.975, 0.99, 0.999]])
# where a law of spend is known exactly: equal steps of the logit, tails as finely as the middle
_KNOWN = special.expit(np.linspace(-8.0, 8.0, 81))
_GRID = 256  # values at which a law is added up
_SINGLE_COUNTS = 20
_COUNT_STEP = 1.1
_UNSEEN = 1e-4  # chance of more purchases than are looked at, given one
_LARGEST_COUNT = 4096


@dataclass(frozen=True)
class Draw:
    """One way the parameters may be; a law is the mixture over equally likely draws."""

    model: PurchaseModel
    spend: SpendLaw


def laws_at(
    mixture: list[Draw],
    spend: SpendLaw,
    points: pd.DataFrame,
    days: float,
    knots: Sequence[float] = KNOTS,
) -> tuple[Floats, Floats]:
    """Quantiles of value (points, knots, levels), and mean and variance of counts (points, 2),
    given a purchase."""
    values = np.empty((len(points), len(knots), len(LEVELS)))
    moments = np.empty((len(points), 2))
    frequencies = points["frequency"].to_numpy()
    for frequency in np.unique(frequencies):
        rows = np.flatnonzero(frequencies == frequency)
        laws = [_count_law(draw.model, points.iloc[rows], days) for draw in mixture]
        spends = [
            _spend_quantiles(draw.spend, spend, frequency + 1, law.counts)
            for draw, law in zip(mixture, laws, strict=True)
        ]
        for knot, share in enumerate(knots):
            values[rows, knot] = _value_levels(laws, spends, share)
        moments[rows] = _moments(laws)
    return values, moments


@dataclass(frozen=True)
class _CountLaw:
    """Counts (groups, ascending), and their chances given a purchase (points, groups)."""

    counts: Floats
    chances: Floats


def _count_law(model: PurchaseModel, points: pd.DataFrame, days: float) -> _CountLaw:
    """Counts one by one at first, then in groups of a tenth, represented by their middle."""
    expected = model.expected_purchases_if_active(points, days).max()
    up_to = 16 + 4 * int(min(expected, _LARGEST_COUNT))
    while True:
        up_to = min(up_to, _LARGEST_COUNT)
        law = model.predictive_counts(points, days, up_to)
        unseen = 1 - law.sum(axis=1)
        if up_to == _LARGEST_COUNT or np.all(unseen <= _UNSEEN * (1 - law[:, 0]) + 1e-12):
            break
        up_to *= 2
    starts = _group_starts(up_to)
    chances = np.add.reduceat(law[:, 1:], starts - 1, axis=1)
    total = chances.sum(axis=1, keepdims=True)
    # where a purchase is all but impossible, it is one purchase
    only_one = np.arange(len(starts)) == 0
    chances = np.where(total > 1e-290, chances / np.maximum(total, 1e-290), only_one)
    ends = np.append(starts[1:], up_to + 1)
    return _CountLaw((starts + ends - 1) / 2, chances)


def _group_starts(up_to: int) -> np.ndarray:
    starts = list(range(1, min(_SINGLE_COUNTS, up_to) + 1))
    while True:
        following = max(starts[-1] + 1, int(starts[-1] * _COUNT_STEP))
        if following > up_to:
            return np.array(starts)
        starts.append(following)


def _spend_quantiles(spend: SpendLaw, unit: SpendLaw, n: float, counts: Floats) -> Floats:
    """S/E[one purchase] at the known levels, shape (counts, levels).

    E is that of `unit`; what another `spend` differs by in scale is taken at the mean spend.
    """
    p, q, gamma = spend.params.values()
    shape = q + p * n
    above = special.betaincinv(p * counts[:, None], shape, _KNOWN)
    below = special.betaincinv(shape, p * counts[:, None], _KNOWN[::-1])
    ratio: Floats = above / below
    known = n * unit.expected_spend_new()
    unit_p, unit_q, unit_gamma = unit.params.values()
    one = unit_p / (unit_q + unit_p * n - 1) * (unit_gamma + known)
    return ratio * (gamma + known) / one


def _value_levels(laws: list[_CountLaw], spends: list[Floats], share: float) -> Floats:
    """Quantiles of (1 − t)·S/E − t·N at the levels, a row per point.

    The laws given N are the same for all points of one frequency: only their weights differ.
    """
    values = [
        (1 - share) * spend - share * law.counts[:, None]
        for law, spend in zip(laws, spends, strict=True)
    ]
    grid = np.unique(np.concatenate([value.ravel() for value in values]))
    grid = grid[np.unique(np.linspace(0, len(grid) - 1, _GRID).astype(np.intp))]
    reached = np.zeros((len(laws[0].chances), len(grid)))
    for law, value in zip(laws, values, strict=True):
        given = np.array([np.interp(grid, row, _KNOWN, left=0.0, right=1.0) for row in value])
        reached += np.einsum("pc,cg->pg", law.chances, given) / len(laws)
    return np.array([np.interp(LEVELS, row, grid) for row in reached])


def _moments(laws: list[_CountLaw]) -> Floats:
    first = sum((law.chances * law.counts).sum(axis=1) for law in laws) / len(laws)
    second = sum((law.chances * law.counts**2).sum(axis=1) for law in laws) / len(laws)
    return np.column_stack([first, np.maximum(second - first**2, 0.0)])
