"""What is said of a customer's value holds: against the law itself, and against what happens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from regulars.clv import (
    NBD,
    GammaGamma,
    ModifiedBetaGeometric,
    ParetoNBD,
    PurchaseModel,
    RegularModifiedBetaGeometric,
)
from regulars.clv.value_law import GIVEN_PURCHASE, KNOTS, Draw, value_quantiles
from tests.unit.clv.simulated import spends

MBG = ModifiedBetaGeometric.from_params(r=0.5, alpha=80, a=0.9, b=3.0)
SPEND = GammaGamma.from_params(p=4.0, q=3.5, gamma=20.0)
MODELS = (
    MBG,
    NBD.from_params(r=0.5, alpha=80),
    ParetoNBD.from_params(r=0.5, alpha=80, s=0.6, beta=300),
    RegularModifiedBetaGeometric.from_params(k=3, r=0.5, alpha=25, a=0.9, b=3.0),
)


def frame(*rows: tuple[float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["frequency", "recency", "T"])


MANY = frame((0, 0, 3), (0, 0, 400), (1, 30, 44), (3, 200, 351), (7, 500, 511), (40, 690, 700))


def value_given_purchase(
    model: PurchaseModel, history: pd.DataFrame, share: float, level: float
) -> float:
    """Quantile of (1 − t)·S/E − t·N given N > 0: the sum over N, solved by bisection."""
    p, q, _ = SPEND.params.values()
    shape = q + p * (history["frequency"].iloc[0] + 1)
    counts = np.arange(1.0, 400.0)
    law = model.predictive_counts(history, 365, len(counts))[0, 1:]

    def reached(value: float) -> float:
        ratio = np.maximum((value + share * counts) / (1 - share), 0) * p / (shape - 1)
        below = special.betainc(p * counts, shape, ratio / (1 + ratio))
        return float((law * below).sum() / law.sum()) - level

    return float(optimize.brentq(reached, -400.0, 4000.0))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_quantiles_are_those_of_the_law(model: PurchaseModel) -> None:
    found = value_quantiles(model, SPEND, MANY, 365)
    for row in range(len(MANY)):
        history = MANY.iloc[[row]]
        for knot in (0, 2):
            scale = value_given_purchase(model, history, KNOTS[knot], 0.9)
            for name, level in GIVEN_PURCHASE.items():
                exact = value_given_purchase(model, history, KNOTS[knot], level)
                error = found.given_purchase[name][row, knot] - exact
                assert abs(error) < 0.012 * scale


def test_between_knots_of_cost_the_error_is_below_two_hundredths_of_p90() -> None:
    found = value_quantiles(MBG, SPEND, MANY, 365)
    for row in range(len(MANY)):
        history = MANY.iloc[[row]]
        margin_p90 = value_given_purchase(MBG, history, 0.0, 0.9)
        for share in (0.1, 0.26, 0.37, 0.43):
            for name, level in GIVEN_PURCHASE.items():
                exact = value_given_purchase(MBG, history, share, level)
                between = np.interp(share, KNOTS, found.given_purchase[name][row])
                assert abs(between - exact) < 0.02 * (1 - share) * margin_p90


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_counts_are_those_of_the_model(model: PurchaseModel) -> None:
    found = value_quantiles(model, SPEND, MANY, 365)
    law = model.predictive_counts(MANY, 365, 600)
    numbers = np.arange(601)
    given = np.cumsum(law[:, 1:], axis=1) / law[:, 1:].sum(axis=1, keepdims=True)
    for name, level in GIVEN_PURCHASE.items():
        exact = 1 + (given < level).sum(axis=1)
        assert (np.abs(found.orders[name] - exact) <= np.maximum(1, 0.03 * exact)).all()
    top = (np.cumsum(law, axis=1) < 0.9).sum(axis=1)
    assert (np.abs(found.orders_p90 - top) <= np.maximum(1, 0.03 * top)).all()
    mean = (law * numbers).sum(axis=1)
    variance = (law * numbers**2).sum(axis=1) - mean**2
    np.testing.assert_allclose(found.orders_variance, variance, rtol=0.02)


def test_the_law_scales_with_the_customers_own_spend() -> None:
    """(γ + n·m) is all that m does: 100,000 futures of one customer, drawn purchase by purchase."""
    draw = np.random.default_rng(3)
    history, mean = frame((2, 100, 200)), 31.0
    p, q, gamma = SPEND.params.values()
    law = MBG.predictive_counts(history, 365, 200)[0]
    counts = draw.choice(len(law), p=law / law.sum(), size=100_000)
    counts = counts[counts > 0]
    rates = draw.gamma(q + 3 * p, 1 / (gamma + 3 * mean), len(counts))
    values = 0.4 * draw.gamma(p * counts) / rates - 3.0 * counts
    one = SPEND.expected_spend(pd.DataFrame({"purchase_days": [3], "monetary_value": [mean]}))[0]
    margin, cost = 0.4 * one, 3.0
    found = value_quantiles(MBG, SPEND, history, 365)
    for name, level in GIVEN_PURCHASE.items():
        share = cost / (margin + cost)
        said = (margin + cost) * np.interp(share, KNOTS, found.given_purchase[name][0])
        assert said == pytest.approx(np.quantile(values, level), abs=0.015 * np.std(values))


# ---------- against what happens


@dataclass(frozen=True)
class World:
    """Customers of the fitted family, their future, and the cost share of each."""

    histories: pd.DataFrame
    sales: np.ndarray  # in units of one expected purchase
    orders: np.ndarray
    expected_value: np.ndarray
    model: PurchaseModel
    spend: GammaGamma


@pytest.fixture(scope="module")
def world() -> World:
    ages = np.random.default_rng(5).integers(20, 700, 40_000).astype(float)
    customers = MBG.simulate(ages, 365, seed=6)
    mean, sales = spends(7, customers, **SPEND.params)
    days = pd.DataFrame({"purchase_days": customers["frequency"] + 1, "monetary_value": mean})
    model, spend = ModifiedBetaGeometric().fit(customers), GammaGamma().fit(days)
    one = spend.expected_spend(days)
    expected = model.expected_purchases(customers, 365) * one
    orders = customers["later_purchases"].to_numpy()
    return World(customers, sales / one, orders, expected, model, spend)


LEVELS = {f"{level:.3f}": level for level in np.linspace(0.005, 0.995, 100)}
SHARE = KNOTS.index(0.32)  # costs of 47% of the margin on goods


def values_of(world: World) -> np.ndarray:
    return (1 - KNOTS[SHARE]) * world.sales - KNOTS[SHARE] * world.orders


def pit(world: World) -> np.ndarray:
    """F(V), spread evenly over the jump that nobody's zero makes."""
    found = value_quantiles(
        world.model, world.spend, world.histories, 365, given_purchase=LEVELS
    ).given_purchase
    law = np.stack([found[name][:, SHARE] for name in LEVELS], axis=1)

    def below(values: np.ndarray) -> np.ndarray:
        """P(V < value given a purchase), to half a hundredth."""
        return (law < values[:, None]).mean(axis=1)

    bought = world.model.purchase_probability(world.histories, 365)
    value, at_zero = values_of(world), below(np.zeros(len(law)))
    drawn = np.random.default_rng(8).random(len(value))
    nobody = bought * at_zero + drawn * (1 - bought)
    somebody = bought * below(value) + np.where(value > 0, 1 - bought, 0.0)
    return np.where(world.orders == 0, nobody, somebody)


