"""Models with covariates agree with the plain ones, with differences, and with what was drawn."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from regulars.clv import (
    NBD,
    BetaGeometric,
    HistoryError,
    ModifiedBetaGeometric,
    ParetoNBD,
    PurchaseModel,
    RegularModifiedBetaGeometric,
    WithCovariates,
)

PARETO = {"r": 0.7, "alpha": 30.0, "s": 0.7, "beta": 120.0}
BG = {"r": 0.7, "alpha": 30.0, "a": 0.8, "b": 2.5}
CASES = [
    (NBD(), {"rate": ["web", "bad"]}, {"r": 0.7, "alpha": 30.0}),
    (ParetoNBD(), {"rate": ["web"], "dropout": ["bad", "web"]}, PARETO),
    (BetaGeometric(), {"rate": ["web"], "dropout": ["bad"], "staying": ["bad"]}, BG),
    (ModifiedBetaGeometric(), {"rate": ["web", "bad"], "dropout": ["bad"]}, BG),
    (RegularModifiedBetaGeometric(2), {"rate": ["bad"], "dropout": ["web"]}, BG),
]


@pytest.fixture(params=CASES, ids=lambda case: case[0].name)
def case(request):
    return request.param


@pytest.fixture(scope="module")
def histories() -> pd.DataFrame:
    """4,000 customers: web purchases come sooner, a bad start shortens what follows."""
    draw = np.random.default_rng(8)
    parts = []
    for web in (0, 1):
        for bad in (0, 1):
            params = PARETO | {"alpha": 30 * math.exp(-0.4 * web), "beta": 120 * math.exp(-bad)}
            model = ParetoNBD.from_params(**params)
            drawn = model.simulate(draw.integers(30, 500, 1000).astype(float), 180, 2 * web + bad)
            drawn["recency"] = np.ceil(drawn["recency"])
            parts.append(drawn.assign(web=web, bad=bad))
    return pd.concat(parts, ignore_index=True)


def with_coefficients(plain, columns, params, value: float) -> WithCovariates:
    model = WithCovariates(plain, **columns)
    names = [f"{process}_{name}" for process, named in columns.items() for name in named]
    return model.with_params(**params, **dict.fromkeys(names, value))


def test_gradients_are_those_of_differences(case, histories) -> None:
    plain, columns, params = case
    model = with_coefficients(plain, columns, params, 0.3)
    surface = model._surface(model._read(histories))
    theta = surface.theta(model.params)
    gradient = surface.objective(theta)[1]
    for index in range(len(theta)):
        step = np.zeros(len(theta))
        step[index] = 1e-5
        difference = surface.objective(theta + step)[0] - surface.objective(theta - step)[0]
        assert gradient[index] == pytest.approx(difference / 2e-5, rel=1e-6, abs=1e-9)


def test_without_effects_it_is_the_plain_model(case, histories) -> None:
    plain, columns, params = case
    model = with_coefficients(plain, columns, params, 0.0)
    same = model.at(web=1, bad=1)
    some = histories.iloc[::40]
    assert model.assess(histories).log_likelihood == pytest.approx(
        same.assess(histories).log_likelihood, rel=1e-12
    )
    for ask, given in (
        ("probability_alive", ()),
        ("expected_purchases", (90,)),
        ("expected_purchases_if_active", (90,)),
        ("expected_purchases_if_kept", (90,)),
        ("purchase_probability", (90,)),
        ("discounted_expected_purchases", (0.1,)),
        ("predictive_counts", (90,)),
    ):
        np.testing.assert_allclose(
            getattr(model, ask)(some, *given), getattr(same, ask)(some, *given), rtol=1e-9
        )


def test_effects_that_were_drawn_are_found(histories) -> None:
    model = WithCovariates(ParetoNBD(), rate=["web", "bad"], dropout=["web", "bad"]).fit(histories)
    truth = PARETO | {"rate_web": 0.4, "rate_bad": 0.0, "dropout_web": 0.0, "dropout_bad": 1.0}
    assert model.converged
    assert model.warnings == []
    for name, value in truth.items():
        assert abs(model.params[name] - value) < 3 * model.standard_errors[name]
    low, high = model.interval("dropout_bad", 0.95)
    assert 0.5 < low < 1.0 < high < 1.5
    alive = model.probability_alive(histories)
    for bad in (0, 1):
        rows = histories["bad"] == bad
        assert alive[rows].mean() == pytest.approx(histories["is_active"][rows].mean(), abs=0.04)


def test_the_order_of_customers_and_their_grouping_change_nothing(histories) -> None:
    columns = {"rate": ["web"], "dropout": ["bad"]}
    alike = ["frequency", "recency", "T", "web", "bad"]
    grouped = histories.groupby(alike, as_index=False).size().rename(columns={"size": "weight"})
    first = WithCovariates(ModifiedBetaGeometric(), **columns).fit(histories)
    other = WithCovariates(ModifiedBetaGeometric(), **columns).fit(grouped.iloc[::-1])
    assert first.params == other.params
    assert first.log_likelihood == other.log_likelihood


def test_parameters_read_back_are_judged_as_when_fitted(histories) -> None:
    fitted = WithCovariates(ModifiedBetaGeometric(), dropout=["bad"]).fit(histories)
    again = WithCovariates(ModifiedBetaGeometric(), dropout=["bad"]).with_params(**fitted.params)
    again.assess(histories)
    assert again.standard_errors == fitted.standard_errors
    assert (again.log_likelihood, again.warnings) == (fitted.log_likelihood, fitted.warnings)


def test_a_covariate_that_everybody_shares_is_said_to_have_no_effect_of_its_own(histories) -> None:
    model = WithCovariates(ParetoNBD(), dropout=["same"]).fit(histories.assign(same=1))
    assert "the likelihood is flat in some direction: parameters are not unique" in model.warnings
    assert model.interval("dropout_same") == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("origin", "unit"), [(2023, 1), (-7.5, 0.125), (0, 1e6), (1.7e9, 86_400), (0, 1e-6)]
)
def test_neither_origin_nor_unit_of_a_covariate_moves_a_fit(
    histories, origin: float, unit: float
) -> None:
    plain = WithCovariates(ParetoNBD(), rate=["web"], dropout=["bad"]).fit(histories)
    coded = histories.assign(web=origin + unit * histories["web"])
    model = WithCovariates(ParetoNBD(), rate=["web"], dropout=["bad"]).fit(coded)
    assert model.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-10)
    in_units = model.params | {"rate_web": unit * model.params["rate_web"]}
    assert in_units == pytest.approx(plain.params, rel=1e-6, abs=1e-8)
    ends = np.multiply(unit, model.interval("rate_web"))
    np.testing.assert_allclose(ends, plain.interval("rate_web"), rtol=1e-6, atol=1e-8)
    assert model.interval("dropout_bad") == pytest.approx(plain.interval("dropout_bad"), rel=1e-6)
    # whoever is all but gone is expected to buy next to nothing: there the rounding shows
    expected = plain.expected_purchases(histories, 365)
    np.testing.assert_allclose(model.expected_purchases(coded, 365), expected, rtol=1e-5, atol=1e-8)


def test_parameters_read_back_keep_the_origin(histories) -> None:
    years = histories.assign(year=2023 + histories["web"])
    fitted = WithCovariates(NBD(), rate=["year"]).fit(years)
    again = WithCovariates(NBD(), rate=["year"]).with_params(**fitted.stored_params)
    assert fitted.stored_params["origin_year"] == 2023
    np.testing.assert_array_equal(
        again.expected_purchases(years, 90), fitted.expected_purchases(years, 90)
    )
    assert again.at(year=2024).params == fitted.at(year=2024).params
    assert "origin_web" not in WithCovariates(NBD(), rate=["web"]).fit(histories).stored_params


def test_an_effect_without_limit_is_bounded_and_said(histories) -> None:
    """Whoever is marked never came back."""
    marked = histories.assign(marked=(histories["frequency"] == 0).astype(float))
    model = WithCovariates(NBD(), rate=["marked"]).fit(marked)
    assert "rate_marked is not identified: it ran to its bound" in model.warnings
    assert np.isfinite(model.expected_purchases(marked, 365)).all()


def test_every_question_about_histories_can_be_asked() -> None:
    """Of the plain models' public questions, those that start with a frame."""
    asked = {
        name
        for name, question in vars(PurchaseModel).items()
        if not name.startswith("_") and "histories" in getattr(question, "__annotations__", {})
    }
    assert "expected_purchases_if_kept" in asked
    assert asked <= set(vars(WithCovariates))


