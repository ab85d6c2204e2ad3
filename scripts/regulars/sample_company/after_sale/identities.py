"""Accounts that the shop joined into one, rightly or not, and took apart again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company.after_sale.households import Kinship
from regulars.sample_company.localtime import DAY
from regulars.sample_company.parts import Household
from regulars.sample_company.people import People
from regulars.sample_company.records import entries, joined
from regulars.sample_company.seeds import stream

_CYCLE_FROM = 12  # so many right merges, and one of them is also entered the other way round


@dataclass(frozen=True)
class Identities:
    """One entry per word on a pair, in order of time.

    From changed_at on, old is another name for customer (is_merged), or no longer.
    """

    old: np.ndarray
    customer: np.ndarray
    is_merged: np.ndarray
    changed_at: np.ndarray


def identities(seed: int, who: People, kin: Kinship, household: Household) -> Identities:
    """Second accounts found weeks later; couples taken for one person, most of them un-merged."""
    rng, place = stream(seed, "identities"), np.arange(len(who))
    second = np.flatnonzero(kin.person != place)
    second = second[rng.random(len(second)) < household.found_share]
    couple = np.flatnonzero((kin.home != place) & (kin.person == place))
    wrong = couple[rng.random(len(couple)) < household.wrong_share]
    merged_at = _weeks_after(rng, who.created_at[second], 9.0)
    wrong_at = _weeks_after(rng, who.created_at[wrong], 6.0)
    is_noticed = rng.random(len(wrong)) < household.noticed_share
    undone = wrong[is_noticed]
    undone_at = _weeks_after(rng, wrong_at[is_noticed], 4.0)
    parts = [
        _entered(second, kin.person[second], True, merged_at),
        _entered(wrong, kin.home[wrong], True, wrong_at),
        _entered(undone, kin.home[undone], False, undone_at),
    ]
    if len(second) >= _CYCLE_FROM:
        reverse = kin.person[second[:1]]
        parts.append(_entered(reverse, second[:1], True, merged_at[:1] + 30 * DAY))
    every = joined(parts)
    return entries(every, np.lexsort((every.old, every.changed_at)))


def _entered(old: np.ndarray, customer: np.ndarray, is_merged: bool, at: np.ndarray) -> Identities:
    return Identities(
        old=old, customer=customer, is_merged=np.full(len(old), is_merged), changed_at=at
    )


def _weeks_after(rng: np.random.Generator, at: np.ndarray, weeks: float) -> np.ndarray:
    """In the shop's working hours the count does not matter; some weeks, and an odd hour."""
    return at + np.rint(rng.exponential(weeks * 7 * DAY, len(at))).astype(np.int64) + DAY
