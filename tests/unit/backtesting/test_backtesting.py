"""Where to cut, what a plain rule says, and which model scores the night."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from regulars.backtesting.champion import choose
from regulars.backtesting.origins import Split, TooShort, split
from regulars.backtesting.past import Past, as_cells, mean_log_gap
from regulars.backtesting.rules import RULES, forecasts
from regulars.backtesting.spend_distribution import COLUMNS
from regulars.clv.metrics import Metric

START = date(2024, 1, 15)
NO_DAYS = pd.DataFrame(columns=COLUMNS, dtype="float64")


# ---------- origins


def test_two_years_are_cut_a_year_before_their_end_and_less_at_a_third() -> None:
    assert split(START, START + timedelta(days=800)) == Split(
        START, START + timedelta(days=435), START + timedelta(days=800)
    )
    assert split(START, START + timedelta(days=300)) == Split(
        START, START + timedelta(days=200), START + timedelta(days=300)
    )
    with pytest.raises(TooShort, match="28 are needed"):
        split(START, START + timedelta(days=80))


# ---------- pasts and rules


def past() -> Past:
    customers = pd.DataFrame(
        {
            "frequency": [0, 3, 3, 1],
            "recency": [0, 60, 60, 10],
            "T": [50, 100, 100, 100],
            "monetary_value": [40.0, 10, 10, 30],
            "recent_purchases": [1, 2, 2, 0],
            "recent_value": [40.0, 25, 25, 0],
            "actual": [0, 2, 2, 0],
            "spend": [0.0, 22, 22, 0],
        }
    )
    cut = Split(START, START + timedelta(days=100), START + timedelta(days=150))
    return Past(cut, as_cells(customers), pd.DataFrame({"day": [], "repeats": []}), NO_DAYS, 2.0)


def test_customers_alike_are_one_cell_and_the_sum_of_gaps_is_kept() -> None:
    found = past()
    assert len(found.cells) == 3
    assert (found.customers, found.repeaters) == (4, 3)
    gaps = found.histories["log_gaps"] * found.histories["weight"]
    assert gaps.sum() == pytest.approx(7 * 2.0)
    assert mean_log_gap(pd.DataFrame({"gap": [1.0, np.e], "times": [3.0, 1.0]})) == 0.25


def test_plain_rules_say_what_their_names_say() -> None:
    found, each = {f.name: f for f in forecasts(past())}, past().cells
    assert tuple(found) == RULES
    rate = each["frequency"] * 50 / each["T"]
    assert found["past_rate"].expected == pytest.approx(rate.to_numpy())
    assert found["last_period"].expected.tolist() == each["recent_purchases"].tolist()
    shared = found["past_spend"].expected
    assert np.sum(shared * each["weight"]) == pytest.approx(np.sum(rate * each["weight"]))
    spent = each["monetary_value"] * (each["frequency"] + 1)
    assert shared / shared[0] == pytest.approx((spent / spent[0]).to_numpy())
    assert found["all_zero"].expected.sum() == 0


# ---------- the champion


def figures(**crps: float) -> list[Metric]:
    """One origin: calibrated models with these CRPS, differences from MBG/NBD with error 0.01."""
    rows = [Metric(rule, metric, 2.0) for rule in RULES for metric in ("crps", "rmse")]
    base = crps["mbg_nbd"]
    for name, value in crps.items():
        by = (None, None) if name == "mbg_nbd" else (value - base, 0.01)
        rows += [
            Metric(name, "crps", value, 0.02, *by),
            Metric(name, "rmse", 1.0, 0.02),
            Metric(name, "bias", -0.05, 0.02),
            Metric(name, "calibration_slope", 0.95, 0.02),
        ]
    return rows


def changed(rows: list[Metric], name: str, metric: str, value: float) -> list[Metric]:
    return [
        Metric(name, metric, value, each.standard_error)
        if (each.name, each.metric) == (name, metric)
        else each
        for each in rows
    ]


def test_the_first_champion_is_mbg_nbd_and_nights_without_a_backtest_keep_theirs() -> None:
    assert choose([], None).model == "mbg_nbd"
    assert choose([], "pareto_nbd").model == "pareto_nbd"
    assert choose([figures(mbg_nbd=0.5, pareto_nbd=0.5)], None).model == "mbg_nbd"


@pytest.mark.parametrize(
    ("crps", "model", "words"),
    [
        (0.47, "pareto_nbd", "replaces MBG/NBD"),
        (0.481, "mbg_nbd", "within the error"),
        (0.6, "mbg_nbd", "the lowest"),
    ],
)
def test_a_challenger_needs_a_gain_beyond_two_standard_errors(
    crps: float, model: str, words: str
) -> None:
    found = choose([figures(mbg_nbd=0.5, pareto_nbd=crps)] * 2, "mbg_nbd")
    assert found.model == model
    assert words in found.reason
    assert "over 2 origins" in found.reason


def test_a_sure_but_tiny_gain_changes_nothing() -> None:
    rows = figures(mbg_nbd=5.0, pareto_nbd=4.96)
    found = choose([changed_rules(rows, 9.0)], "mbg_nbd")
    assert found.model == "mbg_nbd"
    assert "too small a gain" in found.reason


def changed_rules(rows: list[Metric], value: float) -> list[Metric]:
    return [Metric(r.name, r.metric, value) if r.name in RULES else r for r in rows]


@pytest.mark.parametrize(
    ("metric", "value", "words"),
    [
        ("calibration_slope", 0.7, "calibration slope is 0.70"),
        ("bias", 0.3, "total is off by +30%"),
        ("rmse", 2.5, "plain rule all zero has the lower RMSE"),
    ],
)
def test_an_unsound_incumbent_gives_way_and_an_unsound_challenger_does_not_win(
    metric: str, value: float, words: str
) -> None:
    rows = figures(mbg_nbd=0.5, pareto_nbd=0.52)
    found = choose([changed(rows, "mbg_nbd", metric, value)], "mbg_nbd")
    assert found.model == "pareto_nbd"
    assert words in found.reason
    better = changed(figures(mbg_nbd=0.5, pareto_nbd=0.4), "pareto_nbd", metric, value)
    assert choose([better], "mbg_nbd").model == "mbg_nbd"


def test_a_slope_within_its_error_is_no_objection() -> None:
    rows = [
        Metric(m.name, m.metric, 0.7, 0.06) if m.metric == "calibration_slope" else m
        for m in figures(mbg_nbd=0.5)
    ]
    assert "lowest" in choose([rows], "mbg_nbd").reason


def test_models_that_hold_everybody_alive_are_never_chosen() -> None:
    rows = figures(mbg_nbd=0.5, bg_nbd=0.1, nbd=0.1)
    assert choose([rows], "mbg_nbd").model == "mbg_nbd"


def test_a_model_judged_at_some_origins_only_is_not_compared() -> None:
    both, one = figures(mbg_nbd=0.5, pareto_nbd=0.3), figures(mbg_nbd=0.5)
    assert choose([both, one], "mbg_nbd").model == "mbg_nbd"
    assert choose([both, one], "pareto_nbd").model == "mbg_nbd"


def test_where_nobody_is_sound_the_incumbent_stays_and_it_is_said() -> None:
    rows = changed(figures(mbg_nbd=0.5), "mbg_nbd", "calibration_slope", 0.3)
    found = choose([rows], "mbg_nbd")
    assert found.model == "mbg_nbd"
    assert "no model is sound" in found.reason
