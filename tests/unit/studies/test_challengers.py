"""The study of challengers is fair: nothing is learned from what an origin could not know."""

from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
import pandas as pd
import pytest

from regulars.scores import covariate_effects
from studies.challengers import calendar_time, first_orders
from studies.challengers.__main__ import CHALLENGERS, forecasts, known_at
from studies.challengers.calendar_time import calendar
from studies.challengers.companies import QUARTER, Company, sample
from studies.challengers.covariate_challengers import channel, service, service_and_channel
from studies.challengers.forecast_scores import measured, summed_up, weights
from studies.challengers.forecasts import Counts, fitted_size, of_model
from studies.challengers.learners import SETTINGS
from studies.challengers.multipliers import WEIGHT, season
from studies.challengers.page import pooled
from studies.challengers.windows import Window, windows


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
    monkeypatch.setattr(covariate_effects, "FEWEST", 1)  # so few are served badly here
    others = windows(_with_another_future(company))[0]
    assert others[-1].past.column("actual").sum() < every[-1].past.column("actual").sum()
    made = forecasts(every[-1], known_at(every[-1], every))
    assert {each.__name__ for each in CHALLENGERS} <= {each.name for each in made}
    for one, other in zip(made, forecasts(others[-1], known_at(others[-1], others)), strict=True):
        assert one.name == other.name
        assert np.array_equal(one.expected, other.expected), one.name
        assert np.array_equal(one.spend, other.spend), one.name


def _with_another_future(company: Company) -> Company:
    """After the origin half of the customers buy no more, and no case comes: but of the earlier
    ones each is told to have gone badly, a day later."""
    origin = pd.Timestamp(company.origins[-1])
    lines, orders, cases = company.lines, company.orders, company.cases
    assert orders is not None
    assert cases is not None
    known = cases[cases["opened_on"] <= origin]
    told = known["bad_answer_on"].fillna(origin + pd.Timedelta(days=1))
    return dataclasses.replace(
        company,
        lines=lines[(lines["date"] <= origin) | (lines["customer"] % 2 == 0)],
        orders=orders[orders["date"] <= origin],
        cases=known.assign(bad_answer_on=told),
    )


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
    scores = summed_up(
        "one", QUARTER, [measured([champion, spent], test, weights(customers))], customers
    )
    assert scores.differences["mbg_nbd"]["mbg_nbd"]["rmse"] == (0.0, 0.0)
    pool = pooled([scores], "mbg_nbd")
    assert pool is not None
    assert {"RMSE", "CRPS", "bias"} <= set(pool.beats("mbg_nbd"))


def test_a_case_counts_from_the_day_it_is_known_to_be_bad() -> None:
    day = pd.Timestamp("2026-01-01")
    firsts = pd.Series(dict.fromkeys(range(6), day))

    def at(days: float) -> pd.Timestamp:
        return day + pd.Timedelta(days=days)

    case = pd.DataFrame({
        "customer": [0, 1, 2, 3, 4],  # customer 5 has none
        "ordered_on": [day, day, day, day, at(40)],  # 4: a later order's
        "opened_on": [at(3), at(3), at(3), at(31), at(41)],  # 3: not of the first 30 days
        "is_complaint": [False, False, True, True, True],
        "overdue_on": [at(4), pd.NaT, pd.NaT, at(32), at(42)],
        "bad_answer_on": [pd.NaT, at(9), pd.NaT, pd.NaT, pd.NaT],
        "solved_on": [at(5), at(6), at(50), pd.NaT, pd.NaT],
    })  # fmt: skip
    had, bad = {}, {}
    for days in (2, 3, 4, 9, 49, 50):
        told = first_orders.known(firsts, at(days).date(), None, case)
        had[days], bad[days] = (told[name].tolist() for name in first_orders.SERVICE)
    assert had[2] == [0] * 6
    assert had[3] == had[50] == [1, 1, 1, 0, 0, 0]
    assert bad[3] == [0, 0, 1, 0, 0, 0]
    assert bad[4] == [1, 0, 1, 0, 0, 0]
    assert bad[9] == bad[49] == [1, 1, 1, 0, 0, 0]
    assert bad[50] == [1, 1, 0, 0, 0, 0]


