"""A second currency: the rates of its days, and orders priced in it.

A rate is what one unit of the currency is worth in euros. Every amount of an order, its lines and
its refunds is in the order's currency; what goods and service cost us is in euros.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company.catalogue import shelf_price
from regulars.sample_company.localtime import local_day
from regulars.sample_company.parts import Exchange
from regulars.sample_company.seeds import stream

PLACES = 6


@dataclass(frozen=True)
class Rates:
    """Rates of one currency by day, from first_day (days since 1970) on.

    micros: millionths of a euro for a unit. is_published: not at weekends, when Friday's holds.
    """

    currency: str
    first_day: int
    micros: np.ndarray
    is_published: np.ndarray

    def at(self, instants: np.ndarray) -> np.ndarray:
        """Euros for a unit at each instant: the rate of its local day."""
        place = np.clip(local_day(instants) - self.first_day, 0, len(self.micros) - 1)
        return self.micros[place] / 10**PLACES


def rates(seed: int, exchange: Exchange, first_day: int, days: int) -> Rates:
    """A random walk of the logarithm that is pulled back to where it began."""
    steps = exchange.daily_volatility * stream(seed, "exchange rates").standard_normal(days)
    is_published = (np.arange(first_day, first_day + days) + 3) % 7 < 5  # Monday is 0
    steps[~is_published] = 0.0
    away, distance = 0.0, np.empty(days)
    for day in range(days):
        away += steps[day] - exchange.daily_pull * away * is_published[day]
        distance[day] = away
    micros = np.rint(10**PLACES * exchange.rate * np.exp(distance)).astype(np.int64)
    return Rates(exchange.currency, first_day, micros, is_published)


def list_price(cents: np.ndarray, exchange: Exchange) -> np.ndarray:
    """Prices in the second currency, in its cents: set once, by the rate of the founding."""
    return np.rint(shelf_price(cents / 100 / exchange.rate) * 100).astype(np.int64)


def amount(cents: np.ndarray, exchange: Exchange) -> np.ndarray:
    """Other euro cents in the second currency, by the same rate."""
    return np.rint(cents / exchange.rate).astype(np.int64)
