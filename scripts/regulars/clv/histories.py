"""Purchase histories: what a model is fitted on, checked once on entry.

A history is `(frequency, recency, T)`: repeat purchases, age at the last one, age now, all in one
unit of time (days in production). A `weight` counts the customers who share it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BLOCK = 250_000  # rows checked together
_MANY = 2**21  # purchases and days below which a history is one number, and days are counted


class HistoryError(ValueError):
    """Histories that no model can use; the message names the column, the number of customers, the
    cause and what to do."""


_NEGATIVE = {
    "frequency": "count purchases after the first, from 0",
    "recency": "the last purchase lies before the first: order each customer's purchases by time",
    "T": "the first purchase lies after the end of the data: count purchases up to that end only",
}
_REPEATS = "count purchases after the first in whole numbers"
_LATE = "the last purchase lies after the end of the data: leave later purchases out"
_NO_REPEAT = "who has not bought again has frequency 0 and recency 0"
_REPEAT = "purchases of one moment are one purchase: count days, or give the time of the last"
WEIGHT = "a row stands for one customer or more: leave rows of nobody out"
_FINITE = "give a number for each, or leave these customers out"
# kinds of columns whose numbers would say something else than what stands there
_NO_NUMBERS = {
    "timedelta64": "durations",
    "timedelta": "durations",
    "datetime64": "dates",
    "datetime": "dates",
    "date": "dates",
    "period": "dates",
    "complex": "complex numbers",
}


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

    def rows(self, rows: NDArray[np.intp] | slice) -> Histories:
        """Some of them, in the order of `rows`."""
        return Histories(
            self.frequency[rows], self.recency[rows], self.age[rows], self.weight[rows]
        )


def read(frame: pd.DataFrame) -> Histories:
    """Check `frame` (frequency, recency, T[, weight]) and return its arrays, rows in order.

    Raises HistoryError for values that are missing, not finite, negative, not whole (frequency),
    later than T (recency) or not positive (weight).
    """
    frequency = column(frame, "frequency")
    recency = column(frame, "recency")
    age = column(frame, "T")
    weight = column(frame, "weight") if "weight" in frame.columns else np.ones(len(frame))
    for name, values in (("frequency", frequency), ("recency", recency), ("T", age)):
        refuse(frame, name, values < 0, "is negative", _NEGATIVE[name])
    refuse(frame, "frequency", frequency != np.floor(frequency), "is not whole", _REPEATS)
    refuse(frame, "recency", recency > age, "is later than T", _LATE)
    refuse(frame, "recency", (frequency == 0) & (recency != 0), "without a repeat", _NO_REPEAT)
    refuse(frame, "recency", (frequency > 0) & (recency == 0), "despite a repeat", _REPEAT)
    refuse(frame, "weight", weight <= 0, "is not positive", WEIGHT)
    return Histories(frequency, recency, age, weight)


def column(frame: pd.DataFrame, name: str) -> Floats:
    """The column as finite floats; HistoryError when it is missing or holds anything else."""
    if name not in frame.columns:
        raise HistoryError(f"column '{name}' is missing")
    series = frame[name]
    what = no_numbers(series)
    if what:
        raise HistoryError(
            f"column '{name}' holds {what}: give numbers, times in days (or one other unit)"
        )
    values = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    refuse(frame, name, ~np.isfinite(values), "is not a finite number", _FINITE)
    return values


def no_numbers(series: pd.Series) -> str | None:
    """What a column holds that is no number, though it has one inside; None of any other."""
    return _NO_NUMBERS.get(pd.api.types.infer_dtype(series, skipna=True))


def refuse(
    frame: pd.DataFrame,
    name: str,
    bad: NDArray[np.bool_],
    why: str,
    remedy: str,
    what: str = "customer",
) -> None:
    """Raise HistoryError where `bad` holds, with how many customers that are."""
    if bad.any():
        count = _weight(frame, bad)
        whom = f"{count:,.0f} {what}{'' if count == 1 else 's'}"
        raise HistoryError(f"column '{name}' {why} for {whom}: {remedy}")


def _weight(frame: pd.DataFrame, bad: NDArray[np.bool_]) -> float:
    """Customers in these rows; rows where weights are themselves in doubt."""
    if "weight" not in frame.columns:
        return float(bad.sum())
    weights = pd.to_numeric(frame["weight"], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    is_sound = np.isfinite(weights) & (weights > 0)
    return float(weights[bad].sum()) if is_sound[bad].all() else float(bad.sum())


def refuse_row(frame: pd.DataFrame, name: str, bad: NDArray[np.bool_], why: str) -> None:
    """Raise HistoryError for the first line of a table of transactions where `bad` holds."""
    if bad.any():
        row = frame.index[int(np.argmax(bad))]
        raise HistoryError(f"column '{name}', row {row}: {why}")


def compressed(histories: Histories) -> Histories:
    """Distinct histories in key order with their weights added.

    A fit adds floating-point terms, so its last digits depend on their order: key order makes the
    result a function of the set of customers, not of the order in which they arrived.
    """
    if len(histories) == 0:
        raise HistoryError("there are no histories: nothing can be fitted")
    numbers = _numbers(histories)
    if numbers is not None and is_one(histories.weight):
        return _counted(numbers, float(histories.weight[0]))
    keys = (histories.frequency, histories.recency, histories.age)
    order = np.lexsort((histories.weight, *(keys[::-1] if numbers is None else [numbers])))
    ordered = [key[order] for key in keys]
    starts = starts_of_runs(*ordered)
    frequency, recency, age = (key[starts] for key in ordered)
    return Histories(frequency, recency, age, np.add.reduceat(histories.weight[order], starts))


def read_compressed(frame: pd.DataFrame) -> Histories:
    """`compressed(read(frame))`, block after block: of a row of whole times and the one weight
    that all have, no more than a number is kept."""
    numbers = np.empty(len(frame), dtype=np.int64)
    weights = set()
    for start in range(0, len(frame), _BLOCK):
        rows = slice(start, start + _BLOCK)
        try:
            block = read(frame.iloc[rows])
        except HistoryError:
            read(frame)  # which counts the customers of all blocks
            raise
        triples = _numbers(block)
        weights.add(float(block.weight[0]))
        if triples is None or len(weights) > 1 or not is_one(block.weight):
            return compressed(read(frame))
        numbers[rows] = triples
    return _counted(numbers, weights.pop()) if weights else compressed(read(frame))


def is_one(weight: Floats) -> bool:
    """Whether all customers weigh the same."""
    return bool(np.all(weight == weight[0]))


def _numbers(histories: Histories) -> NDArray[np.int64] | None:
    """Each history as one number in key order; None where times are not whole or too many."""
    keys = (histories.frequency, histories.recency, histories.age)
    if max(key.max() for key in keys) >= _MANY:
        return None
    whole = [key.astype(np.int64) for key in keys]
    if not all(np.array_equal(key, number) for key, number in zip(keys, whole, strict=True)):
        return None
    frequency, recency, age = whole
    return (frequency * _MANY + recency) * _MANY + age


def _counted(numbers: NDArray[np.int64], weight: float) -> Histories:
    """Distinct histories of customers of one weight: numbers sort many times faster than rows."""
    numbers.sort()
    starts = starts_of_runs(numbers)
    customers = np.diff(starts, append=len(numbers))
    rest, age = np.divmod(numbers[starts], _MANY)
    frequency, recency = np.divmod(rest, _MANY)
    columns = (frequency, recency, age, customers * weight)
    return Histories(*(each.astype(np.float64) for each in columns))


def sampled(histories: Histories, customers: int) -> Histories:
    """As many customers, a history as often as its share of all says."""
    rows, weight = sampled_rows(histories.weight, customers)
    frequency, recency, age = histories.frequency, histories.recency, histories.age
    return Histories(frequency[rows], recency[rows], age[rows], weight)


def sampled_rows(weight: Floats, customers: int) -> tuple[NDArray[np.intp], Floats]:
    """Rows of customers at equal distances, and how many fell on each; always the same ones."""
    reached = np.cumsum(weight)
    points = (np.arange(customers) + 0.5) * (reached[-1] / customers)
    rows, times = np.unique(np.searchsorted(reached, points), return_counts=True)
    return rows, times.astype(np.float64)


def starts_of_runs(*keys: NDArray[Any]) -> NDArray[np.intp]:
    """Where a row begins that differs from the one before in any of the `keys`."""
    is_new = np.ones(len(keys[0]), dtype=bool)
    is_new[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return np.flatnonzero(is_new)


def added_up(groups: NDArray[np.intp], weights: Floats, size: int = 0) -> Floats:
    """Sum of `weights` by group number, one after the other in row order; at least `size` sums."""
    return np.bincount(groups, weights=weights, minlength=size).astype(np.float64, copy=False)


def distinct(times: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """The different times in order, and which of them each row's is."""
    if times.max() >= _MANY or not np.array_equal(days := times.astype(np.intp), times):
        return np.unique(times, return_inverse=True)
    is_there = np.bincount(days) > 0
    return np.flatnonzero(is_there).astype(np.float64), (np.cumsum(is_there) - 1)[days]