def test_wrong_use_is_refused_in_words(histories) -> None:
    with pytest.raises(ValueError, match="nbd has no 'dropout': rate"):
        WithCovariates(NBD(), dropout=["bad"])
    with pytest.raises(ValueError, match="at least one"):
        WithCovariates(ParetoNBD())
    with pytest.raises(ValueError, match="give k: with covariates mbg_cnbd_k"):
        WithCovariates(RegularModifiedBetaGeometric(), dropout=["bad"])
    model = WithCovariates(ParetoNBD(), dropout=["bad"])
    with pytest.raises(HistoryError, match="column 'bad' is missing"):
        model.fit(histories.drop(columns="bad"))
    with pytest.raises(HistoryError, match="column 'bad' is not a finite number for 1 customer: "):
        model.fit(histories.assign(bad=histories["bad"].where(histories.index != 7)))
    with pytest.raises(HistoryError, match="there are no histories"):
        model.fit(histories.iloc[:0])
    with pytest.raises(ValueError, match="dropout_bad is missing"):
        model.with_params(**PARETO)
    with pytest.raises(ValueError, match="'web' is no covariate"):
        model.with_params(**PARETO, dropout_bad=1.0).at(web=1)
    with pytest.raises(ValueError, match="'rate_bad' is no coefficient"):
        model.interval("rate_bad")
