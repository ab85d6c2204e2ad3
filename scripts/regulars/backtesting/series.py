"""Purchases week by week: what a model expected, and what came."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from regulars.backtesting.past import Past
from regulars.clv import PurchaseModel
from regulars.clv.histories import Floats

MOMENTS = 8


class Week(NamedTuple):
    """Running totals at the end of a week, numbered from 1."""

    number: int
    expected: float
    actual: float


def tracking_error(past: Past, model: PurchaseModel) -> float | None:
    """Mean of |expected − actual| ÷ actual of the purchases since the origin, at eight moments
    evenly spread over the hold-out; None where nothing was bought."""
    before = (past.split.origin - past.split.start).days
    moments = np.linspace(0, past.split.holdout_days, MOMENTS + 1).round()[1:]
    weight = past.histories["weight"].to_numpy()
    repeats = _cumulative_repeats(past, np.append(before, before + moments))
    actual = repeats[1:] - repeats[0]
    expected = [np.sum(weight * model.expected_purchases(past.histories, on)) for on in moments]
    off = np.abs(np.array(expected) - actual)[actual > 0] / actual[actual > 0]
    return float(np.mean(off)) if len(off) else None


def tracking(past: Past, model: PurchaseModel) -> list[Week]:
    """Repeat purchases since the window began, of the customers known at the origin: expected as
    if nothing had been seen of them yet."""
    cut = past.split
    weeks = (cut.end - cut.start).days // 7
    ends = 7.0 * np.arange(1, weeks + 1, dtype=np.float64)
    ages, customers = _customers_by_age(past)
    first_on = (cut.origin - cut.start).days - ages
    elapsed = np.maximum(ends[:, None] - first_on[None, :], 0.0)
    horizons, at = np.unique(elapsed, return_inverse=True)
    each = model.expected_purchases_new(horizons)[at].reshape(elapsed.shape)
    return _weeks((each * customers).sum(axis=1), _cumulative_repeats(past, ends))


def _customers_by_age(past: Past) -> tuple[Floats, Floats]:
    by_age = past.histories.groupby("T", sort=True)["weight"].sum()
    return by_age.index.to_numpy(dtype=np.float64), by_age.to_numpy(dtype=np.float64)


def _weeks(expected: Floats, actual: Floats) -> list[Week]:
    pairs = zip(expected, actual, strict=True)
    return [
        Week(n, float(sum_expected), float(sum_actual))
        for n, (sum_expected, sum_actual) in enumerate(pairs, start=1)
    ]


def _cumulative_repeats(past: Past, ends: Floats) -> Floats:
    """Repeat purchases up to and including each day number in `ends`."""
    cumulative = np.concatenate([[0.0], np.cumsum(past.repeats["repeats"].to_numpy())])
    days = past.repeats["day"].to_numpy()
    return cumulative[np.searchsorted(days, ends, side="right")]
