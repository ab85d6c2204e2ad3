"""Everybody's purchases, cases and end, one purchase number at a time for all at once.

The parts meet here because they act on each other: an order may lead to a case, a bad case
brings the end nearer, and the end decides whether there is a next order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company import dropout, rhythm, service
from regulars.sample_company.seeds import stream
from regulars.sample_company.worlds import World


@dataclass(frozen=True)
class Lives:
    """What happened. Days are fractions counted from the first night, 00:00 local.

    Per customer: rate and dropout_rate (per day), death (day; infinite when none),
    death_if_served_well, bad_cases. Per purchase, ordered by customer and number: customer,
    number (0-based), day, has_unit (a machine, grinder or kettle in it), has_case, case_delay
    (days after the order), is_breach, is_badly_solved.
    """

    rate: np.ndarray
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
    is_breach: np.ndarray
    is_badly_solved: np.ndarray


def simulate(
    seed: int, world: World, first_day: int, first_purchase: np.ndarray, horizon: int
) -> Lives:
    """Live every customer up to `horizon` days after the first night.

    first_purchase: day fraction of each customer's first order; infinite for those who never
    order. All arrays of the result follow its order.
    """
    customers = len(first_purchase)
    clock = rhythm.OperationalTime(first_day, horizon, world.season_strength)
    rate = rhythm.rates(stream(seed, "rates"), customers, world)
    leaving = dropout.rates(stream(seed, "dropout rates"), customers, world)
    lifetime = dropout.lifetimes(stream(seed, "lifetimes"), leaving, world)
    propensity = service.propensity(stream(seed, "propensity"), rate, world)
    gap_rng, case_rng, end_rng, unit_rng = (
        stream(seed, part)
        for part in ("gaps", "cases of orders", "ends after purchase", "units in orders")
    )
    served_well = first_purchase + lifetime
    death = served_well.copy()
    last_bad = np.full(customers, -np.inf)
    bad_cases = np.zeros(customers, dtype=np.int64)
    who = np.flatnonzero(first_purchase < horizon)
    day, number, rounds = first_purchase[who], 0, []
    while who.size:
        unit_share = world.unit_share_later if number else world.unit_share_first
        has_unit = unit_rng.random(who.size) < unit_share
        case = service.cases_of_orders(case_rng, propensity[who], has_unit, world)
        bad = case.is_bad
        bad_day = np.maximum(day + case.delay, last_bad[who])[bad]
        hit = who[bad]
        bad_cases[hit] += bad_day < death[hit]
        last_bad[hit] = bad_day
        death[hit] = dropout.shorten(death[hit], bad_day, world.bad_service_hazard)
        gone = dropout.leaves_after_purchase(end_rng, leaving[who], bad, world)
        death[who[gone]] = day[gone]
        rounds.append((who, np.full(who.size, number), day, has_unit, case))
        following = clock.day(clock.at(day) + rhythm.gaps(gap_rng, rate[who], world))
        alive = (following < horizon) & (following < death[who])
        who, day, number = who[alive], following[alive], number + 1
    return Lives(rate, leaving, death, served_well, bad_cases, *_gather(rounds))


def _gather(rounds: list) -> tuple[np.ndarray, ...]:
    """Purchases of all rounds, ordered by customer and number."""
    customer = np.concatenate([r[0] for r in rounds])
    number = np.concatenate([r[1] for r in rounds])
    order = np.lexsort((number, customer))
    parts = [customer, number, *(np.concatenate([r[i] for r in rounds]) for i in (2, 3))]
    for field in ("has_case", "delay", "is_breach", "is_badly_solved"):
        parts.append(np.concatenate([getattr(r[4], field) for r in rounds]))
    return tuple(part[order] for part in parts)
