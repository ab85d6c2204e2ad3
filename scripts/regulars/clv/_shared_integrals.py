"""Pareto/NBD's integrals of many histories at once: what lies between two days is computed once.

All histories of one frequency integrate the same function of y, from their recency to their T.
Between the days that occur as an end, in order, it is integrated piece by piece (short pieces need
few nodes), and summed up from the right: A(low … high) = G(low) − G(high). The function falls, so
that little is lost in the difference; where more would be, an interval is integrated by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from regulars.clv._dropout_integral import Integral, integral
from regulars.clv.histories import Floats, Histories, starts_of_runs

FEWEST_HISTORIES = 5_000
MOST_ENDS = 0.5  # per history: beyond it, sharing saves little
LEAST_SHARE = 1e-3  # of G(low): below it, three digits of a difference would be lost
LEAST_VALUE = 1e-200  # beside the largest piece: below it, there are no digits


@dataclass(frozen=True)
class SharedIntegrals:
    """Ends of intervals by frequency, in order, and where each history has its two.

    frequency, low, high  of the piece that begins at each end; the last of a frequency is empty
    starts                where each frequency begins
    first, last           a history's ends
    group                 a history's frequency, from 0 for the least
    """

    data: Histories
    frequency: Floats
    low: Floats
    high: Floats
    starts: np.ndarray
    first: np.ndarray
    last: np.ndarray
    group: np.ndarray

    @classmethod
    def of(cls, data: Histories) -> Self | None:
        """None where sharing saves nothing."""
        if len(data) < FEWEST_HISTORIES:
            return None
        frequency, low, place = _distinct(
            np.concatenate([data.frequency, data.frequency]),
            np.concatenate([data.recency, data.age]),
        )
        if len(low) > MOST_ENDS * len(data):
            return None
        starts = starts_of_runs(frequency)
        high = np.append(low[1:], low[-1])
        lasts = np.append(starts[1:], len(low)) - 1
        high[lasts] = low[lasts]
        first, last = place[: len(data)], place[len(data) :]
        group = np.searchsorted(frequency[starts], data.frequency)
        return cls(data, frequency, low, high, starts, first, last, group)

    def integrals(self, alpha: float, beta: float, r: float, q: float) -> Integral:
        """A(r + x, q; recency … age) with its means, a row per history."""
        piece = integral(alpha, beta, r + self.frequency, q, self.low, self.high)
        largest = np.maximum.reduceat(piece.log_value, self.starts)
        largest = np.where(np.isfinite(largest), largest, 0.0)
        sums = self._from_the_right(piece, largest)
        value, *moments = (each.take(self.first) - each.take(self.last) for each in sums)
        is_alone = value < np.maximum(LEAST_SHARE * sums[0].take(self.first), LEAST_VALUE)
        rows, value = np.flatnonzero(is_alone), np.where(is_alone, 1.0, value)
        log_value = np.log(value) + largest.take(self.group)
        means = np.array(moments) / value
        alone = integral(
            alpha,
            beta,
            r + self.data.frequency[rows],
            q,
            self.data.recency[rows],
            self.data.age[rows],
        )
        log_value[rows] = alone.log_value
        means[:, rows] = _means(alone)
        return Integral(log_value, *means)

    def _from_the_right(self, piece: Integral, largest: Floats) -> Floats:
        """A and its four moments from each end to the last of its frequency, in units of
        e^largest."""
        sizes = np.diff(np.append(self.starts, len(self.low)))
        value = np.exp(piece.log_value - np.repeat(largest, sizes))
        sums: Floats = np.concatenate([value[None, :], value * _means(piece)])
        for start, size in zip(self.starts, sizes, strict=True):
            group = sums[:, start : start + size]
            group[:] = np.cumsum(group[:, ::-1], axis=1)[:, ::-1]
        return sums


def _distinct(frequency: Floats, day: Floats) -> tuple[Floats, Floats, np.ndarray]:
    """Distinct pairs in order, and the place of each given one among them."""
    order = np.lexsort((day, frequency))
    frequency, day = frequency[order], day[order]
    begins = starts_of_runs(frequency, day)
    is_new = np.zeros(len(order), dtype=np.intp)
    is_new[begins] = 1
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.cumsum(is_new) - 1
    return frequency[begins], day[begins], place


def _means(integral: Integral) -> Floats:
    return np.array(
        [
            integral.log_alpha_y,
            integral.log_beta_y,
            integral.inverse_alpha_y,
            integral.inverse_beta_y,
        ]
    )
