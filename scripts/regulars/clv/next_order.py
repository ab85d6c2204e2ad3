"""When a customer with a rhythm is expected to order again.

A memoryless model cannot say "due": whatever has passed, the wait ahead is the same. MBG/CNBD-k
can, and gives for every history the day by which a share of those who order at all within a year
will have done so.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regulars.clv.histories import Floats, Histories, read
from regulars.clv.regular_mbg import RegularModifiedBetaGeometric

WITHIN_DAYS = 365
SHARES = {"p20": 0.2, "p50": 0.5, "p80": 0.8}
FEWEST_GAPS = 2
# Window (20% to 80%) in own mean gaps. Erlang-2 gaps at a known rate give 1.08, memoryless ones
# 1.39: a wider window shows no rhythm.
WIDEST_WINDOW = 1.2
# An order that more likely never comes is not expected: whoever is long silent would, if they came
# at all, be due now.
LEAST_CHANCE = 0.5


def next_order_days(
    model: RegularModifiedBetaGeometric, histories: pd.DataFrame, within: int = WITHIN_DAYS
) -> pd.DataFrame:
    """Whole days after T by which 20, 50 and 80% have ordered, of those who do so `within` days.

    Columns p20, p50, p80, a row per history; NaN where there is no rhythm (k = 1, fewer than two
    gaps, or a window wider than 1.2 of the customer's own mean gap), and where an order within
    that time is less likely than not.
    """
    data = read(histories)
    quantiles = np.full((len(data), len(SHARES)), np.nan)
    if (model.k or 1) > 1 and len(data):
        is_expected = model.purchase_probability(histories, within) >= LEAST_CHANCE
        known = np.flatnonzero(is_expected & (data.frequency >= FEWEST_GAPS))
        some = Histories(
            *(part[known] for part in (data.frequency, data.recency, data.age, data.weight))
        )
        days = _days(model, some, within)
        has_rhythm = days[:, 2] - days[:, 0] <= WIDEST_WINDOW * some.recency / some.frequency
        quantiles[known[has_rhythm]] = days[has_rhythm]
    return pd.DataFrame(quantiles, columns=list(SHARES))


def _days(model: RegularModifiedBetaGeometric, data: Histories, within: int) -> Floats:
    """The first whole day on which each share is reached, by halving."""
    everybody = model.first_purchase_within(data, np.full(len(data), float(within)))
    columns = []
    for share in SHARES.values():
        low, high = np.zeros(len(data)), np.full(len(data), float(within))
        while np.any(high - low > 1):
            middle = np.floor((low + high) / 2)
            is_reached = model.first_purchase_within(data, middle) >= share * everybody
            low, high = np.where(is_reached, low, middle), np.where(is_reached, middle, high)
        columns.append(high)
    return np.column_stack(columns)
