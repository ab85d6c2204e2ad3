"""Three small nights after a full one, each with what makes increments go wrong, and a quiet one.

Beside what each night brings by intent, every feed of the house delivers in any order, late and
twice (REGULARS_SCHEDULE_SEED, printed). Whatever came when, the tables equal a full build beside
them, row by row; and once two accounts are taken apart, a company where nobody ever merged them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from regulars.feeds import declarations
from regulars.lists.contacts import normalise_contacts
from tests.conftest import drop_database
from tests.dbt import any_order
from tests.dbt.delivered_world import (
    FULL,
    World,
    consent,
    customer,
    death,
    erasure,
    line,
    merge,
    open_world,
    order,
    product,
    refund,
)

Seen = dict[str, object]
SEED = int(os.environ.get("REGULARS_SCHEDULE_SEED", "3"))
QUIET = "2026-03-13"  # a night that brings nothing
OF_THE_TOUCHED = (
    "intermediate.int_customer_months",
    "intermediate.int_unit_turns",
    "intermediate.int_cohort_activity",
    "intermediate.int_cohort_beginnings",
    "marts.customer_category_shares",
)
NEVER = "never_"  # schema prefix of a full build without the merge that was undone


@pytest.fixture(scope="module")
def nights(make_world: Callable) -> Iterator[tuple[World, list[Seen]]]:
    settings = make_world("incremental_builds")
    with open_world(settings) as connection:
        world = World(settings, connection)
        stories = {
            "2026-03-09": first_night,
            "2026-03-10": late_and_orphaned,
            "2026-03-11": parents_come,
            "2026-03-12": taken_back,
        }
        print(f"REGULARS_SCHEDULE_SEED={SEED}")
        arriving = any_order.arrivals(SEED, list(stories))
        seen = []
        for night, story in stories.items():
            any_order.bring(world, arriving[night])
            normalise_contacts(settings)
            seen.append(story(world))
        written = {table: rows_written(world, table) for table in OF_THE_TOUCHED}
        seen[-1]["points by the calendar"] = points_by_the_calendar(world)
        world.build(QUIET)
        seen[-1]["a day later"] = points_by_the_calendar(world)
        seen[-1]["written again"] = {
            table for table in OF_THE_TOUCHED if rows_written(world, table) != written[table]
        }
        world.build(QUIET, FULL)
        connection.execute("delete from raw.identities where old_customer_id = 'M1'")
        world.build(QUIET, NEVER)
        yield world, seen
    drop_database(settings)


def rows_written(world: World, table: str) -> tuple:
    """Which rows by whom: a table that is made again is written by another transaction."""
    return world.one(f"select count(*), min(xmin::text), max(xmin::text) from {table}")


def points_by_the_calendar(world: World) -> dict[str, tuple[int, int, int]]:
    rows = world.connection.execute(
        "select customer_id, tier_points, points_expiring, points_expiring_30d"
        " from marts.customer_loyalty where customer_id like 'L%'"
    )
    return {who: tuple(points) for who, *points in rows}


def look(world: World, mode: str) -> Seen:
    """What the claims below compare between the nights."""
    return {
        "mode": mode,
        "orders": {
            row[0]: row[1:]
            for row in world.connection.execute(
                """
                select order_id, customer_id, source_customer_id, order_seq, net_sales,
                    cost_of_goods, status
                from marts.fct_orders
                """
            )
        },
        "people": dict(
            world.connection.execute("select customer_id, orders_count from marts.dim_customers")
        ),
        "points": dict(
            world.connection.execute("select customer_id, balance from marts.customer_loyalty")
        ),
        "cases": dict(
            world.connection.execute("select case_id, customer_id from marts.fct_service_cases")
        ),
        "units": dict(
            world.connection.execute("select product_id, customer_id from marts.fct_units")
        ),
        "who is whose": dict(
            world.connection.execute(
                "select account_id, customer_id from marts.customer_accounts where not is_own"
            )
        ),
        "stopped": {
            row[0]
            for row in world.connection.execute(
                "select customer_id from intermediate.int_contact_stops where channel = 'email'"
            )
        },
        "january": world.connection.execute(
            """
            select net_sales, active_customers from marts.cohort_months
            where cohort_by = 'first' and cohort_month = '2026-01-01' and age_month = 0
            """
        ).fetchone(),
    }


def first_night(world: World) -> Seen:
    on = "2026-01-10"
    world.deliver(on, "customers", [customer("A"), customer("B")])
    world.deliver(on, "products", [product("P", unit_cost=10), product("Q", unit_cost=None)])
    world.deliver(
        on,
        "orders",
        [
            order("o1", "A", "2026-01-02"),
            order("o2", "B", "2026-01-03"),
            order("o3", "A", "2026-01-09"),
            order("guest", None, "2026-01-09"),
        ],
    )
    world.deliver(
        on,
        "order_lines",
        [
            line("o1", 1, "P", "2026-01-02"),
            line("o2", 1, "Q", "2026-01-03"),
            line("o3", 1, "P", "2026-01-09"),
            line("guest", 1, "P", "2026-01-09"),
        ],
    )
    two_accounts(world, on)
    points_of_the_quiet_night(world, on)
    world.deliver(on, "deaths", [death("A", on), death("B", on), death("E", on)])
    world.deliver(on, "erasure_requests", [erasure("E1", "A", on)])
    return look(world, world.build("2026-03-09"))


def two_accounts(world: World, on: str) -> None:
    """Accounts that later nights merge, each with an order, points and a yes."""
    accounts = ("M1", "M2", "N1", "N2", "N3", "N4", "S1", "S2", "S3")
    world.deliver(on, "customers", [customer(who) for who in accounts], revision=2)
    world.deliver(
        on,
        "orders",
        [
            order("m1", "M1", "2026-02-02"),
            order("m2", "M2", "2026-02-10"),
            order("n1", "N1", "2026-02-03"),
            order("n2", "N2", "2026-02-03"),
        ],
        revision=2,
    )
    world.deliver(
        on,
        "order_lines",
        [
            line("m1", 1, "P", "2026-02-02"),
            line("m2", 1, "Q", "2026-02-10"),
            line("n1", 1, "P", "2026-02-03"),
            line("n2", 1, "Q", "2026-02-03"),
        ],
        revision=2,
    )
    world.deliver(
        on,
        "loyalty",
        [
            {
                "entry_id": who,
                "customer_id": who,
                "kind": "earned",
                "points": 10,
                "booked_at": "2026-02-10",
            }
            for who in accounts
        ],
    )
    unit = {"product_id": "merged", "serial": "1", "customer_id": "M1", "updated_at": on}
    world.deliver(on, "units", [{**unit, "bought_on": on}])
    case = {"customer_id": "M1", "kind": "question", "opened_at": "2026-02-05", "updated_at": on}
    world.deliver(on, "cases", [{"case_id": "k", **case}])
    world.deliver(on, "consents", [consent(who, "2026-01-01") for who in accounts])


def points_of_the_quiet_night(world: World, on: str) -> None:
    """What moves on that night by the calendar: a year is over since L1 earned points, those of L2
    have lapsed the day before, and those of L3 lapse thirty days later."""
    people = ("L1", "L2", "L3")
    world.deliver(on, "customers", [customer(who) for who in people], revision=3)
    days = [("2025-03-13", "2027-01-01"), (on, "2026-03-12"), (on, "2026-04-12")]
    earned = {"kind": "earned", "points": 10}
    world.deliver(
        on,
        "loyalty",
        [
            {**earned, "entry_id": who, "customer_id": who, "booked_at": at, "expires_on": last}
            for who, (at, last) in zip(people, days, strict=True)
        ],
        revision=3,
    )


def late_and_orphaned(world: World) -> Seen:
    """A late refund, an order that changes hands, and children before their parents."""
    on = "2026-03-10"
    world.deliver(on, "refunds", [refund("r1", "o1", on, 40), refund("r6", "o6", on, 5)])
    world.deliver(
        on,
        "orders",
        [order("o2", "A", "2026-01-03", updated_at=on), order("o4", "C", "2026-03-01")],
    )
    world.deliver(
        on,
        "identities",
        [
            merge("M1", "M2", f"{on} 08:00:00+00"),
            merge("N3", "N4", "2026-03-01"),
            merge("N4", "N3", "2026-03-02"),
            merge("S1", "S2", "2026-03-02"),
            merge("S3", "S1", "2026-03-02"),
        ],
    )
    world.deliver(on, "deaths", [death("A", on, True), death("C", on, True), death("E", on, True)])
    world.deliver(on, "erasure_requests", [erasure("E1", "B", "2026-01-10")])
    world.deliver(
        on, "order_lines", [line("o4", 1, "P", "2026-03-01"), line("o5", 1, "P", "2026-03-02")]
    )
    return look(world, world.build("2026-03-10"))


def parents_come(world: World) -> Seen:
    """The customer and the orders waited for, a new cost, and a file two months late."""
    on = "2026-03-11"
    world.deliver(on, "customers", [customer("C")])
    world.deliver(on, "consents", [consent("M1", "2026-03-10 12:00:00+00", granted=False)])
    world.deliver(
        on,
        "identities",
        [
            merge("M1", "M2", f"{on} 09:00:00+00", is_merged=False),
            merge("N1", "N2", f"{on} 09:00:00+00"),
            merge("S1", "S2", f"{on} 09:00:00+00", is_merged=False),
            merge("S1", "S3", f"{on} 09:00:00+00", is_merged=False),
        ],
    )
    world.deliver(on, "products", [product("P", unit_cost=12, at=on)])
    world.deliver(on, "orders", [order("o5", "B", "2026-03-02"), order("o6", "B", "2026-03-03")])
    world.deliver(on, "order_lines", [line("o6", 1, "Q", "2026-03-03")])
    world.deliver(
        "2026-01-05",
        "orders",
        [order("o2", "B", "2026-01-03", updated_at="2026-01-04"), order("o7", "B", "2026-01-04")],
    )
    world.deliver("2026-01-05", "deaths", [death("C", "2026-01-05")])
    world.deliver(on, "deaths", [death("E", on)])
    world.deliver("2026-01-05", "order_lines", [line("o7", 1, "P", "2026-01-04")])
    return look(world, world.build("2026-03-11"))


def taken_back(world: World) -> Seen:
    """A refund booked on the wrong order, and a correction of an earlier day's file."""
    on = "2026-03-12"
    world.deliver(on, "refunds", [refund("r1", "o3", on, 40)])
    world.deliver(
        "2026-03-11",
        "orders",
        [order("o5", "B", "2026-03-02", status="cancelled")],
        revision=2,
    )
    return look(world, world.build("2026-03-12"))


