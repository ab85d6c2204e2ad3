"""Cases and surveys: who contacts, how fast they are answered, and what they say of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company import catalogue as goods
from regulars.sample_company.localtime import DAY, MISSING
from regulars.sample_company.seeds import pick, pick_by_row
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
_TROUBLE = np.array([12.0, 9.0, 4.0, 1.0, 1.2, 1.6, 1.0, 1.0])
_PROMISED_MINUTES = np.array([1440, 480, 1440, 1440, 2880, 2880, 2880])
_MEDIAN_RESOLUTION_HOURS = np.array([9.0, 34.0, 190.0, 150.0, 120.0, 72.0, 72.0])
_AGENT_MINUTES = np.array([7.0, 16.0, 32.0, 28.0, 18.0, 9.0, 8.0])


@dataclass(frozen=True)
class OrderCases:
    """Per order of one round: has_case, delay (days), is_breach, is_badly_solved."""

    has_case: np.ndarray
    delay: np.ndarray
    is_breach: np.ndarray
    is_badly_solved: np.ndarray

    @property
    def is_bad(self) -> np.ndarray:
        return self.is_breach | self.is_badly_solved


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
    is_breach: np.ndarray
    is_badly_solved: np.ndarray

    @property
    def is_bad(self) -> np.ndarray:
        return self.is_breach | self.is_badly_solved

    @property
    def closed_at(self) -> np.ndarray:
        """When it was resolved for good."""
        return np.where(self.reopened_at == MISSING, self.resolved_at, self.resolved_again_at)


@dataclass(frozen=True)
class Surveys:
    """One entry per answer, in order of answering; case is -1 without one, score -1 for ideas."""

    customer: np.ndarray
    case: np.ndarray
    kind: np.ndarray
    score: np.ndarray
    comment: np.ndarray
    answered_at: np.ndarray


SURVEY_KINDS = ("csat", "nps", "effort", "product_idea")


def propensity(rng: np.random.Generator, rate: np.ndarray, world: World) -> np.ndarray:
    """Chance that an order of each customer leads to a case: more among heavy buyers."""
    usual = world.rate_shape / world.rate_scale_days
    by_rate = np.clip(rate / usual, 0.05, 8.0) ** world.contact_by_rate
    of_self = np.exp(0.4 * rng.standard_normal(len(rate)) - 0.08)
    # Heavy buyers place most orders: divide by what an order sees on average (Gamma moment),
    # so that the share of orders with a case is the one the world asked for.
    shape, power = world.rate_shape, world.contact_by_rate
    seen = np.exp(_log_gamma_ratio(shape + 1.0, power)) / shape**power
    return np.clip(world.case_share * by_rate * of_self / seen, 0.0, 0.8)


def _log_gamma_ratio(shape: float, power: float) -> float:
    from math import lgamma

    return lgamma(shape + power) - lgamma(shape)


def cases_of_orders(rng: np.random.Generator, propensity: np.ndarray, world: World) -> OrderCases:
    """Which of these orders lead to a case, when, and how badly it is handled."""
    size = len(propensity)
    has_case = rng.random(size) < propensity
    delay = 1.0 + rng.gamma(0.9, 16.0, size)
    breach = has_case & (rng.random(size) < world.breach_share)
    bad = has_case & (rng.random(size) < world.bad_outcome_share)
    return OrderCases(has_case, delay, breach, bad)


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
    is_breach: np.ndarray,
    is_badly_solved: np.ndarray,
) -> Cases:
    """Fill in what happened in each case; all arguments have one entry per case."""
    by_time = np.lexsort((customer, opened_at))
    customer, order, product, category, opened_at, is_breach, is_badly_solved = (
        a[by_time]
        for a in (customer, order, product, category, opened_at, is_breach, is_badly_solved)
    )
    size = len(customer)
    kind = pick_by_row(rng, _KINDS_BY_CATEGORY[np.maximum(category, 0)])
    kind = np.where(order < 0, QUESTION, kind)
    promised = _PROMISED_MINUTES[kind]
    reply = opened_at + 60 * _reply_minutes(rng, promised, is_breach)
    resolved = reply + _resolution_seconds(rng, kind, is_breach | is_badly_solved)
    reopened = np.where(
        is_badly_solved & (rng.random(size) < 0.6),
        resolved + rng.integers(1, 8, size) * DAY,
        MISSING,
    )
    again = np.where(reopened == MISSING, MISSING, reopened + rng.integers(2 * 3600, 4 * DAY, size))
    concerns_unit = np.isin(category, (goods.MACHINES, goods.GRINDERS, goods.KETTLES)) & (
        order >= 0
    )
    goodwill = np.where(
        (is_breach | is_badly_solved) & (rng.random(size) < 0.4), rng.integers(5, 26, size) * 100, 0
    )
    minutes = np.rint(rng.gamma(2.5, _AGENT_MINUTES[kind] / 2.5)) + 1
    return Cases(
        customer,
        order,
        product,
        np.where(concerns_unit, order, -1),
        kind,
        rng.integers(0, 3, size),
        pick_by_row(rng, _REASONS_BY_KIND[kind]),
        opened_at,
        reply,
        resolved,
        reopened,
        again,
        promised,
        (minutes * np.where(is_badly_solved, 2.2, 1.0)).astype(np.int64),
        goodwill,
        is_breach,
        is_badly_solved,
    )


def _reply_minutes(
    rng: np.random.Generator, promised: np.ndarray, is_breach: np.ndarray
) -> np.ndarray:
    """Within the promise, or well past it: one and a half to nine times as long."""
    kept = np.maximum(promised * rng.beta(1.1, 3.2, len(promised)), 2.0)
    broken = promised * np.minimum(1.5 + rng.exponential(1.6, len(promised)), 9.0)
    return np.rint(np.where(is_breach, broken, kept)).astype(np.int64)


def _resolution_seconds(
    rng: np.random.Generator, kind: np.ndarray, is_bad: np.ndarray
) -> np.ndarray:
    hours = _MEDIAN_RESOLUTION_HOURS[kind] * np.exp(0.7 * rng.standard_normal(len(kind)))
    return np.rint(hours * np.where(is_bad, 1.8, 1.0) * 3600).astype(np.int64) + 300


def build_surveys(
    rng: np.random.Generator, cases: Cases, order_customer: np.ndarray, delivered_at: np.ndarray
) -> Surveys:
    """Answers after cases (CSAT, effort), after deliveries (CSAT, NPS) and a few ideas."""
    parts = [
        _after_cases(rng, cases, 0.42, kind=0),
        _after_cases(rng, cases, 0.07, kind=2),
        _after_deliveries(rng, order_customer, delivered_at, 0.055, kind=0),
        _after_deliveries(rng, order_customer, delivered_at, 0.05, kind=1),
        _after_deliveries(rng, order_customer, delivered_at, 0.004, kind=3),
    ]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    by_time = np.lexsort((columns[2], columns[0], columns[5]))
    return Surveys(*(column[by_time] for column in columns))


def _after_cases(
    rng: np.random.Generator, cases: Cases, share: float, kind: int
) -> tuple[np.ndarray, ...]:
    asked = np.flatnonzero(rng.random(len(cases.customer)) < share)
    bad = cases.is_bad[asked]
    score = np.where(
        bad,
        1 + pick(rng, len(asked), (0.30, 0.32, 0.22, 0.11, 0.05)),
        1 + pick(rng, len(asked), (0.02, 0.05, 0.13, 0.36, 0.44)),
    )
    at = cases.closed_at[asked] + rng.integers(900, 3 * DAY, len(asked))
    return cases.customer[asked], asked, np.full(len(asked), kind), score, _comments(rng, score), at


def _after_deliveries(
    rng: np.random.Generator,
    customer: np.ndarray,
    delivered_at: np.ndarray,
    share: float,
    kind: int,
) -> tuple[np.ndarray, ...]:
    asked = np.flatnonzero((rng.random(len(customer)) < share) & (delivered_at != MISSING))
    size = len(asked)
    csat = 1 + pick(rng, size, (0.02, 0.04, 0.13, 0.38, 0.43))
    nps = pick(rng, size, (0.01, 0.01, 0.01, 0.02, 0.03, 0.07, 0.08, 0.17, 0.23, 0.20, 0.17))
    score = {0: csat, 1: nps, 3: np.full(size, -1)}[kind]
    mood = np.where(kind == 1, np.clip(nps // 2, 1, 5), csat)
    comment = np.full(size, 5) if kind == 3 else _comments(rng, mood)
    at = delivered_at[asked] + rng.integers(DAY // 2, 6 * DAY, size)
    return customer[asked], np.full(size, -1), np.full(size, kind), score, comment, at


def _comments(rng: np.random.Generator, mood: np.ndarray) -> np.ndarray:
    """Comment class: the mood 0..4, or -1 for the many who leave the field empty."""
    says = rng.random(len(mood)) < np.where(mood <= 2, 0.6, 0.22)
    return np.where(says, np.clip(mood, 1, 5) - 1, -1)
