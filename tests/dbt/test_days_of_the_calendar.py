"""Nights on the days that calendars are odd on: both changes of the clock, the last of a year and a
leap day, each with the night after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from tests.conftest import drop_database
from tests.dbt.delivered_world import FULL, World, customer, line, open_world, order, product

# Eight nights and a full build beside each second one: two minutes.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]
MODELS = ("dim_customers", "fct_order_lines", "fct_refunds", "cohort_months", "company_months")
ODD_DAYS = ("2026-03-29", "2026-10-25", "2027-12-31", "2028-02-29")
ORDERS = {  # instant -> its day in Amsterdam
    "2026-03-28 22:59:59+00": "2026-03-28",
    "2026-03-28 23:00:00+00": "2026-03-29",
    "2026-03-29 00:59:59+00": "2026-03-29",  # a second before an hour is left out
    "2026-03-29 01:00:00+00": "2026-03-29",
    "2026-03-29 21:59:59+00": "2026-03-29",
    "2026-03-29 22:00:00+00": "2026-03-30",
    "2026-10-24 21:59:59+00": "2026-10-24",
    "2026-10-25 00:30:00+00": "2026-10-25",  # half past two
    "2026-10-25 01:30:00+00": "2026-10-25",  # half past two once more
    "2026-10-25 22:59:59+00": "2026-10-25",
    "2026-10-25 23:00:00+00": "2026-10-26",
    "2027-12-31 22:59:59+00": "2027-12-31",
    "2027-12-31 23:00:00+00": "2028-01-01",
    "2028-02-28 22:59:59+00": "2028-02-28",
    "2028-02-28 23:00:00+00": "2028-02-29",
    "2028-02-29 22:59:59+00": "2028-02-29",
    "2028-02-29 23:00:00+00": "2028-03-01",
}
WHO = ("A", "B", "C")

Nights = tuple[World, list[str], dict[str, dict]]  # the modes of the builds; day -> differences


@pytest.fixture(scope="module")
def nights(make_world: Callable) -> Iterator[Nights]:
    settings = make_world("days_of_the_calendar")
    with open_world(settings) as connection:
        world = World(settings, connection, *MODELS)
        world.deliver("2026-03-01", "customers", [customer(who) for who in WHO])
        world.deliver("2026-03-01", "products", [product("P", unit_cost=10)])
        modes, differences, last = [], {}, "2026-03-01"
        for odd in ODD_DAYS:
            for night in (odd, (date.fromisoformat(odd) + timedelta(days=1)).isoformat()):
                deliver_orders(world, last, night)
                modes.append(world.build(night))
                last = night
            world.build(last, FULL)
            differences[odd] = world.differences()
        yield world, modes, differences
    drop_database(settings)


def deliver_orders(world: World, after: str, night: str) -> None:
    new = {at: day for at, day in ORDERS.items() if after < day <= night}
    world.deliver(
        night,
        "orders",
        [
            order(at, WHO[number % 3], day, ordered_at=at, updated_at=at)
            for number, (at, day) in enumerate(new.items())
        ],
    )
    world.deliver(night, "order_lines", [line(at, 1, "P", day) for at, day in new.items()])


def test_an_order_belongs_to_the_day_that_it_was_where_the_company_is(nights: Nights) -> None:
    world, *_ = nights
    rows = world.connection.execute("select order_id, ordered_on from marts.fct_orders").fetchall()
    assert {at: day.isoformat() for at, day in rows} == ORDERS


@pytest.mark.parametrize("odd", ODD_DAYS)
def test_incremental_equals_full(nights: Nights, odd: str) -> None:
    _, modes, differences = nights
    assert modes == ["full", *["incremental"] * 7]
    assert differences[odd] == {}
