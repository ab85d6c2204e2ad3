"""Hand-made deliveries, put into raw as the loader leaves them, and nights built from them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from unittest.mock import patch

import psycopg
from psycopg import sql

from regulars import transform
from regulars.engines import dbt_command
from regulars.night import Night
from regulars.settings import Settings
from regulars.warehouse import connect

Row = Mapping[str, Any]
FULL = "full_"  # schema prefix of the full build that an incremental one is compared with
LAYERS = ("staging", "intermediate", "marts", "pii")
# What says how a build came about, not what it found.
BOOKKEEPING = {
    "stg_deliveries",
    "int_account_people_before",
    "int_category_peers_before",
    "int_customers_logged_since",
    "int_touched_customers",
    "int_touched_orders",
    "int_touched_points",
    "int_touched_shares",
    "int_touched_units",
}


class World:
    """Deliveries of the house format, row by row. Its builds make the models asked for and what
    they read, or all of them. Who builds a second night names the facts of orders, order lines and
    refunds: from what these held the next build sees who is touched."""

    def __init__(self, settings: Settings, connection: psycopg.Connection, *models: str) -> None:
        self.settings = settings
        self.connection = connection
        self._selection = ["--select", "stg_deliveries", *(f"+{m}" for m in models)] * bool(models)

    def deliver(
        self, on: str, feed: str, rows: Iterable[Row], revision: int = 0, refused: str = ""
    ) -> int:
        """One delivery of a feed; dates of rows as the feed writes them. Returns its id."""
        rows = list(rows)
        content = hashlib.sha256(repr((feed, on, revision, rows, refused)).encode()).hexdigest()
        found = self.connection.execute(
            """
            insert into raw.deliveries
                (feed, delivered_on, revision, sha256, path, size, modified_at, status,
                 rows_in, rows_loaded)
            values (%s, %s, %s, %s, %s, 0, %s, 'loaded', %s, %s)
            returning delivery_id
            """,
            [feed, on, revision, content, f"{on}/{feed}.csv", on, len(rows), len(rows)],
        ).fetchone()
        assert found is not None
        for line, row in enumerate(rows, start=2):
            origin = {"_delivery_id": found[0], "_line": line, "_delivered_on": on}
            self._insert(feed, {**row, **origin})
        return int(found[0])

    def quarantine(
        self, on: str, feed: str, text: str, revision: int = 0, beside: Iterable[Row] = ()
    ) -> int:
        """A delivery whose last row was refused, `beside` those that were not. Returns its id."""
        rows = list(beside)
        delivery_id = self.deliver(on, feed, rows, revision, text)
        self.connection.execute(
            "insert into raw.quarantine (delivery_id, feed, file, line, raw_text, rule, reason)"
            " values (%s, %s, %s, %s, %s, 'shape', 'not written as declared')",
            [delivery_id, feed, f"{on}/{feed}.csv", len(rows) + 2, text],
        )
        return delivery_id

    def _insert(self, feed: str, row: Row) -> None:
        self.connection.execute(
            sql.SQL("insert into raw.{} ({}) values ({})").format(
                sql.Identifier(feed),
                sql.SQL(", ").join(map(sql.Identifier, row)),
                sql.SQL(", ").join(sql.Placeholder() * len(row)),
            ),
            list(row.values()),
        )

    def build(self, as_of: str, prefix: str = "") -> str:
        """Build what needs no scores. Returns 'full' or 'incremental'.

        Without dbt's own data tests: the company's nights run them, and here they cost half.
        """
        night = Night(date.fromisoformat(as_of), prefix)
        untested = (*dbt_command.LAYERS["before_scores"], "resource_type:test")
        layers = {"before_scores": (*self._selection, *untested)}
        with patch.object(dbt_command, "LAYERS", layers):
            return str(transform.build(self.settings, night, "before_scores")["mode"])

    def one(self, query: str, *values: object) -> tuple:
        """The only row of a query."""
        rows = self.connection.execute(query, list(values)).fetchall()  # type: ignore[arg-type]
        assert len(rows) == 1, rows
        return rows[0]

    def differences(self, beside: str = FULL) -> dict[str, tuple[int, int]]:
        """(rows only live, rows only in the build beside it) of every table where there are any."""
        found = {}
        for layer in LAYERS:
            for table in self._tables(layer):
                counts = (
                    self._only_in(layer, beside + layer, table),
                    self._only_in(beside + layer, layer, table),
                )
                if any(counts):
                    found[f"{layer}.{table}"] = counts
        return found

    def tables(self) -> list[str]:
        """Every table that `differences` compares."""
        return [f"{layer}.{table}" for layer in LAYERS for table in self._tables(layer)]

    def _tables(self, layer: str) -> list[str]:
        rows = self.connection.execute(
            """
            select table_name from information_schema.tables
            where table_schema = %s and table_type = 'BASE TABLE' order by table_name
            """,
            [FULL + layer],
        )
        return [name for (name,) in rows if name not in BOOKKEEPING]

    def _only_in(self, here: str, there: str, table: str) -> int:
        query = sql.SQL("select count(*) from (select * from {} except all select * from {}) as d")
        row = self.connection.execute(
            query.format(sql.Identifier(here, table), sql.Identifier(there, table))
        ).fetchone()
        assert row is not None
        return int(row[0])


def merge(old: str, customer_id: str, at: str, is_merged: bool = True) -> Row:
    return {
        "old_customer_id": old,
        "customer_id": customer_id,
        "is_merged": is_merged,
        "changed_at": at,
    }


def consent(customer_id: str, at: str, granted: bool = True, **facts: Any) -> Row:
    known = {"channel": "email", "purpose": "marketing", "changed_at": at, "is_granted": granted}
    return {"customer_id": customer_id, **known, **facts}


def contact(
    contact_id: str, customer_id: str, at: str, outcome: str, channel: str = "email"
) -> Row:
    return {
        "contact_id": contact_id,
        "customer_id": customer_id,
        "channel": channel,
        "sent_at": f"{at} 10:00:00+00",
        "outcome": outcome,
        "list_code": "second_purchase",
    }


def customer(customer_id: str, at: str = "2026-01-01", **facts: Any) -> Row:
    known = {"customer_id": customer_id, "country": "NL", "created_at": at, "updated_at": at}
    return {**known, **facts}


def death(customer_id: str, at: str, is_withdrawn: bool | None = None) -> Row:
    return {"customer_id": customer_id, "reported_at": at, "is_withdrawn": is_withdrawn}


def erasure(request_id: str, customer_id: str, at: str) -> Row:
    return {"request_id": request_id, "customer_id": customer_id, "requested_at": at}


def product(product_id: str, at: str = "2026-01-01", **facts: Any) -> Row:
    return {"product_id": product_id, "category": "beans", "updated_at": at, **facts}


def order(order_id: str, customer_id: str | None, at: str, **facts: Any) -> Row:
    return {
        "order_id": order_id,
        "customer_id": customer_id,
        "ordered_at": f"{at} 10:00:00+00",
        "status": "delivered",
        "order_type": "sale",
        "currency": "EUR",
        "shipping_cost": 4,
        "payment_fee": 1,
        "channel": "web",
        "updated_at": at,
        **facts,
    }


def line(order_id: str, line_no: int, product_id: str, at: str, **facts: Any) -> Row:
    return {
        "order_id": order_id,
        "line_no": line_no,
        "product_id": product_id,
        "quantity": 2,
        "unit_price": 50,
        "discount": 0,
        "updated_at": at,
        **facts,
    }


def refund(refund_id: str, order_id: str, at: str, amount: float, **facts: Any) -> Row:
    return {
        "refund_id": refund_id,
        "order_id": order_id,
        "line_no": 1,
        "quantity": 1,
        "refunded_at": f"{at} 10:00:00+00",
        "amount": amount,
        "is_restocked": False,
        "handling_cost": 3,
        "updated_at": at,
        **facts,
    }


def open_world(settings: Settings) -> psycopg.Connection:
    """An administrator's connection for a World."""
    return connect(settings, "admin", autocommit=True)
