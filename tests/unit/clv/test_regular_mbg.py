"""MBG/CNBD-k against MBG/NBD, its own clockwork, and finite differences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from regulars.clv import HistoryError, ModifiedBetaGeometric, RegularModifiedBetaGeometric
from regulars.clv.histories import compressed, read
from tests.unit.clv.test_domain import frame, history, is_sane, positive

PARAMS = {"r": 0.9, "alpha": 15.0, "a": 0.8, "b": 2.5}
CASES = frame((0, 0.0, 20.0), (0, 0.0, 400.0), (3, 50.0, 50.0), (8, 90.0, 120.0), (60, 300, 310))


def company(k: int, customers: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Histories at 300 days with their log-gaps, and purchases in the 100 days after, every gap
    drawn and every coin tossed."""
    draw = np.random.default_rng(seed)
    rates = draw.gamma(PARAMS["r"], 1 / PARAMS["alpha"], customers)
    chances = draw.beta(PARAMS["a"], PARAMS["b"], customers)
    rows, later = [], []
    for rate, chance in zip(rates, chances, strict=True):
        moments, moment = [], 0.0
        while draw.random() >= chance:
            moment += draw.gamma(k, 1 / max(rate, 1e-300))
            if moment > 400:
                break
            moments.append(moment)
        known = [m for m in moments if m <= 300]
        gaps = np.diff([0.0, *known])
        rows.append((len(known), known[-1] if known else 0.0, 300.0, np.log(gaps).sum()))
        later.append(len(moments) - len(known))
    return pd.DataFrame(rows, columns=["frequency", "recency", "T", "log_gaps"]), np.array(later)


@pytest.fixture(scope="module")
def regular() -> tuple[pd.DataFrame, np.ndarray]:
    return company(3, 12_000, seed=6)


def test_with_one_tick_per_purchase_it_is_mbg_nbd() -> None:
    plain = ModifiedBetaGeometric.from_params(**PARAMS)
    ticking = RegularModifiedBetaGeometric.from_params(k=1, **PARAMS)
    for question in ("expected_purchases", "purchase_probability", "expected_purchases_if_kept"):
        found, wanted = (getattr(model, question)(CASES, 90) for model in (ticking, plain))
        np.testing.assert_allclose(found, wanted, rtol=1e-8)
    np.testing.assert_allclose(ticking.probability_alive(CASES), plain.probability_alive(CASES))
    np.testing.assert_allclose(
        ticking.discounted_expected_purchases(CASES, 0.1),
        plain.discounted_expected_purchases(CASES, 0.1),
        rtol=1e-8,
    )
    np.testing.assert_allclose(
        ticking.predictive_counts(CASES, 90, 30), plain.predictive_counts(CASES, 90, 30), atol=1e-12
    )


def test_a_fit_with_one_tick_is_that_of_mbg_nbd() -> None:
    rows = ModifiedBetaGeometric.from_params(**PARAMS).simulate(np.full(3000, 300.0), 0, 5)
    plain, ticking = ModifiedBetaGeometric().fit(rows), RegularModifiedBetaGeometric(1).fit(rows)
    assert ticking.params == pytest.approx(plain.params, rel=1e-6)
    assert ticking.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-6)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_the_gradient_equals_finite_differences(k) -> None:
    model = RegularModifiedBetaGeometric.from_params(k=k, **PARAMS)
    prepared = model._prepare(compressed(read(CASES)))
    values = np.array(list(model.params.values()))
    gradient = model._log_likelihood(prepared, values)[1]
    for index in range(4):
        step = np.zeros(4)
        step[index] = 1e-5 * values[index]
        rise = model._log_likelihood(prepared, values + step)[0]
        rise -= model._log_likelihood(prepared, values - step)[0]
        assert gradient[index] == pytest.approx(rise / (2 * step[index]), rel=1e-6)


def test_the_rhythm_and_the_parameters_are_recovered(regular) -> None:
    fitted = RegularModifiedBetaGeometric().fit(regular[0])
    assert fitted.k == 3
    assert fitted.converged
    for name, value in PARAMS.items():
        assert abs(fitted.params[name] - value) < 3.5 * fitted.standard_errors[name]


def test_a_fit_again_looks_for_the_rhythm_again() -> None:
    model = RegularModifiedBetaGeometric()
    for k in (3, 1):
        assert model.fit(company(k, 1500, seed=k)[0]).k == k
    given = RegularModifiedBetaGeometric(2)
    assert given.fit(company(1, 300, seed=1)[0]).k == 2


def test_stored_parameters_make_any_model_again(regular) -> None:
    fitted = RegularModifiedBetaGeometric(3).fit(regular[0].iloc[:500])
    assert list(fitted.stored_params) == ["k", "r", "alpha", "a", "b"]
    plain = ModifiedBetaGeometric.from_params(**PARAMS)
    for model in (fitted, plain):
        again = type(model).from_params(**model.stored_params)
        assert again.stored_params == model.stored_params
        asked = (CASES, 90)
        np.testing.assert_array_equal(
            again.expected_purchases(*asked), model.expected_purchases(*asked)
        )


