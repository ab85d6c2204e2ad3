"""The lists layer on hand-made marts: one world, built once as the night builds it."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from regulars import warehouse
from regulars.lists.export import write_files
from regulars.night import Night
from regulars.project import list_definitions
from tests.conftest import drop_database
from tests.dbt.campaign_world import AS_OF, World

KEY = b"a key that tests know"
GLOBAL, SHARE = Decimal("0.05"), Decimal("0.10")
# The marketing road from its end to its start: (reason, what makes somebody stop there).
ROAD: list[tuple[str, Callable[[World, str, dict[str, Any]], object]]] = [
    ("resting", lambda w, who, facts: w.case(f"upset-{who}", who, is_breach=False)),
    ("contacted_often", lambda w, who, facts: [w.contacted(who, 9), w.contacted(who, 20)]),
    ("contacted_recently", lambda w, who, facts: w.contacted(who, 6)),
    ("service_first", lambda w, who, facts: w.waits_for_two_answers(who)),
    ("quiet_after_bad_csat", lambda w, who, facts: facts.update(last_bad_csat_on=ago(29))),
    ("open_case", lambda w, who, facts: w.case(f"open-{who}", who, **OPEN, kind="repair")),
    ("unreachable", lambda w, who, facts: facts.update(has_email=False)),
    ("shared_address", lambda w, who, facts: w.stop(who, "shared_address", "email", "marketing")),
    ("bounced", lambda w, who, facts: w.stop(who, "bounced", "email", "marketing")),
    ("other_account", lambda w, who, facts: w.stop(who, "other_account", "email")),
    ("consent_in_doubt", lambda w, who, facts: w.stop(who, "consent_in_doubt")),
    ("opted_out", lambda w, who, facts: w.stop(who, "opted_out", "email", "marketing")),
    ("no_consent", lambda w, who, facts: facts.update(agrees=False)),
    ("minor", lambda w, who, facts: facts.update(is_minor=True)),
    ("staff", lambda w, who, facts: facts.update(is_staff=True)),
    ("account_in_doubt", lambda w, who, facts: w.unread_row(who, "account", days_ago=400)),
    ("answer_in_doubt", lambda w, who, facts: w.unread_row(who, "answer")),
    ("case_in_doubt", lambda w, who, facts: w.unread_row(who, "case", days_ago=400)),
    ("sale_in_doubt", lambda w, who, facts: w.unread_row(who, "sale", days_ago=400)),
    ("value_unknown", lambda w, who, facts: facts.update(unvalued_orders=1)),
    ("order_undecided", lambda w, who, facts: facts.update(undecided_orders=1)),
    ("farewell_in_doubt", lambda w, who, facts: w.stop(who, "farewell_in_doubt")),
    ("erased", lambda w, who, facts: w.erasure(who)),
    ("deceased", lambda w, who, facts: w.death(who)),
]
OPEN = {"is_open": True, "resolved_at": None, "is_breach": False}


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


@pytest.fixture(scope="module")
def world(make_world: Callable) -> Iterator[World]:
    settings = make_world("campaign_lists")
    with warehouse.connect(settings, "admin", autocommit=True) as connection:
        connection.execute("update decisions.holdout_key set key = %s", [KEY])
        world = World(settings, connection)
        for fill in (
            one_time_buyers,
            the_best,
            the_wronged,
            the_logged,
            the_celebrated,
            the_rewarded,
        ):
            fill(world)
        world.build()
        yield world
    drop_database(settings)


def one_time_buyers(world: World) -> None:
    for days in (29, 30, 45, 90, 91):
        world.trial(f"day{days}", days)
    world.trial("returned", relationship_status="returned_trial")
    world.trial("age_unknown", is_minor=None)
    world.trial("worth_more", expected_order_value=300)
    world.trial("worth_unknown", expected_order_value=None)
    world.trial("asked_something", is_staff=None)
    world.case("question", "asked_something", **OPEN, kind="question")
    world.trial("contacted_7_days_ago")
    world.contacted("contacted_7_days_ago", 7)
    world.contacted("contacted_7_days_ago", 30)
    world.trial("phone_bounced")
    world.stop("phone_bounced", "bounced", "phone", "marketing")
    world.trial("no_ads")
    world.stop("no_ads", "no_consent", "ads", "advertising")
    world.trial("bad_score_30_days_ago", last_bad_csat_on=ago(30))
    world.trial("twice_in_a_day", orders_count=2)
    world.trial("has_a_plan")
    for who, category in (("day45", "Grinders"), ("has_a_plan", "service_plans")):
        world.insert(
            "intermediate.int_customer_firsts", {"customer_id": who, "first_category": category}
        )
    for number, (reason, _) in enumerate(ROAD):
        facts: dict[str, Any] = {}
        for _, stop in ROAD[: number + 1]:
            stop(world, f"stops_{reason}", facts)
        world.trial(f"stops_{reason}", **facts)
    for number in range(60):
        world.trial(f"many{number:02d}", 50)


def noon(days_ago: int) -> str:
    return f"{ago(days_ago)} 12:00+00"


def order(order_id: str, customer_id: str) -> dict[str, Any]:
    return {"order_id": order_id, "customer_id": customer_id, "order_seq": 1}


def the_best(world: World) -> None:
    world.best("risk", value_at_risk=50)
    world.best("high_risk", value_at_risk=70, lifecycle_status="highly_at_risk")
    world.best("safe", lifecycle_status="active")
    world.best("cooling", lifecycle_status="cooling")
    world.best("gone", lifecycle_status="lost")
    world.best("brought_much", value_tier="bronze", value_if_active_12m=1, margin_24m=400)
    world.best("one_gap", purchase_days=2, first_purchase_on=ago(73 + 61), median_gap_days=None)
    world.best("rich_bronze", value_tier="bronze", value_if_active_12m=1000)
    world.best("poor_bronze", value_tier="bronze")
    world.best("once_silver", value_tier="bronze")
    world.was("once_silver", "silver", until=364)
    world.best("long_ago_silver", value_tier="bronze")
    world.was("long_ago_silver", "silver", until=365)
    world.best("best_and_wronged", net_clv_12m=1)
    world.case("best_and_wronged", "best_and_wronged", first_reply_minutes=300)
    world.best("partner", household_id="house")
    world.trial("partner_who_bought_once", household_id="house")


def the_wronged(world: World) -> None:
    world.person("late", agrees=False)
    world.case("late", "late", csat=1)
    world.person("slow", has_phone=False, preferred_channel="phone", net_clv_12m=100)
    world.case("slow", "slow", first_reply_minutes=400)
    world.person("unhappy")
    world.case("unhappy", "unhappy", is_breach=False, csat=2, reopened_count=2)
    world.person("content")
    world.case("content", "content", is_breach=False, csat=3)
    world.person("long_ago")
    world.case("long_ago", "long_ago", resolved_at="2025-11-01 09:00+00")
    world.person("waiting_for_us")
    world.case("waiting_for_us", "waiting_for_us", is_open=True, resolved_at=None)
    world.person("silent", net_clv_12m=100)
    world.case("silent", "silent", first_reply_minutes=None)
    world.person("no_way_to_reach", has_email=False, has_phone=False)
    world.case("no_way_to_reach", "no_way_to_reach")
    world.person("dead_and_wronged")
    world.case("dead_and_wronged", "dead_and_wronged", csat=1)
    world.death("dead_and_wronged")
    world.person("wronged_and_perhaps_dead")
    world.case("perhaps_dead", "wronged_and_perhaps_dead", csat=1)
    world.stop("wronged_and_perhaps_dead", "farewell_in_doubt")
    world.person("wronged_and_to_be_erased")
    world.case("to_be_erased", "wronged_and_to_be_erased", is_open=True, resolved_at=None)
    world.erasure("wronged_and_to_be_erased")
    world.person("apologised_to")
    world.case("apologised_to", "apologised_to")
    world.contacted("apologised_to", 2, list_code="make_it_right", channel="phone")
    world.person("called_too_soon")
    world.case("called_too_soon", "called_too_soon")
    world.contacted("called_too_soon", 8, list_code="make_it_right", channel="phone")
    world.person("wronged_twice")
    world.case("apologised", "wronged_twice", resolved_at="2026-03-01 09:00+00")
    world.case("again", "wronged_twice", csat=2)
    world.contacted("wronged_twice", 10, list_code="make_it_right", channel="phone")
    world.person("content_again")
    world.case("content_again", "content_again", csat=4)
    for days in (30, 31):
        world.person(f"resolved_{days}_days_ago")
        world.case(f"{days}-days", f"resolved_{days}_days_ago", csat=1, resolved_at=noon(days))
    world.person("recent", net_clv_12m=1)
    world.case("recent", "recent", first_reply_minutes=300, resolved_at=noon(1))
    world.person("parcel_late")
    world.case("parcel", "parcel_late", is_breach=False, order_id="p1", resolved_at=noon(1))
    world.insert("marts.fct_orders", {**order("p1", "parcel_late"), "ordered_on": ago(20)})
    world.promise("delivery", "parcel_late", order_id="p1", late_minutes=2880)
    world.person("parcel_gone")
    world.case("gone", "parcel_gone", order_id="p2", csat=1, resolved_at=noon(1))
    world.insert("marts.fct_orders", {**order("p2", "parcel_gone"), "ordered_on": ago(20)})
    world.promise("delivery", "parcel_gone", order_id="p2")
    world.person("wrong_address")
    world.case("address", "wrong_address", is_breach=False, order_id="p3")
    world.promise("delivery", "wrong_address", order_id="p3", fault_of="customer")
    world.person("parcel_of_long_ago")
    world.case("old", "parcel_of_long_ago", is_breach=False, order_id="p4")
    world.promise("delivery", "parcel_of_long_ago", order_id="p4", due_at="2026-01-31 11:00+00")
    world.person("call_awaited")
    world.case("call", "call_awaited", is_breach=False, csat=2, resolved_at=noon(1))
    world.promise("call_back", "call_awaited", case_id="call", late_minutes=5)
    world.person("repaired_late")
    world.case("bench", "repaired_late", is_breach=False, csat=1, kind="repair")
    world.promise("repair", "repaired_late", case_id="bench", late_minutes=130)
    world.person("repair_merged")
    world.case("merged_repair", "repair_merged", kind="repair", merged_into_case_id="solved")
    world.case("solved", "repair_merged", is_breach=False, resolved_at=noon(1))
    world.promise("repair", "repair_merged", case_id="merged_repair")
    world.person("by_post", preferred_channel="post")
    world.insert("pii.customer_homes", {"customer_id": "by_post", "is_complete": True})
    world.case("by_post", "by_post", is_breach=False, csat=1)
    world.person("no_preference", preferred_channel=None)
    world.case("no_preference", "no_preference", csat=1)
    world.person("prefers_mail_has_none", has_email=False)
    world.case("prefers_mail", "prefers_mail_has_none", csat=1)
    world.person("merged", preferred_channel="phone")
    world.case("merged", "merged", merged_into_case_id="carries_on", is_unsolved=True)
    world.case("carries_on", "merged", **OPEN)
    for who, is_unsolved in (("carried_on", True), ("carried_nowhere", None), ("solved", False)):
        world.trial(who)
        world.case(f"gone_{who}", who, is_unsolved=is_unsolved, is_breach=False, opened_on=ago(99))
    world.person("has_one_more")
    world.case("one", "has_one_more", csat=1)
    world.case("one_open", "has_one_more", **OPEN, kind="question")
    world.case("one_good", "has_one_more", csat=5)
    world.person("has_many_more")
    world.case("many", "has_many_more", csat=1)
    world.case("many_b", "has_many_more")
    world.case("many_a", "has_many_more", is_breach=False, csat=2)
    world.case("many_old", "has_many_more", resolved_at=noon(31))
    world.case("many_fine", "has_many_more", is_breach=False)
    world.person("wronged_and_waiting", net_clv_12m=100)
    world.case("wronged_and_waiting", "wronged_and_waiting", csat=1)
    world.waits_for_two_answers("wronged_and_waiting")
    world.waits_for_two_answers("queue00")
    for number in range(20):
        world.person(f"queue{number:02d}", net_clv_12m=number)
        world.case(f"queue{number:02d}", f"queue{number:02d}", first_reply_minutes=300)


def the_logged(world: World) -> None:
    """A publication five nights ago that replaced an earlier one of that night."""
    night = ago(5)
    world.publication(1, night)
    world.publication(2, night)
    world.publication(3, AS_OF)  # tonight's own earlier publication does not count
    for who in ("held_before", "treated_before", "closed", "moved_on", "overruled", "tonight"):
        if who != "moved_on":
            world.trial(who)
    world.person("moved_on")
    log: dict[str, Any] = {"generation": 2, "as_of": night, "list_code": "second_purchase"}
    world.episode(customer_id="held_before", **log, arm="hold", entered_on=ago(50))
    world.episode(customer_id="treated_before", **log, episode_no=4)
    world.episode(customer_id="closed", **log, arm="hold", closes_on=AS_OF)
    world.episode(customer_id="moved_on", **log)
    world.episode(customer_id="stops_staff", **log)
    world.episode(customer_id="stops_deceased", **log, arm="hold")
    world.episode(customer_id="overruled", **{**log, "generation": 1}, arm="hold", episode_no=7)
    world.episode(customer_id="tonight", **{**log, "generation": 3, "as_of": AS_OF}, episode_no=9)


def the_celebrated(world: World) -> None:
    for who, is_minor in (("adult", False), ("minor", True), ("ageless", None)):
        world.person(
            f"{who}_with_a_birthday",
            birthday_month_day="03-16",
            value_tier="platinum",
            is_minor=is_minor,
        )
    world.person("upset_with_a_birthday", birthday_month_day="03-16", value_tier="platinum")
    world.case("upset", "upset_with_a_birthday", is_breach=False)


def the_rewarded(world: World) -> None:
    """Points lapse of both; of one, a row of a feed could not be read."""
    world.feed("loyalty", is_withholding=False)
    for who in ("points_in_doubt", "machine_in_doubt"):
        world.person(who)
        world.insert("marts.customer_loyalty", {"customer_id": who, "balance": 400})
        world.insert(
            "marts.fct_loyalty_entries",
            {
                "entry_id": who,
                "customer_id": who,
                "points_left": 400,
                "expires_on": AS_OF + timedelta(days=20),
            },
        )
    world.unread_row("points_in_doubt", "loyalty", days_ago=400)
    world.unread_row("machine_in_doubt", "units")


FILLS = (one_time_buyers, the_best, the_wronged, the_logged, the_celebrated, the_rewarded)


def draw(*words: str) -> Decimal:
    digest = hashlib.sha256(KEY + "|".join(words).encode()).digest()
    return Decimal(int.from_bytes(digest[:4], "big")) / 2**32


def drawn_arm(household: str, list_code: str, episode_no: int) -> str:
    is_held = (
        draw(household, "global") < GLOBAL or draw(household, list_code, str(episode_no)) < SHARE
    )
    return "hold" if is_held else "treat"


# ---------------------------------------------------------------- who is on second_purchase


def test_the_window_of_the_nudge_includes_both_its_ends(world: World) -> None:
    members, why_not = world.members("second_purchase"), world.ineligible("second_purchase")
    assert {"day30", "day45", "day90"} <= members.keys()
    assert (why_not["day29"], why_not["day91"]) == ("too_early", "too_late")


def test_who_does_not_qualify_is_told_why_when_asked_and_stored_nowhere(world: World) -> None:
    stored = world.connection.execute(
        "select customer_id, list_code from lists.list_exclusions"
        " union all select customer_id, list_code from lists.int_list_candidates"
    )
    about = ("second_purchase", "save_our_best", "make_it_right")
    stored_ids = {who for who, code in stored if code in about}
    for code in about:
        assert world.ineligible(code)
    assert not {"day29", "day91", "safe", "gone", "waiting_for_us"} & stored_ids


def test_somebody_who_sent_everything_back_is_not_nudged(world: World) -> None:
    assert world.ineligible("second_purchase")["returned"] == "returned_first_order"


@pytest.mark.parametrize("reason", [reason for reason, _ in ROAD])
def test_the_first_reason_on_the_road_is_the_one_given(world: World, reason: str) -> None:
    assert world.left_out("second_purchase")[f"stops_{reason}"] == reason


def test_a_complaint_that_another_case_carries_on_keeps_marketing_away(world: World) -> None:
    left_out = world.left_out("second_purchase")
    assert left_out["carried_on"] == left_out["carried_nowhere"] == "open_case"
    assert left_out.get("solved") != "open_case"


@pytest.mark.parametrize(
    "who",
    [
        "age_unknown",
        "asked_something",
        "contacted_7_days_ago",
        "phone_bounced",
        "bad_score_30_days_ago",
        "no_ads",
    ],
)
def test_what_lies_just_off_the_road_stops_nobody(world: World, who: str) -> None:
    assert who in world.members("second_purchase")


def test_the_chance_comes_from_the_curve_given_that_it_has_not_happened_yet(world: World) -> None:
    member = world.members("second_purchase")["day45"]
    assert member["details"]["p_second"] == 0.266667  # (S(45) - S(135)) / S(45) = (.75-.55)/.75
    assert member["score"] == pytest.approx(Decimal("10.666680"))  # times 100 x .45 - 5
    assert member["details"]["days_since_first"] == 45
    assert member["details"]["first_category"] == "Grinders"


def test_those_who_would_bring_most_come_first_and_the_unknown_last(world: World) -> None:
    ranked = list(world.members("second_purchase"))
    assert ranked[0] == "worth_more"
    assert ranked[-1] == "worth_unknown"


def test_reasons_are_sentences_about_that_person(world: World) -> None:
    member = world.members("second_purchase")["day45"]
    assert member["reason_1"] == "bought once, 45 days ago, and not since"
    twice = world.members("second_purchase")["twice_in_a_day"]
    assert twice["reason_1"] == "bought 2 times on one day, 45 days ago, and not since"
    assert member["reason_3"] == "chance of another order within 90 days: 27 in 100 at this point"
    assert member["suggested_action"] == (
        "Ask how the first purchase (grinders) is working out, and show what goes with it"
    )


def test_nobody_is_asked_how_a_service_plan_is_working_out(world: World) -> None:
    members = world.members("second_purchase")
    assert members["has_a_plan"]["suggested_action"] == (
        "Thank them for the first purchase (service plans), and show what goes with it"
    )
    assert members["worth_more"]["suggested_action"] == (
        "Thank them for the first purchase, and show what goes with it"
    )


# ---------------------------------------------------------------- birthdays, rest, all together


def test_nobody_of_unknown_age_is_greeted_on_a_birthday(world: World) -> None:
    assert "adult_with_a_birthday" in world.members("birthday_anniversary")
    left_out = world.left_out("birthday_anniversary")
    assert left_out["ageless_with_a_birthday"] == "age_unknown"
    assert left_out["minor_with_a_birthday"] == "minor"


def test_whoever_rests_is_on_no_marketing_list_and_is_told_why(world: World) -> None:
    assert "upset_with_a_birthday" in world.members("rest")
    assert world.left_out("birthday_anniversary")["upset_with_a_birthday"] == "resting"
    (why,) = world.connection.execute(
        "select reason from lists.list_exclusions where list_code = 'birthday_anniversary'"
        " and customer_id = 'upset_with_a_birthday'"
    ).fetchone()  # type: ignore[misc]
    assert why == "is left in peace: complained 12 days ago"
    both = world.connection.execute(
        "select count(*) from lists.list_members as a join lists.list_members as b"
        " using (household_id) where a.class = 'marketing' and b.class = 'suppression'"
    ).fetchone()
    assert both == (0,)


def test_nobody_is_twice_on_a_list_or_on_two_marketing_lists(world: World) -> None:
    doubles = world.connection.execute(
        "select household_id from lists.list_members where class = 'marketing'"
        " group by household_id having count(*) > 1"
        " union all select customer_id from lists.list_members"
        " group by list_code, customer_id having count(*) > 1"
    ).fetchall()
    assert doubles == []
    counted = world.connection.execute(
        "select count(distinct list_code) from lists.list_members where class = 'marketing'"
    ).fetchone()
    assert counted is not None
    assert counted[0] >= 3, "too few lists have anybody for this to be a claim"


# ---------------------------------------------------------------- save_our_best


def test_the_best_at_risk_are_saved_by_value_at_risk(world: World) -> None:
    members = world.members("save_our_best")
    assert list(members)[:2] == ["high_risk", "risk"]
    assert {"one_gap", "rich_bronze", "partner", "cooling", "brought_much"} <= members.keys()
    assert re.fullmatch(
        r"number 1 of \d+ customers by margin in the 24 months before the last order",
        members["brought_much"]["reason_3"],
    )


def test_the_safe_and_the_lost_are_left_out_each_with_a_reason(world: World) -> None:
    why_not = world.ineligible("save_our_best")
    assert {who: why_not[who] for who in ("safe", "gone")} == {
        "safe": "not_at_risk",
        "gone": "lost",
    }


def test_who_is_not_among_the_best_is_no_matter_of_this_list(world: World) -> None:
    assert "poor_bronze" not in {
        **world.members("save_our_best"),
        **world.left_out("save_our_best"),
        **world.ineligible("save_our_best"),
    }


def test_a_customer_is_measured_against_their_own_rhythm(world: World) -> None:
    members = world.members("save_our_best")
    assert (
        members["risk"]["reason_1"] == "half of the time orders again within 41 days; now 73 days"
    )
    assert members["one_gap"]["reason_1"] == "came back once, after 61 days; now 73 days"


def test_an_offer_stays_below_a_share_of_what_it_may_win(world: World) -> None:
    member = world.members("save_our_best")["risk"]
    assert member["offer_ceiling"] == Decimal("1.50")  # 50 at risk x .10 assumed effect x .30


def test_an_offer_of_a_few_cents_is_none(world: World) -> None:
    offers = {m["offer_ceiling"] for m in world.members("second_purchase").values()}
    assert not {offer for offer in offers if 0 < offer < 1}
    assert Decimal("0.00") in offers


def test_an_unreadable_row_of_a_feed_holds_back_from_the_lists_that_need_it(world: World) -> None:
    assert world.left_out("reward_lapsing")["points_in_doubt"] == "claim_in_doubt"
    assert "machine_in_doubt" in world.members("reward_lapsing")


# ---------------------------------------------------------------- make_it_right


def test_the_wronged_are_called_without_consent_by_severity_then_the_most_recent(
    world: World,
) -> None:
    members = world.members("make_it_right")
    # broken, over twice as long, bad and lowest score; resolved six of thirty-one days ago
    scores = {who: round(float(members[who]["score"]), 3) for who in ("late", "slow", "unhappy")}
    assert scores == {"late": 4.774, "slow": 1.774, "unhappy": 3.774}
    ranked = list(members)
    assert ranked.index("resolved_30_days_ago") < ranked.index("unhappy"), "severity comes first"
    assert ranked.index("recent") < ranked.index("silent"), "of equals the most recent"


def test_the_window_of_an_apology_is_thirty_days_after_the_resolution(world: World) -> None:
    known = {**world.members("make_it_right"), **world.ineligible("make_it_right")}
    assert "resolved_30_days_ago" in known
    assert "resolved_31_days_ago" not in known


def test_who_has_scored_the_case_well_since_is_left_in_peace(world: World) -> None:
    assert world.ineligible("make_it_right")["content_again"] == "scored_well_since"


def test_a_merged_case_is_open_as_long_as_the_one_that_carries_on(world: World) -> None:
    assert world.ineligible("make_it_right")["merged"] == "case_open"


def test_one_row_names_what_else_is_open_or_went_wrong(world: World) -> None:
    members = world.members("make_it_right")
    cases = {who: members[who]["details"]["other_cases"] for who in ("late", "has_one_more")}
    assert cases == {"late": None, "has_one_more": "one_open"}
    assert members["has_one_more"]["reason_3"] == (
        "1 other case of theirs is open or went wrong: one_open"
    )
    assert members["has_many_more"]["reason_3"] == (
        "2 other cases of theirs are open or went wrong: many_a, many_b"
    )
    assert members["late"]["reason_3"] == "resolved 6 days ago, and no apology is known"


def test_a_broken_promise_is_told_as_it_happened(world: World) -> None:
    members = world.members("make_it_right")
    assert members["late"]["reason_1"] == (
        "the complaint of 3 March took 5 days to answer; the promise was 4 hours"
    )
    assert members["unhappy"]["reason_1"] == (
        "scored 2 out of 5 on 10 March for the complaint of 3 March"
    )
    assert members["silent"]["reason_1"] == (
        "the complaint of 3 March was closed, and no answer is known; the promise was 4 hours"
    )


def test_who_was_promised_a_parcel_a_repair_or_a_call_is_owed_an_apology_as_well(
    world: World,
) -> None:
    members = world.members("make_it_right")
    said = {
        who: (members[who]["reason_1"], members[who]["reason_2"])
        for who in ("parcel_late", "parcel_gone", "call_awaited", "repaired_late", "repair_merged")
    }
    assert said["parcel_late"] == (
        "the order of 23 February was promised by 5 March and came 2 days late",
        "resolved 1 day ago, and no apology is known",
    )
    assert said["parcel_gone"][1] == (
        "the order of 23 February was promised by 5 March and is not known to have come"
    )
    assert said["call_awaited"] == (
        "a call back was promised by 6 March, and none is known by then",
        "scored 2 out of 5 on 10 March for the complaint of 3 March",
    )
    assert said["repaired_late"][0] == (
        "the repair of 3 March was promised to be done by 6 March and took more than 2 hours longer"
    )
    assert said["repair_merged"][1] == (
        "the repair of 3 March was promised to be done by 6 March and is not known to be"
    )


def test_a_promise_that_the_customer_broke_or_of_long_before_the_case_is_none_to_be_sorry_for(
    world: World,
) -> None:
    known = {**world.members("make_it_right"), **world.left_out("make_it_right")}
    assert not {"wrong_address", "parcel_of_long_ago"} & known.keys()


@pytest.mark.parametrize(
    ("who", "action"),
    [
        ("late", "Write in person, by email as they prefer, say sorry for the wait"),
        ("unhappy", "Write in person, by email as they prefer, say sorry, and ask"),
        ("by_post", "Write in person, by post as they prefer, say sorry, and ask"),
        ("no_preference", "Call, say sorry for the wait"),
        ("prefers_mail_has_none", "Call, say sorry for the wait"),
        ("slow", "Write in person (there is no usable number), say sorry for the wait"),
    ],
)
def test_the_suggested_action_follows_the_preferred_channel(
    world: World, who: str, action: str
) -> None:
    assert world.members("make_it_right")[who]["suggested_action"].startswith(action)


def test_only_who_is_still_owed_an_apology_is_called(world: World) -> None:
    left_out, why_not = world.left_out("make_it_right"), world.ineligible("make_it_right")
    assert why_not["waiting_for_us"] == "case_open"
    assert why_not["apologised_to"] == "already_apologised"
    assert left_out["no_way_to_reach"] == "unreachable"
    known = {**world.members("make_it_right"), **left_out}
    assert not {"content", "long_ago"} & {**known, **why_not}.keys()
    assert "called_too_soon" in known


def test_a_second_wrong_after_an_apology_counts(world: World) -> None:
    assert world.members("make_it_right")["wronged_twice"]["details"]["case_id"] == "again"


def test_twenty_are_called_and_the_rest_wait_their_turn(world: World) -> None:
    members, left_out = world.members("make_it_right"), world.left_out("make_it_right")
    waiting = {who for who, reason in left_out.items() if reason == "waiting_list"}
    assert len(members) == 20
    assert len(waiting) == 19
    # equal scores: value breaks the tie, so those worth least wait
    assert "queue01" in waiting
    assert "queue19" in members


def test_a_service_list_holds_nobody_back(world: World) -> None:
    assert {m["arm"] for m in world.members("make_it_right").values()} == {"treat"}


def test_whoever_is_owed_an_apology_gets_no_marketing_that_night(world: World) -> None:
    assert "late" in world.members("make_it_right")
    assert world.left_out("save_our_best")["best_and_wronged"] == "service_first"
    (why,) = world.connection.execute(
        "select reason from lists.list_exclusions where list_code = 'save_our_best'"
        " and customer_id = 'best_and_wronged'"
    ).fetchone()  # type: ignore[misc]
    assert why == "something is owed to them first: Make it right"


def test_who_is_called_to_make_it_right_is_not_called_for_another_list_too(world: World) -> None:
    assert "wronged_and_waiting" in world.members("make_it_right")
    assert world.left_out("service_call")["wronged_and_waiting"] == "other_call"
    # there is no seat for them on the first list, so the second calls them
    assert world.left_out("make_it_right")["queue00"] == "other_call"
    assert "queue00" in world.members("service_call")


def test_nobody_calls_the_dead_or_who_asked_to_be_erased_and_nothing_else_is_said(
    world: World,
) -> None:
    left_out = world.left_out("make_it_right")
    assert left_out["dead_and_wronged"] == "deceased"
    assert "wronged_and_to_be_erased" not in left_out  # the case is open: owed nothing yet
    assert left_out["wronged_and_perhaps_dead"] == "farewell_in_doubt"


# ---------------------------------------------------------------- one list, arms, episodes


def test_a_household_is_on_one_marketing_list_the_one_that_comes_first(world: World) -> None:
    assert "partner" in world.members("save_our_best")
    assert world.left_out("second_purchase")["partner_who_bought_once"] == "other_list"


def test_new_arms_are_what_the_keyed_hash_says(world: World) -> None:
    new = {
        who: m
        for list_code in ("second_purchase", "save_our_best")
        for who, m in world.members(list_code).items()
        if m["entered_on"] == AS_OF
    }
    assert {who: m["arm"] for who, m in new.items()} == {
        who: drawn_arm(m["household_id"], m["list_code"], m["episode_no"]) for who, m in new.items()
    }
    assert {m["arm"] for m in new.values()} == {"treat", "hold"}


def test_an_open_episode_keeps_arm_number_and_dates(world: World) -> None:
    members = world.members("second_purchase")
    held, treated = members["held_before"], members["treated_before"]
    assert (held["arm"], held["episode_no"], held["entered_on"]) == ("hold", 1, ago(50))
    assert (treated["arm"], treated["episode_no"], treated["stratum"]) == ("treat", 4, "gold")


def test_a_closed_episode_is_followed_by_a_new_one(world: World) -> None:
    member = world.members("second_purchase")["closed"]
    assert (member["episode_no"], member["entered_on"]) == (2, AS_OF)
    assert member["closes_on"] == AS_OF + timedelta(days=120)
    assert member["stratum"] == "bronze"


def test_a_held_person_who_dies_leaves_the_list_and_stays_assigned(world: World) -> None:
    assert world.movements("second_purchase")["stops_deceased"] == ("left", "has died")
    logged = world.connection.execute(
        "select arm from decisions.effective_episodes where household_id = 'stops_deceased'"
    ).fetchall()
    assert logged == [("hold",)]


@pytest.mark.parametrize("who", ["overruled", "tonight"])
def test_decisions_that_do_not_count_are_not_looked_at(world: World, who: str) -> None:
    """A replaced publication's, and tonight's own."""
    assert world.members("second_purchase")[who]["episode_no"] == 1


def test_movement_is_told_against_the_last_publication(world: World) -> None:
    movements = world.movements("second_purchase")
    assert movements["held_before"][0] == "stayed"
    assert movements["day45"] == ("entered", "bought once, 45 days ago, and not since")
    assert movements["moved_on"] == ("left", "no longer somebody with exactly one order")
    assert movements["stops_staff"] == ("left", "works here")
    assert movements["tonight"][0] == "entered"


# ---------------------------------------------------------------- files


def test_files_carry_everybody_treated_and_nobody_held(world: World, tmp_path: Path) -> None:
    result = write_files(world.settings, Night(AS_OF), tmp_path, "run-1")
    for definition in list_definitions.load(world.settings.dbt_project):
        code = definition.list_code
        if code in result["withheld"]:  # type: ignore[operator]
            continue
        with (tmp_path / "lists" / f"{code}.csv").open(newline="") as stream:
            in_file = [row["customer_id"] for row in csv.DictReader(stream)]
        members = world.members(code)
        assert in_file == [who for who, member in members.items() if member["arm"] == "treat"]
    assert set(result["rejected"].values()) == {0}  # type: ignore[attr-defined]
