"""Cases: who contacts us about what, how fast they are answered and how well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, lgamma

import numpy as np

import regulars.sample_company.catalogue as goods
from regulars.sample_company.localtime import DAY, HOUR, MISSING, local_day, offset, to_instant
from regulars.sample_company.parts import Service, Spend
from regulars.sample_company.records import entries, joined
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
        factors = (
            np.where(self.is_slow, service.slow_hazard, 1.0),
            np.where(self.is_breach, service.breach_hazard, 1.0),
            np.where(self.is_badly_solved, service.bad_repair_hazard, 1.0),
        )
        return np.maximum.reduce(factors)


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

    Most come within weeks; the others within a year, when things wear out.
    """
    size = len(propensity)
    has_case = rng.random(size) < np.minimum(
        propensity * _by_content(has_unit, service, spend), 0.9
    )
    soon = 1.0 + rng.gamma(0.9, 14.0, size)
    is_wear = rng.random(size) < service.wear_share
    delay = np.where(is_wear, rng.uniform(_LONG_AFTER_DAYS, 360.0, size), soon)
    breach = has_case & (rng.random(size) < service.breach_share)
    bad = has_case & (rng.random(size) < service.bad_repair_share)
    slow = has_case & ~breach & (slow_rng.random(size) < service.slow_share)
    return OrderCases(
        has_case=has_case, delay=delay, is_slow=slow, is_breach=breach, is_badly_solved=bad
    )


def _by_content(has_unit: np.ndarray, service: Service, spend: Spend) -> np.ndarray:
    """Orders with a machine, grinder or kettle bring more cases; the mean factor is about one."""
    share = FIRST_SHARE * spend.unit_share_first + (1.0 - FIRST_SHARE) * spend.unit_share_later
    usual = 1.0 + (service.unit_trouble - 1.0) * share
    return np.where(has_unit, service.unit_trouble, 1.0) / usual


def concerned_lines(
    rng: np.random.Generator,
    order: np.ndarray,
    line_order: np.ndarray,
    category: np.ndarray,
    service: Service,
) -> np.ndarray:
    """For each order (ascending), the line its case is about: troublesome categories first."""
    score = np.array(service.trouble)[category] * rng.random(len(category)) + 1e-9
    ranked = np.lexsort((-score, line_order))
    firsts = ranked[np.flatnonzero(np.diff(line_order[ranked], prepend=-1))]
    return firsts[np.searchsorted(line_order[firsts], order)]


@dataclass(frozen=True)
class Opened:
    """Cases as they are opened, in any order: category and product -1 without an order."""

    customer: np.ndarray
    order: np.ndarray
    product: np.ndarray
    category: np.ndarray
    ordered_at: np.ndarray
    opened_at: np.ndarray
    is_slow: np.ndarray
    is_breach: np.ndarray
    is_badly_solved: np.ndarray

    @property
    def is_unit(self) -> np.ndarray:
        """Whether a machine, grinder or kettle of an order is concerned."""
        units = (goods.MACHINES, goods.GRINDERS, goods.KETTLES)
        return np.isin(self.category, units) & (self.order >= 0)


