"""A correction of a declaration is a migration: exact, or refused with what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.feeds import raw_tables, replay
from regulars.feeds.declarations import DeclarationError
from regulars.feeds.load import LoadError
from tests.conftest import drop_database
from tests.integration.feed_shop import HEADER, Shop, row


@pytest.fixture
def shop(make_settings: Callable, tmp_path: Path) -> Iterator[Shop]:
    """With a database of its own: its tables change."""
    shop = Shop(make_settings("retyped", project=tmp_path / "project", systems=("shop",)))
    raw_tables.migrate(shop.settings)
    yield shop
    drop_database(shop.settings)
    shutil.rmtree(shop.settings.landing, ignore_errors=True)


def types(shop: Shop) -> dict[str, str]:
    return dict(
        shop.query(
            "select attname::text, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = 'raw.sales'::regclass and attnum > 0"
        )
    )


WIDER = {"price": ("numeric(14,4)", {"min": 0}), "quantity": ("numeric(12,3)", {})}


def test_wider_numbers_load_exactly_after_a_first_load(shop: Shop) -> None:
    shop.put(HEADER + row(price="12.34", quantity="3"))
    shop.ingest()
    shop.declare(WIDER)
    raw_tables.migrate(shop.settings)
    shop.put(HEADER + row(price="0.0049", quantity="1.250"), "2026-01-06/sales.csv")
    shop.ingest()
    assert shop.query("select quantity, price from raw.sales order by _delivered_on") == [
        (Decimal("3.000"), Decimal("12.3400")),
        (Decimal("1.250"), Decimal("0.0049")),
    ]


def test_a_replay_after_a_correction_never_rounds(shop: Shop) -> None:
    shop.put(HEADER + row() + row(price="12.3456", quantity="0.500"))
    shop.ingest()
    assert shop.rules() == {3: "type"}
    shop.declare(WIDER)
    assert replay.replay(shop.settings)["rows_replayed"] == 1
    assert shop.query("select quantity, price from raw.sales where _line = 3") == [
        (Decimal("0.500"), Decimal("12.3456"))
    ]


def test_a_load_before_the_migration_is_refused_and_loads_nothing(shop: Shop) -> None:
    shop.declare(WIDER)
    shop.put(HEADER + row(price="12.3456"))
    with pytest.raises(LoadError, match=r"raw\.sales has other types .*: quantity, price"):
        shop.ingest()
    assert shop.query("select count(*) from raw.deliveries") == [(0,)]


@pytest.mark.parametrize(
    ("column", "declared", "stored"),
    [
        ("quantity", "bigint", "bigint"),
        ("due_on", "text", "text"),
        ("due_on", "timestamp", "timestamp without time zone"),
        ("is_paid", "text", "text"),
        ("note", "date", "date"),
        ("price", "numeric(8,1)", "numeric(8,1)"),
    ],
)
def test_what_every_value_survives_is_changed(
    shop: Shop, column: str, declared: str, stored: str
) -> None:
    shop.put(HEADER + row(note="2026-01-05", due_on="2026-02-28", price="9.5"))
    shop.ingest()
    before = shop.query(f"select {column}::text from raw.sales")
    shop.declare({column: (declared, {})})
    raw_tables.migrate(shop.settings)
    assert types(shop)[column] == stored
    after = shop.query(f"select {column}::text from raw.sales")
    assert after[0][0].startswith(before[0][0].rstrip("0"))


@pytest.mark.parametrize(
    ("column", "declared", "value"),
    [
        ("price", "numeric(12,1)", "12.34"),
        ("price", "integer", "12.34"),
        ("price", "numeric(4,2)", "123.45"),
        ("sold_at", "date", "2026-01-05T10:00:00+01:00"),
        ("note", "integer", "007"),
        ("note", "date", "today"),
        ("note", "boolean", "yes"),
    ],
)
def test_what_would_lose_something_is_refused_with_what_to_do(
    shop: Shop, column: str, declared: str, value: str
) -> None:
    shop.put(HEADER + row(**{column: value}))
    shop.ingest()
    before = types(shop)
    shop.declare({column: (declared, {})})
    with pytest.raises(DeclarationError, match="1 stored values would change") as refusal:
        raw_tables.migrate(shop.settings)
    assert "give the column another name" in str(refusal.value)
    assert value not in str(refusal.value)
    assert types(shop) == before


def test_views_over_the_table_do_not_stand_in_the_way(shop: Shop) -> None:
    with warehouse.connect(shop.settings, "admin") as connection:
        connection.execute("create schema staging authorization regulars_builder")
        connection.execute("set role regulars_builder")
        connection.execute("create view staging.stg_sales as select price from raw.sales")
        connection.execute("create view staging.stg_dear as select * from staging.stg_sales")
    shop.declare(WIDER)
    raw_tables.migrate(shop.settings)
    assert types(shop)["price"] == "numeric(14,4)"


def test_times_are_read_in_the_feed_s_zone_when_they_get_one(shop: Shop) -> None:
    shop.declare({"due_on": ("timestamp", {"future": "allowed"})})
    raw_tables.migrate(shop.settings)
    shop.put(HEADER + row(due_on="2026-07-01 12:00:00"))
    shop.ingest()
    shop.declare({"due_on": ("timestamptz", {"future": "allowed"})})
    raw_tables.migrate(shop.settings)
    assert shop.query("select (due_on at time zone 'UTC')::text from raw.sales") == [
        ("2026-07-01 10:00:00",)
    ]
