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

import numpy as np
import pandas as pd

from regulars.clv.histories import HistoryError

_PLACES = 6  # of a sum of money: what is smaller is rounding


def summarise(
    transactions: pd.DataFrame,
    customer: str = "customer",
    date: str = "date",
    value: str = "value",
    calibration_end: date | None = None,
    holdout_end: date | None = None,
) -> pd.DataFrame:
    """A row per customer who had bought by `calibration_end` (default: the last day there is).

    Columns: first_on, frequency, recency, T (days), purchase_days, monetary_value (per purchase
    day, the first included), log_gaps (sum of the logarithms of the days between purchases); with
    a `holdout_end` also holdout_purchases and holdout_value, of (calibration_end, holdout_end].
    Histories know returns until calibration_end only, outcomes
    those until holdout_end. Raises HistoryError for a missing column or ends out of order.
    """
    lines = _lines(transactions, customer, date, value)
    end = _day(calibration_end) if calibration_end is not None else lines["date"].max()
    found = _histories(purchase_days(lines, end), end)
    if holdout_end is None:
        return found
    if not end < _day(holdout_end):
        raise HistoryError("the hold-out does not end after the calibration")
    days = purchase_days(lines, _day(holdout_end))
    later = days[days["date"] > end].groupby("customer")["value"].agg(["size", "sum"])
    later = later.reindex(found.index, fill_value=0)
    return found.assign(
        holdout_purchases=later["size"].astype(np.int64), holdout_value=later["sum"].astype(float)
    )


def purchase_days(lines: pd.DataFrame, until: date | pd.Timestamp) -> pd.DataFrame:
    """customer, date, value: a row per purchase day up to `until`, in that order of columns.

    `lines` holds customer, date (midnights) and value. Returns after `until` are not known.
    """
    known = lines.loc[lines["date"] <= _day(until), ["customer", "date", "value"]]
    known = known.assign(is_return=known["value"] < 0)
    days = known.groupby(["customer", "date"], as_index=False).agg(
        {"value": "sum", "is_return": "max"}
    )
    days["value"] = days["value"].round(_PLACES)
    is_free = (days["value"] == 0) & ~days["is_return"].astype(bool)
    days["value"] = _without_returns(days)
    return days.loc[(days["value"] > 0) | is_free, ["customer", "date", "value"]].reset_index(
        drop=True
    )


def _without_returns(days: pd.DataFrame) -> np.ndarray:
    """What is left of each day's value, `days` being ordered by customer and date."""
    left = days["value"].to_numpy(dtype=np.float64, copy=True)
    owing = days.loc[days["value"] < 0, "customer"].unique()
    touched = days.loc[days["customer"].isin(owing), "customer"]
    for rows in touched.groupby(touched).groups.values():
        positions = rows.to_numpy()
        left[positions] = _set_off(left[positions].tolist())
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


def _histories(days: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    since = days.groupby("customer")["date"].diff().dt.days
    # the first purchase day has no gap before it
    days = days.assign(log_gap=np.log(since.fillna(1.0)))
    by_customer = days.groupby("customer").agg(
        first_on=("date", "min"),
        last_on=("date", "max"),
        purchase_days=("date", "size"),
        monetary_value=("value", "mean"),
        log_gaps=("log_gap", "sum"),
    )
    return pd.DataFrame(
        {
            "first_on": by_customer["first_on"],
            "frequency": by_customer["purchase_days"] - 1,
            "recency": (by_customer["last_on"] - by_customer["first_on"]).dt.days,
            "T": (end - by_customer["first_on"]).dt.days,
            "purchase_days": by_customer["purchase_days"],
            "monetary_value": by_customer["monetary_value"],
            "log_gaps": by_customer["log_gaps"],
        }
    )


def _lines(transactions: pd.DataFrame, customer: str, on: str, value: str) -> pd.DataFrame:
    """The three columns under their own names, dates at midnight, values finite numbers."""
    for name in (customer, on, value):
        if name not in transactions.columns:
            raise HistoryError(f"column '{name}' is missing")
    chosen = transactions[[customer, on, value]]
    for name in (customer, on, value):
        missing = chosen[name].isna().to_numpy()
        if missing.any():
            row = chosen.index[int(np.argmax(missing))]
            raise HistoryError(f"column '{name}', row {row}: is empty")
    lines = chosen.set_axis(["customer", "date", "value"], axis=1)
    dates = pd.to_datetime(lines["date"]).dt.normalize()
    return lines.assign(date=dates, value=lines["value"].astype(np.float64))


def _day(on: date | pd.Timestamp) -> pd.Timestamp:
    return pd.Timestamp(on)
