"""The published facts about people, as rows of dicts, and what is counted from them alike."""

from __future__ import annotations

import itertools
import statistics
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cache, cached_property
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row

from tests.integration.second_books import ZONE
from tests.telling import half_up as half_up

Row = dict[str, Any]
BEST = {"platinum": 1, "gold": 5, "silver": 10}  # in 100, as dbt_project.yml has them


class Marts:
    def __init__(self, connection: psycopg.Connection, as_of: date) -> None:
        self.connection, self.as_of = connection, as_of

    @cache  # noqa: B019 -- it lives as long as a module's tests
    def rows(self, table: str) -> list[Row]:
        cursor = self.connection.cursor(row_factory=dict_row)
        return cursor.execute(f"select * from {table}".encode()).fetchall()

    @cache  # noqa: B019
    def of_people(self, table: str) -> dict[str, list[Row]]:
        return grouped(self.rows(table), "customer_id")

    @cache  # noqa: B019
    def person(self, table: str) -> dict[str, Row]:
        return {row["customer_id"]: row for row in self.rows(table)}

    def ago(self, day: date | None) -> int | None:
        return None if day is None else (self.as_of - day).days

    def until(self, day: date | None) -> int | None:
        return None if day is None else (day - self.as_of).days

    # ---------- what people bought

    @cached_property
    def purchases(self) -> dict[str, list[Row]]:
        """One in a currency without a rate is a purchase too, of nobody knows what worth."""
        bought = [row for row in self.rows("marts.fct_orders") if row["order_seq"] is not None]
        return grouped(sorted(bought, key=lambda row: row["ordered_on"]), "customer_id")

    @cached_property
    def accounts(self) -> dict[str, list[Row]]:
        """Customer → what was sold to them or sent in its place, also what came back whole."""
        sold = [
            row
            for row in self.rows("marts.fct_orders")
            if not (row["is_held"] or row["is_undecided"])
            and row["order_type"] in ("sale", "replacement")
            and row["status"] in ("paid", "shipped", "delivered")
        ]
        return grouped(sold, "customer_id")

    @cached_property
    def lines(self) -> dict[str, list[Row]]:
        return grouped(self.rows("marts.fct_order_lines"), "order_id")

    @cached_property
    def histories(self) -> dict[str, Row]:
        return {who: self._history(orders) for who, orders in self.purchases.items()}

    def _history(self, orders: list[Row]) -> Row:
        days = sorted({order["ordered_on"] for order in orders})
        gaps = [(later - day).days for day, later in itertools.pairwise(days)]
        return {
            "orders_count": len(orders),
            "purchase_days": len(days),
            "frequency": len(gaps),
            "recency_days": sum(gaps),
            "days_since_first": self.ago(days[0]),
            "days_since_last": self.ago(days[-1]),
            "days_to_second": gaps[0] if gaps else None,
            "median_gap": statistics.median(gaps) if len(gaps) > 1 else None,
        }

    @cached_property
    def category_days(self) -> dict[str, dict[str, list[tuple[str, date]]]]:
        """Customer → category → (order, day) of what they ordered."""
        found: dict[str, dict[str, list[tuple[str, date]]]] = {}
        for who, orders in self.purchases.items():
            found[who] = defaultdict(list)
            for order in filter(is_valued, orders):
                for line in self.lines[order["order_id"]]:
                    found[who][line["category"]].append((order["order_id"], order["ordered_on"]))
        return found

    @cached_property
    def paid_days(self) -> dict[str, dict[str, set[date]]]:
        """Customer → category → days of which they kept something that cost money."""
        found: dict[str, dict[str, set[date]]] = {}
        for who, orders in self.purchases.items():
            found[who] = defaultdict(set)
            for order in filter(is_valued, orders):
                for line in self.lines[order["order_id"]]:
                    if line["net_sales"] > 0:
                        found[who][line["category"]].add(order["ordered_on"])
        return found

    # ---------- who stands where

    def places(self, measure: str, among: Iterable[str]) -> dict[str, int]:
        """Place by a value, the highest first; nobody knows the value: last."""
        values = self.person("marts.customer_lifetime_values")

        def key(who: str) -> tuple:
            value = values[who][measure]
            return (value is None, -(value or 0), who.encode())

        return {who: place for place, who in enumerate(sorted(among, key=key), start=1)}

    @cached_property
    def best_in_100(self) -> dict[str, int | None]:
        places = self.places("net_clv_12m", self.person("marts.customer_lifetime_values"))
        people = len(places)
        return {
            who: next((cut for cut in BEST.values() if place * 100 <= cut * people), None)
            for who, place in places.items()
        }

    # ---------- what they said

    @cached_property
    def answers(self) -> dict[str, dict[str, Row]]:
        """Customer → kind → the last answer of that kind."""
        last: dict[str, dict[str, Row]] = defaultdict(dict)
        said = self.rows("intermediate.int_surveys_known")
        for row in sorted(said, key=lambda row: (row["answered_at"], row["survey_id"].encode())):
            if row["score"] is not None:
                last[row["customer_id"]][row["kind"]] = row
        return last

    def last_answer(self, who: str, kind: str) -> Row:
        """nps and nps_on, csat and csat_on."""
        row = self.answers.get(who, {}).get(kind, {})
        return {kind: row.get("score"), f"{kind}_on": row.get("answered_on")}


def is_valued(order: Row) -> bool:
    return bool(order["is_qualifying"])


def grouped(rows: Iterable[Row], key: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return groups


def local_date(instant: Any) -> date | None:
    return None if instant is None else instant.astimezone(ZoneInfo(ZONE)).date()


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        if last <= day.day:
            try:
                return date(year, month + 1, last)
            except ValueError:
                continue
    raise AssertionError(day)
