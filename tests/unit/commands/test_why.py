"""What `regulars why` says of a person."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from regulars.commands.why import STORY, Why, lines, parts, story

REGULAR = {
    "relationship_status": "customer",
    "days_to_second_purchase": 40,
    "first_purchase_on": date(2025, 3, 1),
    "last_purchase_on": date(2026, 9, 1),
    "purchase_days": 6,
    "valued_purchase_days": 6,
    "median_gap_days": Decimal("61.5"),
    "net_sales": Decimal("412.50"),
    "historic_margin": Decimal("120.20"),
    "probability_alive": Decimal("0.93"),
    "purchase_probability_12m": Decimal("0.81"),
    "expected_orders_12m": Decimal("3.1"),
    "expected_order_value": Decimal("70.10"),
    "margin_rate": Decimal("0.38"),
    "cost_to_serve_12m": Decimal("4.00"),
    "net_clv_12m": Decimal("61.20"),
    "net_clv_lifetime": Decimal("150.00"),
    "lifecycle_status": "active",
    "value_tier": "silver",
    "model": "mbg_nbd, gamma_gamma",
    "expected_next_order_on": date(2026, 11, 12),
    "next_order_window_starts_on": date(2026, 11, 2),
    "next_order_window_ends_on": date(2026, 12, 20),
    "refunds": 1,
    "refunds_without_rate": 0,
    "refunded_amount": Decimal("20.00"),
    "service_contacts_365d": 2,
    "breaches_365d": 1,
    "last_csat": 4,
    "has_open_complaint": True,
    "units": 1,
    "service_due_on": date(2027, 1, 1),
    "balance": 310,
    "brought_buyers": 2,
    "brought_margin": Decimal("55.00"),
    "month_end": date(2026, 9, 30),
    "month_value": Decimal("58.00"),
    "explained_since": date(2026, 9, 2),
    "is_deceased": None,
    "is_erasure_requested": None,
    "is_in_doubt": None,
}
NOBODY = dict.fromkeys(REGULAR)


def changes(**moved: str) -> dict:
    """A row of customer_value_changes in which each of these moved the value."""
    causes = ("time", "corrections", "purchases", "averages", "model")
    amounts = {f"{name}_amount": Decimal(moved.get(name, "0")) for name in causes}
    before = Decimal(moved.get("before", "0"))
    return {
        "is_new": not before,
        "value_before": before,
        **amounts,
        "value_now": before + sum(amounts.values()),
    }


def test_a_full_life_is_told_in_ten_lines() -> None:
    told = list(story(REGULAR, "EUR"))
    assert len(told) == 10
    assert told[0] == "Customer, first purchase on 1 March 2025, the second 40 days later."
    assert told[8] == (
        "3.10 orders of €70.10 at a margin of 38%, less costs (service €4.00):"
        " €61.20 over 12 months, €150.00 for life."
    )
    assert "None" not in " ".join(told)


def test_a_rhythm_is_told_as_lists_tell_it() -> None:
    (bought,) = [line for line in story(REGULAR, "EUR") if line.startswith("Bought")]
    assert bought.startswith("Bought on 6 days, half of the time again within 62 days, last on")
    daily = REGULAR | {"median_gap_days": Decimal(1)}
    assert "half of the time again within 1 day," in " ".join(story(daily, "EUR"))


def test_what_has_no_rate_is_no_money() -> None:
    abroad = {"valued_purchase_days": 4, "refunds_without_rate": 1}
    told = list(story(REGULAR | abroad, "EUR"))
    assert told[1].endswith(
        "€412.50 net, €120.20 margin so far; 2 days in a currency without a rate not counted."
    )
    assert told[2] == "Sent back: 1 refund of €20.00; 1 refund in a currency without a rate."
    told = list(story(REGULAR | abroad | {"refunds": 0, "refunded_amount": None}, "EUR"))
    assert told[2] == "Sent back: 1 refund in a currency without a rate."


def test_of_a_prospect_there_is_one_line() -> None:
    assert list(story(NOBODY | {"relationship_status": "prospect"}, "EUR")) == [
        "Prospect: no purchase that counts yet."
    ]


@pytest.mark.parametrize(
    ("farewell", "words"),
    [
        ({"is_deceased": True, "is_erasure_requested": True}, "Has died: no list will have them."),
        ({"is_erasure_requested": True}, "Has asked to be erased: no list will have them."),
        ({"is_in_doubt": True}, "A row that could not be read may say that they died"),
    ],
)
def test_who_is_on_no_list_any_more_is_told_first_and_expected_on_no_day(
    farewell: dict, words: str
) -> None:
    told = list(story(REGULAR | farewell, "EUR"))
    assert told[0].startswith(words)
    assert told[1:] == [line for line in story(REGULAR, "EUR") if not line.startswith("Next order")]
    assert len(told) == 10


def test_parts_are_those_that_moved_between_the_two_levels() -> None:
    told = parts(changes(before="10", time="-1", model="0.25"))
    assert told == {
        "before": Decimal(10),
        "time": Decimal(-1),
        "model": Decimal("0.25"),
        "now": Decimal("9.25"),
    }


def test_what_a_new_customer_bought_is_named_so() -> None:
    assert list(parts(changes(purchases="8", averages="-1"))) == [
        "before",
        "new_customers",
        "averages",
        "now",
    ]


def test_the_bridge_is_printed_with_its_signs() -> None:
    night, before = date(2026, 10, 31), date(2026, 10, 30)
    told = Why("C1", night, before, parts(changes(before="10", time="-1.5")), ["Customer."])
    assert [" ".join(line.split()) for line in lines(told, "EUR")] == [
        "C1, night of 31 October 2026",
        "Net value over 12 months, from 30 Oct 2026 to tonight:",
        "before €10.00",
        "Time passing −€1.50",
        "tonight €8.50",
        "Customer.",
    ]


def test_without_a_night_before_the_story_is_told_all_the_same() -> None:
    told = Why("C1", date(2026, 10, 31), None, {}, ["Prospect."])
    assert list(lines(told, "EUR"))[1:] == [
        "Net value over 12 months: nothing to compare with yet.",
        "Prospect.",
    ]


def test_the_story_reads_published_tables_alone() -> None:
    tables = {word for word in STORY.split() if "." in word and word.split(".")[0] == "published"}
    assert len(tables) > 8
    for schema in ("raw.", "pii.", "marts.", "decisions.", "intermediate."):
        assert schema not in STORY
