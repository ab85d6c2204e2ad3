"""Customers drawn by a model behave as the model says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.clv import NBD, BetaGeometric, ModifiedBetaGeometric, ParetoNBD, PurchaseModel

MODELS = [
    NBD.from_params(r=0.6, alpha=30),
    BetaGeometric.from_params(r=0.6, alpha=30, a=0.8, b=2.5),
    ModifiedBetaGeometric.from_params(r=0.6, alpha=30, a=0.8, b=2.5),
    ParetoNBD.from_params(r=0.6, alpha=30, s=0.7, beta=90),
]


@pytest.fixture(params=MODELS, ids=lambda model: model.name, scope="module")
def model(request) -> PurchaseModel:
    return request.param


@pytest.fixture(scope="module")
def drawn(model) -> pd.DataFrame:
    ages = np.random.default_rng(1).integers(30, 500, 40_000).astype(float)
    return model.simulate(ages, 180, seed=2)


def within(found: pd.Series, expected: float) -> bool:
    """Four standard errors of a mean."""
    return abs(found.mean() - expected) < 4 * found.std() / np.sqrt(len(found)) + 1e-12


def test_purchases_before_and_after_come_as_expected(model, drawn) -> None:
    for low, high in ((30, 100), (400, 500)):
        some = drawn[drawn["T"].between(low, high)]
        assert within(some["frequency"], model.expected_purchases_new(some["T"].unique()).mean())
    for band in (0, 1, 2, 5):
        some = drawn[drawn["frequency"] == band]
        assert within(some["later_purchases"], model.expected_purchases(some, 180).mean())
        assert within(some["is_active"].astype(float), model.probability_alive(some).mean())


def test_fits_recover_what_was_drawn(model, drawn) -> None:
    fitted = type(model)().fit(drawn)
    for name, value in model.params.items():
        assert abs(fitted.params[name] - value) < 3.5 * fitted.standard_errors[name]


def test_equal_seeds_give_equal_customers(model) -> None:
    ages = np.array([10.0, 0.0, 400.0])
    pd.testing.assert_frame_equal(model.simulate(ages, 30, 7), model.simulate(ages, 30, 7))
    assert not model.simulate(np.full(99, 90.0), 30, 7).equals(
        model.simulate(np.full(99, 90.0), 30, 8)
    )


def test_chances_of_a_new_customer_are_the_drawn_shares(model) -> None:
    drawn = model.simulate(np.full(60_000, 200.0), 0, seed=11)
    law = model.purchase_probabilities(np.arange(6), 200)
    for count, chance in enumerate(law):
        assert within((drawn["frequency"] == count).astype(float), chance)
    assert model.purchase_probabilities(3, 200) == pytest.approx(law[[3]])


def test_wrong_questions_are_refused(model) -> None:
    with pytest.raises(ValueError, match="whole numbers from 0"):
        model.purchase_probabilities(-1, 30)
    with pytest.raises(ValueError, match="ages are finite"):
        model.simulate(np.array([-1.0]), 30, 1)
    assert len(model.purchase_probabilities(np.array([], dtype=int), 30)) == 0
