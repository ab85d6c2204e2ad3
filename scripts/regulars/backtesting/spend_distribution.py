"""The distribution of spend beside the models of purchases, fitted alike tonight and at every
origin."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from regulars.clv import GammaGamma, NextSpend, SpendDistribution

# Under these few later days what one of them says of the next is a guess.
FEWEST_LATER_DAYS = 30
COLUMNS = ("days_before", "spent_before", "value", "weight")


def data_of(later: pd.DataFrame, all_spends: pd.DataFrame) -> pd.DataFrame:
    """What the distribution is fitted on: later days (COLUMNS), or everybody's means
    (purchase_days, monetary_value, weight) where there are too few of those."""
    return all_spends if _is_few(later) else later


def _is_few(later: pd.DataFrame) -> bool:
    return bool(later["weight"].sum() < FEWEST_LATER_DAYS)


def known_or_fitted(
    known: Mapping[str, float] | None, later: pd.DataFrame, all_spends: pd.DataFrame
) -> SpendDistribution:
    """The distribution with the `known` parameters, or fitted on `data_of` the two."""
    few, data = _is_few(later), data_of(later, all_spends)
    kind: type[GammaGamma | NextSpend] = GammaGamma if few else NextSpend
    model = kind.from_params(**known).assess(data) if known else kind().fit(data)
    if few:
        model.warnings.append(
            f"fewer than {FEWEST_LATER_DAYS} purchase days followed another: how far a customer's "
            "own spend tells the next is taken from the shape of all, and likely too far"
        )
    return model
