"""Distributions of counts and of value, given a purchase, at the points of a lattice.

Counts come from the model of purchases; given N, spend is beta-prime; the distribution of value is
the sum over N. Of one frequency, all points share the distributions given N: only the weights of N
differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from regulars.clv._purchase_model import PurchaseModel
from regulars.clv.gamma_gamma import SpendDistribution
from regulars.clv.histories import Floats, Histories, read
from regulars.value_knots import KNOTS

LEVELS = np.array([0, 25, 50, 100, *range(125, 9501, 125), 9625, 9750, 9875, 9900, 9990]) / 10_000
# where a distribution of spend is known exactly: equal steps of the logit, tails as finely as the
# middle
_KNOWN = special.expit(np.linspace(-8.0, 8.0, 81))
_GRID, _SIZES = 256, 512  # values at which a distribution is added up: by number, by size
_NEAR_ZERO = 0.02  # of one purchase: values below are spaced evenly
_COUNT_STEP = 1.03  # of groups of counts, above 20
_UNSEEN = 1e-5  # chance of more purchases than are looked at, given one
_LARGEST_COUNT = 2**30
_TOGETHER = 16  # groups whose chances are computed in one call


@dataclass(frozen=True)
class Draw:
    """One way the parameters may be; a distribution is the mixture over equally likely draws."""

    model: PurchaseModel
    spend: SpendDistribution


def distributions_at(
    mixture: list[Draw],
    spend: SpendDistribution,
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
        count_distributions = [
            _count_distribution(draw.model, points.iloc[rows], days) for draw in mixture
        ]
        spends = [
            _spend_quantiles(draw.spend, spend, frequency + 1, counts.counts)
            for draw, counts in zip(mixture, count_distributions, strict=True)
        ]
        for knot, share in enumerate(knots):
            values[rows, knot] = _value_levels(count_distributions, spends, share)
        moments[rows] = _moments(count_distributions)
    return values, moments


@dataclass(frozen=True)
class _CountDistribution:
    """Counts (groups, ascending), and their chances given a purchase (points, groups)."""

    counts: Floats
    chances: Floats


def _count_distribution(
    model: PurchaseModel, points: pd.DataFrame, days: float
) -> _CountDistribution:
    """Counts one by one at first, then in groups of a few hundredths, represented by their middle;
    chances are exact, of differences of P(N ≥ m)."""
    data = read(points)
    starts = np.zeros(0)
    reached = np.zeros((len(data), 0))
    while not starts.size or (
        np.any(reached[:, -1] > _UNSEEN * reached[:, 0]) and starts[-1] < _LARGEST_COUNT
    ):
        following = _following(starts)
        starts = np.append(starts, following)
        reached = np.hstack([reached, _at_least(model, data, days, following)])
    starts, reached = _seen(starts, reached)
    least = reached[:, 0]
    chances = -np.diff(reached, append=0.0, axis=1)
    # where a purchase is all but impossible, it is one purchase
    only_one = np.arange(len(starts)) == 0
    is_possible = least[:, None] > 1e-290
    chances = np.where(is_possible, chances / np.maximum(least[:, None], 1e-290), only_one)
    ends = np.append(starts[1:], starts[-1] + 1)
    return _CountDistribution((starts + ends - 1) / 2, chances)


def _following(starts: Floats) -> Floats:
    """The next first counts of groups."""
    starts_of_groups = [*starts[-1:]] or [0.0]
    for _ in range(_TOGETHER):
        starts_of_groups.append(
            max(starts_of_groups[-1] + 1, np.floor(starts_of_groups[-1] * _COUNT_STEP))
        )
    return np.array(starts_of_groups[1:])


def _at_least(model: PurchaseModel, data: Histories, days: float, numbers: Floats) -> Floats:
    """P(N ≥ each number) of an active customer, shape (histories, numbers), in one call."""
    rows = np.repeat(np.arange(len(data)), len(numbers))
    every = model._at_least_if_active(data.rows(rows), days, np.tile(numbers, len(data)))
    return every.reshape(len(data), len(numbers))


def _seen(starts: Floats, reached: Floats) -> tuple[Floats, Floats]:
    """Up to the first that next to nobody reaches."""
    is_rare = np.all(reached <= _UNSEEN * reached[:, :1], axis=0) | (starts >= _LARGEST_COUNT)
    number = int(np.argmax(is_rare)) + 1 if np.any(is_rare) else len(starts)
    return starts[:number], reached[:, :number]


def _spend_quantiles(
    spend: SpendDistribution, unit: SpendDistribution, n: float, counts: Floats
) -> Floats:
    """S/E[one purchase] at the known levels, shape (counts, levels).

    E is that of `unit`; what another `spend` differs by in scale is taken at the mean spend.
    """
    p, q, gamma = spend.params.values()
    shape = q + p * n
    below_one = special.betaincinv(p * counts[:, None], shape, _KNOWN)
    ratio: Floats = below_one / np.maximum(1 - below_one, 1e-16)
    known = n * unit.expected_spend_new()
    unit_p, unit_q, unit_gamma = unit.params.values()
    expected_spend = unit_p / (unit_q + unit_p * n - 1) * (unit_gamma + known)
    return ratio * (gamma + known) / expected_spend


def _value_levels(
    count_distributions: list[_CountDistribution], spends: list[Floats], share: float
) -> Floats:
    """Quantiles of (1 − t)·S/E − t·N at the levels, a row per point.

    The distributions given N are the same for all points of one frequency: only their weights
    differ.
    """
    values = [
        (1 - share) * spend - share * counts.counts[:, None]
        for counts, spend in zip(count_distributions, spends, strict=True)
    ]
    grid = _grid(np.concatenate([value.ravel() for value in values]))
    reached = np.zeros((len(count_distributions[0].chances), len(grid)))
    for counts, value in zip(count_distributions, values, strict=True):
        given = np.array([np.interp(grid, row, _KNOWN, left=0.0, right=1.0) for row in value])
        reached += np.einsum("pc,cg->pg", counts.chances, given) / len(count_distributions)
    return np.array([np.interp(LEVELS, row, grid) for row in reached])


def _grid(values: Floats) -> Floats:
    """Some of the values: evenly by their number, and evenly by size in steps of a few hundredths,
    since old and young customers share a grid and the small values are the young ones'."""
    values = _distinct(values)
    low, high = np.arcsinh(values[[0, -1]] / _NEAR_ZERO)
    sizes = np.sinh(np.linspace(low, high, _SIZES)) * _NEAR_ZERO
    places = np.concatenate(
        [
            np.linspace(0, len(values) - 1, _GRID).astype(np.intp),
            np.searchsorted(values, sizes).clip(0, len(values) - 1),
        ]
    )
    return values[_distinct(places)]


def _distinct(values: np.ndarray) -> np.ndarray:
    """In order; for a few thousand numbers sorting is quicker than the hashing of np.unique."""
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])]


def _moments(count_distributions: list[_CountDistribution]) -> Floats:
    number = len(count_distributions)
    first = sum((each.chances * each.counts).sum(axis=1) for each in count_distributions) / number
    second = (
        sum((each.chances * each.counts**2).sum(axis=1) for each in count_distributions) / number
    )
    return np.column_stack([first, np.maximum(second - first**2, 0.0)])
