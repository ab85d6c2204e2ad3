"""Challengers that are the champion with its time stretched: the distribution stays exact."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import optimize

from regulars.clv.histories import Floats
from regulars.clv.metrics import Forecast
from studies.challengers.companies import YEAR
from studies.challengers.forecasts import of_model
from studies.challengers.windows import Window

BOUNDS = (0.2, 5.0)
WEIGHT = 20.0  # purchases that came as expected, added before anything is learned
THIRDS = (1 / 3, 2 / 3)


def season(test: Window, earlier: Sequence[Window]) -> Forecast | None:
    """The same weeks of past years: how far the champion was off there, it will be off again."""
    if test.past.days >= YEAR:
        return None  # a whole year has every season
    years = [w for w in earlier if (test.origin - w.origin).days % YEAR == 0]
    return _stretched("season", test, years)


def level(test: Window, earlier: Sequence[Window]) -> Forecast | None:
    """The latest hold-out that has ended: how far off there, so far off again."""
    return _stretched("level", test, earlier[-1:])


def _stretched(name: str, test: Window, windows: Sequence[Window]) -> Forecast | None:
    if not windows:
        return None
    everybody = [np.ones(len(w.who), dtype=bool) for w in windows]
    factor = _factor(windows, everybody)
    return of_model(name, test, test.champion, np.full(len(test.who), factor))


def first_order(test: Window, earlier: Sequence[Window]) -> Forecast | None:
    """Trial users by the value of their first order: a factor per third, from earlier windows."""
    if not earlier:
        return None
    bands = [_bands(w) for w in earlier]
    stretch, own = np.ones(len(test.who)), _bands(test)
    for band in range(len(THIRDS) + 1):
        stretch[own == band] = _factor(earlier, [each == band for each in bands])
    return of_model("first_order", test, test.champion, stretch)


def _bands(window: Window) -> np.ndarray:
    """0, 1, 2 for trial users by thirds of their first order's value; −1 for the others."""
    is_trial = window.past.column("frequency") == 0
    value = window.past.column("monetary_value")
    if not is_trial.any():
        return np.full(len(value), -1)
    return np.where(is_trial, np.searchsorted(np.quantile(value[is_trial], THIRDS), value), -1)


def _factor(windows: Sequence[Window], rows: Sequence[np.ndarray]) -> float:
    """Times the hold-out at which the champion expects of these rows what came of them."""
    came = sum(float(w.past.column("actual")[r].sum()) for w, r in zip(windows, rows, strict=True))
    expected = _expected(1.0, windows, rows)
    wanted = expected * (came + WEIGHT) / (expected + WEIGHT)

    def off(log_factor: float) -> float:
        return _expected(float(np.exp(log_factor)), windows, rows) - wanted

    low, high = np.log(BOUNDS)
    if off(low) >= 0 or off(high) <= 0:
        return BOUNDS[0] if off(low) >= 0 else BOUNDS[1]
    return float(np.exp(optimize.brentq(off, low, high, xtol=1e-4)))


def _expected(factor: float, windows: Sequence[Window], rows: Sequence[np.ndarray]) -> float:
    total = 0.0
    for window, chosen in zip(windows, rows, strict=True):
        customers: Floats = np.bincount(
            window.past.row_of[chosen], minlength=len(window.past.histories)
        ).astype(np.float64)
        days = window.past.days * factor
        total += float(customers @ window.champion.expected_purchases(window.past.histories, days))
    return total
