"""Two accounts taken apart, a corrected rate, a refund of a first order, an order cancelled late,
a purchase, and somebody erased the night before: in one night, and its bridge closes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.nights.run import run_step
from regulars.nights.steps import STEPS
from regulars.settings import Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone
from tests.integration.bridge_checks import faults, published_values
from tests.integration.random_deliveries.nights import without_dbt_tests
from tests.server import drop_database

pytestmark = pytest.mark.nights

MERGED, EVENTFUL = (LAST_NIGHT + timedelta(days=n) for n in (1, 2))
BUYERS = """
    select customer_id, min(order_id), max(order_id)
    from published.fct_orders
    where is_qualifying
    group by customer_id
    having count(*) >= 3
    order by customer_id
    limit 7
"""
CHANGE = """
    select is_new, corrections_amount, purchases_amount
    from published.customer_value_changes
    where customer_id = %s
"""

RESTATED = """
    select amount from published.value_bridge where scope = 'company' and part = 'restated'
"""


@dataclass(frozen=True)
class Story:
    settings: Settings
    people: list[str]
    wrong: list[str]
    before: dict[str, Decimal]  # what the night before published


@pytest.fixture(scope="module")
def story(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("causes")
    settings = clone(company, parsed.COPY, folder / "home")
    settings = replace(settings, landing=folder / "landing", settle_seconds=0, erasure_grace_days=0)
    bought = rows(settings, BUYERS)
    people = [who for who, _, _ in bought]
    merged, into, abroad, refunded, cancelled, buyer, erased = people
    deliver(settings, MERGED, "identities", word(merged, into, MERGED, is_merged=True))
    deliver(settings, MERGED, "fx_rates", rate("1.10"))
    deliver(settings, MERGED, "orders", order("abroad", abroad, LAST_NIGHT, currency="GBP"))
    deliver(settings, MERGED, "order_lines", line("abroad", LAST_NIGHT))
    deliver(settings, MERGED, "erasure_requests", request(erased))
    without_gates(settings, MERGED)
    before = published_values(settings)
    first = {who: order_id for who, order_id, _ in bought}
    deliver(settings, EVENTFUL, "identities", word(merged, into, EVENTFUL, is_merged=False))
    deliver(settings, EVENTFUL, "fx_rates", rate("1.25"))
    deliver(settings, EVENTFUL, "refunds", refund(first[refunded]))
    deliver(
        settings,
        EVENTFUL,
        "orders",
        order(first[cancelled], cancelled, LAST_NIGHT - timedelta(days=400), status="cancelled"),
        order("new", buyer, EVENTFUL),
    )
    deliver(settings, EVENTFUL, "order_lines", line("new", EVENTFUL))
    without_gates(settings, EVENTFUL)
    wrong = faults(settings, before, is_somebody_erased=True)
    yield Story(settings, people, wrong, before)
    drop_database(settings)


def rows(settings: Settings, query: str, *values: object) -> list[tuple]:
    with warehouse.connect(settings, "analyst") as connection:
        return connection.execute(query.encode(), values or None).fetchall()


def without_gates(settings: Settings, night: date) -> None:
    """Most feeds bring nothing that night."""
    with without_dbt_tests():
        for name, step in STEPS.items():
            if not step.is_gate:
                run_step(name, night, settings)


def deliver(settings: Settings, day: date, feed: str, *lines: dict[str, str]) -> None:
    file: Path = settings.landing / "house" / day.isoformat() / f"{feed}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, fieldnames=list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


def at(day: date) -> str:
    return f"{day}T10:00:00Z"


def word(old: str, new: str, day: date, *, is_merged: bool) -> dict[str, str]:
    return {
        "old_customer_id": old,
        "customer_id": new,
        "is_merged": str(is_merged).lower(),
        "changed_at": at(day),
    }


def rate(value: str) -> dict[str, str]:
    return {"date": LAST_NIGHT.isoformat(), "currency": "GBP", "rate": value}


def order(
    order_id: str, who: str, day: date, *, currency: str = "EUR", status: str = "paid"
) -> dict[str, str]:
    return {
        "order_id": order_id,
        "customer_id": who,
        "ordered_at": at(day),
        "status": status,
        "order_type": "sale",
        "currency": currency,
        "shipping_cost": "5.00",
        "payment_fee": "1.00",
        "channel": "web",
        "updated_at": at(EVENTFUL),
    }


def line(order_id: str, day: date) -> dict[str, str]:
    return {
        "order_id": order_id,
        "line_no": "1",
        "product_id": "P0011",
        "quantity": "1",
        "unit_price": "200.00",
        "discount": "0",
        "updated_at": at(day),
    }


def refund(order_id: str) -> dict[str, str]:
    return {
        "refund_id": "late",
        "order_id": order_id,
        "line_no": "1",
        "refunded_at": at(EVENTFUL),
        "quantity": "1",
        "amount": "9.00",
        "is_restocked": "false",
        "reason": "damaged",
        "handling_cost": "3.00",
        "updated_at": at(EVENTFUL),
    }


def request(who: str) -> dict[str, str]:
    return {
        "request_id": "to-go",
        "customer_id": who,
        "is_withdrawn": "false",
        "requested_at": at(LAST_NIGHT),
    }


def test_it_closes_for_everybody_and_the_company(story: Story) -> None:
    assert story.wrong == []


def test_whoever_was_taken_apart_has_a_value_of_their_own_again(story: Story) -> None:
    merged, into, *_ = story.people
    now = published_values(story.settings)
    assert merged not in story.before
    assert {merged, into} <= now.keys()


def test_each_change_moved_whom_it_is_about(story: Story) -> None:
    merged, into, abroad, refunded, cancelled, buyer, _ = story.people
    changes = {who: rows(story.settings, CHANGE, who)[0] for who in story.people[:-1]}
    corrected = {who for who, (_, amount, _) in changes.items() if amount}
    assert {into, abroad, refunded, cancelled} <= corrected
    assert changes[buyer][2] != 0
    assert merged in changes


def test_whoever_was_erased_the_night_before_is_in_no_part_but_the_first(story: Story) -> None:
    assert rows(story.settings, CHANGE, story.people[-1]) == []
    assert rows(story.settings, RESTATED) != [(0,)]
