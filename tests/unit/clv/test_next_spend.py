"""Spend fitted on what the next purchase day brought, where days vary more than a Gamma does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.clv import GammaGamma, HistoryError, NextSpend
from regulars.clv._maximum_likelihood import Objective
from regulars.clv.histories import Floats
from regulars.clv.next_spend import _of_mean, _of_shape, read_later_days


def spent(seed: int, customers: int, has_machines: bool) -> list[Floats]:
    """What each day brought, a customer each: 2 to 9 days, levels a seventh apart; one day in
    twelve with a machine, fifteen times as dear, or none."""
    draw = np.random.default_rng(seed)
    found = []
    for days in draw.integers(2, 10, customers):
        times = np.where(draw.random(days) < 1 / 12, 15.0, 1.0) if has_machines else 1.0
        found.append(40 * np.exp(draw.normal(0, 0.15)) * draw.gamma(2.0, 0.5, days) * times)
    return found


def gamma_gamma_days(seed: int, customers: int, p: float, q: float, gamma: float) -> list[Floats]:
    draw = np.random.default_rng(seed)
    return [
        draw.gamma(p, 1 / draw.gamma(q, 1 / gamma), days)
        for days in draw.integers(2, 10, customers)
    ]


def later(company: list[Floats]) -> pd.DataFrame:
    """Every day but the first, with the days before it."""
    return pd.DataFrame(
        [
            (number, days[:number].sum(), days[number])
            for days in company
            for number in range(1, len(days))
        ],
        columns=["days_before", "spent_before", "value"],
    )


def known_and_last(company: list[Floats]) -> tuple[pd.DataFrame, Floats]:
    """Spends of all days but the last; and what the last brought."""
    rows = [(len(days) - 1, days[:-1].mean()) for days in company]
    last = np.array([days[-1] for days in company])
    return pd.DataFrame(rows, columns=["purchase_days", "monetary_value"]), last


def best_fifth(model: GammaGamma, spends: pd.DataFrame, last: Floats) -> float:
    """Expected ÷ spent of the fifth expected to spend most."""
    expected = model.expected_spend(spends)
    best = np.argsort(-expected, kind="stable")[: len(expected) // 5]
    return float(expected[best].sum() / last[best].sum())


def test_the_best_fifth_spends_what_it_is_expected_to_where_days_vary_more_than_a_gamma() -> None:
    company = spent(seed=1, customers=6000, has_machines=True)
    spends, last = known_and_last(company)
    fitted = NextSpend().fit(later([days[:-1] for days in company if len(days) > 2]))
    assert 0.85 < best_fifth(fitted, spends, last) < 1.15
    assert best_fifth(GammaGamma().fit(spends), spends, last) > 1.5, "means alone mislead"


def test_where_spend_is_gamma_gamma_its_parameters_are_found() -> None:
    true = {"p": 2.0, "q": 5.0, "gamma": 100.0}
    model = NextSpend().fit(later(gamma_gamma_days(3, 6000, **true)))
    p, q, gamma = model.params.values()
    assert p == pytest.approx(2.0, rel=0.05)
    assert (q - 1) / p == pytest.approx(2.0, rel=0.15), "weight of everybody's mean, in days"
    assert p * gamma / (q - 1) == pytest.approx(50.0, rel=0.04), "everybody's mean"
    assert model.converged
    assert model.warnings == []


def test_what_a_fit_says_is_said_again_of_its_logged_parameters() -> None:
    frame = later(spent(seed=2, customers=300, has_machines=True))
    fitted = NextSpend().fit(frame)
    read = NextSpend.from_params(**fitted.params).assess(frame)
    for name in ("log_likelihood", "converged", "warnings", "standard_errors"):
        assert getattr(read, name) == getattr(fitted, name)
    assert fitted.converged


def test_parameters_depend_on_the_set_of_days_not_on_their_order() -> None:
    frame = later(spent(seed=4, customers=300, has_machines=True))
    shuffled = frame.sample(frac=1, random_state=5)
    assert NextSpend().fit(shuffled).params == NextSpend().fit(frame).params


def test_own_means_that_tell_nothing_are_said_to() -> None:
    draw = np.random.default_rng(6)
    model = NextSpend().fit(later([draw.gamma(1.0, 30.0, 4) for _ in range(3000)]))
    expected = model.expected_spend(
        pd.DataFrame({"purchase_days": [1, 1], "monetary_value": [10.0, 90.0]})
    )
    assert expected[1] / expected[0] < 1.15
    assert any("next to nothing" in words for words in model.warnings)


def test_spend_that_never_varies_is_expected_again() -> None:
    model = NextSpend().fit(later([np.full(3, 30.0)] * 100))
    spends = pd.DataFrame({"purchase_days": [1, 3], "monetary_value": [30.0, 30.0]})
    assert model.expected_spend(spends) == pytest.approx([30.0, 30.0], rel=1e-4)
    assert any("bound" in words for words in model.warnings)


@pytest.mark.parametrize("at", [[0.0, 0.0], [2.0, -0.3], [-1.5, 0.5]])
def test_gradients_are_those_of_their_objectives(at: list[float]) -> None:
    data = read_later_days(later(spent(seed=7, customers=60, has_machines=True)))
    for objective, theta in ((_of_mean(data), at), (_of_shape(data, 4.0, 160.0), at[:1])):
        assert objective(np.array(theta))[1] == pytest.approx(_slopes(objective, theta), abs=1e-7)


def _slopes(objective: Objective, theta: list[float], step: float = 1e-5) -> Floats:
    steps = step * np.eye(len(theta))
    return np.array(
        [(objective(theta + s)[0] - objective(theta - s)[0]) / (2 * step) for s in steps]
    )


@pytest.mark.parametrize(
    ("column", "bad"), [("days_before", 0.0), ("spent_before", 0.0), ("value", -1.0)]
)
def test_a_day_that_cannot_be_is_refused_by_its_row(column: str, bad: float) -> None:
    frame = pd.DataFrame({"days_before": [1.0, 2.0], "spent_before": 20.0, "value": 10.0})
    frame.loc[1, column] = bad
    with pytest.raises(HistoryError, match=f"'{column}' is .* for 1 purchase day: "):
        NextSpend().fit(frame)


def test_no_later_day_is_refused() -> None:
    with pytest.raises(HistoryError, match="no later purchase days"):
        NextSpend().fit(pd.DataFrame({"days_before": [], "spent_before": [], "value": []}))
