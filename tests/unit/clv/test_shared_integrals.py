"""Integrals that histories share are those that each would have by itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.clv import ParetoNBD, _shared_integrals
from regulars.clv._dropout_integral import integral
from regulars.clv._shared_integrals import SharedIntegrals
from regulars.clv.histories import Histories, compressed

FIELDS = ("log_value", "log_alpha_y", "log_beta_y", "inverse_alpha_y", "inverse_beta_y")


def histories(longest: int, heaviest: float) -> Histories:
    """Everybody from one-time buyers to the heaviest, some seen on the last day."""
    draw = np.random.default_rng(11)
    age = draw.integers(1, longest + 1, 20_000).astype(float)
    recency = np.floor(age * draw.beta(0.4, 0.6, len(age)))
    frequency = np.where(recency > 0, np.ceil(heaviest ** draw.uniform(0, 1, len(age))), 0.0)
    recency = np.where(draw.random(len(age)) < 0.1, age, recency)
    frequency = np.where(recency > 0, np.maximum(frequency, 1.0), 0.0)
    return compressed(Histories(frequency, recency, age, np.ones(len(age))))


@pytest.mark.parametrize(
    ("alpha", "beta", "r", "q"),
    [(76.0, 180.0, 0.5, 1.7), (3.0, 900.0, 0.2, 1.1), (900.0, 2.0, 8.0, 5.0),
     (1e-3, 1e5, 0.01, 1.001), (1e5, 1e-3, 900.0, 300.0)],
)  # fmt: skip
@pytest.mark.parametrize(("longest", "heaviest"), [(250, 30.0), (7300, 5000.0)])
def test_a_shared_integral_is_the_history_s_own(
    monkeypatch, longest, heaviest, alpha, beta, r, q
) -> None:
    data = histories(longest, heaviest)
    monkeypatch.setattr(_shared_integrals, "MOST_ENDS", 10.0)  # share, whether it pays or not
    shared = SharedIntegrals.of(data)
    assert shared is not None
    found = shared.integrals(alpha, beta, r, q)
    own = integral(alpha, beta, r + data.frequency, q, data.recency, data.age)
    for name in FIELDS:
        got, expected = getattr(found, name), getattr(own, name)
        np.testing.assert_allclose(got, expected, rtol=2e-12, atol=2e-12, err_msg=name)


def test_few_histories_share_nothing() -> None:
    assert SharedIntegrals.of(histories(20, 3.0)) is None


def test_a_fit_is_the_same_whether_histories_share_or_not(monkeypatch) -> None:
    model = ParetoNBD.from_params(r=0.5, alpha=40.0, s=0.6, beta=90.0)
    ages = np.random.default_rng(1).integers(1, 400, 30_000).astype(float)
    drawn = model.simulate(ages, 1.0, seed=5)
    frame = pd.DataFrame(
        {
            "frequency": drawn["frequency"],
            "recency": np.ceil(drawn["recency"]),
            "T": ages,
        }
    )
    fits = []
    for fewest in (1_000, 10**9):
        monkeypatch.setattr(_shared_integrals, "FEWEST_HISTORIES", fewest)
        fits.append(ParetoNBD().fit(frame))
    assert fits[0].params == fits[1].params
    assert fits[0].log_likelihood == pytest.approx(fits[1].log_likelihood, rel=1e-13)
    assert fits[0].standard_errors == pytest.approx(fits[1].standard_errors, rel=1e-6)
