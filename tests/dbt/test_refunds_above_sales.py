"""A refund counts up to its sale; the rest is reported, by refund, by order and in all."""

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

ON = "2026-01-10"
MODELS = ("fct_orders", "fct_order_lines", "fct_refunds", "dim_customers")
ORDERS = {"whole": "A", "cent": "B", "carriage": "C", "part": "D", "twice": "E"}


@pytest.fixture(scope="module")
def world(make_world: Callable) -> Iterator[World]:
    """Each order sells 100 on line 1, `cent` 3 lines of 8.26; `twice` is refunded again later."""
    settings = make_world("refunds_above_sales")
    with open_world(settings) as connection:
        world = World(settings, connection, *MODELS)
        world.deliver(ON, "customers", [customer(name) for name in "ABCDE"])
        world.deliver(ON, "products", [product("P", unit_cost=10)])
        world.deliver(
            ON,
            "orders",
            [order(name, who, "2026-01-02", currency="eur") for name, who in ORDERS.items()],
        )
        world.deliver(
            ON,
            "order_lines",
            [line(name, 1, "P", ON) for name in ORDERS if name != "cent"]
            + [line("cent", n, "P", ON, quantity=1, unit_price="8.26") for n in (1, 2, 3)],
        )
        world.deliver(
            ON,
            "refunds",
            [
                refund("r1", "whole", ON, 100),
                refund("r2", "cent", ON, 24.79, line_no=None),
                refund("r3", "carriage", ON, 104.95, line_no=None),
                refund("r4", "part", ON, 40),
                refund("r5", "twice", ON, 60),
            ],
        )
        world.build(ON)
        world.deliver("2026-01-11", "refunds", [refund("r6", "twice", "2026-01-11", 60)])
        assert world.build("2026-01-11") == "incremental"
        world.build("2026-01-11", FULL)
        yield world
    drop_database(settings)


def rows(world: World, query: str) -> dict[object, tuple]:
    return {row[0]: row[1:] for row in world.connection.execute(query)}  # type: ignore[arg-type]


def test_a_refund_above_its_sale_leaves_nothing_and_the_rest_is_reported_by_order(world) -> None:
    """Currency codes came in small letters: none of these orders is held for that."""
    assert rows(
        world, "select order_id, net_sales, excess_refunds, is_held from marts.fct_orders"
    ) == {
        "whole": (0, 0, False),
        "cent": (0, Decimal("0.01"), False),
        "carriage": (0, Decimal("4.95"), False),
        "part": (60, 0, False),
        "twice": (0, 20, False),
    }


def test_the_excess_is_the_refunds_own(world) -> None:
    assert rows(
        world, "select refund_id, excess_amount from marts.fct_refunds where excess_amount > 0"
    ) == {"r2": (Decimal("0.01"),), "r3": (Decimal("4.95"),), "r6": (20,)}


def test_who_gave_all_back_is_a_returned_trial(world) -> None:
    statuses = rows(world, "select customer_id, relationship_status from marts.dim_customers")
    assert statuses == {
        **dict.fromkeys("ABCE", ("returned_trial",)),
        "D": ("trial",),
    }


def test_incremental_equals_full(world) -> None:
    assert "marts.fct_refunds" in world.tables()
    assert world.differences() == {}
