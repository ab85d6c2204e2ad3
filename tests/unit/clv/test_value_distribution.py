"""What is said of a customer's value is its law's; test_distributions_hold asks what happens."""

from __future__ import annotations

from collections.abc import Callable

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
from regulars.clv.value_distribution import (
    GIVEN_PURCHASE,
    Draw,
    value_distributions,
    value_quantiles,
)
from regulars.value_knots import KNOTS

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


def exact_law(
    model: PurchaseModel, history: pd.DataFrame, spend: GammaGamma = SPEND
) -> Callable[[float, float], float]:
    """(t, level) → quantile of (1 − t)·S/E − t·N given N > 0: the sum over N, solved by
    bisection. `history` is one row."""
    p, q, _ = spend.params.values()
    shape = q + p * (history["frequency"].iloc[0] + 1)
    law = model.predictive_counts(history, 365, 400)[0, 1:]
    law = law[: np.searchsorted(np.cumsum(law), (1 - 1e-7) * law.sum()) + 1]
    law, counts = law / law.sum(), np.arange(1.0, len(law) + 1)

    def reached(value: float, share: float, level: float) -> float:
        ratio = np.maximum((value + share * counts) / (1 - share), 0) * p / (shape - 1)
        return float(law @ special.betainc(p * counts, shape, ratio / (1 + ratio))) - level

    def quantile(share: float, level: float) -> float:
        return float(optimize.brentq(reached, -400.0, 4000.0, (share, level), xtol=1e-6))

    return quantile


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_quantiles_are_those_of_the_law(model: PurchaseModel) -> None:
    found = value_quantiles(model, SPEND, MANY, 365)
    for row in range(len(MANY)):
        exact = exact_law(model, MANY.iloc[[row]])
        for knot in (0, 4):
            scale = exact(KNOTS[knot], 0.9)
            for name, level in GIVEN_PURCHASE.items():
                error = found.given_purchase[name][row, knot] - exact(KNOTS[knot], level)
                assert abs(error) < 0.012 * scale


@pytest.mark.parametrize(("p", "q"), [(1.2, 30.0), (4.0, 3.5), (20.0, 15.0)])
def test_up_to_costs_of_one_and_a_half_margins_the_error_is_below_a_fiftieth_of_p90(
    p: float, q: float
) -> None:
    """Of the P90 of what the goods leave, on 300 histories, each at costs of its own."""
    draw = np.random.default_rng(1)
    ages = draw.integers(10, 900, 300).astype(float)
    histories = MBG.simulate(ages, 365, seed=2)[["frequency", "recency", "T"]]
    shares = draw.permutation(np.linspace(0.002, 0.6, len(ages)))  # costs of 0 to 150% of margin
    spend = GammaGamma.from_params(p=p, q=q, gamma=20.0)
    found = value_quantiles(MBG, spend, histories, 365).given_purchase
    for row, share in enumerate(shares):
        exact = exact_law(MBG, histories.iloc[[row]], spend)
        goods_p90 = (1 - share) * exact(0.0, 0.9)
        for name, level in GIVEN_PURCHASE.items():
            error = np.interp(share, KNOTS, found[name][row]) - exact(share, level)
            assert abs(error) < 0.02 * goods_p90


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


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_some_histories_have_the_quantiles_that_they_have_among_all(model: PurchaseModel) -> None:
    """To the last bit, whomever they stand beside: a night writes them some at a time."""
    whole = value_quantiles(model, SPEND, MANY, 365)
    found = value_distributions(model, SPEND, MANY, 365)
    for start, end in ((0, 1), (1, 4), (4, 6)):
        rows = slice(start, end)
        some = found.quantiles(rows)
        for name in GIVEN_PURCHASE:
            np.testing.assert_array_equal(
                some.given_purchase[name], whole.given_purchase[name][rows]
            )
            np.testing.assert_array_equal(some.orders[name], whole.orders[name][rows])
        for name in ("p90", "orders_p90", "orders_variance"):
            np.testing.assert_array_equal(getattr(some, name), getattr(whole, name)[rows])


def test_all_histories_come_once_and_in_order_some_at_a_time() -> None:
    many = pd.concat([MANY] * 4000, ignore_index=True)
    blocks = list(value_distributions(MBG, SPEND, many, 365).blocks())
    assert [len(many.iloc[rows]) for rows, _ in blocks] == [*[5_000] * 4, 4_000]
    variances = np.concatenate([each.orders_variance for _, each in blocks])
    np.testing.assert_array_equal(variances[:6], variances[-6:])
    assert len(variances) == len(many)


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
    shape=positive(1e-3, 50),
    scale=positive(1e-1, 1e5),
    leave=positive(1e-3, 1e2),
    stay=positive(1e-3, 1e4),
    p=positive(1e-2, 1e3),
    above_one=positive(0.05, 1e3),
    days=st.sampled_from([0.0, 1.0, 365.0]),
)
def test_quantiles_are_finite_and_in_order_over_the_whole_domain(
    rows: list,
    shape: float,
    scale: float,
    leave: float,
    stay: float,
    p: float,
    above_one: float,
    days: float,
) -> None:
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
