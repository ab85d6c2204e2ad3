"""The sentence about the model says what its figures say, and no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from regulars.report.model_words import of_channel, of_ranges, of_service, of_totals, verdict
from regulars.report.sections import BacktestError, OriginCheck

AT = OriginCheck(date(2026, 6, 30), 91, 0.04, 1.0, 0.95, 0.03)
OWN = BacktestError("mbg_nbd", 0.04, 1.2, 0.6, 0.45, 0.46)
RULE = BacktestError("past_spend", 0.3, 1.9, 0.8, 0.8, 0.44, (0.35, 0.02))


def said(*origins: OriginCheck, rule: BacktestError = RULE) -> str:
    found = verdict("mbg_nbd", origins, [OWN, rule])
    assert found
    return found


def test_a_calibrated_model_is_trusted_with_its_evidence() -> None:
    words = said(AT, replace(AT, bias=-0.08))
    assert words.startswith("Trust it:")
    assert "2 past dates" in words
    assert "off by more than 8%" in words
    assert "brought 46% of the spend, the tenth who had spent most before 44%" in words


@pytest.mark.parametrize(
    ("origin", "lead"),
    [
        (replace(AT, bias=0.18), "totals to about a fifth"),
        (replace(AT, bias=-0.4), "no total"),
        (replace(AT, slope=0.6), "not to scale"),
        (replace(AT, slope=None), "not to scale"),
    ],
)
def test_what_does_not_hold_is_said_first(origin: OriginCheck, lead: str) -> None:
    assert lead in said(origin).split(".")[0]


def test_a_model_no_better_than_a_plain_rule_is_not_to_be_leaned_on() -> None:
    assert said(AT, rule=replace(RULE, against=(-0.01, 0.02))).startswith("Do not lean on")


def test_without_a_backtest_nothing_is_said() -> None:
    assert verdict("mbg_nbd", [], [OWN, RULE]) is None
    assert verdict("mbg_nbd", [AT], [RULE]) is None


@pytest.mark.parametrize(
    ("coverage", "words"),
    [(0.81, "can be believed"), (0.6, "too narrow here"), (0.95, "wider here than they need be")],
)
def test_ranges_are_said_to_hold_only_if_they_did(coverage: float, words: str) -> None:
    at = replace(AT, sales_coverage=coverage, sales_below_p90=0.88)
    found = of_ranges([at, at])
    assert found
    assert words in found
    assert f"{coverage:.0%} spent between their P10 and P90 of net sales (80% should)" in found
    assert "88% stayed below a P90 above zero" in found


def test_ranges_whose_top_was_passed_too_often_are_not_called_good() -> None:
    found = of_ranges([replace(AT, sales_coverage=0.8, sales_below_p90=0.85)])
    assert found
    assert found.endswith("P90 is too low here: the best years are better than it says.")


def test_ranges_that_were_not_judged_are_not_spoken_of() -> None:
    assert of_ranges([AT]) is None
    assert of_ranges([]) is None


def test_past_totals_within_their_ranges_are_counted_and_called_few() -> None:
    one = replace(AT, total_within=True, sales_total_within=False)
    found = of_totals([one, replace(one, sales_total_within=True), one])
    assert found
    assert found.startswith("3 of 3 past totals of orders and 1 of 3 of net sales lay within")
    assert "few dates" in found
    assert of_totals([one]) is None
    assert of_totals([AT, AT]) is None


@pytest.mark.parametrize(
    ("effect", "error", "figures", "lead"),
    [
        (1.1, 0.3, "3.0 times (95%: 1.7 to 5.4) as readily", "drives customers away"),
        (0.5, 0.5, "(95%: 0.6 to 4.4)", "too few to tell, or no difference"),
        (-1.4, 0.2, "0.2 times", "something else differs"),
        (2.0, 9.0, "to over 100)", "too few to tell"),
    ],
)
def test_the_cost_of_bad_service_is_said_with_its_interval(
    effect: float, error: float, figures: str, lead: str
) -> None:
    words = of_service(effect, error)
    assert figures in words
    assert lead in words


@pytest.mark.parametrize(
    ("rate", "dropout", "lead"),
    [
        ((0.1, 0.2), (-0.3, 0.2), "too few to tell, or no difference."),
        ((0.1, 0.2), (0.5, 0.2), "they leave sooner, be it"),
        ((-0.5, 0.2), (-0.5, 0.2), "they stay longer and buy less often, be it"),
    ],
)
def test_a_channel_is_said_with_both_effects_and_their_intervals(
    rate: tuple[float, float], dropout: tuple[float, float], lead: str
) -> None:
    words = of_channel("shop", "web", rate, dropout)
    assert words.startswith("Customers whose first order came by “shop” leave")
    assert words.count("(95%: ") == 2
    assert lead in words


def test_one_past_date_is_not_called_never() -> None:
    assert "Tested at a past date, its total of purchases was off by 4%" in said(AT)
    several = verdict("mbg_nbd", [AT, replace(AT, bias=-0.09)], [OWN, RULE])
    assert several
    assert "was never off by more than 9%" in several
