"""Surveys: who answers, what they score us, and which class of comment they leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import regulars.sample_company.customer_texts as customer_texts
from regulars.sample_company.localtime import DAY, MISSING
from regulars.sample_company.parts import Opinions
from regulars.sample_company.records import entries, joined
from regulars.sample_company.seeds import pick
from regulars.sample_company.service import Cases

KINDS = ("csat", "nps", "effort", "product_idea")
CSAT, NPS, EFFORT, IDEA = range(4)


@dataclass(frozen=True)
class Surveys:
    """One entry per answer, in order of answering.

    case is -1 without one, score -1 for ideas, comment the class in `customer_texts` (-1: none).
    """

    customer: np.ndarray
    case: np.ndarray
    kind: np.ndarray
    score: np.ndarray
    comment: np.ndarray
    answered_at: np.ndarray


def surveys(
    rng: np.random.Generator,
    cases: Cases,
    order_customer: np.ndarray,
    delivered_at: np.ndarray,
    opinions: Opinions,
) -> Surveys:
    """Answers after cases (CSAT, effort), after deliveries (CSAT, NPS) and a few ideas.

    order_customer, delivered_at: one entry per order.
    """
    answers = joined(
        [
            _after_cases(rng, cases, CSAT, opinions.case_csat_share, opinions),
            _after_cases(rng, cases, EFFORT, opinions.case_effort_share, opinions),
            *(
                _after_deliveries(rng, order_customer, delivered_at, kind, share, opinions)
                for kind, share in (
                    (CSAT, opinions.delivery_csat_share),
                    (NPS, opinions.delivery_nps_share),
                    (IDEA, opinions.idea_share),
                )
            ),
        ]
    )
    by_time = np.lexsort((answers.kind, answers.customer, answers.answered_at))
    return entries(answers, by_time)


def _after_cases(
    rng: np.random.Generator, cases: Cases, kind: int, share: float, opinions: Opinions
) -> Surveys:
    asked = np.flatnonzero(rng.random(len(cases.customer)) < share)
    size = len(asked)
    well = 1 + pick(rng, size, opinions.well_served_scores)
    badly = 1 + pick(rng, size, opinions.badly_served_scores)
    score = np.where(cases.is_bad[asked], badly, well)
    answered_at = cases.closed_at[asked] + rng.integers(900, 3 * DAY, size)
    return Surveys(
        customer=cases.customer[asked],
        case=asked,
        kind=np.full(size, kind),
        score=score,
        comment=_comments(rng, score, customer_texts.AFTER_CASE, opinions),
        answered_at=answered_at,
    )


def _after_deliveries(
    rng: np.random.Generator,
    customer: np.ndarray,
    delivered_at: np.ndarray,
    kind: int,
    share: float,
    opinions: Opinions,
) -> Surveys:
    asked = np.flatnonzero((rng.random(len(customer)) < share) & (delivered_at != MISSING))
    size = len(asked)
    score, comment = _on_delivery(rng, size, kind, opinions)
    return Surveys(
        customer=customer[asked],
        case=np.full(size, -1),
        kind=np.full(size, kind),
        score=score,
        comment=comment,
        answered_at=delivered_at[asked] + rng.integers(DAY // 2, 6 * DAY, size),
    )


def _on_delivery(
    rng: np.random.Generator, size: int, kind: int, opinions: Opinions
) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and classes of comment."""
    if kind == IDEA:
        return np.full(size, -1), np.full(size, customer_texts.IDEA)
    if kind == NPS:
        score = pick(rng, size, opinions.nps_scores)
        mood = np.clip(score // 2, 1, 5)
    else:
        score = mood = 1 + pick(rng, size, opinions.delivery_scores)
    return score, _comments(rng, mood, customer_texts.AFTER_DELIVERY, opinions)


def _comments(
    rng: np.random.Generator, mood: np.ndarray, first: int, opinions: Opinions
) -> np.ndarray:
    """Class of each comment for moods 1 to 5; -1 for the many who leave the field empty."""
    share = np.where(mood <= 2, opinions.complaint_share, opinions.comment_share)
    return np.where(rng.random(len(mood)) < share, first + mood - 1, -1)
