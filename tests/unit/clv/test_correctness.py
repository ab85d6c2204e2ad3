"""Formulas against independent arithmetic: plain quadrature, simulation, finite differences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, special, stats

from regulars.clv import (
    NBD,
    BetaGeometric,
    GammaGamma,
    ModifiedBetaGeometric,
    ParetoNBD,
    PurchaseModel,
)
from regulars.clv.histories import compressed, read
from tests.unit.clv.simulated import mbg_company, pareto_company

MBG = {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}
PARETO = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
CASES = [(0, 0.0, 10.0), (0, 0.0, 400.0), (1, 3.0, 50.0), (5, 30.0, 31.0), (40, 90.0, 200.0)]
DELTA = np.log(1.1) / 365.25


def frame(*rows: tuple[float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["frequency", "recency", "T"])


def models() -> list[PurchaseModel]:
    return [
        ModifiedBetaGeometric.from_params(**MBG),
        BetaGeometric.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426),
        BetaGeometric.from_params(r=0.6, alpha=20, a=1.0, b=3.0),
        ParetoNBD.from_params(**PARETO),
        ParetoNBD.from_params(r=0.8, alpha=30.0, s=1.0, beta=8.0),
        NBD.from_params(r=0.385, alpha=12.07),
    ]


# ---------- the BG family, by brute force over (rate, chance)


@pytest.mark.parametrize("case", [*CASES[:4], (12, 60.0, 80.0)])
@pytest.mark.parametrize("model", [models()[0], models()[1]], ids=lambda m: m.name)
def test_bg_family_equals_brute_force_integration(model: PurchaseModel, case: tuple) -> None:
    """Likelihood and expectation integrated over λ and p on a fine grid, nothing simplified."""
    x, recency, age = case
    tosses = x + model.tosses_at_zero  # type: ignore[attr-defined]
    p = model.params
    unit = (np.arange(1500) + 0.5) / 1500
    # the posterior's own scale, so that the grid lies where the mass is
    rate_law = stats.gamma(p["r"] + x, scale=1 / (p["alpha"] + recency))
    chance_law = stats.beta(p["a"], p["b"] + max(tosses - 1, 0))
    rate, chance = rate_law.ppf(unit)[:, None], chance_law.ppf(unit)[None, :]
    prior = (
        stats.gamma(p["r"], scale=1 / p["alpha"]).logpdf(rate)
        - rate_law.logpdf(rate)
        + stats.beta(p["a"], p["b"]).logpdf(chance)
        - chance_law.logpdf(chance)
    )
    log_rate = special.xlogy(x, rate)
    active = np.exp(prior + log_rate - rate * age + tosses * np.log1p(-chance))
    left = np.zeros_like(active)
    if tosses:
        left = np.exp(
            prior + log_rate - rate * recency + (tosses - 1) * np.log1p(-chance) + np.log(chance)
        )
    total = np.sum(active + left)
    days = 52.0
    buys = -np.expm1(-rate * chance * days) / chance
    history = frame(case)
    assert model.probability_alive(history)[0] == pytest.approx(np.sum(active) / total, rel=5e-3)
    assert model.expected_purchases(history, days)[0] == pytest.approx(
        np.sum(active * buys) / total, rel=5e-3
    )
    assert model.purchase_probability(history, days)[0] == pytest.approx(
        np.sum(active * -np.expm1(-rate * days)) / total, rel=5e-3
    )
    assert model.discounted_expected_purchases(history, 0.1)[0] == pytest.approx(
        np.sum(active * rate / (DELTA + rate * chance)) / total, rel=5e-3
    )


@pytest.mark.parametrize(("a", "b"), [(0.793, 2.426), (2.3, 4.0), (0.05, 3.0), (1.7, 0.4)])
def test_bg_expectation_equals_the_hypergeometric_formula(a: float, b: float) -> None:
    """Fader, Hardie, Lee (2005), eq. 10, where its series behaves."""
    r, alpha, days = 0.7, 20.0, 30.0
    model = BetaGeometric.from_params(r=r, alpha=alpha, a=a, b=b)
    for x, recency, age in CASES:
        z = days / (alpha + age + days)
        series = special.hyp2f1(r + x, b + x, a + b + x - 1, z)
        tail = ((alpha + age) / (alpha + age + days)) ** (r + x)
        formula = (a + b + x - 1) / (a - 1) * (1 - tail * series)
        found = model.expected_purchases_if_active(frame((x, recency, age)), days)[0]
        assert found == pytest.approx(formula, rel=1e-9)


def test_mbg_answers_equal_what_happens_in_a_simulated_company() -> None:
    """One-time buyers included: the coin is tossed at time zero as well."""
    histories, later, active = mbg_company(3, 40_000, r=0.9, alpha=30, a=0.8, b=2.0, window=200)
    model = ModifiedBetaGeometric.from_params(r=0.9, alpha=30, a=0.8, b=2.0)
    days = 100.0
    counts = np.array([np.sum(moments <= days) for moments in later])
    alive = model.probability_alive(histories)
    expected = model.expected_purchases(histories, days)
    chance = model.purchase_probability(histories, days)
    for rows in (
        histories["frequency"] == 0,
        histories["frequency"] == 1,
        histories["frequency"].between(2, 4),
        histories["frequency"] > 4,
    ):
        n = rows.sum()
        assert n > 1000
        assert abs(alive[rows].mean() - active[rows].mean()) < 4 * 0.5 / np.sqrt(n)
        error = counts[rows].std() / np.sqrt(n)
        assert abs(expected[rows].mean() - counts[rows].mean()) < 4 * error
        bought = (counts[rows] > 0).mean()
        assert abs(chance[rows].mean() - bought) < 4 * np.sqrt(bought * (1 - bought) / n)
    assert alive[histories["frequency"] == 0].max() < 1


# ---------- Pareto/NBD


@pytest.mark.parametrize("case", [*CASES, (5, 31.0, 31.0), (900, 20.0, 300.0)])
@pytest.mark.parametrize(
    "params", [PARETO, {"r": 0.8, "alpha": 30.0, "s": 1.0, "beta": 8.0}], ids=["α<β", "α>β"]
)
def test_pareto_nbd_equals_adaptive_quadrature(params: dict[str, float], case: tuple) -> None:
    x, recency, age = case
    model, history = ParetoNBD.from_params(**params), frame(case)
    r, alpha, s, beta = params.values()

    def integrand(y: float) -> float:
        ratio = (r + x) * np.log((alpha + age) / (alpha + y)) + s * np.log(
            (beta + age) / (beta + y)
        )
        return s / (beta + y) * np.exp(ratio - shift)

    shift = (r + x) * np.log((alpha + age) / (alpha + recency))
    steep = recency + np.array([0.5, 4, 30]) * (alpha + recency) / (r + x)
    gone, _ = integrate.quad(
        integrand,
        recency,
        age,
        epsabs=0,
        epsrel=1e-11,
        limit=500,
        points=[point for point in steep if point < age] or None,
    )
    alive = np.exp(-shift) / (np.exp(-shift) + gone)
    assert model.probability_alive(history)[0] == pytest.approx(alive, rel=1e-8, abs=1e-300)

    def first_purchase(y: float) -> float:
        return (
            (r + x)
            / (alpha + age)
            * (1 + y / (alpha + age)) ** -(r + x + 1)
            * (1 + y / (beta + age)) ** -s
        )

    bought, _ = integrate.quad(first_purchase, 0, 365, epsabs=0, epsrel=1e-11, limit=500)
    assert model.purchase_probability(history, 365)[0] == pytest.approx(alive * bought, rel=1e-8)


# ---------- what holds for every model


@pytest.mark.parametrize("model", models(), ids=lambda m: f"{m.name}-{list(m.params.values())[2:]}")
def test_discounted_purchases_are_the_discounted_sum_of_expectations(model) -> None:
    """∫ e^(−δt) dE[X(t)] = δ ∫ e^(−δt) E[X(t)] dt, by the substitution u = e^(−δt)."""
    history = frame((3, 40.0, 60.0))
    found = model.discounted_expected_purchases(history, 0.10)[0]
    nodes, weights = np.polynomial.legendre.leggauss(400)
    moments = -np.log((1 + nodes) / 2) / DELTA
    total = sum(
        weight / 2 * model.expected_purchases(history, t)[0]
        for t, weight in zip(moments, weights, strict=True)
    )
    assert found == pytest.approx(total, rel=1e-4)


@pytest.mark.parametrize("model", models(), ids=lambda m: f"{m.name}-{list(m.params.values())[2:]}")
def test_counts_add_up_to_one_and_to_the_expectation(model) -> None:
    histories = frame((0, 0.0, 20.0), (3, 40.0, 60.0))
    counts = model.predictive_counts(histories, 30.0, 400)
    np.testing.assert_allclose(counts.sum(axis=1), 1, atol=1e-10)
    np.testing.assert_allclose(
        counts @ np.arange(401.0), model.expected_purchases(histories, 30.0), rtol=1e-8
    )
    np.testing.assert_allclose(
        1 - counts[:, 0], model.purchase_probability(histories, 30.0), rtol=1e-9
    )


@pytest.mark.parametrize("model", models(), ids=lambda m: f"{m.name}-{list(m.params.values())[2:]}")
def test_a_new_customer_is_a_history_of_age_zero(model) -> None:
    new = frame((0, 0.0, 0.0))
    for days in (1.0, 30.0, 365.0):
        assert model.expected_purchases_new(days)[0] == pytest.approx(
            model.expected_purchases(new, days)[0], rel=1e-12
        )


@pytest.mark.parametrize("model", models(), ids=lambda m: f"{m.name}-{list(m.params.values())[2:]}")
def test_gradient_equals_finite_differences(model) -> None:
    histories = compressed(read(frame(*CASES, (7, 7.0, 7.0), (2, 1.0, 300.0))))
    prepared = model._prepare(histories)
    values = np.array(list(model.params.values()))
    gradient = model._log_likelihood(prepared, values)[1]
    for index in range(len(values)):
        step = 1e-5 * values[index]
        above, below = values.copy(), values.copy()
        above[index] += step
        below[index] -= step
        difference = (
            model._log_likelihood(prepared, above)[0] - model._log_likelihood(prepared, below)[0]
        )
        assert gradient[index] == pytest.approx(difference / (2 * step), rel=1e-6)


def test_gamma_gamma_gradient_equals_finite_differences() -> None:
    spends = pd.DataFrame(
        {"purchase_days": [1, 2, 5, 1], "monetary_value": [10.0, 35.5, 22.1, 80.0]}
    )
    model = GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44)
    from regulars.clv.gamma_gamma import _Prepared, read_spends

    prepared = _Prepared.of(read_spends(spends))
    values = np.array([6.25, 3.74, 15.44])
    gradient = prepared.log_likelihood(values)[1]
    for index in range(3):
        step = np.zeros(3)
        step[index] = 1e-5 * values[index]
        rise = prepared.log_likelihood(values + step)[0] - prepared.log_likelihood(values - step)[0]
        assert gradient[index] == pytest.approx(rise / (2 * step[index]), rel=1e-6)
    assert model.expected_spend_new() == pytest.approx(6.25 * 15.44 / 2.74)


# ---------- limits and nested models


def test_models_without_drop_out_agree_with_nbd() -> None:
    nbd = NBD.from_params(r=0.5, alpha=10)
    never = [
        BetaGeometric.from_params(r=0.5, alpha=10, a=1e-9, b=1e3),
        ModifiedBetaGeometric.from_params(r=0.5, alpha=10, a=1e-9, b=1e3),
    ]
    recent = frame((0, 0.0, 10.0), (5, 30.0, 31.0), (40, 190.0, 200.0))
    for model in never:
        np.testing.assert_allclose(
            model.expected_purchases(recent, 90), nbd.expected_purchases(recent, 90), rtol=1e-4
        )
        np.testing.assert_allclose(
            model.discounted_expected_purchases(recent, 0.1),
            nbd.discounted_expected_purchases(recent, 0.1),
            rtol=1e-4,
        )
    pareto = ParetoNBD.from_params(r=0.5, alpha=10, s=1e-9, beta=1e3)
    np.testing.assert_allclose(
        pareto.expected_purchases(recent, 90), nbd.expected_purchases(recent, 90), rtol=1e-4
    )


def test_a_equal_to_one_is_a_limit_like_any_other() -> None:
    around = [
        BetaGeometric.from_params(r=0.6, alpha=20, a=a, b=3.0).expected_purchases(frame(*CASES), 60)
        for a in (1 - 1e-7, 1.0, 1 + 1e-7)
    ]
    np.testing.assert_allclose(around[0], around[1], rtol=1e-6)
    np.testing.assert_allclose(around[2], around[1], rtol=1e-6)


# ---------- parameters recovered


def test_mbg_parameters_are_recovered_from_simulation() -> None:
    histories, _, _ = mbg_company(11, 8_000, r=0.8, alpha=40, a=0.9, b=2.5, window=600)
    fitted = ModifiedBetaGeometric().fit(histories)
    assert fitted.converged
    truth = {"r": 0.8, "alpha": 40, "a": 0.9, "b": 2.5}
    for name, value in truth.items():
        error = fitted.standard_errors[name]
        assert abs(fitted.params[name] - value) < 3.5 * error


def test_pareto_parameters_are_recovered_from_simulation() -> None:
    histories = pareto_company(5, 6_000, r=0.8, alpha=40, s=0.9, beta=120, window=600)
    fitted = ParetoNBD().fit(histories)
    assert fitted.converged
    truth = {"r": 0.8, "alpha": 40, "s": 0.9, "beta": 120}
    for name, value in truth.items():
        assert abs(fitted.params[name] - value) < 3.5 * fitted.standard_errors[name]


def test_spend_parameters_are_recovered_from_simulation() -> None:
    draw = np.random.default_rng(2)
    days = draw.integers(1, 8, 8_000)
    rates = draw.gamma(3.7, 1 / 15.4, 8_000)
    spends = pd.DataFrame(
        {"purchase_days": days, "monetary_value": draw.gamma(6.2 * days) / rates / days}
    )
    fitted = GammaGamma().fit(spends)
    for name, value in {"p": 6.2, "q": 3.7, "gamma": 15.4}.items():
        assert abs(fitted.params[name] - value) < 3.5 * fitted.standard_errors[name]
