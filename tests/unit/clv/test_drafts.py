"""A fit on many histories is drafted on a sample of them, which must not show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.clv import NBD, BetaGeometric, ModifiedBetaGeometric, ParetoNBD, PurchaseModel
from regulars.clv._fitted_model import SAMPLE
from regulars.clv.histories import compressed, read, sampled


def drawn(model: PurchaseModel) -> pd.DataFrame:
    """More distinct histories than a fit in full would be made of."""
    ages = np.random.default_rng(3).uniform(30, 700, 17_000)
    return model.simulate(ages, 0, seed=4)


@pytest.mark.parametrize("fitted", [BetaGeometric, ModifiedBetaGeometric, ParetoNBD])
@pytest.mark.parametrize(
    "truth",
    [
        ParetoNBD.from_params(r=0.6, alpha=30, s=0.7, beta=90),
        NBD.from_params(r=0.6, alpha=30),  # drop-out runs to a bound
    ],
    ids=["identified", "nobody leaves"],
)
def test_a_draft_changes_no_digit(monkeypatch, fitted, truth) -> None:
    histories = drawn(truth)
    assert len(compressed(read(histories))) > 4 * SAMPLE
    drafted = fitted().fit(histories)
    monkeypatch.setattr(PurchaseModel, "_draft", lambda self, data, unit: None)
    in_full = fitted().fit(histories)
    assert drafted.log_likelihood == pytest.approx(in_full.log_likelihood, rel=1e-12)
    assert drafted.warnings == in_full.warnings
    if in_full.converged and not in_full.warnings:
        assert drafted.params == in_full.params


def test_a_sample_has_as_many_of_each_history_as_their_share() -> None:
    frame = pd.DataFrame(
        {"frequency": [0, 1, 2], "recency": [0.0, 4.0, 9.0], "T": 9.0, "weight": [700, 200, 100]}
    )
    sample = sampled(compressed(read(frame)), 50)
    assert dict(zip(sample.frequency, sample.weight, strict=True)) == {0: 35, 1: 10, 2: 5}
