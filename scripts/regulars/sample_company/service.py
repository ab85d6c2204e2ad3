"""Cases: who contacts us about what, how fast they are answered and how well."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma

import numpy as np

from regulars.sample_company import catalogue as goods
from regulars.sample_company.localtime import DAY, HOUR, MISSING, local_day, offset, to_instant
from regulars.sample_company.parts import Service, Spend
from regulars.sample_company.seeds import pick_by_row
from regulars.sample_company.worlds import World

KINDS = (
    "question",
    "complaint",
    "repair",
    "warranty_claim",
    "trade_in",
    "recycling",
    "disposal",
)
QUESTION, COMPLAINT, REPAIR, WARRANTY, TRADE_IN, RECYCLING, DISPOSAL = range(7)
REASONS = (
    "how_to_use",
    "availability",
    "invoice",
    "late_delivery",
    "damaged_in_transit",
    "wrong_item",
    "taste",
    "defect",
    "wear",
    "end_of_life",
    "upgrade",
)
# Which kinds a product category brings, and which reasons a kind has.
_KINDS_BY_CATEGORY = np.array([
    [0.34, 0.16, 0.24, 0.16, 0.06, 0.03, 0.01],
    [0.34, 0.18, 0.22, 0.16, 0.06, 0.03, 0.01],
    [0.38, 0.26, 0.10, 0.18, 0.00, 0.06, 0.02],
    [0.52, 0.48, 0.00, 0.00, 0.00, 0.00, 0.00],
    [0.55, 0.38, 0.00, 0.05, 0.00, 0.01, 0.01],
    [0.68, 0.28, 0.00, 0.03, 0.00, 0.00, 0.01],
    [0.70, 0.30, 0.00, 0.00, 0.00, 0.00, 0.00],
    [0.80, 0.20, 0.00, 0.00, 0.00, 0.00, 0.00],
])  # fmt: skip
_REASONS_BY_KIND = np.array([
    [0.48, 0.30, 0.22, 0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0.08, 0.40, 0.24, 0.16, 0.12, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0.60, 0.40, 0, 0],
    [0, 0, 0, 0, 0.12, 0, 0, 0.88, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0.20, 0.80],
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 1.00, 0],
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 1.00, 0],
])  # fmt: skip
# How likely each category is to be what an order's case is about: machines fail, beans do not.
_TROUBLE = np.array([30.0, 20.0, 10.0, 1.0, 1.2, 1.6, 1.0, 1.0])
# Long after the order: fewer questions and complaints, more repairs and things given back.
_WHEN_OLD = np.array([0.5, 0.3, 2.0, 1.5, 4.0, 3.0, 3.0])
_LONG_AFTER_DAYS = 90
# First orders among all orders, roughly: what the shares above are weighed with.
FIRST_SHARE = 0.4
_OPENS, _CLOSES = 8 * HOUR, 21 * HOUR
_PROMISED_MINUTES = np.array([1440, 480, 1440, 1440, 2880, 2880, 2880])
_MEDIAN_RESOLUTION_HOURS = np.array([9.0, 34.0, 190.0, 150.0, 120.0, 72.0, 72.0])
_AGENT_MINUTES = np.array([7.0, 16.0, 32.0, 28.0, 18.0, 9.0, 8.0])


@dataclass(frozen=True)
class OrderCases:
    """Per order of one round: has_case, delay (days), is_slow, is_breach, is_badly_solved."""

    has_case: np.ndarray
    delay: np.ndarray
    is_slow: np.ndarray
    is_breach: np.ndarray
    is_badly_solved: np.ndarray

    @property
    def is_bad(self) -> np.ndarray:
        return self.is_slow | self.is_breach | self.is_badly_solved

    def hazard(self, service: Service) -> np.ndarray:
        """What each case multiplies the drop-out hazard by: its worst fault counts."""
        return np.maximum.reduce(
            [
                np.where(self.is_slow, service.slow_hazard, 1.0),
                np.where(self.is_breach, service.breach_hazard, 1.0),
                np.where(self.is_badly_solved, service.bad_repair_hazard, 1.0),
            ]
        )


@dataclass(frozen=True)
class Cases:
    """One entry per case, in order of opening; instants, MISSING where it never happens.

    order and product are -1 for a question without an order; serial is -1 unless a unit is
    concerned. reopened_at is MISSING for most; resolved_again_at follows it.
    """

    customer: np.ndarray
    order: np.ndarray
    product: np.ndarray
    serial: np.ndarray
    kind: np.ndarray
    wording: np.ndarray
    reason: np.ndarray
    opened_at: np.ndarray
    first_reply_at: np.ndarray
    resolved_at: np.ndarray
    reopened_at: np.ndarray
    resolved_again_at: np.ndarray
    promised_minutes: np.ndarray
    agent_minutes: np.ndarray
    goodwill: np.ndarray
    is_slow: np.ndarray
    is_breach: np.ndarray
    is_badly_solved: np.ndarray

    @property
    def is_bad(self) -> np.ndarray:
        """Broken promises and bad solutions; a slow reply in time is no reason to complain."""
        return self.is_breach | self.is_badly_solved

    @property
    def closed_at(self) -> np.ndarray:
        """When it was resolved for good."""
        return np.where(self.reopened_at == MISSING, self.resolved_at, self.resolved_again_at)


def propensity(rng: np.random.Generator, rate: np.ndarray, world: World) -> np.ndarray:
    """Chance that an order of each customer leads to a case: more among heavy buyers."""
    spread, power = world.service.contact_spread, world.service.contact_by_rate
    by_rate = np.clip(rate / world.rhythm.usual_rate, 0.05, 8.0) ** power
    of_self = np.exp(spread * rng.standard_normal(len(rate)) - spread**2 / 2)
    # Divide by what an order sees on average, so that the share of orders with a case is the
    # one the world asked for: first orders come from everybody, later ones mostly from the quick.
    shape = world.rhythm.rate_shape
    first = exp(lgamma(shape + power) - lgamma(shape))
    later = exp(lgamma(shape + power + 1.0) - lgamma(shape + 1.0))
    seen = (FIRST_SHARE * first + (1.0 - FIRST_SHARE) * later) / shape**power
    return np.clip(world.service.case_share * by_rate * of_self / seen, 0.0, 0.8)


def cases_of_orders(
    rng: np.random.Generator,
    slow_rng: np.random.Generator,
    propensity: np.ndarray,
    has_unit: np.ndarray,
    service: Service,
    spend: Spend,
) -> OrderCases:
    """Which of these orders lead to a case, when, and how badly it is handled.

    Most come within weeks; one in five comes within a year, when things wear out.
    """
    size = len(propensity)
    has_case = rng.random(size) < np.minimum(
        propensity * _by_content(has_unit, service, spend), 0.9
    )
    soon = 1.0 + rng.gamma(0.9, 14.0, size)
    delay = np.where(rng.random(size) < 0.2, rng.uniform(_LONG_AFTER_DAYS, 360.0, size), soon)
    breach = has_case & (rng.random(size) < service.breach_share)
    bad = has_case & (rng.random(size) < service.bad_repair_share)
    slow = has_case & ~breach & (slow_rng.random(size) < service.slow_share)
    return OrderCases(has_case, delay, slow, breach, bad)


def _by_content(has_unit: np.ndarray, service: Service, spend: Spend) -> np.ndarray:
    """Orders with a machine, grinder or kettle bring more cases; the mean factor is about one."""
    share = FIRST_SHARE * spend.unit_share_first + (1.0 - FIRST_SHARE) * spend.unit_share_later
    usual = 1.0 + (service.unit_trouble - 1.0) * share
    return np.where(has_unit, service.unit_trouble, 1.0) / usual


def concerned_lines(
    rng: np.random.Generator, order: np.ndarray, line_order: np.ndarray, category: np.ndarray
) -> np.ndarray:
    """For each order (ascending), the line its case is about: troublesome categories first."""
    score = _TROUBLE[category] * rng.random(len(category)) + 1e-9
    ranked = np.lexsort((-score, line_order))
    firsts = ranked[np.flatnonzero(np.diff(line_order[ranked], prepend=-1))]
    return firsts[np.searchsorted(line_order[firsts], order)]


def build_cases(
    rng: np.random.Generator,
    customer: np.ndarray,
    order: np.ndarray,
    product: np.ndarray,
    category: np.ndarray,
    opened_at: np.ndarray,
    ordered_at: np.ndarray,
    is_slow: np.ndarray,
    is_breach: np.ndarray,
    is_badly_solved: np.ndarray,
) -> Cases:
    """Fill in what happened in each case; all arguments have one entry per case."""
    by_time = np.lexsort((customer, opened_at))
    given = (
        customer, order, product, category, opened_at, ordered_at,
        is_slow, is_breach, is_badly_solved,
    )  # fmt: skip
    (
        customer, order, product, category, opened_at, ordered_at,
        is_slow, is_breach, is_badly_solved,
    ) = (column[by_time] for column in given)  # fmt: skip
    size = len(customer)
    is_unit = np.isin(category, (goods.MACHINES, goods.GRINDERS, goods.KETTLES)) & (order >= 0)
    kind = _kinds(rng, order, category, is_unit, opened_at - ordered_at)
    reason = pick_by_row(rng, _REASONS_BY_KIND[kind])
    wording = np.where((kind == QUESTION) & ~is_unit, 0, rng.integers(0, 3, size))
    is_bad = is_breach | is_badly_solved
    reply = _replies(rng, opened_at, _PROMISED_MINUTES[kind], is_slow, is_breach)
    resolved = desk_open_from(reply + _resolution_seconds(rng, kind, is_bad))
    reopens = is_badly_solved & (rng.random(size) < 0.6)
    later = in_service_hours(rng, resolved + rng.integers(1, 8, size) * DAY)
    again = desk_open_from(later + rng.integers(2 * HOUR, 4 * DAY, size))
    compensated = is_bad & (rng.random(size) < 0.4)
    goodwill = np.where(compensated, rng.integers(5, 26, size) * 100, 0)
    minutes = np.rint(rng.gamma(2.5, _AGENT_MINUTES[kind] / 2.5)) + 1
    return Cases(
        customer, order, product, np.where(is_unit, order, -1), kind, wording, reason, opened_at,
        reply, resolved, np.where(reopens, later, MISSING), np.where(reopens, again, MISSING),
        _PROMISED_MINUTES[kind],
        (minutes * np.where(is_badly_solved, 2.2, 1.0)).astype(np.int64), goodwill,
        is_slow, is_breach, is_badly_solved,
    )  # fmt: skip


def _kinds(
    rng: np.random.Generator,
    order: np.ndarray,
    category: np.ndarray,
    is_unit: np.ndarray,
    after: np.ndarray,
) -> np.ndarray:
    """Kind of each case, by what it is about and how many seconds after the order."""
    shares = _KINDS_BY_CATEGORY[np.maximum(category, 0)]
    is_old = after > _LONG_AFTER_DAYS * DAY
    # Long after, units break and are given back; nobody complains of beans long drunk.
    shares = np.where((is_old & is_unit)[:, None], shares * _WHEN_OLD, shares)
    kind = pick_by_row(rng, shares)
    return np.where((order < 0) | (is_old & ~is_unit), QUESTION, kind)


def in_service_hours(rng: np.random.Generator, instants: np.ndarray) -> np.ndarray:
    """The same local date at a time when people write: from eight to nine at night."""
    seconds = _OPENS + rng.integers(0, _CLOSES - _OPENS, len(instants))
    return to_instant(local_day(instants) * DAY + seconds)


def desk_open_from(instants: np.ndarray) -> np.ndarray:
    """The same instant while the desk is open, else within half an hour of its next opening."""
    day = local_day(instants)
    second = instants + offset(instants) - day * DAY
    opens = day + (second >= _CLOSES)
    shut = (second < _OPENS) | (second >= _CLOSES)
    return np.where(shut, to_instant(opens * DAY + _OPENS + second % 1800), instants)


def _replies(
    rng: np.random.Generator,
    opened_at: np.ndarray,
    promised: np.ndarray,
    is_slow: np.ndarray,
    is_breach: np.ndarray,
) -> np.ndarray:
    """Within the promise (the slow ones barely), or past it: one and a half to nine times as long.

    Whoever keeps promises answers by night too, rather than break one.
    """
    share = rng.beta(1.1, 3.2, len(promised))
    kept = np.maximum(promised * np.where(is_slow, 0.7 + 0.3 * share, share), 2.0)
    broken = promised * np.minimum(1.5 + rng.exponential(1.6, len(promised)), 9.0)
    minutes = np.rint(np.where(is_breach, broken, kept)).astype(np.int64)
    reply = opened_at + 60 * minutes
    by_day = desk_open_from(reply)
    return np.where(is_breach | (by_day <= opened_at + 60 * promised), by_day, reply)


def _resolution_seconds(
    rng: np.random.Generator, kind: np.ndarray, is_bad: np.ndarray
) -> np.ndarray:
    hours = _MEDIAN_RESOLUTION_HOURS[kind] * np.exp(0.7 * rng.standard_normal(len(kind)))
    return np.rint(hours * np.where(is_bad, 1.8, 1.0) * HOUR).astype(np.int64) + 300
