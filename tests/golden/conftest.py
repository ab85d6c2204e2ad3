"""The CDNOW sample: 2,357 customers who first bought in the first quarter of 1997.

Fader and Hardie's 1/10 sample, as it lies in the wheel of `lifetimes` (its files are read, the
library is not imported). Weeks; calibration to 1997-09-30, hold-out to 1998-06-30.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import pytest

from regulars.clv import PurchaseModel
from studies.cdnow.data import read_lines, wheel_file

CALIBRATION_END = pd.Timestamp("1997-09-30")


@dataclass(frozen=True)
class Cdnow:
    """histories: frequency, recency, T per customer; spends: those with a repeat; holdout."""

    histories: pd.DataFrame
    spends: pd.DataFrame
    holdout: pd.Series


@pytest.fixture(scope="session")
def cdnow() -> Cdnow:
    days = purchase_days()
    calibration = days[days["day"] <= CALIBRATION_END]
    by_customer = calibration.groupby("customer")["day"].agg(["min", "max", "size"])
    histories = pd.DataFrame(
        {
            "frequency": by_customer["size"] - 1,
            "recency": (by_customer["max"] - by_customer["min"]).dt.days / 7,
            "T": (CALIBRATION_END - by_customer["min"]).dt.days / 7,
        }
    )
    first = calibration["customer"].map(by_customer["min"])
    repeats = calibration[calibration["day"] > first]
    spends = repeats.groupby("customer")["value"].agg(["size", "mean"])
    spends.columns = pd.Index(["purchase_days", "monetary_value"])
    later = days[days["day"] > CALIBRATION_END].groupby("customer").size()
    return Cdnow(histories, spends, later.reindex(histories.index, fill_value=0))


@pytest.fixture(scope="session")
def fitted(cdnow: Cdnow) -> Callable[[type[PurchaseModel]], PurchaseModel]:
    """fitted(Model): the model fitted on the sample, once a session."""
    return functools.cache(lambda model: model().fit(cdnow.histories))


def purchase_days() -> pd.DataFrame:
    """customer, day, value: one row per customer and day."""
    path = wheel_file()
    if path is None:
        pytest.skip("no wheel of `lifetimes`, which carries CDNOW_sample.txt, is installed")
    rows = read_lines(path).rename(columns={"date": "day"})
    return rows.groupby(["customer", "day"], as_index=False)["value"].sum()
