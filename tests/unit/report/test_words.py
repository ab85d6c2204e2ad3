"""How numbers and reasons are said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from regulars.report import words
from regulars.report.detectable import smallest_detectable_lift


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("1234567.4", "€1,234,567"),
        ("0.5", "€1"),
        ("-1234.5", "\u2212€1,235"),
        ("-0.2", "€0"),
        (None, "\u2013"),
    ],
)
def test_money_has_separators_a_true_minus_and_no_negative_zero(amount, said):
    assert words.money(None if amount is None else Decimal(amount), "EUR") == said


def test_a_currency_without_a_symbol_goes_by_its_code():
    assert words.money(Decimal(12), "SEK") == "SEK 12"


@pytest.mark.parametrize(
    ("amount", "said"),
    [("950", "€950"), ("1000", "€1k"), ("2500", "€2.5k"), ("3000000", "€3M"), ("-20", "\u2212€20")],
)
def test_money_on_an_axis_is_short(amount, said):
    assert words.short_money(Decimal(amount), "EUR") == said


@pytest.mark.parametrize(
    ("share", "places", "said"),
    [(0.1234, 0, "12%"), (0.0004, 0, "<1%"), (0.0, 0, "0%"), (-0.021, 1, "\u22122.1%"),
     (None, 0, "\u2013")],
)  # fmt: skip
def test_a_share_above_zero_is_never_printed_as_zero(share, places, said):
    assert words.percent(share, places) == said


def test_no_number_is_a_negative_zero():
    assert words.percent(-0.0004, 1) == "0.0%"
    assert words.decimal(-0.0001) == words.decimal(Decimal("-0.0")) == "0.00"


def test_dates_are_words():
    assert words.long_day(date(2026, 10, 31)) == "Saturday 31 October 2026"
    assert words.short_day(None) == "\u2013"


@pytest.mark.parametrize(
    ("pattern", "numbers", "said"),
    [
        ("usually orders every # days; now #", [None, None], "usually orders every … days; now …"),
        (
            "# in # order again within # days",
            [None, "100", "90"],
            "… in 100 order again within 90 days",
        ),
        (
            "scored # out of 5 for the complaint of …",
            [None],
            "scored … out of 5 for the complaint of …",
        ),
        ("it had to be opened again", [], "it had to be opened again"),
    ],
)
def test_numbers_stay_in_a_reason_only_where_everybody_shares_them(pattern, numbers, said):
    assert words.general_reason(pattern, numbers) == said


def test_an_address_never_survives_in_a_reason():
    assert "@" not in words.general_reason("wrote to dana@example.com # times", ["3"])


def test_a_model_has_its_name_in_the_literature():
    assert words.model_name("mbg_nbd") == "MBG/NBD"
    assert words.model_name("something_new") == "Something new"


def test_a_difference_carries_its_sign_and_its_error():
    assert words.difference((0.0123, 0.004)) == "+0.012 ± 0.004"
    assert words.difference((-0.0123, 0.004)) == f"{words.MINUS}0.012 ± 0.004"
    assert words.difference(None) == words.DASH


def test_the_detectable_lift_agrees_with_a_textbook_sample_size():
    # Two arms of 388 see 50% against 60% at 80% power with a pooled 50% spread: 2.8016² · .5 / n
    assert smallest_detectable_lift(388, 388, 0.5) == pytest.approx(0.1006, abs=1e-4)


def test_the_detectable_lift_shrinks_as_the_hold_out_grows():
    lifts = [smallest_detectable_lift(900, held, 0.2) for held in (50, 100, 400)]
    assert lifts == sorted(lifts, reverse=True)


@pytest.mark.parametrize(
    ("treated", "held", "rate"),
    [(0, 10, 0.5), (10, 0, 0.5), (100, 10, None), (100, 10, 0.0), (100, 10, 1.0), (4, 1, 0.9)],
)
def test_what_cannot_be_detected_is_not_promised(treated, held, rate):
    assert smallest_detectable_lift(treated, held, rate) is None
