"""The study of challengers is fair: nothing is learned from what an origin could not know."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from tests.laboratory.challengers.__main__ import forecasts, known_at
from tests.laboratory.challengers.companies import QUARTER, Company, sample
from tests.laboratory.challengers.forecasts import Counts, fitted_size, of_model
from tests.laboratory.challengers.learners import SETTINGS
from tests.laboratory.challengers.multipliers import WEIGHT, season
from tests.laboratory.challengers.page import pooled
from tests.laboratory.challengers.scores import measured, summed_up, weights
from tests.laboratory.challengers.windows import Window, windows


@pytest.fixture(scope="module")
def company() -> Company:
    whole = sample("strong_autumn", QUARTER, customers=150)
    return dataclasses.replace(whole, origins=whole.origins[-1:], earlier=whole.earlier[-6:])


@pytest.fixture(scope="module")
def every(company: Company) -> list[Window]:
    return windows(company)[0]


def test_a_window_is_learned_from_once_its_holdout_has_ended(every: list[Window]) -> None:
    known = known_at(every[-1], every)
    assert [w.origin for w in known] == [w.origin for w in every[:-1]]
    assert known_at(every[0], every) == []


def test_no_forecast_depends_on_what_came_after_the_origin(
    company: Company, every: list[Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SETTINGS, "max_iter", 10)
    origin = pd.Timestamp(company.origins[-1])
    is_later = company.lines["date"] > origin
    changed = company.lines[~is_later | (company.lines["customer"] % 2 == 0)]
    others = windows(dataclasses.replace(company, lines=changed))[0]
    assert others[-1].past.column("actual").sum() < every[-1].past.column("actual").sum()
    for one, other in zip(
        forecasts(every[-1], known_at(every[-1], every)),
        forecasts(others[-1], known_at(others[-1], others)),
        strict=True,
    ):
        assert one.name == other.name
        assert np.array_equal(one.expected, other.expected), one.name
        assert np.array_equal(one.spend, other.spend), one.name


def test_a_stretch_of_one_is_the_model_itself(every: list[Window]) -> None:
    test = every[-1]
    plain = of_model("plain", test, test.champion)
    assert plain.expected == pytest.approx(test.expected)
    stretched = of_model("twice", test, test.champion, np.full(len(test.who), 2.0))
    assert np.all(stretched.expected > plain.expected)


def test_the_season_of_past_years_needs_a_past_year(every: list[Window]) -> None:
    assert season(every[-1], every[:1]) is None
    found = season(every[-1], known_at(every[-1], every))
    assert found is not None
    year_ago = every[-5]
    came, said = year_ago.past.column("actual").sum(), year_ago.expected.sum()
    ratio = found.expected.sum() / every[-1].expected.sum()
    assert ratio == pytest.approx((came + WEIGHT) / (said + WEIGHT), rel=0.05)
    assert abs(ratio - 1) > 0.05  # a strong autumn


def test_a_law_of_counts_has_the_mean_and_the_chance_it_was_given() -> None:
    rows = pd.DataFrame({"mean": [0.4, 3.0], "chance": [0.25, 0.8]})
    count = np.arange(200)
    for is_hurdle in (True, False):
        law = Counts(1.5, is_hurdle).predictive_counts(rows, 91.0, 199)
        assert law.sum(axis=1) == pytest.approx(1.0)
        assert law @ count == pytest.approx(rows["mean"].to_numpy())
        if is_hurdle:
            assert 1 - law[:, 0] == pytest.approx(rows["chance"].to_numpy())


def test_the_size_of_a_negative_binomial_is_found_again() -> None:
    draw = np.random.default_rng(3)
    mean = draw.gamma(2.0, 1.0, 20_000)
    count = draw.poisson(mean * draw.gamma(0.7, 1 / 0.7, len(mean)))
    assert fitted_size(count, mean) == pytest.approx(0.7, rel=0.05)


def test_a_forecast_beside_itself_is_no_better(company: Company, every: list[Window]) -> None:
    test = every[-1]
    customers = company.lines["customer"].nunique()
    champion = of_model("mbg_nbd", test, test.champion)
    spent = test.rules["past_spend"]
    scores = summed_up("one", QUARTER, [measured([champion, spent], test, weights(customers))],
                       customers)  # fmt: skip
    assert scores.differences["mbg_nbd"]["mbg_nbd"]["rmse"] == (0.0, 0.0)
    pool = pooled([scores], "mbg_nbd")
    assert pool is not None
    assert {"RMSE", "CRPS", "bias"} <= set(pool.beats("mbg_nbd"))
