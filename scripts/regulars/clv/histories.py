"""Purchase histories: what a model is fitted on, checked once on entry.

A history is `(frequency, recency, T)`: repeat purchases, age at the last one, age now, all in one
unit of time (days in production). A `weight` counts the customers who share it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class HistoryError(ValueError):
    """Histories that no model can use; the message names the column and the first such row."""


@dataclass(frozen=True)
class Histories:
    """Checked histories as arrays of one length.

    frequency  repeat purchases, whole numbers ≥ 0
    recency    age at the last purchase, 0 when there was no repeat
    age        T, the age at the end of observation, ≥ recency
    weight     customers with this history, > 0
    """

    frequency: Floats
    recency: Floats
    age: Floats
    weight: Floats

    def __len__(self) -> int:
        return len(self.frequency)

    @property
    def customers(self) -> float:
        return float(np.sum(self.weight))


def read(frame: pd.DataFrame) -> Histories:
    """Check `frame` (frequency, recency, T[, weight]) and return its arrays, rows in order.

    Raises HistoryError naming the column and the first row that is missing, not a finite number,
    negative, not whole (frequency), later than T (recency) or not positive (weight).
    """
    frequency = column(frame, "frequency")
    recency = column(frame, "recency")
    age = column(frame, "T")
    weight = column(frame, "weight") if "weight" in frame.columns else np.ones(len(frame))
    for name, values in (("frequency", frequency), ("recency", recency), ("T", age)):
        refuse(frame, name, values, values < 0, "is negative")
    refuse(frame, "frequency", frequency, frequency != np.floor(frequency), "is not whole")
    refuse(frame, "recency", recency, recency > age, "is later than T")
    refuse(frame, "recency", recency, (frequency == 0) & (recency != 0), "without a repeat")
    refuse(frame, "recency", recency, (frequency > 0) & (recency == 0), "despite a repeat")
    refuse(frame, "weight", weight, weight <= 0, "is not positive")
    return Histories(frequency, recency, age, weight)


def column(frame: pd.DataFrame, name: str) -> Floats:
    """The column as finite floats; HistoryError when it is missing or holds anything else."""
    if name not in frame.columns:
        raise HistoryError(f"column '{name}' is missing")
    series = frame[name]
    values = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    refuse(frame, name, values, ~np.isfinite(values), "is not a finite number")
    return values


def refuse(
    frame: pd.DataFrame, name: str, values: Floats, bad: NDArray[np.bool_], why: str
) -> None:
    """Raise HistoryError for the first row where `bad` holds."""
    if bad.any():
        row = int(np.argmax(bad))
        raise HistoryError(f"column '{name}', row {frame.index[row]}: {values[row]:g} {why}")


def compressed(histories: Histories) -> Histories:
    """Distinct histories in key order with their weights added.

    A fit adds floating-point terms, so its last digits depend on their order: key order makes the
    result a function of the set of customers, not of the order in which they arrived.
    """
    if len(histories) == 0:
        raise HistoryError("there are no histories: nothing can be fitted")
    keys = (histories.age, histories.recency, histories.frequency)
    order = np.lexsort((histories.weight, *keys))
    ordered = [key[order] for key in keys]
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in ordered])
    starts = np.flatnonzero(is_new)
    age, recency, frequency = (key[starts] for key in ordered)
    return Histories(frequency, recency, age, np.add.reduceat(histories.weight[order], starts))


def sampled(histories: Histories, customers: int) -> Histories:
    """That many customers at equal distances in row order, the same whenever it is asked."""
    reached = np.cumsum(histories.weight)
    points = (np.arange(customers) + 0.5) * (reached[-1] / customers)
    rows, weight = np.unique(np.searchsorted(reached, points), return_counts=True)
    frequency, recency, age = histories.frequency, histories.recency, histories.age
    return Histories(frequency[rows], recency[rows], age[rows], weight.astype(np.float64))


def added_up(groups: NDArray[np.intp], weights: Floats) -> Floats:
    """Sum of `weights` by group number, one after the other in row order."""
    return np.bincount(groups, weights=weights).astype(np.float64, copy=False)
