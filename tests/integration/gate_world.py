"""Raw tables as the loader leaves them, written straight into the warehouse."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg

from regulars import warehouse
from regulars.feeds import declarations
from regulars.feeds.raw_tables import raw_table_ddl
from regulars.settings import Settings

FIRST = date(2026, 1, 5)  # a Monday
PUBLISHED = date(2026, 3, 15)
TONIGHT = date(2026, 3, 16)
ORDERS = 40  # a day
E_MAIL = "planted.person@example.org"


def create_raw_tables(settings: Settings) -> None:
    with warehouse.connect(settings, "admin") as connection:
        for feed in declarations.load(settings.dbt_project, settings.systems):
            for statement in raw_table_ddl(feed):
                connection.execute(statement.encode())
        connection.execute("grant select on all tables in schema raw to regulars_builder")


def deliver(
    connection: psycopg.Connection, feed: str, day: date, rows: int, values: str, **ledger: object
) -> int:
    """One loaded delivery of `rows` rows. values: column => expression over i, as SQL."""
    counts = {"status": "loaded", "revision": 0, "rows_quarantined": 0, "replay_of": None, **ledger}
    loaded = rows if counts["status"] == "loaded" else 0
    row = connection.execute(
        """
        insert into raw.deliveries (feed, delivered_on, revision, sha256, path, size, modified_at,
            status, rows_in, rows_loaded, rows_quarantined, reason, replay_of)
        values (%s, %s, %s, md5(random()::text), 'x', 1, now(), %s, %s, %s, %s, 'because', %s)
        returning delivery_id
        """,
        [
            feed,
            day,
            counts["revision"],
            counts["status"],
            loaded + int(str(counts["rows_quarantined"])),
            loaded,
            counts["rows_quarantined"],
            counts["replay_of"],
        ],
    ).fetchone()
    assert row
    if loaded:
        connection.execute(
            f"""
            insert into raw.{feed} select x.* from generate_series(1, {rows}) as s(i)
            cross join lateral (select {values}, {row[0]}, i, date '{day}') as x
            """.encode()
        )
    return int(row[0])


def orders(day: date, customer: str = "'c' || (i * 7 % 300)", status: str = "'paid'") -> str:
    """Values of raw.orders in declared order."""
    return f"""
        'o{day:%y%m%d}-' || i, {customer}, timestamptz '{day} 10:00+01', {status}, 'sale', 'EUR',
        4.95, 0.35, 'web', null, null::timestamptz, null::date, timestamptz '{day} 10:00+01'
    """


def order_lines(day: date, price: str = "20 + i % 30", product: str = "'p' || (i % 25)") -> str:
    return f"""
        'o{day:%y%m%d}-' || i, 1, {product}, 1 + i % 3, {price}, 0, timestamptz '{day} 10:00+01'
    """


def customers(day: date, email: str = "'c' || i || '@example.com'") -> str:
    return f"""
        'n{day:%y%m%d}-' || i, {email}, null, 'Ann', 'Other', null::date, null::date, 'en', 'NL',
        'Europe/Amsterdam', 'email', false, timestamptz '{day} 09:00+01',
        timestamptz '{day} 09:00+01'
    """


def spend(day: date) -> str:
    """Values of raw.marketing_spend: always the same currency."""
    return f"date '{day}', 'channel' || i, 100 + i, 'EUR', timestamptz '{day} 09:00+01'"


def deliver_day(connection: psycopg.Connection, day: date) -> None:
    deliver(connection, "customers", day, 5, customers(day))
    deliver(connection, "orders", day, ORDERS + day.day % 5, orders(day))
    deliver(connection, "order_lines", day, ORDERS + day.day % 5, order_lines(day))
    for feed in ("refunds", "cases", "surveys", "consents", "campaign_contacts"):
        deliver(connection, feed, day, 0, "")


def publish_past(connection: psycopg.Connection, as_of: date = PUBLISHED) -> None:
    """Record that everything in the ledger so far was published."""
    connection.execute(
        """
        insert into decisions.publications
            (generation, as_of, run_id, input_digest, last_delivery_id, files_digest,
            library_versions)
        select coalesce((select max(generation) from decisions.publications), 0) + 1, %s, 'run',
            'digest', max(delivery_id), '', ''
        from raw.deliveries
        """,
        [as_of],
    )


def ten_weeks(settings: Settings) -> None:
    """Ten published weeks of ordinary deliveries."""
    create_raw_tables(settings)
    with warehouse.connect(settings, "admin") as connection:
        day = FIRST
        while day <= PUBLISHED:
            deliver_day(connection, day)
            if day.day % 2:
                deliver(connection, "marketing_spend", day, 5, spend(day))
            day += timedelta(days=1)
        publish_past(connection)
