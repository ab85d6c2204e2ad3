"""Models of contracts against their definitions and their own simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.clv import BetaDiscreteWeibull, HistoryError, ShiftedBetaGeometric
from regulars.clv._contract_model import read_contracts
from tests.unit.clv.test_domain import positive

KINDS = (ShiftedBetaGeometric, BetaDiscreteWeibull)
MODELS = (
    ShiftedBetaGeometric.from_params(alpha=0.67, beta=3.8),
    BetaDiscreteWeibull.from_params(alpha=0.5, beta=2.0, c=1.4),
)


def contracts(*rows: tuple[int, bool]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["periods", "is_active"])


def test_survival_is_the_mean_over_everybodys_own_chance() -> None:
    chances = np.random.default_rng(1).beta(0.67, 3.8, 400_000)
    found = MODELS[0].survival([1, 5, 20])
    simulated = [np.mean((1 - chances) ** t) for t in (1, 5, 20)]
    np.testing.assert_allclose(found, simulated, rtol=5e-3)


def test_with_c_equal_to_one_the_weibull_is_the_geometric() -> None:
    weibull = BetaDiscreteWeibull.from_params(alpha=0.67, beta=3.8, c=1.0)
    rows = contracts((3, True), (9, True), (4, False))
    np.testing.assert_array_equal(weibull.survival([0, 1, 9]), MODELS[0].survival([0, 1, 9]))
    np.testing.assert_allclose(
        weibull.discounted_expected_periods(rows, 0.1),
        MODELS[0].discounted_expected_periods(rows, 0.1),
    )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_gradient_equals_finite_differences(model) -> None:
    data = read_contracts(contracts((1, False), (4, False), (9, False), (9, True), (0, True)))
    values = np.array(list(model.params.values()))
    gradient = model._log_likelihood(data, values)[1]
    for index in range(len(values)):
        step = np.zeros(len(values))
        step[index] = 1e-5 * values[index]
        rise = model._log_likelihood(data, values + step)[0]
        rise -= model._log_likelihood(data, values - step)[0]
        assert gradient[index] == pytest.approx(rise / (2 * step[index]), rel=1e-6)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_parameters_are_recovered_from_simulation(model) -> None:
    drawn = model.simulate(np.random.default_rng(4).integers(1, 13, 30_000), seed=5)
    fitted = type(model)().fit(drawn)
    assert fitted.converged
    for name, value in model.params.items():
        assert abs(fitted.params[name] - value) < 3.5 * fitted.standard_errors[name]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_loyalty_grows_with_age_and_ended_contracts_are_worth_nothing(model) -> None:
    rows = contracts((1, True), (6, True), (6, False))
    kept, value = model.probability_kept(rows, 1), model.discounted_expected_periods(rows, 0.1)
    assert kept[0] < kept[1]
    assert value[0] < value[1]
    assert kept[2] == value[2] == 0
    assert model.retention_rate(7)[0] == pytest.approx(kept[1])
    with pytest.raises(ValueError, match=r"2\.9 is no whole number"):
        model.expected_periods(rows, 2.9)
    assert model.expected_periods(rows, 3)[1] == pytest.approx(
        sum(model.probability_kept(rows, k)[1] for k in (1, 2, 3))
    )


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.tuples(st.integers(1, 240), st.booleans()), min_size=1, max_size=12))
def test_a_fit_never_breaks_whatever_the_contracts(kind, rows: list) -> None:
    model = kind().fit(contracts(*rows))
    assert np.isfinite([*model.params.values(), model.log_likelihood]).all()
    assert isinstance(model.converged, bool)
    curve = model.survival(np.arange(300))
    assert (np.diff(curve) <= 1e-9).all()  # but for rounding
    assert (curve >= 0).all()
    assert np.isfinite(model.discounted_expected_periods(contracts(*rows), 0.1)).all()


@pytest.mark.filterwarnings("error::RuntimeWarning")
@settings(max_examples=80, deadline=None)
@given(alpha=positive(1e-4, 1e4), beta=positive(1e-4, 1e4), c=positive(0.05, 10))
def test_answers_are_sane_over_the_whole_domain(alpha: float, beta: float, c: float) -> None:
    model = BetaDiscreteWeibull.from_params(alpha=alpha, beta=beta, c=c)
    rows = contracts((0, True), (1, True), (240, True), (240, False))
    for values in (model.probability_kept(rows, 12), model.survival([0, 1, 240])):
        assert ((values >= 0) & (values <= 1)).all()
    ahead = model.discounted_expected_periods(rows, 0.1)
    assert ((ahead >= 0) & (ahead <= 1 / (1 - 1 / 1.1) + 1e-9)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_known_is_said(kind) -> None:
    stayed = kind().fit(contracts(*[(n, True) for n in range(1, 30)]))
    assert any("nobody has left yet" in words for words in stayed.warnings)
    gone = kind().fit(contracts(*[(n, False) for n in (1, 1, 2, 2, 3, 5)]))
    assert any("everybody has left" in words for words in gone.warnings)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"periods": None}, "column 'periods' is missing"),
        ({"periods": [1, 1.5]}, r"column 'periods' .*is not whole"),
        ({"periods": [1, -1]}, r"column 'periods' .*is negative"),
        ({"periods": [1, 0], "is_active": [True, False]}, "ended before its first"),
        ({"is_active": [1, 2]}, r"column 'is_active' .*is not true or false"),
        ({"weight": [1, 0]}, r"column 'weight' .*is not positive"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_wrong_contracts_are_refused_with_column_and_row(kind, change: dict, message: str) -> None:
    columns = {"periods": [1, 2], "is_active": [True, False], "weight": [1, 1], **change}
    rows = pd.DataFrame({name: column for name, column in columns.items() if column})
    with pytest.raises(HistoryError, match=message):
        kind().fit(rows)
