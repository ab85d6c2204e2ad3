"""The CDNOW sample: customers who first bought in the first quarter of 1997.

Fader and Hardie's 1/10 sample. The public file is CDNOW_sample.txt, in CDNOW_sample.zip at
brucehardie.com/datasets; the wheel of `lifetimes` carries it too. It has no header: id in the
whole file, id in the sample, date, number of CDs, value in dollars.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd

from regulars.clv.summaries import purchase_days, summarise

FILE_NAME = "CDNOW_sample.txt"
START = date(1997, 1, 1)
CALIBRATION_END = date(1997, 9, 30)
HOLDOUT_END = date(1998, 6, 30)
WEEK = 7
HOLDOUT_WEEKS = 39
LAST_WEEK = 78  # 546 days after the first day of 1997


@dataclass(frozen=True)
class Cdnow:
    """A row per customer, in the order of the file; times in weeks.

    histories  frequency, recency, T
    spends     customers with a repeat: purchase_days and monetary_value of their repeats alone,
               as in note 025
    holdout    purchases, spend in (CALIBRATION_END, HOLDOUT_END]
    repeats    repeat purchases by the end of week 1, 2 … LAST_WEEK
    """

    histories: pd.DataFrame
    spends: pd.DataFrame
    holdout: pd.DataFrame
    repeats: np.ndarray


def wheel_file() -> Path | None:
    """The file inside the installed wheel of `lifetimes` (which is not imported), if it is."""
    try:
        files = metadata.distribution("lifetimes").files or []
    except metadata.PackageNotFoundError:
        return None
    return next((Path(str(f.locate())) for f in files if f.name == FILE_NAME), None)


def read_lines(path: Path) -> pd.DataFrame:
    """customer, date, value: a row per transaction of the file."""
    columns = ["master_id", "customer", "date", "units", "value"]
    rows = pd.read_csv(path, sep=r"\s+", header=None, names=columns)
    rows["date"] = pd.to_datetime(rows["date"].astype(str), format="%Y%m%d")
    return rows[["customer", "date", "value"]]


def load(path: Path) -> Cdnow:
    """Summarise the file: same-day purchases are one, and the hold-out is cut off."""
    lines = read_lines(path)
    customers = summarise(lines, calibration_end=CALIBRATION_END, holdout_end=HOLDOUT_END)
    histories = customers[["frequency", "recency", "T"]].assign(
        recency=customers["recency"] / WEEK, T=customers["T"] / WEEK
    )
    holdout = pd.DataFrame(
        {"purchases": customers["holdout_purchases"], "spend": customers["holdout_value"]}
    )
    days = purchase_days(lines, HOLDOUT_END)
    is_repeat = days["date"] > days["customer"].map(customers["first_on"])
    repeats = days[is_repeat]
    return Cdnow(histories, _spends(repeats), holdout, _by_week(repeats["date"]))


def _spends(repeats: pd.DataFrame) -> pd.DataFrame:
    known = repeats[repeats["date"] <= pd.Timestamp(CALIBRATION_END)]
    spends = known.groupby("customer")["value"].agg(["size", "mean"])
    return spends.set_axis(["purchase_days", "monetary_value"], axis=1)


def _by_week(dates: pd.Series) -> np.ndarray:
    since = np.sort((dates - pd.Timestamp(START)).dt.days.to_numpy())
    return np.searchsorted(since, WEEK * np.arange(1, LAST_WEEK + 1), side="right")
