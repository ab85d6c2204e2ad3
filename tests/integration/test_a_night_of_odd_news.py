"""News of long ago and of two at once, in one night: a refund of an order abroad from the company's
first month, a merge across two households, a purchase on the company's first day, an order that was
somebody else's, and a product that belongs in another category."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from regulars.settings import MOST_DAYS, Settings
from tests import parsed
from tests.company import clone
from tests.integration.bridge_checks import faults, published_values
from tests.integration.published_checks import unlike_what_was_built
from tests.integration.test_a_night_of_every_cause import (
    BUYERS,
    EVENTFUL,
    MERGED,
    at,
    deliver,
    line,
    order,
    refund,
    rows,
    without_gates,
    word,
)
from tests.integration.test_value_bridge_month import unlike_a_full_build
from tests.server import drop_database

pytestmark = pytest.mark.nights

FIRST_DAY = "select min(ordered_on) from published.fct_orders where order_seq = 1"
PRODUCT = """
    select product_id, name, category, unit_cost, list_price, warranty_months,
        expected_life_months, service_interval_months
    from published.dim_products
    where product_id in (select product_id from published.fct_units where status = 'owned')
    order by product_id
    limit 1
"""
OTHERS = "select min(category) from published.dim_products where category <> %s"
HOUSEHOLD = "select household_id from published.dim_customers where customer_id = %s"
BEGAN = "select min(ordered_on) from published.fct_orders where customer_id = %s"
LATEST = "select max(order_id) from published.fct_orders where customer_id = %s"
REFUNDED = (
    "select refunded_amount from published.fct_orders"
    " where customer_id = %s and order_id = 'abroad'"
)
SOLD = "select distinct category from published.fct_order_lines where product_id = %s"

NOBODY_ERASED: dict = {"erasure_grace_days": MOST_DAYS}  # after an erasure the next build is full
GBP = {"currency": "GBP", "rate": "1.10"}


@dataclass(frozen=True)
class Odd:
    """The company after it. people: merged, their housemate, into whom, theirs, whoever bought
    abroad, on the first day, and whose order it was all along; product: its id and new category."""

    settings: Settings
    people: list[str]
    first_day: date
    product: tuple[str, str]
    wrong: list[str]


@pytest.fixture(scope="module")
def odd(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Odd]:
    folder = tmp_path_factory.mktemp("odd")
    settings = clone(company, parsed.COPY, folder / "home")
    settings = replace(settings, landing=folder / "landing", settle_seconds=0, **NOBODY_ERASED)
    bought = rows(settings, BUYERS)
    people = [who for who, _, _ in bought]
    merged, housemate, into, other, abroad, early, heir = people
    ((first_day,),) = rows(settings, FIRST_DAY)
    ((product, *facts),) = rows(settings, PRODUCT)
    ((category,),) = rows(settings, OTHERS, facts[1])
    then = first_day + timedelta(days=20)
    homes = {merged: "Kade 1", housemate: "Kade 1", into: "Gracht 7", other: "Gracht 7"}
    deliver(settings, MERGED, "addresses", *(home(who, at_) for who, at_ in homes.items()))
    deliver(settings, MERGED, "fx_rates", {"date": then.isoformat(), **GBP})
    deliver(settings, MERGED, "orders", order("abroad", abroad, then, currency="GBP"))
    deliver(settings, MERGED, "order_lines", line("abroad", then))
    without_gates(settings, MERGED)
    before = published_values(settings)
    deliver(settings, EVENTFUL, "refunds", refund("abroad"))
    deliver(settings, EVENTFUL, "identities", word(merged, into, EVENTFUL, is_merged=True))
    ((moved,),) = rows(settings, LATEST, early)
    deliver(
        settings,
        EVENTFUL,
        "orders",
        order("day_one", early, first_day),
        order(moved, heir, first_day + timedelta(days=40)),
    )
    deliver(settings, EVENTFUL, "order_lines", line("day_one", first_day))
    deliver(settings, EVENTFUL, "products", renamed(product, facts, category))
    without_gates(settings, EVENTFUL)
    yield Odd(settings, people, first_day, (product, category), faults(settings, before))
    drop_database(settings)


def home(who: str, street: str) -> dict[str, str]:
    place = {"street": street, "postcode": "1011 AB", "city": "Amsterdam", "country": "NL"}
    return {"customer_id": who, **place, "changed_at": at(MERGED)}


def renamed(product: str, facts: list, category: str) -> dict[str, str]:
    name, _, *rest = ("" if fact is None else str(fact) for fact in facts)
    columns = ("unit_cost", "list_price", "warranty_months", "expected_life_months")
    told = dict(zip((*columns, "service_interval_months"), rest, strict=True))
    said = {"product_id": product, "name": name, "category": category}
    return {**said, **told, "updated_at": at(EVENTFUL)}


def test_its_bridge_closes(odd: Odd) -> None:
    assert odd.wrong == []


def test_every_table_is_as_a_full_build_makes_it(odd: Odd, tmp_path: Path) -> None:
    assert unlike_a_full_build(odd.settings, EVENTFUL, tmp_path) == []


def test_readers_have_what_was_built_though_most_of_it_was_not_compared(odd: Odd) -> None:
    assert unlike_what_was_built(odd.settings, EVENTFUL) == {}


def test_each_of_them_came_in(odd: Odd) -> None:
    merged, housemate, into, other, abroad, early, _ = odd.people
    homes = {who: rows(odd.settings, HOUSEHOLD, who) for who in (merged, housemate, into, other)}
    assert homes[merged] == []
    assert homes[into] == homes[other] != homes[housemate]
    assert rows(odd.settings, BEGAN, early) == [(odd.first_day,)]
    assert rows(odd.settings, SOLD, odd.product[0]) == [(odd.product[1],)]
    assert rows(odd.settings, REFUNDED, abroad) == [(Decimal("9.90"),)]