def test_a_channel_is_that_of_the_first_order_and_the_commonest_has_no_column(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(first_orders, "FEWEST", 2)
    day, customers = pd.Timestamp("2026-01-01"), list(range(6))
    orders = pd.DataFrame(
        {
            "customer": [*customers, 0, 5],
            "date": [day] * 7 + [day + pd.Timedelta(days=1)],
            "channel": ["web", "web", "web", "shop", "shop", "phone", "shop", "shop"],
        }
    )
    told = first_orders.known(pd.Series(day, index=customers), day.date(), orders, None)
    assert list(told) == ["channel_shop"]
    assert told["channel_shop"].tolist() == [0, 0, 0, 1, 1, 0]


def test_a_covariate_that_says_nothing_leaves_the_champion(every: list[Window]) -> None:
    """Every history once with and once without it: whatever it could do, it does not."""
    past = every[-1].past
    rows = np.repeat(np.arange(len(past.cells)), 2)
    twice = dataclasses.replace(
        every[-1],
        past=dataclasses.replace(past, cells=past.cells.iloc[rows].reset_index(drop=True)),
        who=every[-1].who[rows],
        first_orders=pd.DataFrame({"channel_shop": np.arange(len(rows)) % 2.0}),
    )
    found = channel(twice, [])
    assert found is not None
    assert found.expected == pytest.approx(twice.expected, rel=1e-4)


def test_whoever_is_too_young_to_be_told_of_is_the_champions(
    every: list[Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(covariate_effects, "FEWEST", 1)
    test = every[-1]
    found = service(test, [])
    assert found is not None
    is_young = test.past.column("T") < first_orders.SERVED_DAYS
    assert is_young.any()
    assert found.expected[is_young] == pytest.approx(test.expected[is_young], rel=1e-12)
    assert not np.isclose(found.expected[~is_young], test.expected[~is_young]).all()


def test_without_cases_or_channels_there_is_no_such_challenger(every: list[Window]) -> None:
    silent = dataclasses.replace(every[-1], first_orders=pd.DataFrame(index=every[-1].who))
    for challenger in (service, channel, service_and_channel):
        assert challenger(silent, []) is None


def test_the_calendar_of_days_that_are_all_ordinary_is_the_champion(company: Company) -> None:
    lines = company.lines.assign(date=company.lines["date"] - company.lines["date"].min())
    lines = lines.assign(date=lines["date"] / 20 + pd.Timestamp("2025-01-10"))  # until 25 March
    lines = lines.assign(date=lines["date"].dt.normalize())
    on = [date(2025, 2, 20)]
    test = windows(dataclasses.replace(company, lines=lines, days=7, origins=on, earlier=on))[0][0]
    assert calendar_time.factors(test).tolist() == [1.0] * 5
    assert calendar(test, []).expected == pytest.approx(test.expected, rel=1e-9)


def test_the_calendar_finds_the_presents_of_a_strong_autumn(every: list[Window]) -> None:
    presents, *_, summer, ordinary = calendar_time.factors(every[-1])
    assert presents > 1.3
    assert summer < 1.0 == ordinary
    summer_ahead = every[-1]  # its hold-out runs from August to October
    assert calendar(summer_ahead, []).expected.sum() < summer_ahead.expected.sum()


def test_the_calendar_counts_each_season_once_and_all_repeats(every: list[Window]) -> None:
    window = every[-1]
    came, said = calendar_time.actual_and_expected(window)
    assert came.sum() == window.past.column("frequency").sum()
    ages = window.past.column("T")
    new, at = np.unique(ages, return_inverse=True)
    assert said.sum() == pytest.approx(window.champion.expected_purchases_new(new)[at].sum())
    year = calendar_time.seasons(date(2026, 1, 1), date(2026, 12, 31))
    lengths = [54, 13, 21, 62, 365 - 54 - 13 - 21 - 62]  # 2026: both ends of a turn of the year
    assert np.bincount(year).tolist() == lengths