def test_only_the_first_night_builds_in_full(nights) -> None:
    _, seen = nights
    assert [night["mode"] for night in seen] == ["full", *["incremental"] * 3]


def test_every_feed_of_the_house_takes_part(nights) -> None:
    world, _ = nights
    empty = {
        feed.name
        for feed in declarations.load(world.settings.dbt_project, ("house",))
        if world.one(f"select count(*) from raw.{feed.name}") == (0,)
    }
    assert empty == set()


def test_incremental_equals_full(nights, seeds: Callable[[int], None]) -> None:
    seeds(SEED)
    world, _ = nights
    assert {"marts.fct_orders", "marts.cohort_months", "staging.stg_house__orders"} <= set(
        world.tables()
    )
    assert world.differences() == {}


def test_what_is_of_the_touched_is_not_written_on_a_night_that_touches_nobody(nights) -> None:
    _, (*_, last) = nights
    assert last["written again"] == set()


def test_points_move_by_the_calendar_on_a_night_that_touches_nobody(nights) -> None:
    _, (*_, last) = nights
    assert last["points by the calendar"] == {
        "L1": (10, 10, 0),
        "L2": (10, 10, 10),
        "L3": (10, 10, 0),
    }
    assert last["a day later"] == {"L1": (0, 10, 0), "L2": (10, 0, 0), "L3": (10, 10, 10)}


