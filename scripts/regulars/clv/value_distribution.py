"""The distribution of what a customer will be worth: counts mixed with spend, costs taken off each
order.

N purchases follow a model of purchases. Given N, total net sales are

  S = (γ + n·m) · Gamma(p·N, 1) / Gamma(q + p·n, 1)

for a customer with n purchase days of mean m (Gamma-Gamma; the ratio is a beta-prime variable), so
S/E[one purchase] depends on the history alone, n = x + 1 being part of it. The net value of N
orders, each at an expected margin c on goods and a cost k, is V = c·S/E − k·N. With t = k/(c + k),

  V = (c + k) · [(1 − t)·S/E − t·N]:

the bracket's quantiles are computed once per distinct history at a few knots of t, and a customer
scales what lies between them. t = 0 is net sales, in units of one expected purchase.

Given a purchase, a memoryless model's distribution depends on x and T only: it is computed on a
lattice of (x, T), as a sum over counts of beta-prime distributions, and interpolated. Everything
unconditional follows from the mass of a year without purchase, 1 − P(buys), which lies at zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from regulars.clv._distributions_at_points import LEVELS, Draw, distributions_at
from regulars.clv._lattice import Lattice, lattice
from regulars.clv._order_quantiles import OrderTail, smallest_numbers
from regulars.clv._purchase_model import PurchaseModel, horizon
from regulars.clv.gamma_gamma import SpendDistribution
from regulars.clv.histories import Floats, Histories, read
from regulars.value_knots import KNOTS

GIVEN_PURCHASE = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
TOP = 0.9  # the unconditional quantile
NO_COSTS = KNOTS[:1]
_BLOCK = 4096  # groups interpolated together
_TOGETHER = 5_000  # histories whose quantiles are held together, where not all are


@dataclass(frozen=True)
class ValueQuantiles:
    """Quantiles per history, rows in the order of the histories.

    given_purchase  level name → shape (histories, knots): of (1 − t)·S/E − t·N, given N > 0
    p90             the same, unconditional, at 90%; to be floored at 0 where P(buys) ≤ 0.9
    orders          level name → N given a purchase; `orders_p90` unconditional; whole numbers
    orders_variance  variance of N, unconditional
    """

    given_purchase: dict[str, Floats]
    p90: Floats
    orders: dict[str, Floats]
    orders_p90: Floats
    orders_variance: Floats


def value_quantiles(
    model: PurchaseModel,
    spend: SpendDistribution,
    histories: pd.DataFrame,
    days: float,
    draws: Sequence[Draw] = (),
    given_purchase: Mapping[str, float] = GIVEN_PURCHASE,
) -> ValueQuantiles:
    """Quantiles over the next `days` for every row of `histories` (frequency, recency, T).

    `given_purchase` names the levels wanted given a purchase. With `draws` the distribution is
    their mixture, which adds what is not known of the parameters to what is not known of the
    customer; without, that of `model` and `spend`. Chances of buying are `model`'s.
    """
    found = value_distributions(model, spend, histories, days, draws)
    return found.quantiles(slice(None), given_purchase)


def value_distributions(
    model: PurchaseModel,
    spend: SpendDistribution,
    histories: pd.DataFrame,
    days: float,
    draws: Sequence[Draw] = (),
) -> ValueDistributions:
    """What `value_quantiles` is worked out from, for whoever wants it of some histories at a
    time."""
    data = read(histories)
    mixture = list(draws) or [Draw(model, spend)]
    groups = _groups(data, model.is_memoryless)
    grid = lattice(groups.distinct, model.params["alpha"], model.is_memoryless)
    values, moments = distributions_at(mixture, spend, grid.points, horizon(days))
    models = [draw.model for draw in mixture]
    tail = OrderTail.of(models, groups.distinct, horizon(days))
    bought = model.purchase_probability(histories, days)
    return ValueDistributions(grid, values, moments, tail, groups.of_each(), bought)


@dataclass(frozen=True)
class ValueDistributions:
    """Distributions given a purchase at the points of a lattice, of which those of histories are
    interpolated. A million customers' quantiles are a hundred megabytes: of some histories at a
    time they need not be held together.

    values   at the points: (points, knots, LEVELS);  moments  of N (points, 2)
    tail     of N, a row per group;  groups  the group of each history, a row of the grid
    bought   P(N > 0) of each history
    """

    grid: Lattice
    values: Floats
    moments: Floats
    tail: OrderTail
    groups: np.ndarray
    bought: Floats

    def blocks(self) -> Iterator[tuple[slice, ValueQuantiles]]:
        """Of all histories in their order, some at a time."""
        for start in range(0, len(self.groups), _TOGETHER):
            rows = slice(start, start + _TOGETHER)
            yield rows, self.quantiles(rows)

    def quantiles(
        self, rows: slice, given_purchase: Mapping[str, float] = GIVEN_PURCHASE
    ) -> ValueQuantiles:
        """Of some of the histories, in their order."""
        group, bought = self.groups[rows], self.bought[rows]
        some, at = np.unique(group, return_inverse=True)
        mean, variance = self.grid.at(self.moments, some)[at].T
        orders, orders_p90 = self._orders(some, at, bought, given_purchase)
        return ValueQuantiles(
            given_purchase=self._given_purchase(some, at, given_purchase),
            p90=unconditional(partial(self._at_level, group), bought, self.values.shape[1]),
            orders=orders,
            orders_p90=orders_p90,
            orders_variance=bought * (variance + (1 - bought) * mean**2),
        )

    def _given_purchase(
        self, groups: np.ndarray, at: np.ndarray, levels: Mapping[str, float]
    ) -> dict[str, Floats]:
        """No lower than at a lower level, which interpolation alone does not promise."""
        least, every = None, np.arange(len(self.values))
        found = {}
        for name in sorted(levels, key=levels.__getitem__):
            at_points = quantile(self.values, every, np.full(len(every), levels[name]))
            of_groups = self.grid.at(at_points, groups)
            least = of_groups if least is None else np.maximum(of_groups, least)
            found[name] = least[at]
        return {name: found[name] for name in levels}

    def _at_level(self, group: np.ndarray, some: np.ndarray, level: Floats) -> Floats:
        """Of some histories, each at a level of its own: a row per history, a column per knot."""
        low, part = _place(level)
        below, above = (self.grid.at(self.values, group[some], place) for place in (low, low + 1))
        quantiles: Floats = below + part[:, None] * (above - below)
        return quantiles

    def _orders(
        self, groups: np.ndarray, at: np.ndarray, bought: Floats, levels: Mapping[str, float]
    ) -> tuple[dict[str, Floats], Floats]:
        """All numbers of orders at once, so that each P(N > k) is computed once for a group: the
        levels given a purchase for every group, and for each history its own unconditional one."""
        asked = np.concatenate([*[groups] * len(levels), groups[at]])
        given = [np.full(len(groups), 1 - level) for level in levels.values()]
        chance = np.concatenate([*given, (1 - TOP) / np.maximum(bought, 1e-300)])
        together = np.argsort(asked, kind="stable")
        numbers = np.empty(len(asked))
        numbers[together] = smallest_numbers(self.tail, asked[together], chance[together])
        of_groups = numbers[: len(groups) * len(levels)].reshape(len(levels), len(groups))
        orders = {name: row[at] for name, row in zip(levels, of_groups, strict=True)}
        return orders, numbers[len(groups) * len(levels) :]


def sales_given_purchase(
    model: PurchaseModel, spend: SpendDistribution, histories: pd.DataFrame, days: float
) -> tuple[Floats, Floats]:
    """Quantiles of S/E at LEVELS (histories, levels), and mean and variance of N (histories, 2),
    given a purchase in the next `days`."""
    data = read(histories)
    groups = _groups(data, model.is_memoryless)
    grid = lattice(groups.distinct, model.params["alpha"], model.is_memoryless)
    values, moments = distributions_at(
        [Draw(model, spend)], spend, grid.points, horizon(days), knots=NO_COSTS
    )
    levels, moments_of_orders = np.empty((len(data), len(LEVELS))), np.empty((len(data), 2))
    for block, rows, at in groups.blocks():
        levels[rows] = grid.at(values, block)[at, 0]
        moments_of_orders[rows] = grid.at(moments, block)[at]
    return levels, moments_of_orders


@dataclass(frozen=True)
class _Groups:
    """Histories with one distribution given a purchase: (x, T), and t_x where it matters."""

    distinct: Histories
    order: np.ndarray  # histories, those of one group side by side
    group: np.ndarray  # group of each, in that order

    def of_each(self) -> np.ndarray:
        """The group of each history, in the order of the histories."""
        groups = np.empty_like(self.group)
        groups[self.order] = self.group
        return groups

    def blocks(self) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """Groups by the block, the histories in them, and each one's place in the block."""
        for start in range(0, len(self.distinct), _BLOCK):
            low, high = np.searchsorted(self.group, [start, start + _BLOCK])
            yield slice(start, start + _BLOCK), self.order[low:high], self.group[low:high] - start


