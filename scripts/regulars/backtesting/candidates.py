"""The models that are judged, and how one is fitted or found again."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from regulars.clv import (
    NBD,
    BetaGeometric,
    ModifiedBetaGeometric,
    ParetoNBD,
    PurchaseModel,
    RegularModifiedBetaGeometric,
)

CANDIDATES: dict[str, type[PurchaseModel]] = {
    kind.name: kind
    for kind in (
        NBD,
        BetaGeometric,
        ModifiedBetaGeometric,
        ParetoNBD,
        RegularModifiedBetaGeometric,
    )
}
DEFAULT = ModifiedBetaGeometric.name


def fitted(name: str, histories: pd.DataFrame) -> PurchaseModel:
    """The candidate fitted on histories with `weight` and `log_gaps`."""
    return CANDIDATES[name]().fit(histories)


def restored(name: str, params: Mapping[str, float], histories: pd.DataFrame) -> PurchaseModel:
    """The candidate with parameters read back from a log, and what a fit would say of them."""
    return CANDIDATES[name].from_params(**params).assess(histories)


def is_of_its_own(model: PurchaseModel) -> bool:
    """False for a regular model that found no rhythm: with k = 1 it is MBG/NBD once more."""
    return not (isinstance(model, RegularModifiedBetaGeometric) and model.k == 1)
