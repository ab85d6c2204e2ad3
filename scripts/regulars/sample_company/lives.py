"""Everybody's purchases, cases and end, one purchase number at a time for all at once.

The parts meet here because they act on each other: an order may lead to a case, a bad case
brings the end nearer, and the end decides whether there is a next order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

import regulars.sample_company.dropout as dropout
import regulars.sample_company.rhythm as rhythm
import regulars.sample_company.service as service
import regulars.sample_company.spend as spend
from regulars.sample_company.records import entries, joined
from regulars.sample_company.seeds import stream
from regulars.sample_company.worlds import World

PER_PURCHASE = (
    "customer",
    "number",
    "day",
    "has_unit",
    "has_case",
    "case_delay",
    "is_slow",
    "is_breach",
    "is_badly_solved",
)


@dataclass(frozen=True)
class Lives:
    """What happened. Days are fractions counted from the first night, 00:00 local.

    Per customer: rate (per day), is_wholesale, dropout_rate (as the way of leaving says), death
    (day; infinite when none), death_if_served_well (infinite too for those whom only bad service
    made leave after a purchase: when else they would have left is not known), bad_cases. Per
    purchase, ordered by customer
    and number: customer, number (0-based), day, has_unit (a machine, grinder or kettle in it),
    has_case, case_delay (days after the order), is_slow, is_breach, is_badly_solved.
    """

    rate: np.ndarray
    is_wholesale: np.ndarray
    dropout_rate: np.ndarray
    death: np.ndarray
    death_if_served_well: np.ndarray
    bad_cases: np.ndarray
    customer: np.ndarray
    number: np.ndarray
    day: np.ndarray
    has_unit: np.ndarray
    has_case: np.ndarray
    case_delay: np.ndarray
    is_slow: np.ndarray
    is_breach: np.ndarray
    is_badly_solved: np.ndarray


@dataclass
class _Ends:
    """When everybody leaves, in hazard time until all is lived (see HazardClock).

    Per customer: death as things go, served_well as it would be without bad service, last_bad
    (the latest bad case), bad_cases (those they lived to see).
    """

    clock: dropout.HazardClock
    death: np.ndarray
    served_well: np.ndarray
    last_bad: np.ndarray
    bad_cases: np.ndarray

    @classmethod
    def after(cls, clock: dropout.HazardClock, lifetimes: np.ndarray, start: np.ndarray) -> _Ends:
        end = clock.at(start) + lifetimes
        size = len(end)
        return cls(clock, end, end.copy(), np.full(size, -np.inf), np.zeros(size, dtype=np.int64))

    def hasten(self, who: np.ndarray, at: np.ndarray, hazard: np.ndarray) -> None:
        """Bad cases of a round bring the end nearer, from the later of the last two on."""
        at = np.maximum(at, self.last_bad[who])
        self.bad_cases[who] += at < self.death[who]
        self.last_bad[who] = at
        self.death[who] = dropout.shorten(self.death[who], at, hazard)

    def is_alive(self, who: np.ndarray, day: np.ndarray) -> np.ndarray:
        return self.clock.at(day) < self.death[who]


@dataclass(frozen=True)
class _Round:
    """Everybody's purchase of one number: an entry each, as in `Lives`."""

    customer: np.ndarray
    number: np.ndarray
    day: np.ndarray
    has_unit: np.ndarray
    has_case: np.ndarray
    case_delay: np.ndarray
    is_slow: np.ndarray
    is_breach: np.ndarray
    is_badly_solved: np.ndarray

    @classmethod
    def of(
        cls,
        customer: np.ndarray,
        number: int,
        day: np.ndarray,
        has_unit: np.ndarray,
        case: service.OrderCases,
    ) -> _Round:
        return cls(
            customer=customer,
            number=np.full(len(customer), number),
            day=day,
            has_unit=has_unit,
            has_case=case.has_case,
            case_delay=case.delay,
            is_slow=case.is_slow,
            is_breach=case.is_breach,
            is_badly_solved=case.is_badly_solved,
        )

    @classmethod
    def of_nobody(cls) -> _Round:
        places, days, flags = (np.zeros(0, dtype=kind) for kind in (np.int64, float, bool))
        case = service.OrderCases(
            has_case=flags, delay=days, is_slow=flags, is_breach=flags, is_badly_solved=flags
        )
        return cls.of(places, 0, days, flags, case)


