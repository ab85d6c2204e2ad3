"""Who leaves and when, and how much sooner after bad service or a change for the worse.

Each way of leaving is a part of its own. All answer the same three questions: how prone is each
customer (`rates`), when do they leave by themselves (`lifetimes`, infinite where no date is set
in advance), and who leaves right after a purchase (`leaves`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Dropout(Protocol):
    """A way of leaving."""

    def rates(self, rng: np.random.Generator, customers: int) -> np.ndarray:
        """How prone each customer is to leave."""
        ...

    def lifetimes(self, rng: np.random.Generator, rate: np.ndarray) -> np.ndarray:
        """Days from first purchase to drop-out if service is never bad."""
        ...

    def leaves(
        self, draws: np.ndarray, rate: np.ndarray, number: int, hazard: np.ndarray
    ) -> np.ndarray:
        """Who leaves right after purchase `number` (0-based), hazard times as readily as usual.

        draws: a number in [0, 1) for each, so that the same luck can be asked about two hazards.
        """
        ...


@dataclass(frozen=True)
class Lifetime:
    """A constant hazard per customer, rates ~ Gamma(shape) / scale_days: as in Pareto/NBD."""

    shape: float = 0.60
    scale_days: float = 100.0

    def rates(self, rng: np.random.Generator, customers: int) -> np.ndarray:
        return rng.standard_gamma(self.shape, customers) / self.scale_days

    def lifetimes(self, rng: np.random.Generator, rate: np.ndarray) -> np.ndarray:
        return rng.standard_exponential(len(rate)) / np.maximum(rate, 1e-12)

    def leaves(
        self, draws: np.ndarray, rate: np.ndarray, number: int, hazard: np.ndarray
    ) -> np.ndarray:
        return np.zeros(len(rate), dtype=bool)


@dataclass(frozen=True)
class AfterPurchase:
    """A chance ~ Beta(a, b) after each purchase.

    stays_first: nobody leaves before the second purchase. That is BG/NBD; without it MBG/NBD.
    """

    a: float = 1.0
    b: float = 3.0
    stays_first: bool = False

    def rates(self, rng: np.random.Generator, customers: int) -> np.ndarray:
        return rng.beta(self.a, self.b, customers)

    def lifetimes(self, rng: np.random.Generator, rate: np.ndarray) -> np.ndarray:
        return np.full(len(rate), np.inf)

    def leaves(
        self, draws: np.ndarray, rate: np.ndarray, number: int, hazard: np.ndarray
    ) -> np.ndarray:
        if number == 0 and self.stays_first:
            return np.zeros(len(rate), dtype=bool)
        return draws >= (1.0 - rate) ** hazard


@dataclass(frozen=True)
class Never:
    """Nobody leaves."""

    def rates(self, rng: np.random.Generator, customers: int) -> np.ndarray:
        return np.zeros(customers)

    def lifetimes(self, rng: np.random.Generator, rate: np.ndarray) -> np.ndarray:
        return np.full(len(rate), np.inf)

    def leaves(
        self, draws: np.ndarray, rate: np.ndarray, number: int, hazard: np.ndarray
    ) -> np.ndarray:
        return np.zeros(len(rate), dtype=bool)


def shorten(death: np.ndarray, from_day: np.ndarray, hazard: np.ndarray) -> np.ndarray:
    """Drop-out day once the hazard is multiplied from a day on.

    For a constant hazard this is exact: what is left of the life is divided by the factor.
    """
    left = np.where(np.isfinite(death), np.maximum(death - from_day, 0.0), 0.0)
    # Taken off, not built up from from_day: a factor of one changes nothing, to the last bit.
    return death - left * (1.0 - 1.0 / hazard)


@dataclass(frozen=True)
class HazardClock:
    """Time as drop-out sees it: from each (day, factor) on it runs that much faster.

    Lives are shortened on this clock, so that a change for the worse and bad service, each of
    which multiplies the hazard, act together exactly, in whichever order they come.
    """

    changes: Sequence[tuple[float, float]] = ()

    def at(self, day: np.ndarray) -> np.ndarray:
        """Hazard time of each day."""
        for since, factor in self._in_hazard_time():
            day = np.where(day > since, since + (day - since) * factor, day)
        return day

    def day(self, time: np.ndarray) -> np.ndarray:
        """The day of each hazard time."""
        for since, factor in reversed(self._in_hazard_time()):
            time = np.where(time > since, since + (time - since) / factor, time)
        return time

    def factor(self, day: np.ndarray) -> np.ndarray:
        """How much faster it runs on each day."""
        running = np.ones(len(day))
        for since, factor in self.changes:
            running = np.where(day >= since, running * factor, running)
        return running

    def _in_hazard_time(self) -> list[tuple[float, float]]:
        """The changes in order of time, each dated by the clock as it ran before it."""
        dated: list[tuple[float, float]] = []
        for since, factor in sorted(self.changes):
            for earlier, faster in dated:
                since = earlier + (since - earlier) * faster
            dated.append((since, factor))
        return dated
