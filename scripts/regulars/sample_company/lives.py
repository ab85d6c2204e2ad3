"""Everybody's purchases, cases and end, one purchase number at a time for all at once.

The parts meet here because they act on each other: an order may lead to a case, a bad case
brings the end nearer, and the end decides whether there is a next order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company import dropout, rhythm, service, spend
from regulars.sample_company.seeds import stream
from regulars.sample_company.worlds import World


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
    rate, is_wholesale, leaving, lifetime = _dispositions(seed, world, signed_up, nights)
    propensity = service.propensity(stream(seed, "propensity"), rate, world)
    gap_rng, case_rng, end_rng, unit_rng, slow_rng = (
        # slow replies draw apart: most worlds have none
        stream(seed, part)
        for part in (
            "gaps",
            "cases of orders",
            "ends after purchase",
            "units in orders",
            "slow replies",
        )
    )
    # Deaths are kept in hazard time until all is lived: see HazardClock.
    served_well = hazards.at(first_purchase) + lifetime
    death = served_well.copy()
    customers = len(rate)
    last_bad = np.full(customers, -np.inf)
    bad_cases = np.zeros(customers, dtype=np.int64)
    who = np.flatnonzero(first_purchase < horizon)
    day, number, rounds = first_purchase[who], 0, []
    while who.size:
        unit_share = world.spend.unit_share_later if number else world.spend.unit_share_first
        has_unit = unit_rng.random(who.size) < unit_share
        case = service.cases_of_orders(
            case_rng, slow_rng, propensity[who], has_unit, world.service, world.spend
        )
        hazard = case.hazard(world.service)
        bad = case.is_bad
        bad_at = np.maximum(hazards.at(day + case.delay), last_bad[who])[bad]
        hit = who[bad]
        bad_cases[hit] += bad_at < death[hit]
        last_bad[hit] = bad_at
        death[hit] = dropout.shorten(death[hit], bad_at, hazard[bad])
        luck, running = end_rng.random(who.size), hazards.factor(day)
        gone = world.dropout.leaves(luck, leaving[who], number, hazard * running)
        anyway = world.dropout.leaves(luck, leaving[who], number, running)
        death[who[gone]] = hazards.at(day[gone])
        served_well[who[anyway]] = hazards.at(day[anyway])
        rounds.append((who, np.full(who.size, number), day, has_unit, case))
        gap = rhythm.gaps(gap_rng, rate[who], world.rhythm.gap_regularity)
        following = clock.day(clock.at(day) + gap)
        alive = (following < horizon) & (hazards.at(following) < death[who])
        who, day, number = who[alive], following[alive], number + 1
    return Lives(
        rate, is_wholesale, leaving, hazards.day(death), hazards.day(served_well), bad_cases,
        *_gather(rounds),
    )  # fmt: skip


def _dispositions(
    seed: int, world: World, signed_up: np.ndarray, nights: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Purchase rate, whether wholesale, readiness to leave, lifetime: per customer."""
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
    return rate, is_wholesale, leaving, lifetime


def _gather(rounds: list) -> tuple[np.ndarray, ...]:
    """Purchases of all rounds, ordered by customer and number."""
    customer = np.concatenate([r[0] for r in rounds])
    number = np.concatenate([r[1] for r in rounds])
    order = np.lexsort((number, customer))
    parts = [customer, number, *(np.concatenate([r[i] for r in rounds]) for i in (2, 3))]
    for field in ("has_case", "delay", "is_slow", "is_breach", "is_badly_solved"):
        parts.append(np.concatenate([getattr(r[4], field) for r in rounds]))
    return tuple(part[order] for part in parts)
