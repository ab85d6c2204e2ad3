"""From a table of transactions to purchase histories, cut where the hold-out begins.

Lines of one customer on one day are one purchase day. Returns are lines below zero:

- they first lower their own day; a day they bring to zero or below is no purchase;
- what then remains is taken off the customer's earlier purchase days, the latest first, and a day
  that is returned whole is no purchase either;
- what exceeds everything bought before is left out (the sale lies before the data begin).

A day worth nothing from which nothing was returned (a voucher, a free item) is a purchase day.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from regulars.clv.calendar_days import HOW, NoDates, has_offsets, written_days
from regulars.clv.histories import Floats, HistoryError, no_numbers, refuse_row, starts_of_runs

_PLACES = 6  # of a sum of money: what is smaller is rounding
_LONGEST = 2**22  # days from the first transaction to the last, some eleven thousand years


def summarise(
    transactions: pd.DataFrame,
    customer: str = "customer",
    date: str = "date",
    value: str = "value",
    calibration_end: date | None = None,
    holdout_end: date | None = None,
    known_until: date | None = None,
) -> pd.DataFrame:
    """A row per customer who had bought by `calibration_end` (default: the last day there is).

    `transactions` has a row per line: whose, when (the calendar day counts), and how much in one
    currency, returns below zero. The index of what is found is the customer. Columns: those of
    `histories_of`, and with a `holdout_end` those of `with_outcomes`. Histories know returns until
    calibration_end only, outcomes those until holdout_end.

    Neither may end after the last transaction, or after `known_until` where a quiet time at the
    end is no gap in the data: days without data look like days without a purchase. Dates are ISO
    8601 or YYYYMMDD where they are text: nothing is guessed.

    Raises HistoryError, naming column and first row, for a missing column, an empty field, what is
    no date, or no finite number; and for ends out of order.
    """
    lines = _lines(transactions, customer, date, value)
    last = _given("known_until", known_until) or lines["date"].max()
    end, later = _given("calibration_end", calibration_end), _given("holdout_end", holdout_end)
    for what, given in (("calibration", end), ("hold-out", later)):
        if given is not None and given > last:
            raise HistoryError(
                f"the {what} is to end on {given:%Y-%m-%d}, and the data end on "
                f"{last:%Y-%m-%d}: if they are known to be complete until then, say known_until"
            )
    end = end or lines["date"].max()
    histories = histories_of(purchase_days(lines, end), end)
    if later is None:
        return histories
    if not end < later:
        raise HistoryError("the hold-out does not end after the calibration")
    return with_outcomes(histories, purchase_days(lines, later), end)


def _given(name: str, on: object) -> pd.Timestamp | None:
    """The day that somebody gave for an end, read as the data's are; None where none was."""
    if on is None:
        return None
    try:
        day = written_days(pd.Series([on])).iloc[0]
    except NoDates:
        day = pd.NaT
    if pd.isna(day):
        raise HistoryError(f"{name} is no day: give a date, or text like 2026-01-31")
    return pd.Timestamp(day)


def purchase_days(lines: pd.DataFrame, until: date | pd.Timestamp) -> pd.DataFrame:
    """customer, date, value: a row per purchase day up to `until`, in that order of columns.

    `lines` holds customer, date (midnights) and value. Returns after `until` are not known.
    """
    known = lines[lines["date"] <= _day(until)]
    customer, names = pd.factorize(known["customer"], sort=True)
    on, values = known["date"].to_numpy(), known["value"].to_numpy(dtype=np.float64)
    customer, on, sums, has_returns = _added_up(customer, on, values)
    left = _without_returns(customer, sums)
    kept = (left > 0) | ((sums == 0) & ~has_returns)
    columns = {"customer": names[customer[kept]], "date": on[kept], "value": left[kept]}
    return pd.DataFrame(columns)


def _added_up(
    customer: np.ndarray, on: np.ndarray, values: Floats
) -> tuple[np.ndarray, np.ndarray, Floats, np.ndarray]:
    """By customer and day: the two, the sum of the day's lines, and whether one was a return."""
    order = _in_order(customer, on)
    customer, on, values = customer[order], on[order], values[order]
    starts = starts_of_runs(customer, on)
    sums = _sums(values, starts).round(_PLACES)
    returns = _sums(np.minimum(values, 0.0), starts)
    return customer[starts], on[starts], sums, returns < 0


def _in_order(customer: np.ndarray, on: np.ndarray) -> np.ndarray | slice:
    """Rows by customer and day; one number sorts many times faster than two columns."""
    days = on.astype("datetime64[D]").astype(np.int64)
    key = customer * _LONGEST + (days - days.min(initial=0))
    return slice(None) if np.all(key[1:] >= key[:-1]) else np.argsort(key, kind="stable")


def _without_returns(customer: np.ndarray, sums: Floats) -> Floats:
    """What is left of each day's sum, days being ordered by customer and date."""
    left = sums.copy()
    for owing in np.unique(customer[sums < 0]):
        first, end = np.searchsorted(customer, [owing, owing + 1])
        left[first:end] = _set_off(sums[first:end].tolist())
    return left


