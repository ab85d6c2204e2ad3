"""Worlds of the sample company as histories with service experience beside them, nothing written.

In them a bad case multiplies the hazard of leaving (or, in the harmless one, does not), from the
day of the case on, and heavy buyers have more cases: what a covariate says of it can be judged.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regulars.sample_company import rhythm
from regulars.sample_company.lives import Lives, simulate
from regulars.sample_company.seeds import stream
from regulars.sample_company.worlds import World

NIGHTS = 730
HOLDOUT_DAYS = 365
EARLY_DAYS = 30
_FIRST_DAY = 20_000  # 2024-10-04: where in the year a company begins


def histories_of(world: World, seed: int, customers: int) -> pd.DataFrame:
    """A row per customer on the last night.

    Columns: frequency, recency, T; is_active (the truth) and later_purchases in the 365 days after;
    case_first: the first order led to a case within 30 days; bad_first: to one with a broken
    promise or a bad outcome; bad_ever: any order did so, on any day so far.
    """
    arrivals = rhythm.arrivals(stream(seed, "arrivals"), customers, _FIRST_DAY, NIGHTS, world)
    first = arrivals + stream(seed, "moments").random(customers)
    lives = simulate(seed, world, _FIRST_DAY, arrivals, first, NIGHTS, NIGHTS + HOLDOUT_DAYS)
    frame = _summary(lives, customers)
    opened, is_bad = lives.day + lives.case_delay, lives.is_breach | lives.is_badly_solved
    is_known = lives.has_case & (opened < NIGHTS)
    is_early = is_known & (lives.number == 0) & (lives.case_delay <= EARLY_DAYS)
    for name, orders in (
        ("case_first", is_early),
        ("bad_first", is_early & is_bad),
        ("bad_ever", is_known & is_bad),
    ):
        frame[name] = np.bincount(lives.customer[orders], minlength=customers) > 0
    frame["is_active"] = lives.death >= NIGHTS
    return frame


def _summary(lives: Lives, customers: int) -> pd.DataFrame:
    """Purchase days before and after the last night, a row per customer in order."""
    days = pd.DataFrame({"customer": lives.customer, "day": np.floor(lives.day).astype(np.int64)})
    days = days.drop_duplicates()
    is_past = days["day"] < NIGHTS
    past = days[is_past].groupby("customer")["day"].agg(["min", "max", "size"])
    assert len(past) == customers
    later = days[~is_past].groupby("customer").size()
    return pd.DataFrame(
        {
            "frequency": past["size"] - 1,
            "recency": past["max"] - past["min"],
            "T": NIGHTS - 1 - past["min"],
            "later_purchases": later.reindex(past.index, fill_value=0),
        }
    )
