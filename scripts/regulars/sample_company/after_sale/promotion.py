"""What was paid to win customers, a month and channel at a time, and the evenings we give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

import regulars.sample_company.localtime as localtime
from regulars.sample_company.after_sale.addresses import TOWNS
from regulars.sample_company.localtime import DAY, HOUR
from regulars.sample_company.people import People
from regulars.sample_company.seeds import stream

CHANNELS = ("search", "social", "comparison_sites", "print", "fairs")
# Euros for each newcomer of a month, over all newcomers, by channel.
_EUROS_A_NEWCOMER = np.array([6.2, 4.1, 2.4, 1.1, 0.9])
EVENTS = ("Cupping evening", "Home barista class", "Latte art class", "Open workshop day")
_CAPACITIES = (16, 8, 8, 60)


@dataclass(frozen=True)
class Spend:
    """One entry per month and channel: month (its first day), cents, when the books said so."""

    month: np.ndarray
    channel: np.ndarray
    cents: np.ndarray
    reported_at: np.ndarray


@dataclass(frozen=True)
class Events:
    """One entry per event, in order of announcement: codes of name and town, who is let in."""

    name: np.ndarray
    country: np.ndarray
    town: np.ndarray
    capacity: np.ndarray
    starts_at: np.ndarray
    announced_at: np.ndarray


def spend(seed: int, who: People, first_day: int, nights: int) -> Spend:
    """Every month's cost by channel, booked on the fifth of the next."""
    rng = stream(seed, "marketing spend")
    days = (first_day + who.night).astype("datetime64[D]").astype("datetime64[M]")
    months = np.arange(
        np.datetime64(first_day, "D").astype("datetime64[M]"),
        np.datetime64(first_day + nights, "D").astype("datetime64[M]") + 1,
    )
    newcomers = np.searchsorted(np.sort(days), months + 1) - np.searchsorted(np.sort(days), months)
    cost = newcomers[:, None] * _EUROS_A_NEWCOMER + 120.0
    cents = np.rint(100 * cost * rng.uniform(0.8, 1.25, cost.shape)).astype(np.int64)
    first = months.astype("datetime64[D]").astype(np.int64)
    booked = ((months + 1).astype("datetime64[D]").astype(np.int64) + 4) * DAY + 8 * HOUR
    month, channel = np.indices(cost.shape)
    return Spend(
        month=first[month.ravel()],
        channel=channel.ravel(),
        cents=cents.ravel(),
        reported_at=localtime.to_instant(booked[month.ravel()]),
    )


def events(seed: int, first_day: int, nights: int) -> Events:
    """One each month, somewhere, announced five weeks before."""
    rng = stream(seed, "events")
    first, last = localtime.to_date(first_day), localtime.to_date(first_day + nights)
    months = [(y, m) for y in range(first.year, last.year + 1) for m in range(1, 13)]
    tenth = np.array([localtime.day_number(date(y, m, 10)) for y, m in months], dtype=np.int64)
    draws = rng.random((len(months), 4)).T  # by month, so that further months change none
    name = (draws[0] * len(EVENTS)).astype(np.int64)
    day = tenth + (draws[1] * 14).astype(np.int64)
    starts_at = localtime.to_instant(day * DAY + 19 * HOUR)
    return Events(
        name=name,
        country=(draws[2] * len(TOWNS)).astype(np.int64),
        town=(draws[3] * len(TOWNS[0])).astype(np.int64),
        capacity=np.array(_CAPACITIES)[name],
        starts_at=starts_at,
        announced_at=localtime.to_instant((day - 35) * DAY + 10 * HOUR),
    )