def _set_off(values: list[float]) -> list[float]:
    """One customer's days in order, sums below zero taken off earlier days, the latest first."""
    left = [max(value, 0.0) for value in values]
    bought: list[int] = []
    for position, value in enumerate(values):
        if value > 0:
            bought.append(position)
        owed = max(-value, 0.0)
        while owed > 0 and bought:
            taken = min(left[bought[-1]], owed)
            left[bought[-1]] = round(left[bought[-1]] - taken, _PLACES)
            owed = round(owed - taken, _PLACES)
            if left[bought[-1]] <= 0:
                bought.pop()
    return left


def histories_of(days: pd.DataFrame, end: date | pd.Timestamp) -> pd.DataFrame:
    """A row per customer of `days` (`purchase_days` until `end`), by customer.

    Columns: first_on, frequency (purchase days after the first), recency and T (days from the
    first to the last, and to `end`), purchase_days, monetary_value (per purchase day, the first
    included), log_gaps (sum of the logarithms of the days between purchases).
    """
    on = days["date"].to_numpy()
    since = np.diff(on, prepend=on[:1]).astype("timedelta64[D]").astype(np.float64)
    starts = starts_of_runs(days["customer"].to_numpy())
    since[starts] = 1.0  # the first purchase day has no gap before it
    count = np.diff(starts, append=len(days))
    first, last = on[starts], on[starts + count - 1]
    columns = {
        "first_on": first,
        "frequency": count - 1,
        "recency": _days_between(first, last),
        "T": _days_between(first, _day(end).to_datetime64()),
        "purchase_days": count,
        "monetary_value": _sums(days["value"].to_numpy(), starts) / count,
        "log_gaps": _sums(np.log(since), starts),
    }
    return pd.DataFrame(columns, index=pd.Index(days["customer"].iloc[starts], name="customer"))


def with_outcomes(
    histories: pd.DataFrame, days: pd.DataFrame, end: date | pd.Timestamp
) -> pd.DataFrame:
    """`histories_of` a calibration that ended on `end`, with what came after it: columns
    holdout_purchases and holdout_value, from `days` until the end of the hold-out."""
    later = days[days["date"] > _day(end)].groupby("customer")["value"].agg(["size", "sum"])
    later = later.reindex(histories.index, fill_value=0)
    return histories.assign(
        holdout_purchases=later["size"].astype(np.int64), holdout_value=later["sum"].astype(float)
    )


def _days_between(start: np.ndarray, end: Any) -> np.ndarray:
    return (end - start).astype("timedelta64[D]").astype(np.int64)


def _sums(values: Floats, starts: np.ndarray) -> Floats:
    return np.add.reduceat(values, starts) if len(starts) else np.zeros(0)


def _lines(transactions: pd.DataFrame, customer: str, on: str, value: str) -> pd.DataFrame:
    """The three columns under their own names, dates at midnight, values finite numbers."""
    for name in (customer, on, value):
        if name not in transactions.columns:
            raise HistoryError(f"column '{name}' is missing")
        refuse_row(transactions, name, transactions[name].isna().to_numpy(), "is empty")
    columns = {
        "customer": _ids(transactions[customer], customer),
        "date": _midnights(transactions, on),
        "value": _amounts(transactions, value),
    }
    return pd.DataFrame(columns, copy=False)


def _ids(ids: pd.Series, name: str) -> pd.Series:
    """As they stand; HistoryError where they passed through floats that lost digits."""
    if pd.api.types.is_float_dtype(ids):
        numbers = ids.to_numpy(dtype=np.float64)
        exact = np.abs(numbers) < 2.0 ** (np.finfo(ids.to_numpy().dtype).nmant + 1)
        if not np.all(exact & (numbers == np.floor(numbers))):
            raise HistoryError(
                f"column '{name}' holds ids as floating-point numbers that are not whole, or so "
                "large that digits are lost: give text or 64-bit integers"
            )
    return ids


def _amounts(transactions: pd.DataFrame, value: str) -> Floats:
    """Finite numbers; HistoryError names the first line without one."""
    what = no_numbers(transactions[value])
    if pd.api.types.infer_dtype(transactions[value], skipna=True) == "boolean":
        what = "yes and no"
    if what:
        raise HistoryError(f"column '{value}' holds {what}: an amount is a number")
    amounts = pd.to_numeric(transactions[value], errors="coerce")
    numbers = amounts.to_numpy(dtype=np.float64, na_value=np.nan)
    refuse_row(transactions, value, ~np.isfinite(numbers), "is not a finite number")
    return numbers


def _midnights(transactions: pd.DataFrame, on: str) -> pd.Series:
    """The calendar day of each row; HistoryError where one has none of its own."""
    values = transactions[on]
    try:
        dates = written_days(values)
    except NoDates as why:  # 20260131 would be 20 ms after 1970
        raise HistoryError(f"column '{on}' {why}") from None
    if has_offsets(values):
        raise HistoryError(f"column '{on}' has time zones: give days, or local times")
    refuse_row(transactions, on, dates.isna().to_numpy(), f"{HOW}: convert other forms first")
    return dates


def _day(on: date | pd.Timestamp) -> pd.Timestamp:
    return pd.Timestamp(on)
