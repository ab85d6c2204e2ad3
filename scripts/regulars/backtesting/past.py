"""What was known of customers at an origin, and what they did afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.backtesting.origins import Split
from regulars.clv.histories import Floats

HISTORY = ["T", "recency", "frequency"]
# known at the origin
FEATURES = ["frequency", "recency", "T", "monetary_value", "recent_purchases", "recent_value"]
OUTCOMES = ["actual", "spend"]
MOST_HISTORIES_SCORED = 20_000
FEWEST_CUSTOMERS = 50
FEWEST_REPEATERS = 10


@dataclass(frozen=True)
class Past:
    """Customers at an origin: a row of `cells` per distinct past and future, `weight` of them.

    cells         FEATURES (monetary_value per purchase day, the first included; recent_… in the
                  as many days before the origin as are judged after it), OUTCOMES, weight
    repeats       day (from the window's start), repeats: repeat purchases of them all, to the end
    later_days    spend_distribution.COLUMNS: purchase days after a first one, as known at the
    origin mean_log_gap  mean logarithm of the days between two purchases known at the origin
    share         part of the company's customers that these are
    """

    split: Split
    cells: pd.DataFrame
    repeats: pd.DataFrame
    later_days: pd.DataFrame
    mean_log_gap: float
    share: float = 1.0

    @property
    def days(self) -> float:
        return float(self.split.holdout_days)

    @property
    def known_days(self) -> float:
        """From the first purchase of the company to the origin."""
        return float((self.split.origin - self.split.start).days)

    @cached_property
    def histories(self) -> pd.DataFrame:
        """Distinct (frequency, recency, T) with weight, in key order, and `log_gaps`, whose sum
        over customers is exact: nothing else of it enters a fit."""
        distinct = self.cells.groupby(HISTORY, sort=True)["weight"].sum().reset_index()
        return distinct.assign(log_gaps=distinct["frequency"] * self.mean_log_gap)

    @cached_property
    def spends(self) -> pd.DataFrame:
        """Distinct positive (purchase_days, monetary_value) with weight, in key order."""
        cells = self.cells[self.cells["monetary_value"] > 0]
        keys = [cells["frequency"] + 1, cells["monetary_value"]]
        weights = cells["weight"].groupby(keys, sort=True).sum()
        return weights.rename_axis(["purchase_days", "monetary_value"]).reset_index()

    @cached_property
    def row_of(self) -> NDArray[np.intp]:
        """Each cell's row in `histories`."""
        row = self.cells.groupby(HISTORY, sort=True).ngroup().to_numpy()
        return row.astype(np.intp, copy=False)

    @property
    def scored_step(self) -> int:
        """Distributions are scored on every so-many-th distinct history."""
        return -(-len(self.histories) // MOST_HISTORIES_SCORED)

    @property
    def is_scored(self) -> NDArray[np.bool_]:
        """Cells on which distributions are scored."""
        return self.row_of % self.scored_step == 0

    def column(self, name: str) -> Floats:
        return self.cells[name].to_numpy(dtype=np.float64)

    @property
    def customers(self) -> float:
        return float(self.cells["weight"].sum())

    @property
    def repeaters(self) -> float:
        return float(self.cells.loc[self.cells["frequency"] > 0, "weight"].sum())

    @property
    def is_too_small(self) -> bool:
        """Too few customers or repeats to tell models apart."""
        return self.customers < FEWEST_CUSTOMERS or self.repeaters < FEWEST_REPEATERS


def as_cells(customers: pd.DataFrame) -> pd.DataFrame:
    """Rows of FEATURES and OUTCOMES, a customer each, to distinct ones with a weight."""
    columns = [*FEATURES, *OUTCOMES]
    grouped = customers.astype(dict.fromkeys(columns, np.float64)).groupby(columns, sort=True)
    return grouped.size().rename("weight").reset_index().astype({"weight": np.float64})


def mean_log_gap(gaps: pd.DataFrame) -> float:
    """Mean logarithm of `gap` (days between two purchases), each counted `times`; 0 for none."""
    times = float(gaps["times"].sum())
    return float((gaps["times"] * np.log(gaps["gap"])).sum()) / times if times else 0.0
