"""Quantiles of orders are whole numbers of the exact law: of its chances, added up one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.clv import (
    NBD,
    BetaGeometric,
    BetaGeometricBetaBinomial,
    GammaGamma,
    ModifiedBetaGeometric,
    ParetoNBD,
    PurchaseModel,
    RegularModifiedBetaGeometric,
)
from regulars.clv.histories import read
from regulars.clv.value_distribution import Draw, value_quantiles

SPEND = GammaGamma.from_params(p=4.0, q=3.5, gamma=20.0)
LEVELS = {"p10": 0.1, "p50": 0.5, "p90": 0.9, "p99": 0.99}
MODELS = (
    ModifiedBetaGeometric.from_params(r=0.6, alpha=30, a=0.5, b=2.5),
    BetaGeometric.from_params(r=0.25, alpha=30, a=0.8, b=2.4),
    NBD.from_params(r=0.5, alpha=80),
    ParetoNBD.from_params(r=0.55, alpha=74, s=0.6, beta=81),
    RegularModifiedBetaGeometric.from_params(k=3, r=0.5, alpha=25, a=0.9, b=3.0),
)
HISTORIES = pd.DataFrame(
    [
        (0, 0, 3),
        (0, 0, 1500),
        (1, 300, 700),
        (7, 500, 511),
        (40, 690, 700),
        (130, 350, 365),
        (1000, 1500, 1800),
    ],
    columns=["frequency", "recency", "T"],
).astype(float)


def one(*history: float) -> pd.DataFrame:
    return pd.DataFrame([history], columns=["frequency", "recency", "T"])


@pytest.mark.parametrize("days", [7, 365, 1826])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_quantile_is_the_integer_of_the_law(model: PurchaseModel, days: int) -> None:
    found = value_quantiles(model, SPEND, HISTORIES, days, (), LEVELS)
    for row in range(len(HISTORIES)):
        law = model.predictive_counts(HISTORIES.iloc[[row]], days, 2500)[0]
        reached, given = np.cumsum(law), np.cumsum(law[1:]) / law[1:].sum()
        for name, level in LEVELS.items():
            same(found.orders[name][row], 1 + np.searchsorted(given, level), given[1:], level)
        same(found.orders_p90[row], np.searchsorted(reached, 0.9), reached, 0.9)


def same(number: float, exact: np.intp, reached: np.ndarray, level: float) -> None:
    if np.min(np.abs(reached - level)) >= 1e-6:
        assert number == exact


def test_a_customer_who_buys_every_day_but_one() -> None:
    """Between the points of any lattice, where straight lines were 2 to 7% too high."""
    model = ModifiedBetaGeometric.from_params(r=0.6, alpha=30, a=0.5, b=2.5)
    found = value_quantiles(model, SPEND, one(500, 364, 365), 365)
    assert [values[0] for values in found.orders.values()] == [119, 448, 495]


def test_thousands_of_orders_are_found_too() -> None:
    """Beyond any number that is tried one by one: eleven orders a day for five years."""
    model = NBD.from_params(r=0.5, alpha=1)
    found = value_quantiles(model, SPEND, one(1000, 90, 91), 1826).orders
    law = np.cumsum(model.predictive_counts(one(1000, 90, 91), 1826, 30_000)[0])
    assert [values[0] for values in found.values()] == list(np.searchsorted(law, [0.1, 0.5, 0.9]))
    assert found["p50"][0] > 19_000


def test_of_several_draws_the_law_is_their_mean() -> None:
    draws = [ModifiedBetaGeometric.from_params(r=r, alpha=30, a=0.5, b=2.5) for r in (0.2, 0.6, 5)]
    found = value_quantiles(draws[1], SPEND, HISTORIES, 365, [Draw(m, SPEND) for m in draws])
    for row in range(len(HISTORIES)):
        laws = [m.predictive_counts(HISTORIES.iloc[[row]], 365, 2500)[0] for m in draws]
        given = np.mean([np.cumsum(law[1:]) / law[1:].sum() for law in laws], axis=0)
        assert found.orders["p50"][row] == 1 + np.searchsorted(given, 0.5)


@pytest.mark.parametrize(
    ("model", "history", "days"),
    [
        *((model, one(3, 200, 351), 365) for model in MODELS),
        (
            BetaGeometricBetaBinomial.from_params(alpha=1.2, beta=0.7, gamma=0.6, delta=2.8),
            one(2, 4, 6),
            10,
        ),
    ],
)
def test_so_many_or_more_is_what_is_left_of_the_counts(
    model: PurchaseModel, history: pd.DataFrame, days: int
) -> None:
    data, alive = read(history), model.probability_alive(history)[0]
    law = model.predictive_counts(history, days, 9)[0]
    more = [model._at_least_if_active(data, days, np.array([float(m)]))[0] for m in range(1, 9)]
    assert alive * np.array(more) == pytest.approx(1 - np.cumsum(law)[:8], abs=1e-9)
