"""Orders and groups of forecasts: ranks, tenths and bands, customers weighted.

A row stands for `weight` customers with one forecast and one outcome. Where a function takes
weights of shape (…, rows), each set of weights gets its own result.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from regulars.clv.histories import Floats, Histories

LAST_BAND = 7  # frequencies 0, 1, … 6, and 7 or more together


@dataclass(frozen=True)
class Ties:
    """Rows grouped by value, the lowest first: found once, it serves every set of weights.

    order  rows, those of one group together;  starts  where each group begins in it
    group  each row's group, from 0
    """

    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    group: NDArray[np.intp]

    @classmethod
    def of(cls, values: Floats) -> Self:
        order = np.argsort(values, kind="stable")
        ordered = values[order]
        is_new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        group = np.empty(len(values), dtype=np.intp)
        group[order] = np.cumsum(is_new) - 1
        return cls(order, np.flatnonzero(is_new), group)

    def sums(self, amounts: Floats) -> Floats:
        """Totals by group along the last axis."""
        group_sums: Floats = np.add.reduceat(amounts[..., self.order], self.starts, axis=-1)
        return group_sums


def midranks(ties: Ties, weight: Floats) -> Floats:
    """Rank of each row from 0.5, customers of one value sharing the mean of their ranks."""
    members = ties.sums(weight)
    ranks: Floats = np.cumsum(members, axis=-1) - members / 2 + 0.5
    return ranks[..., ties.group]


def top_share(ties: Ties, amount: Floats, weight: Floats, share: float = 0.1) -> Floats:
    """Part of all `amount` that the `share` of customers with the highest values hold.

    Ties are shared evenly; NaN where the amounts add up to nothing.
    """
    members, group_amounts = (ties.sums(each)[..., ::-1] for each in (weight, weight * amount))
    room = share * members.sum(axis=-1, keepdims=True) - (np.cumsum(members, axis=-1) - members)
    taken = np.clip(room / np.where(members > 0, members, 1.0), 0.0, 1.0)
    total = group_amounts.sum(axis=-1)
    part: Floats = (taken * group_amounts).sum(axis=-1) / np.where(total > 0, total, np.nan)
    return part


def deciles(expected: Floats, actual: Floats, weight: Floats) -> list[tuple[float, float]]:
    """(mean expected, mean actual) of ten equal groups by forecast, the highest first.

    Ties are shared: customers with one forecast have one mean, wherever a border cuts them.
    """
    ties = Ties.of(-expected)
    members = ties.sums(weight)
    ends = np.cumsum(members)
    means = [ties.sums(weight * values) / members for values in (expected, actual)]
    borders = np.linspace(0.0, ends[-1], 11)
    pairs = []
    for low, high in pairwise(borders):
        inside = np.clip(np.minimum(ends, high) - np.maximum(ends - members, low), 0.0, None)
        mean_expected, mean_actual = (
            float(np.sum(inside * mean) / np.sum(inside)) for mean in means
        )
        pairs.append((mean_expected, mean_actual))
    return pairs


def by_frequency(
    expected: Floats, actual: Floats, frequency: Floats, weight: Floats
) -> dict[str, float]:
    """Mean expected and actual purchases per customer, by frequency 0 … 6 and 7 or more."""
    band = np.minimum(frequency, LAST_BAND).astype(np.intp)
    metrics = {}
    for number in np.unique(band):
        rows = band == number
        customers = float(np.sum(weight[rows]))
        metrics[f"customers_by_frequency_{number}"] = customers
        for name, values in (("expected", expected), ("actual", actual)):
            total = float(np.sum(weight[rows] * values[rows]))
            metrics[f"{name}_by_frequency_{number}"] = total / customers
    return metrics


def past_rate(histories: Histories, days: float) -> Floats:
    """The plainest forecast that knows the customer: x/T purchases a day go on for ever."""
    age = np.maximum(histories.age, 1.0)
    return histories.frequency * days / age
