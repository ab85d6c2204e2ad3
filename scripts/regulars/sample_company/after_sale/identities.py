"""Accounts that the shop joined into one, rightly or not, and took apart again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company.after_sale.households import Kinship
from regulars.sample_company.localtime import DAY
from regulars.sample_company.people import People
from regulars.sample_company.seeds import stream

_FOUND_SHARE, _WRONG_SHARE, _NOTICED_SHARE = 0.85, 0.06, 0.8
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


def identities(seed: int, who: People, kin: Kinship) -> Identities:
    """Second accounts found weeks later; couples taken for one person, most of them un-merged."""
    rng = stream(seed, "identities")
    second = np.flatnonzero(kin.person != np.arange(len(who)))
    found = second[rng.random(len(second)) < _FOUND_SHARE]
    couple = np.flatnonzero((kin.home != np.arange(len(who))) & (kin.person == np.arange(len(who))))
    wrong = couple[rng.random(len(couple)) < _WRONG_SHARE]
    merged_at = _weeks_after(rng, who.created_at[found], 9.0)
    wrong_at = _weeks_after(rng, who.created_at[wrong], 6.0)
    noticed = rng.random(len(wrong)) < _NOTICED_SHARE
    parts = [
        (found, kin.person[found], True, merged_at),
        (wrong, kin.home[wrong], True, wrong_at),
        (wrong[noticed], kin.home[wrong[noticed]], False,
         _weeks_after(rng, wrong_at[noticed], 4.0)),
    ]  # fmt: skip
    if len(found) >= _CYCLE_FROM:
        parts.append((kin.person[found[:1]], found[:1], True, merged_at[:1] + 30 * DAY))
    return _in_order(parts)


def _weeks_after(rng: np.random.Generator, at: np.ndarray, weeks: float) -> np.ndarray:
    """In the shop's working hours the count does not matter; some weeks, and an odd hour."""
    return at + np.rint(rng.exponential(weeks * 7 * DAY, len(at))).astype(np.int64) + DAY


def _in_order(parts: list[tuple[np.ndarray, np.ndarray, bool, np.ndarray]]) -> Identities:
    old, customer, at = (np.concatenate([p[i] for p in parts]) for i in (0, 1, 3))
    merged = np.concatenate([np.full(len(p[0]), p[2]) for p in parts])
    order = np.lexsort((old, at))
    return Identities(old[order], customer[order], merged[order], at[order])