def build_cases(rng: np.random.Generator, opened: Opened, service: Service) -> Cases:
    """Fill in what happened in each case; in order of opening."""
    opened = entries(opened, np.lexsort((opened.customer, opened.opened_at)))
    size, is_unit = len(opened.customer), opened.is_unit
    kind = _kinds(rng, opened, service)
    reason = pick_by_row(rng, np.array(service.reason_shares)[kind])
    wording = np.where((kind == QUESTION) & ~is_unit, 0, rng.integers(0, 3, size))
    is_bad = opened.is_breach | opened.is_badly_solved
    replied = _replies(rng, opened, _PROMISED_MINUTES[kind])
    resolved = desk_open_from(replied + _resolution_seconds(rng, kind, is_bad))
    reopens = opened.is_badly_solved & (rng.random(size) < service.reopened_share)
    reopened = in_service_hours(rng, resolved + rng.integers(1, 8, size) * DAY)
    resolved_again = desk_open_from(reopened + rng.integers(2 * HOUR, 4 * DAY, size))
    compensated = is_bad & (rng.random(size) < service.goodwill_share)
    goodwill = np.where(compensated, rng.integers(5, 26, size) * 100, 0)
    minutes = np.rint(rng.gamma(2.5, _AGENT_MINUTES[kind] / 2.5)) + 1
    return Cases(
        customer=opened.customer,
        order=opened.order,
        product=opened.product,
        serial=np.where(is_unit, opened.order, -1),
        kind=kind,
        wording=wording,
        reason=reason,
        opened_at=opened.opened_at,
        first_reply_at=replied,
        resolved_at=resolved,
        reopened_at=np.where(reopens, reopened, MISSING),
        resolved_again_at=np.where(reopens, resolved_again, MISSING),
        promised_minutes=_PROMISED_MINUTES[kind],
        agent_minutes=(minutes * np.where(opened.is_badly_solved, 2.2, 1.0)).astype(np.int64),
        goodwill=goodwill,
        is_slow=opened.is_slow,
        is_breach=opened.is_breach,
        is_badly_solved=opened.is_badly_solved,
    )


def with_repeats(rng: np.random.Generator, cases: Cases, service: Service) -> Cases:
    """Faults that were badly mended come again, as cases of their own; in order of opening."""
    is_fault = np.isin(cases.kind, (REPAIR, WARRANTY)) & cases.is_badly_solved
    again = np.flatnonzero(is_fault & (rng.random(len(cases.kind)) < service.repeated_share))
    first = entries(cases, again)
    days = (first.closed_at - first.opened_at) // DAY + rng.integers(3, 29, len(again))
    none, never = np.full(len(again), MISSING), np.zeros(len(again), dtype=bool)
    second = replace(
        first,
        opened_at=first.opened_at + days * DAY,
        first_reply_at=first.first_reply_at + days * DAY,
        resolved_at=first.resolved_at + days * DAY,
        reopened_at=none,
        resolved_again_at=none,
        is_badly_solved=never,
    )
    every = joined([cases, second])
    return entries(every, np.lexsort((every.customer, every.opened_at)))


def _kinds(rng: np.random.Generator, opened: Opened, service: Service) -> np.ndarray:
    """Kind of each case, by what it is about and how long after the order."""
    is_old = opened.opened_at - opened.ordered_at > _LONG_AFTER_DAYS * DAY
    shares = np.array(service.kind_shares)[np.maximum(opened.category, 0)]
    # Long after, units break and are given back; nobody complains of beans long drunk.
    worn = shares * np.array(service.wear_kinds)
    shares = np.where((is_old & opened.is_unit)[:, None], worn, shares)
    is_question = (opened.order < 0) | (is_old & ~opened.is_unit)
    return np.where(is_question, QUESTION, pick_by_row(rng, shares))


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


def _replies(rng: np.random.Generator, opened: Opened, promised: np.ndarray) -> np.ndarray:
    """Within the promise (the slow ones barely), or past it: one and a half to nine times as long.

    Whoever keeps promises answers by night too, rather than break one.
    """
    share = rng.beta(1.1, 3.2, len(promised))
    in_time = np.maximum(promised * np.where(opened.is_slow, 0.7 + 0.3 * share, share), 2.0)
    too_late = promised * np.minimum(1.5 + rng.exponential(1.6, len(promised)), 9.0)
    minutes = np.rint(np.where(opened.is_breach, too_late, in_time)).astype(np.int64)
    replied = opened.opened_at + 60 * minutes
    by_day = desk_open_from(replied)
    may_wait = opened.is_breach | (by_day <= opened.opened_at + 60 * promised)
    return np.where(may_wait, by_day, replied)


def _resolution_seconds(
    rng: np.random.Generator, kind: np.ndarray, is_bad: np.ndarray
) -> np.ndarray:
    hours = _MEDIAN_RESOLUTION_HOURS[kind] * np.exp(0.7 * rng.standard_normal(len(kind)))
    return np.rint(hours * np.where(is_bad, 1.8, 1.0) * HOUR).astype(np.int64) + 300