def test_randomised_pit_is_even_in_every_band_of_frequency_and_of_value(world: World) -> None:
    chances = pit(world)
    frequency = np.minimum(world.histories["frequency"], 4).to_numpy()
    decile = pd.qcut(world.expected_value, 10, labels=False)
    everybody = np.zeros(len(chances))
    for groups in (everybody, frequency, decile):
        for group in np.unique(groups):
            members = chances[groups == group]
            shares = np.histogram(members, bins=10, range=(0, 1))[0] / len(members)
            slack = 0.02 if len(members) > 5000 else 0.025
            assert (np.abs(shares - 0.1) < slack).all(), (group, shares)


def test_nine_in_ten_stay_below_a_positive_p90(world: World) -> None:
    p90 = value_quantiles(world.model, world.spend, world.histories, 365).p90[:, SHARE]
    positive = p90 > 0
    assert positive.mean() > 0.2
    below = (values_of(world) <= p90)[positive].mean()
    assert 0.88 <= below <= 0.92


def test_intervals_are_as_good_as_those_of_the_true_parameters(world: World) -> None:
    value, bought = values_of(world), world.orders > 0

    def score(model: PurchaseModel, spend: GammaGamma) -> float:
        found = value_quantiles(model, spend, world.histories, 365).given_purchase
        low, high = found["p10"][bought, SHARE], found["p90"][bought, SHARE]
        came = value[bought]
        outside = np.maximum(low - came, 0) + np.maximum(came - high, 0)
        return float(np.mean(high - low + 10 * outside))

    assert score(world.model, world.spend) < 1.05 * score(MBG, SPEND)