def test_what_comes_later_is_what_was_expected(regular) -> None:
    """By time since the last purchase too: that is where rhythm shows."""
    histories, later = regular
    model = RegularModifiedBetaGeometric.from_params(k=3, **PARAMS)
    expected = model.expected_purchases(histories, 100)
    chance = model.purchase_probability(histories, 100)
    since = histories["T"] - histories["recency"]
    bands = (histories["frequency"] == 0, (histories["frequency"] > 1) & (since < 10), since > 60)
    for band in (*bands, histories["frequency"] > 4):
        for said, came in ((expected, later), (chance, later > 0)):
            error = came[band] - said[band]
            assert abs(error.mean()) < 4 * error.std() / np.sqrt(band.sum())


def test_its_own_simulation_agrees_with_the_slow_one(regular) -> None:
    model = RegularModifiedBetaGeometric.from_params(k=3, **PARAMS)
    drawn = model.simulate(np.full(40_000, 300.0), 100, seed=9)
    for quick, slow in (
        (drawn["frequency"], regular[0]["frequency"]),
        (drawn["recency"], regular[0]["recency"]),
        (drawn["later_purchases"], pd.Series(regular[1])),
    ):
        error = np.hypot(quick.std() / np.sqrt(len(quick)), slow.std() / np.sqrt(len(slow)))
        assert abs(quick.mean() - slow.mean()) < 4 * error


def test_what_a_new_customer_buys_is_what_a_company_of_them_bought(regular) -> None:
    """From age zero on, through the whole past: no closed form of memoryless gaps is right here."""
    histories, _ = regular
    model = RegularModifiedBetaGeometric.from_params(k=3, **PARAMS)
    some, none = model.expected_purchases_new([300.0, 0.0])
    error = histories["frequency"].std() / len(histories) ** 0.5
    assert some == pytest.approx(histories["frequency"].mean(), abs=4 * error)
    assert some == pytest.approx(model.expected_purchases(frame((0, 0.0, 0.0)), 300.0)[0])
    assert none == 0


@pytest.mark.parametrize("k", [2, 4])
def test_counts_add_up_to_one_and_to_the_expectation(k) -> None:
    model = RegularModifiedBetaGeometric.from_params(k=k, **PARAMS)
    counts = model.predictive_counts(CASES, 60, 300)
    np.testing.assert_allclose(counts.sum(axis=1), 1, rtol=1e-9)
    expected = model.expected_purchases(CASES, 60)
    np.testing.assert_allclose((counts * np.arange(301)).sum(axis=1), expected, rtol=1e-7)
    np.testing.assert_allclose(1 - counts[:, 0], model.purchase_probability(CASES, 60))


def test_discounted_purchases_are_the_discounted_expectations() -> None:
    """By parts: the integral of δ e^(−δt) E[X(t)], on times that lie closer near zero."""
    model = RegularModifiedBetaGeometric.from_params(k=3, **PARAMS)
    delta = np.log(1.1) / 10  # strong discounting: the integral ends early
    root = np.linspace(0, np.sqrt(2500), 201)
    expected = np.array([model.expected_purchases(CASES.iloc[:4], t) for t in root**2])
    integrand = (delta * np.exp(-delta * root**2) * 2 * root)[:, None] * expected
    found = model.discounted_expected_purchases(CASES.iloc[:4], 0.1, 10)
    np.testing.assert_allclose(found, integrate.simpson(integrand, x=root, axis=0), rtol=1e-5)


def test_many_purchases_ahead_are_summed_as_exactly_as_few() -> None:
    """Kept, a customer of known rate buys E[⌊(ticks + j)/k⌋]: against the plain long sum."""
    model = RegularModifiedBetaGeometric.from_params(k=2, **PARAMS)
    quick = model.expected_purchases_if_kept(CASES, 3000)
    reached = model._reached(read(CASES), 3000)
    plain = np.sum([reached(m) for m in range(1, 12_000)], axis=0)
    np.testing.assert_allclose(quick, plain, rtol=1e-6)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(history(), min_size=1, max_size=3),
    k=st.integers(1, 12),
    shape=positive(1e-4, 1e3),
    scale=positive(1e-4, 1e6),
    leave=positive(1e-4, 1e3),
    stay=positive(1e-4, 1e6),
    days=st.one_of(st.just(0.0), positive(1e-3, 1e4)),
)
def test_answers_are_sane_over_the_whole_domain(rows, k, shape, scale, leave, stay, days) -> None:
    model = RegularModifiedBetaGeometric.from_params(k=k, r=shape, alpha=scale, a=leave, b=stay)
    is_sane(model, frame(*rows), days)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@settings(max_examples=10, deadline=None)
@given(rows=st.lists(history(), min_size=1, max_size=8), k=st.integers(1, 6))
def test_a_fit_never_breaks_whatever_the_histories(rows: list, k: int) -> None:
    model = RegularModifiedBetaGeometric(k).fit(frame(*rows))
    assert np.isfinite([*model.params.values(), model.log_likelihood]).all()
    is_sane(model, frame(*rows), 365)


def test_a_rhythm_is_given_or_found_never_guessed() -> None:
    with pytest.raises(HistoryError, match="'log_gaps' is missing"):
        RegularModifiedBetaGeometric().fit(frame((1, 2.0, 9.0)))
    for bad in (0, 13, 1.5):
        with pytest.raises(ValueError, match="a whole number from 1 to 12"):
            RegularModifiedBetaGeometric(bad)
    with pytest.raises(ValueError, match="takes k, r"):
        RegularModifiedBetaGeometric.from_params(**PARAMS)
