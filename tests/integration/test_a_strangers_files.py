"""A stranger's files: sound enough to load, odd enough to be believed wrongly. Whom does the night
write to, what does it count, and who is told?

Everybody here stood in the marketing file of people who bought once, the same night before. Costs
about a minute: one short night of the tests' company.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from regulars import warehouse
from regulars.gates import hold, holds
from regulars.lists.export import write_files
from regulars.night import Night
from regulars.nights.run import run_step
from regulars.settings import Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone
from tests.integration.random_deliveries.nights import DECISIVE, without_dbt_tests
from tests.server import drop_database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

LIST = "second_purchase"
MORNING, NOON = f"{LAST_NIGHT}T08:00:00Z", f"{LAST_NIGHT}T12:00:00Z"
YESTERDAY = f"{LAST_NIGHT - timedelta(days=1)}T08:00:00Z"
IN_TIME = YESTERDAY.replace("T08", "T10")
AFTER_MIDNIGHT = f"{LAST_NIGHT + timedelta(days=1)}T00:20:00+01:00"
FAR_WEST = f"{LAST_NIGHT}T23:30:00-05:00"  # the next morning, where the company is
EXTRA = {"cases": "answered_by_phone_at"}
HEADERS = {
    "deaths": "customer_id,died_on,is_withdrawn,reported_at",
    "identities": "old_customer_id,customer_id,is_merged,changed_at",
}
Row = dict[str, object]
Rows = list[tuple[str, Row]]  # (feed, cells)


@dataclass(frozen=True)
class Person:
    """known: their row of customers as it stands; order_id: of their only purchase."""

    customer_id: str
    order_id: str
    known: Row


def account(p: Person, at: str, **changes: object) -> tuple[str, Row]:
    return "customers", {**p.known, "updated_at": at, **changes}


def order(name: str, who: str, at: str = MORNING, **facts: object) -> tuple[str, Row]:
    known = {"status": "paid", "order_type": "sale", "currency": "EUR", "updated_at": at}
    head = {"order_id": name, "customer_id": who, "ordered_at": at, **known}
    return "orders", {**head, "shipping_cost": 4, "payment_fee": 1, "channel": "web", **facts}


def line(order_id: str, price: object = 50, **facts: object) -> tuple[str, Row]:
    known = {"line_no": 1, "product_id": "P0039", "quantity": 1, "discount": 0}
    return "order_lines", {
        "order_id": order_id, "unit_price": price, "updated_at": MORNING, **known, **facts,
    }  # fmt: skip


def refund(name: str, order_id: str, amount: object, **facts: object) -> tuple[str, Row]:
    known = {"quantity": 1, "is_restocked": "false", "reason": "changed_mind", "handling_cost": 1}
    return "refunds", {
        "refund_id": name, "order_id": order_id, "refunded_at": NOON, "amount": amount,
        "updated_at": NOON, **known, **facts,
    }  # fmt: skip


def case(name: str, who: str, at: str = YESTERDAY, **facts: object) -> tuple[str, Row]:
    known = {"kind": "complaint", "opened_at": at, "promised_reply_minutes": 240, "updated_at": at}
    return "cases", {"case_id": name, "customer_id": who, **known, **facts}


def answer(name: str, who: str, score: int, **facts: object) -> tuple[str, Row]:
    known = {"kind": "csat", "answered_at": NOON}
    return "surveys", {"survey_id": name, "customer_id": who, "score": score, **known, **facts}


def withdrawal(who: str, at: str, channel: str = "email") -> tuple[str, Row]:
    return "consents", {
        "customer_id": who, "channel": channel, "purpose": "marketing", "changed_at": at,
        "is_granted": "false",
    }  # fmt: skip


def merged(old: str, into: str) -> tuple[str, Row]:
    return "identities", {
        "old_customer_id": old, "customer_id": into, "is_merged": "true", "changed_at": YESTERDAY,
    }  # fmt: skip


def bought(p: Person, label: str, **facts: object) -> Rows:
    name = f"S-{label}"
    return [order(name, p.customer_id, **facts), line(name)]


# ---------- what each of them says

LEFT_ALONE: dict[str, Callable[[Person], Rows]] = {
    "an employee whose next row leaves is_staff empty": lambda p: [
        account(p, MORNING, is_staff="true"), account(p, NOON, is_staff=""),
    ],
    "a minor whose next row leaves the birth date empty": lambda p: [
        account(p, MORNING, birth_date="2014-05-05"), account(p, NOON, birth_date=""),
    ],
    "an order whose next row leaves the customer empty": lambda p: [
        *bought(p, "emptied"),
        order("S-emptied", "", ordered_at=MORNING, updated_at=NOON, status="shipped"),
    ],
    "an order under the id in small letters": lambda p: [
        order("S-small", p.customer_id.lower()), line("S-small"),
    ],
    "an order under the id without its zeros": lambda p: [
        order("S-zeros", "c " + p.customer_id[1:].lstrip("0")), line("S-zeros"),
    ],
    "an order whose lines name it in small letters": lambda p: [
        order("S-LINES", p.customer_id), line("s-lines"),
    ],
    "an order in a currency that nobody knows": lambda p: bought(p, "unpriced", currency="XXX"),
    "an order in small letters of a currency": lambda p: bought(p, "euros", currency="eur"),
    "an order that was cancelled and paid for at one instant": lambda p: [
        order("S-twice", p.customer_id, status="cancelled"), *bought(p, "twice"),
    ],
    "a complaint whose next row leaves the customer empty": lambda p: [
        case("S-quiet", p.customer_id), case("S-quiet", "", opened_at=YESTERDAY, updated_at=NOON),
    ],
    "a complaint that names only the order": lambda p: [case("S-order", "", order_id=p.order_id)],
    "a complaint under the id in small letters": lambda p: [
        case("S-lower", p.customer_id.lower()),
    ],
    "a bad score that names only the case": lambda p: [
        case("S-solved", p.customer_id, kind="question", resolved_at=NOON, updated_at=NOON),
        answer("S-bad", "", 1, case_id="S-solved"),
    ],
    "a withdrawal after midnight": lambda p: [withdrawal(p.customer_id, AFTER_MIDNIGHT)],
    "a withdrawal on the other side of the ocean": lambda p: [withdrawal(p.customer_id, FAR_WEST)],
    "a withdrawal of an old account that nobody delivered": lambda p: [
        merged("C-OLD-1", p.customer_id), withdrawal("C-OLD-1", MORNING),
    ],
    "a death under an old account that nobody delivered": lambda p: [
        merged("C-OLD-2", p.customer_id),
        ("deaths", {"customer_id": "C-OLD-2", "is_withdrawn": "false", "reported_at": MORNING}),
    ],
    "a merge into an account that nobody delivered": lambda p: [
        merged(p.customer_id, "C-NEW-1"), withdrawal("C-NEW-1", MORNING),
    ],
}  # fmt: skip
WRITTEN_TO: dict[str, Callable[[Person], Rows]] = {
    "an order after midnight, which waits": lambda p: [
        order("S-waits", p.customer_id, AFTER_MIDNIGHT), line("S-waits"),
    ],
    "a withdrawal of another channel": lambda p: [withdrawal(p.customer_id, MORNING, "post")],
    "an order that was paid for and cancelled at one instant": lambda p: [
        *bought(p, "undone"), order("S-undone", p.customer_id, status="cancelled"),
    ],
    "a question that was answered by telephone in time": lambda p: [
        case("S-phoned", p.customer_id, kind="question", answered_by_phone_at=IN_TIME,
             resolved_at=NOON, updated_at=NOON),
    ],
    "nothing": lambda p: [],
}  # fmt: skip
COUNTED: dict[str, Callable[[Person], Rows]] = {
    "two refunds that are a cent too large together": lambda p: [
        refund("S-half-1", p.order_id, "half"),
        refund("S-half-2", p.order_id, "half and a cent"),
    ],
}
STORIES = {**LEFT_ALONE, **WRITTEN_TO, **COUNTED}


@dataclass(frozen=True)
class Told:
    """Who lived which story, who is in the file now, and what people are told."""

    settings: Settings
    lived: dict[str, Person]
    before: set[str]
    listed: set[str]
    sentences: tuple[str, ...]

    def rows(self, query: str, *values: object) -> list[tuple]:
        with warehouse.connect(self.settings, "admin") as connection:
            return connection.execute(query.encode(), values).fetchall()


@pytest.fixture(scope="module")
def told(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("strangers")
    shutil.copytree(company.landing, folder / "landing")
    copy = clone(company, parsed.COPY, folder / "home")
    settings = replace(copy, landing=folder / "landing", settle_seconds=0)
    before = people_in(company.home / "current" / "lists")
    with warehouse.connect(settings, "admin") as connection:
        lived = dict(zip(STORIES, people(connection, before), strict=False))
        rows = [row for name, who in lived.items() for row in STORIES[name](who)]
        rows = [priced(connection, row) for row in rows]
    assert len(lived) == len(STORIES), "too few people are written to"
    deliver(settings.landing / "house" / LAST_NIGHT.isoformat(), rows)
    with without_dbt_tests():
        for step in DECISIVE:
            run_step(step, LAST_NIGHT, settings)
    write_files(settings, Night(LAST_NIGHT), folder / "files", "again")
    with warehouse.connect(settings, "transformer") as connection:
        sentences = hold.sentences(holds.of_night(connection, Night(LAST_NIGHT)))
    yield Told(settings, lived, before, people_in(folder / "files" / "lists"), tuple(sentences))
    drop_database(settings)


def people(connection: psycopg.Connection, among: set[str]) -> Iterator[Person]:
    """One of each household, with all that is known of them, in order of ids."""
    rows = connection.execute(
        """
        select distinct on (dim.household_id) dim.customer_id, orders.order_id, to_jsonb(known)
        from marts.dim_customers as dim
        inner join marts.fct_orders as orders
            on dim.customer_id = orders.customer_id and orders.is_qualifying
        inner join raw.customers as known on dim.customer_id = known.customer_id
        where dim.customer_id = any(%s) and dim.relationship_status = 'trial'
        order by dim.household_id, dim.customer_id, known.updated_at desc, orders.order_id
        """,
        [sorted(among)],
    )
    for who, order_id, known in rows:
        cells = {name: value for name, value in known.items() if not name.startswith("_")}
        cells["is_staff"] = "false"
        yield Person(who, order_id, cells)


def priced(connection: psycopg.Connection, row: tuple[str, Row]) -> tuple[str, Row]:
    """A refund of half of what its order was worth, and the other half with a cent on top."""
    feed, cells = row
    if feed != "refunds":
        return row
    found = connection.execute(
        "select net_sales from marts.fct_orders where order_id = %s", [cells["order_id"]]
    ).fetchone()
    assert found is not None
    half = round(found[0] / 2, 2)
    amount = half if cells["amount"] == "half" else found[0] - half + type(half)("0.01")
    return feed, {**cells, "amount": amount}


def deliver(folder: Path, rows: Rows) -> None:
    """Once more each file of that day, as a later revision, with these rows at its end."""
    by_feed = defaultdict(list)
    for feed, cells in rows:
        by_feed[feed].append(cells)
    for feed, each in by_feed.items():
        first = folder / f"{feed}.csv"
        text = first.read_text(encoding="utf-8") if first.exists() else f"{HEADERS[feed]}\n"
        lines = list(csv.reader(io.StringIO(text)))
        extra = [EXTRA[feed]] if feed in EXTRA and EXTRA[feed] not in lines[0] else []
        names = [*lines[0], *extra]
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([*cells, *("" for _ in extra)] for cells in lines[1:])
        writer.writerows(
            [("" if cells.get(name) is None else cells.get(name, "")) for name in names]
            for cells in each
        )
        (folder / f"{feed}.r1.csv").write_text(buffer.getvalue(), encoding="utf-8")


def people_in(lists: Path) -> set[str]:
    file = lists / f"{LIST}.csv"
    if not file.exists():
        return set()
    with file.open(encoding="utf-8", newline="") as stream:
        return {row["customer_id"] for row in csv.DictReader(stream)}


@pytest.mark.parametrize("story", LEFT_ALONE)
def test_whoever_may_have_bought_or_said_no_is_left_alone(told: Told, story: str) -> None:
    assert told.lived[story].customer_id in told.before
    assert told.lived[story].customer_id not in told.listed


@pytest.mark.parametrize("story", WRITTEN_TO)
def test_whoever_has_not_is_written_to_as_before(told: Told, story: str) -> None:
    assert told.lived[story].customer_id in told.listed


def test_whoever_lived_no_story_is_written_to_as_before(told: Told) -> None:
    others = told.before - {who.customer_id for who in told.lived.values()}
    assert len(others) >= 10
    assert others - told.listed == set()


def test_refunds_a_cent_too_large_together_return_the_order_and_the_cent_is_said(
    told: Told,
) -> None:
    who = told.lived["two refunds that are a cent too large together"]
    found = told.rows(
        "select net_sales::float, excess_refunds::float from marts.fct_orders where order_id = %s",
        who.order_id,
    )
    assert found == [(0.0, 0.01)]
    states = told.rows(
        "select relationship_status from marts.dim_customers where customer_id = %s",
        who.customer_id,
    )
    assert states == [("returned_trial",)]


def test_a_promise_that_was_kept_by_telephone_is_kept(told: Told) -> None:
    found = told.rows("select is_breach from marts.fct_service_cases where case_id = 'S-phoned'")
    assert found == [(False,)]


def test_small_letters_of_a_currency_are_worth_as_much(told: Told) -> None:
    worth = told.rows("select net_sales::float from marts.fct_orders where order_id = 'S-euros'")
    assert worth == [(50.0,)]


def test_what_was_held_back_is_told(told: Told) -> None:
    said = "\n".join(told.sentences)
    for words in (
        "2 orders under ids that nobody has",
        "1 service case under an id that nobody has",
        "without lines: their customers",
        "in a currency without a rate: their customers",
        "1 of orders later than the night's day",
        "refunds above their sales",
    ):
        assert words in said, said