# ---------- what is not known of the parameters


def test_draws_widen_the_law_and_equal_draws_do_not() -> None:
    plain = value_quantiles(MBG, SPEND, MANY, 365)
    same = value_quantiles(MBG, SPEND, MANY, 365, draws=[Draw(MBG, SPEND)] * 3)
    np.testing.assert_allclose(same.p90, plain.p90)
    differing = [
        Draw(MBG, GammaGamma.from_params(p=4.0, q=3.5, gamma=20.0 * factor))
        for factor in (0.5, 1.0, 1.5)
    ]
    wide = value_quantiles(MBG, SPEND, MANY, 365, draws=differing)
    assert (wide.given_purchase["p10"][:2, 0] < plain.given_purchase["p10"][:2, 0]).all()
    assert (wide.given_purchase["p90"][:2, 0] > plain.given_purchase["p90"][:2, 0]).all()


# ---------- whatever comes in


@st.composite
def history(draw: st.DrawFn) -> tuple[float, float, float]:
    age = draw(st.sampled_from([0.0, 1.0, 30.0, 7300.0]))
    if age == 0 or draw(st.booleans()):
        return 0, 0.0, age
    return draw(st.sampled_from([1, 16, 17, 400, 3000])), age * draw(st.floats(1e-3, 1)), age


def positive(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(np.log(low), np.log(high)).map(lambda x: float(np.exp(x)))


@pytest.mark.filterwarnings("error::RuntimeWarning")
@settings(max_examples=10, deadline=None)
@given(
    rows=st.lists(history(), min_size=1, max_size=3),
    shape=positive(1e-3, 50), scale=positive(1e-1, 1e5),
    leave=positive(1e-3, 1e2), stay=positive(1e-3, 1e4),
    p=positive(1e-2, 1e3), above_one=positive(0.05, 1e3),
    days=st.sampled_from([0.0, 1.0, 365.0]),
)  # fmt: skip
def test_quantiles_are_finite_and_in_order_over_the_whole_domain(
    rows: list, shape: float, scale: float, leave: float, stay: float, p: float,
    above_one: float, days: float,
) -> None:  # fmt: skip
    model = ModifiedBetaGeometric.from_params(r=shape, alpha=scale, a=leave, b=stay)
    spend = GammaGamma.from_params(p=p, q=1 + above_one, gamma=20.0)
    found = value_quantiles(model, spend, frame(*rows), days)
    law = found.given_purchase
    for values in (*law.values(), found.p90, found.orders_variance, *found.orders.values()):
        assert np.isfinite(values).all()
    assert (law["p10"] <= law["p50"]).all()
    assert (law["p50"] <= law["p90"]).all()
    assert (found.p90 <= np.maximum(law["p90"], 0) + 1e-9).all()
    assert (found.orders["p10"] >= 1).all()
    assert (found.orders["p10"] <= found.orders["p90"]).all()
    assert (found.orders_p90 >= 0).all()
    assert (found.orders_variance >= -1e-9).all()
