"""Surveys: who answers, what they score us, and which class of comment they leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company import words
from regulars.sample_company.localtime import DAY, MISSING
from regulars.sample_company.seeds import pick
from regulars.sample_company.service import Cases

KINDS = ("csat", "nps", "effort", "product_idea")
CSAT, NPS, EFFORT, IDEA = range(4)
# Shares of the scores 1 to 5, and of 0 to 10.
_WELL_SERVED = (0.015, 0.035, 0.13, 0.37, 0.45)
_BADLY_SERVED = (0.26, 0.30, 0.24, 0.13, 0.07)
_DELIVERED = (0.012, 0.03, 0.13, 0.39, 0.438)
_RECOMMENDS = (0.01, 0.01, 0.01, 0.02, 0.03, 0.06, 0.07, 0.16, 0.22, 0.22, 0.19)


@dataclass(frozen=True)
class Surveys:
    """One entry per answer, in order of answering.

    case is -1 without one, score -1 for ideas, comment the class in `words` (-1: none).
    """

    customer: np.ndarray
    case: np.ndarray
    kind: np.ndarray
    score: np.ndarray
    comment: np.ndarray
    answered_at: np.ndarray


def surveys(
    rng: np.random.Generator, cases: Cases, order_customer: np.ndarray, delivered_at: np.ndarray
) -> Surveys:
    """Answers after cases (CSAT, effort), after deliveries (CSAT, NPS) and a few ideas."""
    parts = [
        _after_cases(rng, cases, 0.42, CSAT),
        _after_cases(rng, cases, 0.07, EFFORT),
        _after_deliveries(rng, order_customer, delivered_at, 0.055, CSAT),
        _after_deliveries(rng, order_customer, delivered_at, 0.05, NPS),
        _after_deliveries(rng, order_customer, delivered_at, 0.004, IDEA),
    ]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    by_time = np.lexsort((columns[2], columns[0], columns[5]))
    return Surveys(*(column[by_time] for column in columns))


def _after_cases(
    rng: np.random.Generator, cases: Cases, share: float, kind: int
) -> tuple[np.ndarray, ...]:
    asked = np.flatnonzero(rng.random(len(cases.customer)) < share)
    size = len(asked)
    well, badly = 1 + pick(rng, size, _WELL_SERVED), 1 + pick(rng, size, _BADLY_SERVED)
    score = np.where(cases.is_bad[asked], badly, well)
    at = cases.closed_at[asked] + rng.integers(900, 3 * DAY, size)
    comment = _comments(rng, score, words.AFTER_CASE)
    return cases.customer[asked], asked, np.full(size, kind), score, comment, at


def _after_deliveries(
    rng: np.random.Generator,
    customer: np.ndarray,
    delivered_at: np.ndarray,
    share: float,
    kind: int,
) -> tuple[np.ndarray, ...]:
    asked = np.flatnonzero((rng.random(len(customer)) < share) & (delivered_at != MISSING))
    size = len(asked)
    if kind == IDEA:
        score, comment = np.full(size, -1), np.full(size, words.IDEA)
    else:
        score = pick(rng, size, _RECOMMENDS) if kind == NPS else 1 + pick(rng, size, _DELIVERED)
        mood = np.clip(score // 2, 1, 5) if kind == NPS else score
        comment = _comments(rng, mood, words.AFTER_DELIVERY)
    at = delivered_at[asked] + rng.integers(DAY // 2, 6 * DAY, size)
    return customer[asked], np.full(size, -1), np.full(size, kind), score, comment, at


def _comments(rng: np.random.Generator, mood: np.ndarray, first: int) -> np.ndarray:
    """Class of each comment for moods 1 to 5; -1 for the many who leave the field empty."""
    says = rng.random(len(mood)) < np.where(mood <= 2, 0.6, 0.22)
    return np.where(says, first + mood - 1, -1)
