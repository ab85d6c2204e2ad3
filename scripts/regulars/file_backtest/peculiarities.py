"""What dominates a file of transactions or lies far outside it, and a spend that goes with
frequency: said before the figures, in words that name nobody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from regulars.clv.gamma_gamma import spend_trend

SHARE = 0.1  # of all lines or sales: what one customer has of them is said
TIMES_THE_MEAN = 3.0  # and only where that is so much more than everybody's
RARE = 0.05  # of the lines: more are no outliers
FAR_DAYS = 5 * 365


@dataclass(frozen=True)
class Outlying:
    """Lines far before or after all others. row: of the first; days: the gap between."""

    lines: int
    row: int
    days: int
    is_late: bool

    @property
    def words(self) -> str:
        count = "1 line lies" if self.lines == 1 else f"{self.lines:,} lines lie"
        side = "after" if self.is_late else "before"
        years = f"{self.days / 365.25:.0f} years"
        return f"{count} {years} or more {side} all others (row {self.row:,} is the first)"


def outlying(lines: pd.DataFrame) -> list[Outlying]:
    """Lines beyond the longest gap between days, on either side, where it is longer than five
    years and than what lies on its other side."""
    outliers: list[Outlying] = []
    dates = np.sort(lines["date"].to_numpy().astype("datetime64[D]").astype(np.int64))
    rest = lines
    while True:
        far = _beyond_longest_gap(dates, rest, len(lines))
        if far is None:
            return outliers
        outlier, kept = far
        outliers.append(outlier)
        rest = rest[kept]
        dates = np.sort(rest["date"].to_numpy().astype("datetime64[D]").astype(np.int64))


def _beyond_longest_gap(
    dates: np.ndarray, lines: pd.DataFrame, everything: int
) -> tuple[Outlying, np.ndarray] | None:
    gaps = np.diff(dates)
    if not len(gaps) or gaps.max() < FAR_DAYS:
        return None
    at = int(np.argmax(gaps))
    is_late = at + 1 > len(dates) / 2
    span = dates[at] - dates[0] if is_late else dates[-1] - dates[at + 1]
    days = lines["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    is_far = days > dates[at] if is_late else days <= dates[at]
    if is_far.sum() > max(1, RARE * everything) or gaps[at] <= span:
        return None
    row = int(lines.index[int(np.argmax(is_far))])
    return Outlying(int(is_far.sum()), row, int(gaps[at]), bool(is_late)), ~is_far


def dominating(lines: pd.DataFrame) -> list[str]:
    """What one customer has of all lines, and of all sales."""
    by_customer = lines.assign(sales=lines["value"].clip(lower=0)).groupby("customer", sort=False)
    sentences = []
    for name, amounts in (("lines", by_customer.size()), ("sales", by_customer["sales"].sum())):
        share = float(amounts.max() / amounts.sum()) if amounts.sum() > 0 else 0.0
        if share >= max(SHARE, TIMES_THE_MEAN / len(amounts)):
            sentences.append(
                f"one customer has {share:.0%} of all {name}: if that is a guest account, a till "
                "or the shop itself, leave its lines out"
            )
    return sentences


def spend_by_frequency(customers: pd.DataFrame) -> list[str]:
    """Whether spend per purchase day goes with their number, which the models take it not to."""
    paid = customers.loc[customers["monetary_value"] > 0, ["purchase_days", "monetary_value"]]
    words = spend_trend(paid) if len(paid) else None
    return [words] if words else []
