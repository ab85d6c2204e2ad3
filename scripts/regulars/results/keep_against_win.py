"""What keeping a customer costs beside winning one, each with its interval.

Kept are those who bought in a list's outcome window and would not have without it: lift in buyers a
head × people treated, over all lists that hold anybody out. Won are newcomers who bought a second
time. Both numbers are estimates, so the ratio of the two costs has Fieller's interval [1], and is
not determinable while the interval of the kept holds zero.

[1] E. C. Fieller, Some problems in interval estimation, J. R. Statist. Soc. B 16, 1954.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

from regulars.results.effect import Z_95, Effect

Interval = tuple[float, float]


@dataclass(frozen=True)
class Estimate:
    """A number of people and its variance."""

    people: float
    variance: float

    @property
    def interval(self) -> Interval:
        half = Z_95 * sqrt(self.variance)
        return self.people - half, self.people + half

    @property
    def is_determinable(self) -> bool:
        """Whether the interval leaves out zero, above it."""
        return self.interval[0] > 0


@dataclass(frozen=True)
class Cost:
    """Of one customer; None where it is not determinable."""

    amount: float
    low: float
    high: float


def kept(effects: Sequence[Effect]) -> Estimate:
    """People kept by lists whose `effects` are in buyers a head; lists are independent."""
    return Estimate(
        people=sum(effect.lift * effect.treated for effect in effects),
        variance=sum((effect.standard_error * effect.treated) ** 2 for effect in effects),
    )


def won(newcomers: int, second_buyers: int) -> Estimate:
    """People won: of so many newcomers so many bought again, each with one chance."""
    share = second_buyers / newcomers if newcomers else 0.0
    return Estimate(second_buyers, newcomers * share * (1 - share))


def cost_of_one(spend: float, people: Estimate) -> Cost | None:
    """spend ÷ people, with the interval of the people turned over."""
    if not people.is_determinable or spend <= 0:
        return None
    low, high = people.interval
    return Cost(spend / people.people, spend / high, spend / low)


def times(win_spend: float, won: Estimate, keep_cost: float, kept: Estimate) -> Cost | None:
    """How many times what it costs to keep one it costs to win one: (win_spend ÷ won) ÷
    (keep_cost ÷ kept), with Fieller's interval."""
    if not (kept.is_determinable and won.is_determinable and win_spend > 0 and keep_cost > 0):
        return None
    low, high = fieller(kept, won)
    scale = win_spend / keep_cost
    return Cost(scale * kept.people / won.people, scale * low, scale * high)


def fieller(above: Estimate, below: Estimate) -> Interval:
    """The interval of above ÷ below, independent of each other; without end where `below` may be
    zero."""
    a = below.people**2 - Z_95**2 * below.variance
    if a <= 0:
        return -inf, inf
    b = above.people * below.people
    c = above.people**2 - Z_95**2 * above.variance
    half = sqrt(max(b * b - a * c, 0.0))
    return (b - half) / a, (b + half) / a
