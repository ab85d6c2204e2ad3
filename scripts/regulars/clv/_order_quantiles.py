"""Quantiles of the number of orders, exact: whole numbers, from P(N ≥ m) in closed form.

For each distinct history the numbers are tried one after the other while anybody asks beyond them;
the few who order oftener are looked for by doubling and halving.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regulars.clv._purchase_model import PurchaseModel
from regulars.clv.histories import Floats, Histories, starts_of_runs

_ONE_BY_ONE = 32
_MOST = 2.0**30  # of orders: beyond, a number no longer fits a column of integers


@dataclass(frozen=True)
class OrderTail:
    """P(N > k | a purchase) of `data` in the next `days`; of several models their mean."""

    models: Sequence[PurchaseModel]
    data: Histories
    days: float
    bought: list[Floats]

    @classmethod
    def of(cls, models: Sequence[PurchaseModel], data: Histories, days: float) -> OrderTail:
        return cls(models, data, days, [m._purchase_if_active(data, days) for m in models])

    def beyond(self, rows: np.ndarray, number: Floats) -> Floats:
        """For some rows, `number` k ≥ 1 of each; 0 where a purchase is all but impossible."""
        some = self.data.rows(rows)
        total = np.zeros(len(rows))
        for model, bought in zip(self.models, self.bought, strict=True):
            more = model._at_least_if_active(some, self.days, number + 1)
            total += np.where(bought[rows] > 0, more / np.maximum(bought[rows], 1e-300), 0.0)
        return total / len(self.models)


def smallest_numbers(tail: OrderTail, rows: np.ndarray, chance: Floats) -> Floats:
    """The smallest k with P(N > k | a purchase) ≤ `chance`, for rows of the tail, in their order.

    A quantile at level q given a purchase has the chance 1 − q; of everybody, (1 − q)/P(N > 0).
    """
    smallest = np.zeros(len(rows))
    open_ = np.flatnonzero(chance < 1)
    for number in range(1, _ONE_BY_ONE + 1):
        if not len(open_):
            return smallest
        smallest[open_] = number
        starts = starts_of_runs(rows[open_])
        distinct = rows[open_][starts]
        beyond = tail.beyond(distinct, np.full(len(distinct), float(number)))
        each = np.repeat(beyond, np.diff(starts, append=len(open_)))
        open_ = open_[each > chance[open_]]
    smallest[open_] = _searched(tail, rows[open_], chance[open_])
    return smallest


def _searched(tail: OrderTail, rows: np.ndarray, chance: Floats) -> Floats:
    """By doubling, then by halving what lies between."""
    low = np.full(len(rows), float(_ONE_BY_ONE))  # not enough
    high = 2 * low
    while True:
        short = np.flatnonzero((tail.beyond(rows, high) > chance) & (high < _MOST))
        if not len(short):
            break
        low[short] = high[short]
        high[short] *= 2
    while np.any(high - low > 1):
        middle = np.ceil((low + high) / 2)  # of neighbours the upper one, which is enough
        is_short = (tail.beyond(rows, middle) > chance) & (middle < high)
        low, high = np.where(is_short, middle, low), np.where(is_short, high, middle)
    return high
