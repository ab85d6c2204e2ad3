"""Word of mouth: who brought whom. Those who were brought bring others, so there are chains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company.company import Company
from regulars.sample_company.localtime import DAY, HOUR
from regulars.sample_company.seeds import stream

EXPERIENCES = ("no_case", "served_well", "served_badly")
NO_CASE, SERVED_WELL, SERVED_BADLY = range(3)


@dataclass(frozen=True)
class Referrals:
    """One entry per person brought, in order of time."""

    referrer: np.ndarray
    referred: np.ndarray
    at: np.ndarray


def referrals(seed: int, c: Company) -> Referrals:
    """A share of the newcomers, each brought by somebody who had bought before.

    Whether somebody speaks of us depends on how the cases went that they had until then.
    """
    rng, who, after_sale = stream(seed, "referrals"), c.who, c.world.after_sale
    advocate = rng.random(len(who)) < after_sale.advocate_share
    luck = rng.random(len(who))
    by_advocate = rng.random(len(who)) < after_sale.by_advocate_share
    draw = rng.random(len(who))
    bought_at = np.where(np.isfinite(who.first_purchase), who.first_purchase, 1e9) * DAY
    bought_at += c.first_day * DAY
    of_advocates = _earlier(draw, who.created_at, bought_at, np.flatnonzero(advocate))
    of_everybody = _earlier(draw, who.created_at, bought_at, np.arange(len(who)))
    referrer = np.where(by_advocate, of_advocates, of_everybody)
    spoken_of = after_sale.referred_share * talk(c, referrer, who.created_at)
    referred = np.flatnonzero((luck < spoken_of) & (referrer >= 0))
    return Referrals(
        referrer=referrer[referred], referred=referred, at=who.created_at[referred] + 20
    )


def experience(c: Company, customer: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Code into EXPERIENCES of each of these customers at these instants.

    One case that went badly counts for more than all that went well. A case counts once it is
    closed; customers of -1 have had none.
    """
    badly, well = (_first_closed(c, c.cases.is_bad == is_bad) for is_bad in (True, False))
    known = customer >= 0
    return np.select(
        [known & (badly[customer] <= at), known & (well[customer] <= at)],
        [SERVED_BADLY, SERVED_WELL],
        NO_CASE,
    )


def talk(c: Company, customer: np.ndarray, at: np.ndarray) -> np.ndarray:
    """How much each of these customers speaks of us, over what who never had a case says."""
    after_sale = c.world.after_sale
    by_experience = (1.0, after_sale.talk_if_served_well, after_sale.talk_if_served_badly)
    return np.array(by_experience)[experience(c, customer, at)]


def _first_closed(c: Company, which: np.ndarray) -> np.ndarray:
    """Per customer, when the first of these cases was closed; far off without one."""
    first = np.full(len(c.who), np.iinfo(np.int64).max)
    np.minimum.at(first, c.cases.customer[which], c.cases.closed_at[which])
    return first


def _earlier(
    draw: np.ndarray, created_at: np.ndarray, bought_at: np.ndarray, pool: np.ndarray
) -> np.ndarray:
    """For each newcomer, one of the pool who had bought two weeks before; -1 if nobody had."""
    by_time = pool[np.argsort(bought_at[pool], kind="stable")]
    known = np.searchsorted(bought_at[by_time], created_at - 14 * DAY - HOUR)
    place = np.minimum((draw * known).astype(np.int64), np.maximum(known - 1, 0))
    return np.where(known > 0, by_time[place] if len(by_time) else -1, -1)
