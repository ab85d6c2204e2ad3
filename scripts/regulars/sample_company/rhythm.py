"""When people come and how often they buy: acquisition, season, rates and gaps.

A customer's purchases are a renewal process in *operational time*, which runs fast in autumn
and slowly in summer. With memoryless gaps and Gamma rates that is the NBD with a season.
"""

from __future__ import annotations

import numpy as np

import regulars.sample_company.localtime as localtime
from regulars.sample_company.parts import Change, Rhythm
from regulars.sample_company.worlds import World


def season(first_day: int, days: int, rhythm: Rhythm, strength: float) -> np.ndarray:
    """Relative intensity of each of `days` days from `first_day`; its yearly mean is one.

    strength: 0 makes all months alike, 1 gives the rhythm's own.
    """
    dates = np.arange(first_day, first_day + days).astype("datetime64[D]")
    into_year = (dates - dates.astype("datetime64[Y]")).astype(np.int64)
    middles = np.arange(-1, 13) * 30.4375 + 15.2
    levels = np.array((rhythm.months[-1], *rhythm.months, rhythm.months[0]))
    levels /= np.mean(rhythm.months)
    yearly = np.maximum(1.0 + strength * (np.interp(into_year, middles, levels) - 1.0), 0.05)
    weekdays = np.array(rhythm.weekdays) / np.mean(rhythm.weekdays)
    # 1970-01-01 was a Thursday: shift so that Monday is 0.
    return yearly * weekdays[(np.arange(first_day, first_day + days) + 3) % 7]


def arrivals(
    rng: np.random.Generator, customers: int, first_day: int, nights: int, world: World
) -> np.ndarray:
    """Night (0-based) on which each customer signs up, ascending: growth times season."""
    growth = np.linspace(1.0, world.rhythm.growth, nights)
    chance = growth * season(first_day, nights, world.rhythm, 0.7 * world.rhythm.season_strength)
    for change in world.changes:
        chance[change.first_night(nights) : change.last_day(nights, nights)] *= change.signing_up
    edges = np.cumsum(chance) / chance.sum()
    return np.sort(np.searchsorted(edges, rng.random(customers), side="right"))


def intensity(world: World, first_day: int, nights: int, days: int) -> np.ndarray:
    """How much faster than usual people buy on each of `days` days from the first night."""
    relative = season(first_day, days, world.rhythm, world.rhythm.season_strength)
    for change in world.changes:
        relative[change.first_night(nights) : change.last_day(nights, days)] *= change.buying
    return relative


def rates(rng: np.random.Generator, customers: int, rhythm: Rhythm) -> np.ndarray:
    """Purchases per day of each customer while alive, in an average season."""
    return rng.standard_gamma(rhythm.rate_shape, customers) / rhythm.rate_scale_days


def newcomers_of(change: Change, signed_up: np.ndarray, nights: int) -> np.ndarray:
    """Which customers signed up (night, 0-based) while a change lasted."""
    return (signed_up >= change.first_night(nights)) & (signed_up < change.last_day(nights, nights))


class OperationalTime:
    """The clock of purchases: day fractions from the first night against time that counts."""

    def __init__(self, intensity: np.ndarray) -> None:
        self.days = len(intensity)
        self._ticks = np.concatenate([[0.0], np.cumsum(intensity)])

    def at(self, day: np.ndarray) -> np.ndarray:
        """Operational time of each day fraction."""
        return np.interp(day, np.arange(self.days + 1), self._ticks)

    def day(self, ticks: np.ndarray) -> np.ndarray:
        """Day fraction of each operational time; `days` when it lies beyond the horizon."""
        return np.interp(ticks, self._ticks, np.arange(self.days + 1))


def gaps(rng: np.random.Generator, rate: np.ndarray, regularity: float) -> np.ndarray:
    """Operational days to each customer's next purchase; mean 1 / rate."""
    return rng.standard_gamma(regularity, len(rate)) / (regularity * np.maximum(rate, 1e-12))


def times_of_day(rng: np.random.Generator, size: int, shares: tuple[int, ...]) -> np.ndarray:
    """Seconds after midnight, by the shares of the hours."""
    edges = np.cumsum(shares) / sum(shares)
    hours = np.searchsorted(edges, rng.random(size), side="right")
    return hours * localtime.HOUR + rng.integers(0, localtime.HOUR, size)
