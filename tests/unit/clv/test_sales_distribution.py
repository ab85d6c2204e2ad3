"""Laws of net sales are judged as they should be: a true law passes, a wrong one does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from regulars.clv import GammaGamma, ModifiedBetaGeometric, RegularModifiedBetaGeometric
from regulars.clv.count_scores import pit_deciles
from regulars.clv.metrics import Forecast, Outcomes, measure
from regulars.clv.sales_distribution import SalesScores, of_everybody, sales_distribution
from regulars.clv.value_distribution import value_quantiles
from tests.unit.clv.simulated import spends

MBG = ModifiedBetaGeometric.from_params(r=0.5, alpha=80, a=0.9, b=3.0)
SPEND = GammaGamma.from_params(p=4.0, q=3.5, gamma=20.0)
DAYS = 365


@dataclass(frozen=True)
class World:
    """Customers of the family, what one purchase of each is expected to bring, and what came."""

    histories: pd.DataFrame
    one: np.ndarray
    orders: np.ndarray
    sales: np.ndarray


@pytest.fixture(scope="module")
def world() -> World:
    ages = np.random.default_rng(5).integers(20, 700, 12_000).astype(float)
    customers = MBG.simulate(ages, DAYS, seed=6)
    mean, sales = spends(7, customers, **SPEND.params)
    days = pd.DataFrame({"purchase_days": customers["frequency"] + 1, "monetary_value": mean})
    orders = customers["later_purchases"].to_numpy(dtype=float)
    return World(customers, SPEND.expected_spend(days), orders, sales)


def scores(world: World, spend: GammaGamma, scale: float = 1.0) -> SalesScores:
    law = sales_distribution(MBG, spend, world.histories, DAYS)
    return law.scores(np.arange(len(world.one)), scale * world.one, world.sales)


def judged(world: World, found: SalesScores) -> dict[str, float]:
    each = np.ones(len(world.one))
    nothing = np.zeros(len(each))
    forecast = Forecast("any", nothing, nothing, sales=found)
    return measure(forecast, Outcomes(world.orders, world.sales, each, each > 0))


def tenths(world: World, found: SalesScores) -> list[float]:
    return pit_deciles(found.below, found.upto, np.ones(len(world.one)))


def test_a_true_law_holds_what_it_says(world: World) -> None:
    found = scores(world, SPEND)
    figures = judged(world, found)
    assert tenths(world, found) == pytest.approx([0.1] * 10, abs=0.012)
    assert figures["net_sales_coverage_80"] == pytest.approx(0.8, abs=0.015)
    assert figures["net_sales_below_p90"] == pytest.approx(0.9, abs=0.015)


@pytest.mark.parametrize(
    ("spend", "scale", "metric", "low", "high"),
    [
        (SPEND, 0.5, "net_sales_below_p90", 0.0, 0.85),  # half of what is true
        (SPEND, 0.5, "net_sales_coverage_80", 0.0, 0.75),
        (GammaGamma.from_params(p=40.0, q=26.0, gamma=20.0), 1.0, "net_sales_coverage_80", 0, 0.7),
        (SPEND, 3.0, "net_sales_below_p90", 0.95, 1.0),  # three times too much
    ],
)
def test_a_wrong_law_is_seen(
    world: World, spend: GammaGamma, scale: float, metric: str, low: float, high: float
) -> None:
    assert low < judged(world, scores(world, spend, scale))[metric] < high


def test_the_true_law_has_the_best_interval_score(world: World) -> None:
    score = "net_sales_interval_score_80"
    best = judged(world, scores(world, SPEND))[score]
    for scale in (0.6, 1.6):
        assert judged(world, scores(world, SPEND, scale))[score] > 1.02 * best
    plain = of_everybody(world.sales, np.ones(len(world.one)), world.sales)
    assert plain is not None
    assert judged(world, plain)[score] > 1.2 * best


def test_an_outcome_outside_costs_ten_times_what_it_is_off() -> None:
    each = np.ones(3)
    law = SalesScores(10 * each, 30 * each, 0 * each, each, 25 * each)
    assert law.interval_score(np.array([4.0, 30.0, 33.0])).tolist() == [80.0, 20.0, 50.0]
    assert law.covers(np.array([4.0, 30.0, 33.0])).tolist() == [0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    "model", [MBG, RegularModifiedBetaGeometric.from_params(k=3, r=0.5, alpha=25, a=0.9, b=3.0)]
)
def test_the_law_that_is_judged_is_the_law_that_scores_the_night(
    model: ModifiedBetaGeometric | RegularModifiedBetaGeometric,
) -> None:
    histories = pd.DataFrame(
        [(0, 0, 3), (0, 0, 400), (3, 200, 351), (40, 690, 700)],
        columns=["frequency", "recency", "T"],
    )
    night = value_quantiles(model, SPEND, histories, DAYS)
    law = sales_distribution(model, SPEND, histories, DAYS)
    one = np.array([1.0, 10.0, 20.0, 5.0])
    found = law.scores(np.arange(4), one, np.zeros(4))
    np.testing.assert_allclose(found.low, one * night.given_purchase["p10"][:, 0])
    np.testing.assert_allclose(found.high, one * night.given_purchase["p90"][:, 0])
    np.testing.assert_allclose(found.p90, one * np.maximum(night.p90[:, 0], 0))
    np.testing.assert_allclose(law.orders_variance, night.orders_variance)


def test_the_variance_of_sales_is_that_of_what_comes(world: World) -> None:
    """Of customers alike: who bought once, some 400 days ago, each with spend of their own."""
    spend = GammaGamma.from_params(p=4.0, q=8.0, gamma=56.0)
    history = pd.DataFrame({"frequency": [0.0], "recency": [0.0], "T": [400.0]})
    draw = np.random.default_rng(9)
    law = MBG.predictive_counts(history, DAYS, 60)[0]
    counts = draw.choice(len(law), p=law / law.sum(), size=400_000).astype(float)
    rates = draw.gamma(8 + 4, 1 / 56, len(counts))  # a first day is known: q + p
    came = np.where(counts > 0, draw.gamma(4 * np.maximum(counts, 1)) / rates, 0) / (4 * 56 / 11)
    said = sales_distribution(MBG, spend, history, DAYS).sales_variance(spend, np.array([1.0]))[0]
    assert said == pytest.approx(np.var(came), rel=0.05)


def test_the_plain_law_is_what_was_spent_before() -> None:
    before = np.array([0.0, 10.0, 20.0, 30.0, 40.0, 50.0])
    weight = np.array([5.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    found = of_everybody(before, weight, np.array([0.0, 25.0, 50.0]))
    assert found is not None
    assert (found.low[0], found.high[0], found.p90[0]) == (10.0, 50.0, 40.0)
    assert found.below.tolist() == pytest.approx([0.0, 0.7, 0.9])
    assert found.upto.tolist() == pytest.approx([0.5, 0.7, 1.0])
    assert of_everybody(np.zeros(2), np.ones(2), np.zeros(3)) is None