def test_a_merged_person_has_what_both_accounts_had(nights) -> None:
    _, (before, merged, *_) = nights
    assert (before["people"]["M1"], before["people"]["M2"]) == (1, 1)
    assert "M1" not in merged["people"]
    assert (merged["people"]["M2"], merged["points"]["M2"], merged["cases"]["k"]) == (2, 20, "M2")
    assert merged["units"]["merged"] == "M2"
    assert merged["orders"]["m2"][:3] == ("M2", "M2", 2)


def test_taken_apart_nothing_is_left_of_a_merge_but_the_no_said_meanwhile(nights) -> None:
    world, (before, _, apart, last) = nights
    for what in ("people", "points", "cases", "units"):
        assert {who: apart[what].get(who) for who in ("M1", "M2", "k", "merged")} == {
            who: before[what].get(who) for who in ("M1", "M2", "k", "merged")
        }
    assert set(world.differences(beside=NEVER)) == {
        "intermediate.int_linked_accounts",
        "intermediate.int_contact_stops",
    }
    assert before["stopped"].isdisjoint({"M1", "M2"})
    assert {"M1", "M2"} <= last["stopped"]


def test_two_orders_of_one_day_are_one_purchase_day_of_a_merged_person(nights) -> None:
    world, _ = nights
    assert world.one(
        "select purchase_days from marts.customer_purchase_summaries where customer_id = 'N2'"
    ) == (1,)


