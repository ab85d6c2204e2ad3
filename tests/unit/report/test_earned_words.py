"""What a list has earned is an amount where it may be announced, and else says since when and by
when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from regulars.report.earned_words import earned, keeping, signed
from regulars.report.notes import verdict
from regulars.report.report_page import render
from regulars.report.sections import Earned, KeepAgainstWin, ListResult, TonightsList
from regulars.report.words import DASH
from tests.unit.report.made_up_nights import report

WHOLE = Earned(
    "all of it",
    treated=900,
    held_out=100,
    lift=Decimal("12.30"),
    lift_low=Decimal("4.10"),
    lift_high=Decimal("20.50"),
    smallest_detectable_lift=Decimal("8.00"),
    detectable_on=date(2027, 5, 3),
    verdict="gain",
    cost=Decimal("270"),
    net_return=Decimal("10800"),
)
LIST = TonightsList("win_back", "marketing", "Win back", people=50, assumed_effect=Decimal("0.03"))


def said(**whole: object) -> str:
    result = ListResult(whole=replace(WHOLE, **whole), since=date(2026, 3, 2))  # type: ignore[arg-type]
    return earned(replace(LIST, result=result), "EUR")


def test_a_gain_is_an_amount_with_its_interval_and_what_is_left_after_cost() -> None:
    assert said() == (
        "+€12.30 a head (95% interval as of tonight: +€4.10 to +€20.50),"
        " €10,800 after what the contacts cost"
    )


def test_a_harm_is_called_a_loss_and_stopping_is_proposed() -> None:
    words = said(verdict="harm", lift=Decimal("-2.00"), net_return=Decimal("-2070"))
    assert words.startswith("a loss: −€2.00 a head")
    assert words.endswith("−€2,070 after what the contacts cost. Consider stopping it")


def test_what_is_not_known_says_since_when_what_would_show_and_by_when() -> None:
    words = said(verdict="not known", lift_low=Decimal("-1.00"))
    assert words.startswith(
        "not determinable since 2 March 2026: +€12.30 a head (95% interval as of tonight:"
    )
    assert "an effect of €8.00 a head would show" in words
    assert words.endswith("one as it stands, by 3 May 2027")
    assert "not within ten years" in said(verdict="not known", detectable_on=None)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (LIST, "not measured yet: nobody has entered it"),
        (
            replace(LIST, result=ListResult(since=date(2026, 3, 2), settles_on=date(2026, 10, 1))),
            "not measured yet, since 2 March 2026; the first outcomes are settled on"
            " 1 October 2026",
        ),
        (replace(LIST, list_class="service"), "not measured: it is owed to each of them"),
        (replace(LIST, list_class="suppression"), "not measured: nobody is contacted"),
        (
            replace(LIST, result=ListResult(whole=Earned("all of it", treated=9, held_out=0))),
            "not determinable: of 9 people whose outcome is settled 0 were held out",
        ),
    ],
)
def test_without_a_result_the_reason_is_said(one: TonightsList, words: str) -> None:
    assert earned(one, "EUR").startswith(words)


def test_a_list_that_loses_money_stands_in_the_headline_and_in_the_notes() -> None:
    harmed = replace(WHOLE, verdict="harm", lift=Decimal("-2.00"), net_return=Decimal("-2070"))
    night = report()
    lists = tuple(
        replace(one, result=ListResult(whole=harmed)) if one.code == "second_purchase" else one
        for one in night.lists
    )
    page = verdict(replace(night, lists=lists))
    assert "1 list loses money." in page.headline
    assert page.notes[0].startswith("Second purchase, a loss: −€2.00 a head")
    assert "loses money" not in verdict(night).headline


def test_a_card_says_how_much_of_what_it_expects_is_measured() -> None:
    night = report()
    measured = tuple(
        replace(one, measured_weight=Decimal("0.62")) if one.code == "save_our_best" else one
        for one in night.lists
    )
    words = "is expected to change by contacting them: 62% as measured, the rest as assumed, 10%"
    assert words in render(replace(night, lists=measured))
    assert words not in render(night)


def ends(amount: str, low: str, high: str) -> tuple[Decimal, Decimal, Decimal]:
    return Decimal(amount), Decimal(low), Decimal(high)


def test_keeping_is_put_beside_winning_or_said_not_to_be_determinable_and_since_when() -> None:
    known = KeepAgainstWin(
        treated=2000,
        held_out=300,
        kept=ends("80", "50", "110"),
        cost_per_kept=ends("5.00", "3.75", "7.50"),
        cost_per_won=ends("77.40", "64.50", "96.60"),
        times=ends("15.48", "9.1", "22.6"),
        since=date(2026, 1, 5),
    )
    assert keeping(known, "EUR") == (
        "A customer kept costs €5.00 (€3.75 to €7.50) in contacts (80 kept of 2,000 contacted)."
        " A new one who buys again costs €77.40 (€64.50 to €96.60): 15.5 times as much"
        " (9.1 to 22.6)."
    )
    unsure = replace(known, kept=ends("20", "-30", "70"), cost_per_kept=None, times=None)
    assert keeping(unsure, "EUR").startswith(
        "What it costs to keep a customer is not determinable since 5 January 2026: with 2,000"
        " contacted and 300 held out, 20 were kept, and it may be −30 to 70."
    )
    assert keeping(KeepAgainstWin(), "EUR") == (
        "What it costs to keep a customer is not determinable: no list has settled outcomes."
        " What a new one costs is not determinable either."
    )


def test_an_amount_has_its_sign_and_an_unknown_one_is_a_dash() -> None:
    assert [signed(amount, "EUR") for amount in (Decimal("-1234.5"), Decimal(0), None)] == [
        "−€1,234.50",
        "+€0.00",
        DASH,
    ]
