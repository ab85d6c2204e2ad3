"""Word of mouth: who brought whom. Those who were brought bring others, so there are chains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company.localtime import DAY, HOUR
from regulars.sample_company.parts import AfterSale
from regulars.sample_company.people import People
from regulars.sample_company.seeds import stream


@dataclass(frozen=True)
class Referrals:
    """One entry per person brought, in order of time."""

    referrer: np.ndarray
    referred: np.ndarray
    at: np.ndarray


def referrals(seed: int, who: People, first_day: int, after_sale: AfterSale) -> Referrals:
    """A share of the newcomers, each brought by somebody who had bought before.

    first_day: of the company, in days since 1970.
    """
    rng = stream(seed, "referrals")
    advocate = rng.random(len(who)) < after_sale.advocate_share
    is_brought = rng.random(len(who)) < after_sale.referred_share
    by_advocate = rng.random(len(who)) < after_sale.by_advocate_share
    draw = rng.random(len(who))
    bought_at = np.where(np.isfinite(who.first_purchase), who.first_purchase, 1e9) * DAY
    bought_at += first_day * DAY
    of_advocates = _earlier(draw, who.created_at, bought_at, np.flatnonzero(advocate))
    of_everybody = _earlier(draw, who.created_at, bought_at, np.arange(len(who)))
    referrer = np.where(by_advocate, of_advocates, of_everybody)
    referred = np.flatnonzero(is_brought & (referrer >= 0))
    return Referrals(
        referrer=referrer[referred], referred=referred, at=who.created_at[referred] + 20
    )


def _earlier(
    draw: np.ndarray, created_at: np.ndarray, bought_at: np.ndarray, pool: np.ndarray
) -> np.ndarray:
    """For each newcomer, one of the pool who had bought two weeks before; -1 if nobody had."""
    by_time = pool[np.argsort(bought_at[pool], kind="stable")]
    known = np.searchsorted(bought_at[by_time], created_at - 14 * DAY - HOUR)
    place = np.minimum((draw * known).astype(np.int64), np.maximum(known - 1, 0))
    return np.where(known > 0, by_time[place] if len(by_time) else -1, -1)
