"""Those who will not come back: deaths that we are told of, and requests to be forgotten."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company.company import Company
from regulars.sample_company.localtime import DAY, MISSING
from regulars.sample_company.seeds import stream


@dataclass(frozen=True)
class Farewells:
    """Per kind, whose and when, in order of time: died_at and told_at; asked_at to be erased;
    and of the living, mistaken_at when they were reported dead and withdrawn_at when that was
    taken back."""

    dead: np.ndarray
    died_at: np.ndarray
    told_at: np.ndarray
    erased: np.ndarray
    asked_at: np.ndarray
    mistaken: np.ndarray
    mistaken_at: np.ndarray
    withdrawn_at: np.ndarray


def farewells(seed: int, c: Company) -> Farewells:
    """Deaths end a life that ended anyway, so no order follows one; nor a request to be erased."""
    rng, after_sale = stream(seed, "farewells"), c.world.after_sale
    size, is_staff = len(c.who), c.who.is_staff
    left = np.isfinite(c.lives.death) & (c.lives.death > 0)
    left_at = np.where(left, c.first_day + np.where(left, c.lives.death, 0), 0) * DAY
    last_at = np.maximum(_last_order(c), c.who.created_at)
    died = left & (rng.random(size) < _share_died(c)) & ~is_staff
    died_at = np.maximum(left_at.astype(np.int64), last_at + DAY)
    told_at = died_at + np.rint(rng.gamma(1.5, 16.0, size) * DAY).astype(np.int64) + DAY
    erased = ~died & ~is_staff & (rng.random(size) < after_sale.erased_share)
    asked_at = last_at + np.rint(rng.gamma(1.2, 50.0, size) * DAY).astype(np.int64) + 3 * DAY
    dead, gone = np.flatnonzero(died), np.flatnonzero(erased)
    dead, gone = dead[np.argsort(told_at[dead])], gone[np.argsort(asked_at[gone])]
    mistaken, mistaken_at, withdrawn_at = _mistaken(seed, c, np.flatnonzero(~died & ~erased))
    return Farewells(
        dead=dead,
        died_at=died_at[dead],
        told_at=told_at[dead],
        erased=gone,
        asked_at=asked_at[gone],
        mistaken=mistaken,
        mistaken_at=mistaken_at,
        withdrawn_at=withdrawn_at,
    )


def _mistaken(
    seed: int, c: Company, living: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who of the living is reported dead, when, and when that is taken back."""
    rng = stream(seed, "mistaken_deaths")
    who = living[rng.random(len(living)) < c.world.after_sale.mistaken_share]
    since = c.who.created_at[who]
    until = (c.first_day + c.nights) * DAY
    at = since + DAY + np.rint(rng.random(len(who)) * np.maximum(until - since, 0)).astype(np.int64)
    back = at + DAY + np.rint(rng.gamma(1.5, 6.0, len(who)) * DAY).astype(np.int64)
    order = np.argsort(at, kind="stable")
    return who[order], at[order], back[order]


def _last_order(c: Company) -> np.ndarray:
    """Instant at which the customer's last order is over with; the founding for who has none."""
    last = np.full(len(c.who), c.first_day * DAY)
    over = np.where(c.orders.delivered_at == MISSING, c.orders.ordered_at, c.orders.delivered_at)
    np.maximum.at(last, c.orders.customer, over)
    return last


def _share_died(c: Company) -> np.ndarray:
    """By age; the middle one for who gave no birth date."""
    known = c.who.birth != MISSING
    age = np.where(known, (c.first_day - np.where(known, c.who.birth, 0)) / 365.25, 61.0)
    bounds, shares = zip(*c.world.after_sale.died_shares, strict=True)
    return np.select([age >= bound for bound in bounds], list(shares), shares[-1])
