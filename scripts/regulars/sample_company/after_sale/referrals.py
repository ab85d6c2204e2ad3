"""Word of mouth: who brought whom. Those who were brought bring others, so there are chains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company.localtime import DAY, HOUR
from regulars.sample_company.people import People
from regulars.sample_company.seeds import stream

_REFERRED_SHARE = 0.09
# A sixth of the customers do most of the talking.
_ADVOCATES, _BY_ADVOCATES = 0.16, 0.75


@dataclass(frozen=True)
class Referrals:
    """One entry per person brought, in order of time."""

    referrer: np.ndarray
    referred: np.ndarray
    at: np.ndarray


def referrals(seed: int, who: People, first_day: int) -> Referrals:
    """A share of the newcomers, each brought by somebody who had bought before.

    first_day: of the company, in days since 1970.
    """
    rng = stream(seed, "referrals")
    advocate = rng.random(len(who)) < _ADVOCATES
    drawn = rng.random(len(who)) < _REFERRED_SHARE
    by_advocate = rng.random(len(who)) < _BY_ADVOCATES
    draw = rng.random(len(who))
    bought_at = np.where(np.isfinite(who.first_purchase), who.first_purchase, 1e9) * DAY
    bought_at += first_day * DAY
    referrer = np.where(
        by_advocate, _earlier(draw, who.created_at, bought_at, np.flatnonzero(advocate)),
        _earlier(draw, who.created_at, bought_at, np.arange(len(who))),
    )  # fmt: skip
    referred = np.flatnonzero(drawn & (referrer >= 0))
    return Referrals(referrer[referred], referred, who.created_at[referred] + 20)


def _earlier(
    draw: np.ndarray, created_at: np.ndarray, bought_at: np.ndarray, pool: np.ndarray
) -> np.ndarray:
    """For each newcomer, one of the pool who had bought two weeks before; -1 if nobody had."""
    by_time = pool[np.argsort(bought_at[pool], kind="stable")]
    known = np.searchsorted(bought_at[by_time], created_at - 14 * DAY - HOUR)
    place = np.minimum((draw * known).astype(np.int64), np.maximum(known - 1, 0))
    return np.where(known > 0, by_time[place] if len(by_time) else -1, -1)
