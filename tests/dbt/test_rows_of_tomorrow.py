"""What a delivery says about the time after its night waits, and counts on its day.

On the night of the 3rd an order, a refund, a case and points that lapse of the 4th are known, and a
refund and points taken back of the 5th; no later delivery names them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from tests.conftest import drop_database
from tests.dbt.delivered_world import (
    FULL,
    World,
    customer,
    line,
    open_world,
    order,
    product,
    refund,
)

Seen = dict[str, object]
pytestmark = pytest.mark.nights  # four of them
MODELS = (
    "customer_loyalty",
    "customer_purchase_summaries",
    "dim_customers",
    "fct_order_lines",
    "fct_refunds",
    "fct_service_cases",
)
# the company is in Amsterdam: an hour ahead of UTC in November
JUST_BEFORE = "2026-11-03 22:59:59+00"
JUST_AFTER = "2026-11-03 23:00:00+00"


def look(world: World, mode: str) -> Seen:
    def column(query: str) -> list[object]:
        return [row[0] for row in world.connection.execute(query)]  # type: ignore[arg-type]

    return {
        "mode": mode,
        "orders": column("select order_id from marts.fct_orders order by 1"),
        "refunds": column("select refund_id from marts.fct_refunds order by 1"),
        "points": column("select points_cost from marts.fct_orders where order_id = 'before'"),
        "balances": column("select balance from marts.customer_loyalty"),
        "cases": column("select case_id from marts.fct_service_cases order by 1"),
        "ages": column("select customer_age_days from marts.customer_purchase_summaries"),
        "statuses": dict(
            world.connection.execute(
                "select customer_id, relationship_status from marts.dim_customers"
            ).fetchall()
        ),
        "net_sales": dict(
            world.connection.execute("select order_id, net_sales from marts.fct_orders").fetchall()
        ),
    }


def case(case_id: str, customer_id: str, opened_at: str) -> dict[str, object]:
    return {
        "case_id": case_id,
        "customer_id": customer_id,
        "kind": "question",
        "opened_at": opened_at,
        "promised_reply_minutes": 60,
        "updated_at": "2026-11-03",
    }


def points(kind: str, number: int, booked_at: str) -> dict[str, object]:
    whose = {"customer_id": "A", "order_id": "before"}
    return {"entry_id": kind, **whose, "kind": kind, "points": number, "booked_at": booked_at}


def deliver_the_third(world: World) -> None:
    on = "2026-11-03"
    world.deliver(on, "customers", [customer("A"), customer("B"), customer("C")])
    world.deliver(on, "products", [product("P", unit_cost=10)])
    world.deliver(
        on,
        "orders",
        [
            order("before", "A", on, ordered_at=JUST_BEFORE),
            order("after", "B", on, ordered_at=JUST_AFTER),
            order("old", "C", "2026-10-01"),
        ],
    )
    world.deliver(
        on, "order_lines", [line(name, 1, "P", on) for name in ("before", "after", "old")]
    )
    world.deliver(
        on,
        "refunds",
        [
            refund("tomorrow", "old", on, 10, refunded_at=JUST_AFTER),
            refund("later", "old", "2026-11-05", 20),
        ],
    )
    world.deliver(
        on,
        "loyalty",
        [
            points("earned", 100, JUST_BEFORE),
            points("expired", -40, JUST_AFTER),
            points("reversed", -60, "2026-11-05 10:00:00+00"),
        ],
    )
    world.deliver(on, "cases", [case("c1", "A", JUST_BEFORE), case("c2", "A", JUST_AFTER)])


@pytest.fixture(scope="module")
def nights(make_world: Callable) -> Iterator[tuple[World, list[Seen]]]:
    settings = make_world("rows_of_tomorrow")
    with open_world(settings) as connection:
        world = World(settings, connection, *MODELS)
        deliver_the_third(world)
        seen = [look(world, world.build("2026-11-03"))]
        seen.append(look(world, world.build("2026-11-04")))
        # this night has a delivery, of somebody else
        world.deliver("2026-11-05", "customers", [customer("D")])
        seen.append(look(world, world.build("2026-11-05")))
        world.build("2026-11-05", FULL)
        yield world, seen
    drop_database(settings)


def test_nobody_has_bought_after_the_night(nights) -> None:
    _, seen = nights
    assert sorted(seen[0]["ages"]) == [0, 33]
    assert seen[0]["statuses"] == {"A": "trial", "B": "prospect", "C": "trial"}


def test_the_day_ends_at_midnight_of_the_company(nights) -> None:
    _, (third, *_) = nights
    assert third["orders"] == ["before", "old"]
    assert third["refunds"] == []
    assert third["cases"] == ["c1"]


def test_what_waited_counts_on_its_day_although_nothing_was_delivered(nights) -> None:
    _, (_, fourth, _) = nights
    assert fourth["mode"] == "incremental"
    assert fourth["orders"] == ["after", "before", "old"]
    assert fourth["refunds"] == ["tomorrow"]
    assert fourth["cases"] == ["c1", "c2"]
    assert fourth["statuses"]["B"] == "trial"
    assert fourth["net_sales"]["after"] == Decimal(100)


def test_what_waited_counts_although_the_days_deliveries_name_somebody_else(nights) -> None:
    _, (_, fourth, fifth) = nights
    assert fourth["net_sales"]["old"] == Decimal(90)
    assert fifth["mode"] == "incremental"
    assert fifth["refunds"] == ["later", "tomorrow"]
    assert fifth["net_sales"]["old"] == Decimal(70)


def test_points_that_lapse_tomorrow_cost_until_then(nights) -> None:
    _, seen = nights
    assert [night["points"] for night in seen] == [[Decimal("1.00")], [Decimal("0.60")], [0]]
    assert [night["balances"] for night in seen] == [[100], [60], [0]]


def test_incremental_equals_full(nights) -> None:
    world, _ = nights
    assert "marts.fct_order_lines" in world.tables()
    assert world.differences() == {}