def _groups(data: Histories, is_memoryless: bool) -> _Groups:
    recency = np.zeros(len(data)) if is_memoryless else data.recency
    keys = (recency, data.age, data.frequency)
    order = np.lexsort(keys)
    ordered = [key[order] for key in keys]
    is_new = np.zeros(len(order), dtype=bool)
    is_new[:1] = True
    is_new[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in ordered])
    recency, age, frequency = (key[is_new] for key in ordered)
    distinct = Histories(frequency, recency, age, np.ones(len(age)))
    return _Groups(distinct, order, np.cumsum(is_new) - 1)


# ---------- from levels to quantiles


def _place(level: Floats) -> tuple[np.ndarray, Floats]:
    """The level at or below each, and how far on the way to the next it lies."""
    low = np.clip(np.searchsorted(LEVELS, level, side="right") - 1, 0, len(LEVELS) - 2)
    part = np.clip((level - LEVELS[low]) / (LEVELS[low + 1] - LEVELS[low]), 0.0, 1.0)
    return low, part


def quantile(levels: Floats, at: np.ndarray, level: Floats) -> Floats:
    """Of distributions (…, knots, LEVELS), those in rows `at`, each at a level of its own."""
    low, part = _place(level)
    below, above = levels[at, :, low], levels[at, :, low + 1]
    at_levels: Floats = below + part[:, None] * (above - below)
    return at_levels


def unconditional(
    at_level: Callable[[np.ndarray, Floats], Floats], bought: Floats, knots: int
) -> Floats:
    """The quantile at 90% when only a share `bought` buys, and the others are worth nothing.

    `at_level` gives the purchasers' quantiles of some rows, each at a level of its own: above zero
    it is that at 1 − 0.1/bought, below zero at 0.9/bought; else zero. The first is handed out as
    it is where it falls below zero and `bought` is at most 0.9: a floor at zero comes after
    interpolation between knots, which it would bend.
    """
    chance = np.maximum(bought, 1e-300)
    high, low = 1 - (1 - TOP) / chance, TOP / chance
    quantiles = np.zeros((len(bought), knots))
    likely = np.flatnonzero(high > 0)
    quantiles[likely] = at_level(likely, high[likely])
    sure = np.flatnonzero(low < 1)
    below_zero = np.minimum(at_level(sure, low[sure]), 0.0)
    quantiles[sure] = np.maximum(quantiles[sure], below_zero)
    return quantiles
