"""How far a forecast was off: expected against actual purchases, customers weighted.

Every function takes arrays of one length, a row standing for `weight` customers with one forecast
and one outcome.
"""

from __future__ import annotations

import math

import numpy as np

from regulars.clv.histories import Floats, Histories, added_up

LAST_BAND = 7  # frequencies 0, 1, … 6, and 7 or more together


def accuracy(expected: Floats, actual: Floats, weight: Floats) -> dict[str, float]:
    """Totals, bias, MAE, RMSE; rank correlation and top-decile share where they are defined.

    bias is expected/actual − 1 of the totals. top_decile_share is the part of actual purchases
    made by the tenth of customers with the highest forecast, ties shared evenly.
    """
    customers = float(np.sum(weight))
    error = expected - actual
    expected_total = float(np.sum(weight * expected))
    actual_total = float(np.sum(weight * actual))
    found = {
        "customers": customers,
        "expected_total": expected_total,
        "actual_total": actual_total,
        "mae": float(np.sum(weight * np.abs(error))) / customers,
        "rmse": math.sqrt(float(np.sum(weight * error**2)) / customers),
    }
    if actual_total > 0:
        found["bias"] = expected_total / actual_total - 1
        found["top_decile_share"] = top_share(expected, actual, weight)
    correlation = spearman(expected, actual, weight)
    if correlation is not None:
        found["spearman"] = correlation
    return found


def spearman(first: Floats, second: Floats, weight: Floats) -> float | None:
    """Pearson's correlation of mid-ranks; None where either side does not vary."""
    customers = np.sum(weight)
    one, other = (_midranks(values, weight) for values in (first, second))
    one, other = (ranks - np.sum(weight * ranks) / customers for ranks in (one, other))
    spread = math.sqrt(np.sum(weight * one**2)) * math.sqrt(np.sum(weight * other**2))
    return float(np.sum(weight * one * other)) / spread if spread > 0 else None


def _midranks(values: Floats, weight: Floats) -> Floats:
    distinct, group = np.unique(values, return_inverse=True)
    members = added_up(group, weight)
    assert len(members) == len(distinct)
    return (np.cumsum(members) - members / 2 + 0.5)[group]


def top_share(expected: Floats, actual: Floats, weight: Floats, share: float = 0.1) -> float:
    """Part of all actual purchases made by the `share` of customers with the highest forecast."""
    _, group = np.unique(-expected, return_inverse=True)
    members, bought = added_up(group, weight), added_up(group, weight * actual)
    room = share * np.sum(members) - (np.cumsum(members) - members)
    taken = np.clip(room / members, 0.0, 1.0)
    return float(np.sum(taken * bought) / np.sum(bought))


def by_frequency(
    expected: Floats, actual: Floats, frequency: Floats, weight: Floats
) -> dict[str, float]:
    """Mean expected and actual purchases per customer, by frequency 0 … 6 and 7 or more."""
    band = np.minimum(frequency, LAST_BAND).astype(np.intp)
    found = {}
    for number in np.unique(band):
        rows = band == number
        customers = float(np.sum(weight[rows]))
        found[f"customers_by_frequency_{number}"] = customers
        for name, values in (("expected", expected), ("actual", actual)):
            total = float(np.sum(weight[rows] * values[rows]))
            found[f"{name}_by_frequency_{number}"] = total / customers
    return found


def past_rate(histories: Histories, days: float) -> Floats:
    """The plainest forecast that knows the customer: x/T purchases a day go on for ever."""
    age = np.maximum(histories.age, 1.0)
    return histories.frequency * days / age
