"""BG/BB against enumeration of every possible life."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from regulars.clv import BetaGeometricBetaBinomial, HistoryError
from regulars.clv.histories import read
from tests.unit.clv.test_domain import frame, is_sane, positive

MODEL = BetaGeometricBetaBinomial.from_params(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8)
ONE_POLE = BetaGeometricBetaBinomial.from_params(alpha=0.4, beta=1.5, gamma=1.0, delta=1.5)


def every_history(n: int) -> pd.DataFrame:
    rows = [(0, 0.0, float(n), 1)]
    for last in range(1, n + 1):
        rows += [
            (x, float(last), float(n), special.comb(last - 1, x - 1)) for x in range(1, last + 1)
        ]
    return pd.DataFrame(rows, columns=["frequency", "recency", "T", "ways"])


@pytest.mark.parametrize("model", [MODEL, ONE_POLE])
def test_the_chances_of_all_histories_add_up_to_one(model) -> None:
    histories = every_history(7)
    values = np.array(list(model.params.values()))
    base = special.betaln(*values[:2]) + special.betaln(*values[2:])
    chances = [
        np.exp(model._log_likelihood(model._prepare(read(row)), values)[0])
        for row in (histories.iloc[[i]] for i in range(len(histories)))
    ]
    assert np.isfinite(base)
    assert np.sum(histories["ways"] * chances) == pytest.approx(1)


@pytest.mark.parametrize("model", [MODEL, ONE_POLE])
def test_expectations_follow_from_the_chances_of_longer_histories(model) -> None:
    """P(next one is used | history) is L(history and a purchase)/L(history)."""
    values = np.array(list(model.params.values()))

    def likelihood(x: int, last: float, n: float) -> float:
        return np.exp(model._log_likelihood(model._prepare(read(frame((x, last, n)))), values)[0])

    for x, last, n in ((0, 0.0, 4.0), (2, 3.0, 6.0), (6, 6.0, 6.0)):
        chance = likelihood(x + 1, n + 1, n + 1) / likelihood(x, last, n)
        assert model.expected_purchases(frame((x, last, n)), 1)[0] == pytest.approx(chance)
        assert model.purchase_probability(frame((x, last, n)), 1)[0] == pytest.approx(chance)


@pytest.mark.parametrize("model", [MODEL, ONE_POLE])
def test_counts_add_up_to_one_and_to_the_expectation(model) -> None:
    histories = every_history(5)
    counts = model.predictive_counts(histories, 12, 12)
    np.testing.assert_allclose(counts.sum(axis=1), 1)
    expected = model.expected_purchases(histories, 12)
    np.testing.assert_allclose((counts * np.arange(13)).sum(axis=1), expected)
    np.testing.assert_allclose(1 - counts[:, 0], model.purchase_probability(histories, 12))


def test_a_tiny_chance_keeps_its_digits() -> None:
    unlikely = BetaGeometricBetaBinomial.from_params(alpha=1e-4, beta=1e4, gamma=1e4, delta=1e-4)
    somebody = frame((0, 0.0, 0.0))  # one opportunity ahead: the chance is the expectation
    chance = unlikely.purchase_probability(somebody, 1)[0]
    assert chance == pytest.approx(unlikely.expected_purchases(somebody, 1)[0], rel=1e-13)
    assert chance == pytest.approx(1e-16, rel=1e-6)


def test_discounted_purchases_are_the_discounted_sum() -> None:
    histories = every_history(4)
    steps = [MODEL.expected_purchases(histories, k) for k in range(0, 1200)]
    summed = sum(
        (later - sooner) * 1.1**-k for k, (sooner, later) in enumerate(pairwise(steps), start=1)
    )
    found = MODEL.discounted_expected_purchases(histories, 0.1, 1)
    np.testing.assert_allclose(found, summed, rtol=1e-10)


def test_the_gradient_equals_finite_differences() -> None:
    prepared = MODEL._prepare(read(every_history(6)))
    values = np.array(list(MODEL.params.values()))
    gradient = MODEL._log_likelihood(prepared, values)[1]
    for index in range(4):
        step = np.zeros(4)
        step[index] = 1e-5 * values[index]
        rise = MODEL._log_likelihood(prepared, values + step)[0]
        rise -= MODEL._log_likelihood(prepared, values - step)[0]
        assert gradient[index] == pytest.approx(rise / (2 * step[index]), rel=1e-6)


def test_parameters_are_recovered_from_simulation() -> None:
    drawn = MODEL.simulate(np.full(20_000, 10.0), 0, seed=3)
    fitted = BetaGeometricBetaBinomial().fit(drawn)
    assert fitted.converged
    for name, value in MODEL.params.items():
        assert abs(fitted.params[name] - value) < 3.5 * fitted.standard_errors[name]


@st.composite
def history(draw: st.DrawFn) -> tuple[int, float, float]:
    n = draw(st.integers(0, 60))
    last = draw(st.integers(0, n))
    x = draw(st.integers(1, last)) if last else 0
    return x, float(last), float(n)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(history(), min_size=1, max_size=5),
    values=st.tuples(*[positive(1e-4, 1e4)] * 4),
    days=st.integers(0, 40),
)
def test_answers_are_sane_over_the_whole_domain(rows: list, values: tuple, days: int) -> None:
    names = BetaGeometricBetaBinomial.parameter_names
    model = BetaGeometricBetaBinomial.from_params(**dict(zip(names, values, strict=True)))
    is_sane(model, frame(*rows), days)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@settings(max_examples=15, deadline=None)
@given(rows=st.lists(history(), min_size=1, max_size=10))
def test_a_fit_never_breaks_whatever_the_histories(rows: list) -> None:
    model = BetaGeometricBetaBinomial().fit(frame(*rows))
    assert np.isfinite([*model.params.values(), model.log_likelihood]).all()
    is_sane(model, frame(*rows), 10)


def test_what_is_not_whole_or_too_frequent_is_refused() -> None:
    with pytest.raises(HistoryError, match="'T' is not whole"):
        MODEL.probability_alive(frame((0, 0.0, 2.5)))
    with pytest.raises(HistoryError, match="'frequency' is above recency"):
        BetaGeometricBetaBinomial().fit(frame((3, 2.0, 6.0)))
    with pytest.raises(ValueError, match="whole number of opportunities"):
        MODEL.expected_purchases(frame((0, 0.0, 2.0)), 1.5)
