"""The champion in a time that runs by the calendar: faster before Christmas, say.

A few seasons that every shop can name, fixed before anything was looked at, each with one factor
on the rate of purchases: how many repeat purchases came in its past days, over what the champion,
told nothing but when everybody first bought, expects of them. One past season is enough, so a
company of less than a year can learn from it. Days then count by their factor, in the histories
and in the hold-out, and the champion is fitted in that time: its distribution stays exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from dateutil.easter import easter  # type: ignore[import-untyped]  # no stubs are installed

from regulars.clv import ModifiedBetaGeometric
from regulars.clv.histories import Floats
from regulars.clv.metrics import Forecast
from studies.challengers.forecasts import of_model
from studies.challengers.multipliers import WEIGHT
from studies.challengers.windows import Window

SEASONS = ("presents", "turn of the year", "before Easter", "summer")
ORDINARY = len(SEASONS)


def calendar(test: Window, _earlier: Sequence[Window]) -> Forecast:
    """The champion, fitted and asked in the calendar's time."""
    ticks = _ticks(test, factors(test))
    past, cut = test.past, test.past.split
    origin = (cut.origin - cut.start).days
    first = origin - past.column("T").astype(np.intp)
    last = first + past.column("recency").astype(np.intp)
    cells = past.cells.assign(T=ticks[origin] - ticks[first], recency=ticks[last] - ticks[first])
    warped = replace(test, past=replace(past, cells=cells))
    model = ModifiedBetaGeometric().fit(warped.past.histories)
    stretch = (ticks[-1] - ticks[origin]) / past.days
    return of_model("calendar", warped, model, np.full(len(test.who), stretch))


def factors(window: Window) -> Floats:
    """By season, then 1 for ordinary days: its rate over theirs, drawn to 1 by WEIGHT purchases."""
    came, expected = actual_and_expected(window)
    ordinary = (came[ORDINARY] + WEIGHT) / (expected[ORDINARY] + WEIGHT)
    relative: Floats = (came + WEIGHT) / (expected * ordinary + WEIGHT)
    relative[ORDINARY] = 1.0
    return relative


def actual_and_expected(window: Window) -> tuple[Floats, Floats]:
    """Repeat purchases by season up to the origin: those that came, those the champion expects."""
    past, cut = window.past, window.past.split
    days = (cut.origin - cut.start).days
    season = seasons(cut.start, cut.origin)
    first = (days - past.histories["T"]).astype(np.intp)
    began = np.bincount(first, past.histories["weight"], minlength=days + 1)
    by_age = np.diff(window.champion.expected_purchases_new(np.arange(days + 1.0)), prepend=0.0)
    expected = np.convolve(began, by_age)[: days + 1]
    came = _by_season(season[past.repeats["day"]], past.repeats["repeats"].to_numpy())
    return came, _by_season(season, expected)


def _by_season(season: np.ndarray, counts: np.ndarray) -> Floats:
    return np.bincount(season, counts, minlength=ORDINARY + 1).astype(np.float64)


def _ticks(window: Window, factor: Floats) -> Floats:
    """The calendar's time at the end of each day, from the company's first to the hold-out's end;
    the first day ends at 0."""
    cut = window.past.split
    ticks: Floats = np.cumsum(factor[seasons(cut.start, cut.end)])
    return ticks - ticks[0]


def seasons(start: date, end: date) -> np.ndarray:
    """Number of the season of each day from `start` to `end`, both included."""
    season = np.full((end - start).days + 1, ORDINARY)
    for year in range(start.year - 1, end.year + 1):
        for number, (first, last) in enumerate(_dates(year)):
            from_day, to_day = (first - start).days, (last - start).days
            season[max(from_day, 0) : max(to_day + 1, 0)] = number
    return season


def _dates(year: int) -> tuple[tuple[date, date], ...]:
    """First and last day of each season that begins in a year."""
    sunday = easter(year)
    return (
        (date(year, 11, 1), date(year, 12, 24)),
        (date(year, 12, 25), date(year + 1, 1, 6)),
        (sunday - timedelta(days=21), sunday - timedelta(days=1)),
        (date(year, 7, 1), date(year, 8, 31)),
    )
