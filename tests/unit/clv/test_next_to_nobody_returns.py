"""Where next to nobody has bought twice the likelihood is a ridge; a fit goes on to its end."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.clv import BetaGeometric, ModifiedBetaGeometric, ParetoNBD, PurchaseModel

CUSTOMERS = 400


def company(seed: int) -> pd.DataFrame:
    """Of so many customers one, two or three have bought a second time."""
    rng = np.random.default_rng(seed)
    ages = rng.integers(48, 744, CUSTOMERS).astype(float)
    frequency, recency = np.zeros(CUSTOMERS), np.zeros(CUSTOMERS)
    for returned in range(1 + seed % 3):
        frequency[returned], recency[returned] = 1, rng.integers(1, ages[returned])
    return pd.DataFrame({"frequency": frequency, "recency": recency, "T": ages})


@pytest.mark.parametrize("fitted", [BetaGeometric, ModifiedBetaGeometric, ParetoNBD])
def test_the_fit_ends_at_the_maximum(fitted: type[PurchaseModel]) -> None:
    for seed in range(57):
        model = fitted().fit(company(seed))
        assert model.converged, (seed, model.warnings)
