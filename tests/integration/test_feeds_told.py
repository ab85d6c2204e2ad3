"""What people are told of deliveries and keys: warnings, and ids that stand twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import psycopg
import pytest

from regulars import warehouse
from regulars.feeds.ledger_warnings import ledger_warnings
from regulars.night import Night
from regulars.nights.duplicates import duplicate_keys
from regulars.settings import Settings
from tests.integration.feed_shop import HEADER, Shop, row


def test_warnings_are_those_of_each_feed_s_last_day(shop: Shop) -> None:
    shop.put((HEADER + row()).rstrip("\n"), "2026-01-05/sales.csv")
    shop.put(HEADER.replace("note", "colour") + row(), "2026-01-06/sales.csv")
    shop.put(HEADER.replace("note", "colour") + row() + row(), "2026-01-06/sales.r1.csv")
    shop.ingest()
    with warehouse.connect(shop.settings, "loader") as connection:
        latest = ledger_warnings(connection)
        assert [(w.delivered_on, w.warning, w.files, w.path) for w in latest] == [
            (
                date(2026, 1, 6),
                "column colour is not declared: not loaded",
                2,
                "shop/2026-01-06/sales.csv",
            ),
            (
                date(2026, 1, 6),
                "optional column note is missing: null",
                2,
                "shop/2026-01-06/sales.csv",
            ),
        ]
        (earlier,) = ledger_warnings(connection, date(2026, 1, 5))
        assert earlier.warning.startswith("its last line has no line end")


@pytest.fixture
def staging(admin: psycopg.Connection) -> psycopg.Connection:
    admin.execute("create schema staging authorization regulars_builder")
    admin.execute("set role regulars_builder")
    return admin


def make(
    connection: psycopg.Connection, name: str, key: str, *ids: str, schema: str = "staging"
) -> None:
    values = ", ".join(f"('{value}', 1)" for value in ids)
    connection.execute(
        f"create table {schema}.{name} as select * from (values {values}) as v ({key})".encode()
    )


def test_a_key_that_stands_twice_is_told_with_system_entity_number_and_cause(
    staging: psycopg.Connection, warehouse_settings: Settings
) -> None:
    make(staging, "stg_house__orders", "order_id, n", "a", "a", "b", "b", "b", "c")
    make(staging, "stg_house__order_lines", "order_id, line_no", "a", "b")
    (told,) = duplicate_keys(warehouse_settings, Night(date(2026, 1, 5)))
    assert told.startswith("house, orders: 2 keys (order_id) more than once; likely")
    assert "current_version" in told


def test_two_systems_that_number_alike_are_told(
    staging: psycopg.Connection, warehouse_settings: Settings
) -> None:
    settings = replace(warehouse_settings, systems=("house", "olist"))
    make(staging, "stg_house__customers", "customer_id, n", "1", "2", "3")
    make(staging, "stg_olist__customers", "customer_id, n", "3", "4", "1")
    (told,) = duplicate_keys(settings, Night(date(2026, 1, 5)))
    assert told.startswith("house and olist, customers: 2 keys (customer_id) in both; likely two")


def test_a_key_of_any_system_and_entity_is_told_personal_ones_too(
    staging: psycopg.Connection, warehouse_settings: Settings
) -> None:
    """Entities that are named otherwise than a feed of the house, or lie among personal data."""
    make(staging, "stg_house__loyalty_entries", "entry_id, points", "a", "a", "b")
    make(staging, "stg_house__contacts", "customer_id, n", "c", "c", schema="pii")
    told = duplicate_keys(warehouse_settings, Night(date(2026, 1, 5)))
    assert [sentence.partition(" more than once")[0] for sentence in told] == [
        "house, contacts: 1 keys (customer_id)",
        "house, loyalty_entries: 1 keys (entry_id)",
    ]
