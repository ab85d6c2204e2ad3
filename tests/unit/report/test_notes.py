"""The verdict says what a careful colleague would say before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from regulars.gates.hold import Hold
from regulars.report.notes import verdict
from regulars.report.sections import Deliveries, Gate, Movement
from tests.unit.report import made_up_nights as made_up


def quiet_night(**changes):
    """Nothing refused, nothing late: no note to make."""
    feeds = tuple(
        replace(feed, refused=0, rows_quarantined=0) for feed in made_up.deliveries().feeds
    )
    return made_up.report(**({"deliveries": Deliveries(feeds=feeds)} | changes))


def test_a_quiet_night_is_safe_to_send_without_notes():
    said = verdict(quiet_night())
    assert said.headline == "Safe to send until 1 November 2026."
    assert said.notes == ()


def test_movement_is_added_up_over_the_lists():
    lists = tuple(replace(one, movement=Movement(2, 5, 1)) for one in made_up.lists())
    assert "6 joined tonight's lists and 3 left them" in verdict(quiet_night(lists=lists)).summary


def test_a_night_without_movement_says_so():
    lists = tuple(replace(one, movement=Movement(0, 5, 0)) for one in made_up.lists())
    assert "Nobody joined or left" in verdict(quiet_night(lists=lists)).summary


def test_an_approved_gate_is_mentioned_without_naming_the_person():
    gates = (Gate("raw", "passed"), Gate("lists", "approved"))
    assert verdict(quiet_night(gates=gates)).notes == (
        "The lists gate has a person's approval: its checks may not all have passed.",
    )


def test_the_lists_may_be_sent_until_the_first_one_runs_out():
    lists = [
        replace(one, valid_until=date(2026, 11, n)) for n, one in enumerate(made_up.lists(), 3)
    ]
    empty = replace(lists[0], code="empty", people=0, valid_until=date(2026, 11, 1))
    said = verdict(quiet_night(lists=(*lists, empty)))
    assert said.headline == "Safe to send until 3 November 2026."


MISSING = "orders is missing since 2026-10-30"


NOT_IN = Hold("feed_not_in", "orders", words=MISSING)


def withheld(*codes: str):
    """Tonight's lists and holds, some lists withheld for want of orders."""
    lists = tuple(
        replace(one, people=0, withheld=MISSING) if one.code in codes else one
        for one in made_up.lists()
    )
    return {
        "lists": lists,
        "holds": (*(Hold("list_withheld", code, words=MISSING) for code in codes), NOT_IN),
    }


def test_a_withheld_list_is_named_with_its_reason_and_the_others_may_go_out():
    said = verdict(quiet_night(**withheld("second_purchase")))
    assert said.headline == "Safe to send until 1 November 2026. 1 list is withheld."
    assert said.notes[0] == f"Second purchase is withheld: {MISSING}."
    assert f"Not in: {MISSING}." in said.notes


def test_a_night_without_files_says_how_many_lists_are_withheld():
    codes = [one.code for one in made_up.lists()]
    said = verdict(quiet_night(**withheld(*codes)))
    assert said.headline == f"Nothing to send tonight. {len(codes)} lists are withheld."


def test_lists_sent_on_a_persons_word_are_never_called_safe():
    said = verdict(quiet_night(holds=(Hold("feed_let_pass", "orders", words=MISSING),)))
    assert "afe to send" not in said.headline
    assert said.notes == (f"Let pass by a person: {MISSING}.",)


def test_no_s_that_match_nobody_stand_in_the_headline():
    noes = (Hold("no_about_nobody", "consent", 2), Hold("no_unread", "farewell", 1))
    said = verdict(quiet_night(holds=noes))
    assert said.headline == (
        "Safe to send until 1 November 2026. 2 no's match nobody. 1 row is in doubt."
    )
    assert said.notes[0].startswith("2 no's under ids that nobody has")