def simulate(
    seed: int,
    world: World,
    first_day: int,
    signed_up: np.ndarray,
    first_purchase: np.ndarray,
    nights: int,
    horizon: int,
) -> Lives:
    """Live every customer up to `horizon` days after the first night.

    signed_up: night of each customer; first_purchase: day fraction of their first order,
    infinite for those who never order. All arrays of the result follow their order.
    """
    clock = rhythm.OperationalTime(rhythm.intensity(world, first_day, nights, horizon))
    hazards = dropout.HazardClock(
        [(c.first_night(nights), c.hazard) for c in world.changes if c.hazard != 1.0]
    )
    drawn = _dispositions(seed, world, signed_up, nights)
    ends = _Ends.after(hazards, drawn.lifetime, first_purchase)
    rounds = list(_rounds(seed, world, clock, hazards, drawn, ends, first_purchase, horizon))
    purchases = joined([_Round.of_nobody(), *rounds])
    purchases = entries(purchases, np.lexsort((purchases.number, purchases.customer)))
    return Lives(
        rate=drawn.rate,
        is_wholesale=drawn.is_wholesale,
        dropout_rate=drawn.leaving,
        death=hazards.day(ends.death),
        death_if_served_well=hazards.day(ends.served_well),
        bad_cases=ends.bad_cases,
        **{name: getattr(purchases, name) for name in PER_PURCHASE},
    )


def _rounds(
    seed: int,
    world: World,
    clock: rhythm.OperationalTime,
    hazards: dropout.HazardClock,
    drawn: _Dispositions,
    ends: _Ends,
    first_purchase: np.ndarray,
    horizon: int,
) -> Iterator[_Round]:
    """Everybody's first purchases, then the second of those who stay, and so on. `ends` follows
    what each purchase brings."""
    propensity = service.propensity(stream(seed, "propensity"), drawn.rate, world)
    gap_rng, end_rng = stream(seed, "gaps"), stream(seed, "ends after purchase")
    draw_cases = _case_draws(seed, world)
    who = np.flatnonzero(first_purchase < horizon)
    day, number = first_purchase[who], 0
    while who.size:
        has_unit, case = draw_cases(propensity[who], number)
        hazard, bad = case.hazard(world.service), case.is_bad
        ends.hasten(who[bad], hazards.at(day + case.delay)[bad], hazard[bad])
        luck, running = end_rng.random(who.size), hazards.factor(day)
        gone = world.dropout.leaves(luck, drawn.leaving[who], number, hazard * running)
        anyway = world.dropout.leaves(luck, drawn.leaving[who], number, running)
        ends.death[who[gone]] = hazards.at(day[gone])
        ends.served_well[who[anyway]] = hazards.at(day[anyway])
        yield _Round.of(who, number, day, has_unit, case)
        gap = rhythm.gaps(gap_rng, drawn.rate[who], world.rhythm.gap_regularity)
        following = clock.day(clock.at(day) + gap)
        on = (following < horizon) & ends.is_alive(who, following)
        who, day, number = who[on], following[on], number + 1


def _case_draws(
    seed: int, world: World
) -> Callable[[np.ndarray, int], tuple[np.ndarray, service.OrderCases]]:
    """What draws (has_unit, cases) of a round of orders, by who makes them and their number.

    Slow replies have a stream apart: most worlds have none.
    """
    units, cases, slow = (
        stream(seed, part) for part in ("units in orders", "cases of orders", "slow replies")
    )

    def draw(propensity: np.ndarray, number: int) -> tuple[np.ndarray, service.OrderCases]:
        share = world.spend.unit_share_later if number else world.spend.unit_share_first
        has_unit = units.random(propensity.size) < share
        return has_unit, service.cases_of_orders(
            cases, slow, propensity, has_unit, world.service, world.spend
        )

    return draw


class _Dispositions(NamedTuple):
    """Of each customer: purchase rate, whether wholesale, readiness to leave, lifetime."""

    rate: np.ndarray
    is_wholesale: np.ndarray
    leaving: np.ndarray
    lifetime: np.ndarray


def _dispositions(seed: int, world: World, signed_up: np.ndarray, nights: int) -> _Dispositions:
    customers = len(signed_up)
    rate = rhythm.rates(stream(seed, "rates"), customers, world.rhythm)
    leaving = world.dropout.rates(stream(seed, "dropout rates"), customers)
    lifetime = world.dropout.lifetimes(stream(seed, "lifetimes"), leaving)
    for change in world.changes:
        new = rhythm.newcomers_of(change, signed_up, nights)
        rate = np.where(new, rate * change.newcomer_rate, rate)
        lifetime = np.where(new, lifetime / change.newcomer_hazard, lifetime)
    is_wholesale = spend.wholesale(stream(seed, "wholesale"), customers, world.spend)
    rate = np.where(is_wholesale, world.spend.wholesale_per_year / 365.25, rate)
    return _Dispositions(rate, is_wholesale, leaving, lifetime)
