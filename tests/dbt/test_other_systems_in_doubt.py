"""What a feed guards decides whom its unreadable rows hold back, whatever system it is of."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from regulars.feeds import raw_tables
from regulars.lists.contacts import normalise_contacts
from tests.conftest import drop_database
from tests.dbt.delivered_world import Row, World, open_world

NIGHT = "2026-03-10"
PEOPLE = ("payment", "review", "replaced", "untouched")


def customer(who: str) -> Row:
    return {"customer_id": f"alias-{who}", "customer_unique_id": who, "customer_state": "SP"}


def order(who: str) -> Row:
    return {
        "order_id": f"o-{who}",
        "customer_id": f"alias-{who}",
        "order_status": "delivered",
        "order_purchase_timestamp": "2026-03-01 10:00+00",
    }


@pytest.fixture(scope="module")
def doubts(make_settings: Callable) -> Iterator[set[tuple[str, str]]]:
    """(customer, about what)."""
    settings = make_settings("other_systems_in_doubt", systems=("olist",))
    raw_tables.migrate(settings)
    with open_world(settings) as connection:
        world = World(settings, connection, "int_rows_in_doubt")
        world.deliver("2026-03-02", "olist_customers", [customer(who) for who in PEOPLE])
        world.deliver("2026-03-02", "olist_orders", [order(who) for who in PEOPLE])
        world.quarantine("2026-03-01", "olist_order_items", "o-replaced,1,p1,s1,?,ten,0")
        world.deliver("2026-03-02", "olist_order_items", [])
        world.quarantine("2026-03-02", "olist_order_payments", "o-payment,1,voucher,?,-5")
        world.quarantine("2026-03-02", "olist_order_reviews", "r-9,o-review,nine,,,2026-03-02")
        normalise_contacts(settings)
        world.build(NIGHT)
        rows = connection.execute("select customer_id, about from intermediate.int_rows_in_doubt")
        yield set(rows.fetchall())
    drop_database(settings)


def test_a_row_is_about_what_its_feed_guards(doubts: set[tuple[str, str]]) -> None:
    assert doubts == {("payment", "sale"), ("review", "case"), ("review", "answer")}