def test_rows_that_hold_somebody_back_are_counted_in_the_headline_and_told_each():
    doubts = (
        Hold("rows_in_doubt", "sale", 2),
        Hold("rows_in_doubt", "case", 1),
        Hold("rows_in_doubt", "answer", 3),
        Hold("rows_in_doubt", "account", 1),
        Hold("rows_in_doubt", "units", 2),
        Hold("rows_in_doubt", "referral", 1),
        Hold("rows_misnamed", "sale", 2),
        Hold("rows_misnamed", "case", 1),
        Hold("rows_of_nobody", "orders", 3),
        Hold("rows_of_nobody", "order_lines", 1),
        Hold("rows_of_nobody", "cases", 1),
        Hold("rows_of_nobody", "surveys", 2),
        Hold("orders_undecided", "orders", 1),
        Hold("orders_without_value", "orders", 4),
    )
    said = verdict(quiet_night(holds=doubts))
    assert said.headline == "Safe to send until 1 November 2026. 25 rows are in doubt."
    assert said.notes == (
        "2 rows of sales in quarantine; whom they may mean is on no marketing list.",
        "1 service case in quarantine; whom they may mean is on no list.",
        "3 answers in quarantine; whom they may mean is left out as after a bad one.",
        "1 row about an account in quarantine; whom they may mean is on no marketing list.",
        "2 rows of units in quarantine; whom they may mean is on no list that needs units.",
        "1 referral in quarantine; whom they may mean is told of without how many they brought.",
        "2 orders under ids that nobody has and that are somebody's but for the spelling; whom they"
        " may mean is on no marketing list.",
        "1 service case under an id that nobody has and that is somebody's but for the spelling;"
        " whom they may mean is on no list.",
        "3 orders of nobody who is known: what they name, a customer, has not come.",
        "1 order line of nobody who is known: what it names, an order, has not come.",
        "1 service case of nobody who is known: what it names, a customer or an order, has not"
        " come.",
        "2 answers of nobody who is known: what they name, a customer or a case, has not come.",
        "1 order without lines: their customers are on no list that says they have not bought.",
        "4 orders in a currency without a rate: their customers are on no marketing list.",
    )


def test_every_kind_of_hold_is_a_note_and_warnings_are_counted():
    told = (
        Hold("orders_undecided", "orders", 2),
        Hold("rows_waiting", "refunds", 1200),
        Hold("spend_without_value", "marketing_spend", 1),
        Hold("refunds_above_sale", "orders", 3, Decimal("1234.50")),
        Hold("ledger_warning", "orders", 4, words="column colour is not declared"),
    )
    assert verdict(quiet_night(holds=told)).notes == (
        "2 orders without lines: their customers are on no list that says they have not bought.",
        "1,200 of refunds later than the night's day: each waits for its own.",
        "1 month of marketing spend in a currency without a rate, or without a usual channel's:"
        " what its newcomers cost is not known.",
        "Refunds above their sales: 1,234.50 on 3 orders does not count.",
        "1 warning about delivered files: see data quality.",
    )


def test_a_guard_that_no_feed_gives_stands_in_the_headline_and_withholds_nothing():
    lacking = (
        Hold("guard_lacking", "farewells"),
        Hold("feed_switched_off", "deaths", words=" permission farewells"),
    )
    said = verdict(quiet_night(holds=lacking))
    assert said.headline == (
        "Safe to send until 1 November 2026."
        " No feed tells that somebody has died or asked to be erased."
    )
    assert said.notes == (
        "No feed tells that somebody has died or asked to be erased.",
        "Switched off: deaths, which would guard permission and farewells.",
    )


def test_a_refused_file_and_many_rows_set_aside_are_mentioned():
    feeds = list(quiet_night().deliveries.feeds)
    feeds[0] = replace(feeds[0], refused=1, rows_in=1000, rows_quarantined=300)
    notes = verdict(quiet_night(deliveries=Deliveries(feeds=tuple(feeds)))).notes
    assert notes[0].startswith("1 file was refused (customers)")
    assert "300 of" in notes[1]


def test_a_model_that_was_never_fitted_is_not_said_to_have_failed():
    run = replace(
        made_up.model().runs[0],
        is_converged=False,
        log_likelihood=None,
        warnings=("there are no purchase histories: nothing was fitted",),
    )
    notes = verdict(quiet_night(model=made_up.model(runs=(run,)))).notes
    assert notes == ("MBG/NBD: there are no purchase histories: nothing was fitted",)


def test_lists_without_people_leave_nothing_to_send():
    lists = tuple(replace(one, people=0) for one in made_up.lists())
    assert verdict(quiet_night(lists=lists)).headline == "Nothing to send tonight."


def test_overdue_erasures_stand_in_the_headline_and_open_ones_among_the_notes():
    holds = (Hold("erasure_overdue", "2026-10-24", 2), Hold("erasure_open", "2026-11-07", 1))
    said = verdict(quiet_night(holds=holds))
    assert said.headline.endswith(" 2 erasures are overdue.")
    assert said.notes[0].startswith("Overdue: to erase 2 people by 2026-10-24;")
    assert said.notes[1].startswith("1 person removed everywhere but in the database's own files")