def test_an_account_is_taken_apart_from_two_others_at_one_instant(nights) -> None:
    _, (_, merged, apart, _) = nights
    assert {"S1": "S2", "S3": "S2"}.items() <= merged["who is whose"].items()
    assert apart["who is whose"].keys().isdisjoint({"S1", "S2", "S3"})


def test_a_circle_of_merges_is_broken_and_told(nights) -> None:
    """The earlier of the two gives way."""
    world, (*_, last) = nights
    merged = {who: into for who, into in last["who is whose"].items() if who != "X1"}
    assert merged == {"N1": "N2", "N4": "N3"}
    assert world.one(
        "select set_aside_for from marts.customer_accounts where account_id = 'N3'"
    ) == ("circle",)
    assert world.one(
        "select held_count from marts.night_holds where kind = 'merges_set_aside'"
    ) == (1,)


def test_a_report_of_a_death_is_taken_back_by_a_later_word_alone(nights) -> None:
    """A is alive after all, so is C, whose wrong report came last; E has died since."""
    world, _ = nights
    dead = world.connection.execute(
        "select customer_id from pii.int_standing_noes where kind = 'death'"
        " and customer_id not like 'X%' order by 1"
    ).fetchall()
    assert dead == [("B",), ("E",)]


def test_a_late_refund_restates_its_cohort(nights) -> None:
    _, (before, after, *_) = nights
    assert before["january"] == (Decimal(300), 2)
    assert after["january"] == (Decimal(260), 1), "less the refund; o2 now belongs to A"
    assert before["orders"]["o1"][3:5] == (Decimal(100), Decimal(20))
    assert after["orders"]["o1"][3] == Decimal(60)


def test_an_order_that_moves_leaves_nothing_behind(nights) -> None:
    world, (_, after, *_) = nights
    assert after["orders"]["o2"][:3] == ("A", "A", 2)
    assert after["orders"]["o3"][2] == 3, "the orders behind it are numbered anew"
    assert world.one("select count(*) from marts.fct_orders where order_id = 'o2'") == (1,)


def test_an_orphan_waits_under_the_unknown_member_until_its_parent_comes(nights) -> None:
    world, (_, waiting, resolved, _) = nights
    assert waiting["orders"]["o4"][:3] == ("(unknown)", "C", None)
    assert resolved["orders"]["o4"][:3] == ("C", "C", 1)
    assert resolved["orders"]["o6"][3] == Decimal(95), "the refund was there before its order"
    assert "o5" not in waiting["orders"]
    assert resolved["orders"]["o5"][3] == Decimal(100), "its line was there before it"
    assert world.one(
        "select customer_id, is_held from marts.fct_refunds where refund_id = 'r6'"
    ) == ("B", False)


def test_a_guest_stays_unknown_and_out_of_value(nights) -> None:
    world, (*_, last) = nights
    assert last["orders"]["guest"][:3] == ("(unknown)", "(unknown) guest", None)
    assert world.one(
        "select count(*) from marts.customer_purchase_summaries where customer_id = '(unknown)'"
    ) == (0,)


def test_a_new_cost_reaches_old_orders(nights) -> None:
    _, (before, _, after, _) = nights
    assert before["orders"]["o3"][4] == Decimal(20)
    assert after["orders"]["o3"][4] == Decimal(24)


def test_a_late_file_adds_what_is_new_and_does_not_undo_what_is_newer(nights) -> None:
    _, (*_, after, _) = nights
    assert after["orders"]["o7"][:3] == ("B", "B", 1)
    assert after["orders"]["o2"][0] == "A"


def test_a_refund_that_moves_frees_its_first_order(nights) -> None:
    _, (*_, before, after) = nights
    assert (before["orders"]["o1"][3], before["orders"]["o3"][3]) == (60, 100)
    assert (after["orders"]["o1"][3], after["orders"]["o3"][3]) == (100, 60)


def test_a_correction_of_an_earlier_file_counts(nights) -> None:
    _, (*_, before, after) = nights
    assert (before["orders"]["o5"][5], after["orders"]["o5"][5]) == ("delivered", "cancelled")
    assert after["orders"]["o5"][2] is None
