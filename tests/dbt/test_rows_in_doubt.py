"""A row in quarantine leaves what is known of somebody in doubt, until it is replayed or
corrected."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from regulars.feeds import raw_tables
from regulars.lists.contacts import normalise_contacts
from tests.conftest import drop_database
from tests.dbt.delivered_world import Row, World, customer, line, open_world, order, refund

NIGHT = "2026-03-10"
PEOPLE = (
    "new-order", "status", "line", "refund", "new-refund", "case", "new-case", "answer", "shouted",
    "corrected", "other-line", "earlier", "replayed", "answered-again", "untouched",
)  # fmt: skip
Doubts = set[tuple[str, str]]


def case(case_id: str, who: str, **facts: object) -> Row:
    known = {"kind": "question", "opened_at": "2026-03-01 10:00+00", "updated_at": "2026-03-01"}
    return {"case_id": case_id, "customer_id": who, **known, **facts}


def survey(survey_id: str, who: str) -> Row:
    known = {"kind": "csat", "score": 5, "answered_at": "2026-03-01 10:00+00"}
    return {"survey_id": survey_id, "customer_id": who, **known}


def what_is_known(world: World) -> None:
    on = "2026-03-01"
    world.deliver(on, "customers", [customer(who) for who in PEOPLE])
    world.deliver(on, "orders", [order(f"o-{who}", who, "2026-03-01") for who in PEOPLE])
    lines = [line(f"o-{who}", n, "p1", "2026-03-01") for who in PEOPLE for n in (1, 2)]
    world.deliver(on, "order_lines", lines)
    world.deliver(on, "refunds", [refund("r-refund", "o-refund", "2026-03-01", 5)])
    world.deliver(on, "cases", [case("k-case", "case")])
    world.deliver(on, "surveys", [survey("s-again", "answered-again")])


def what_could_not_be_read(world: World) -> None:
    world.quarantine("2026-03-02", "orders", "o-9,new-order,2026-13-01,paid,sale,EUR")
    world.quarantine("2026-03-03", "orders", "o-status,,2026-03-01,canceled,sale,EUR")
    world.quarantine("2026-03-02", "order_lines", '"o-line","1","p1","0.5",48.60')
    world.quarantine("2026-03-02", "refunds", "r-refund,,,2026-03-02,1,-5")
    world.quarantine("2026-03-03", "refunds", "r-9,o-new-refund,1,2026-03-02,1,5.0000")
    world.quarantine("2026-03-02", "cases", "k-case,,solved?,2026-03-02")
    world.quarantine("2026-03-03", "cases", "k-9,new-case,complaint,yesterday")
    world.quarantine("2026-03-02", "surveys", "s-9,answer,,csat,bad")
    world.quarantine("2026-03-04", "orders", "O-SHOUTED,,2026-03-01,CANCELLED,sale,EUR")


def what_was_made_good(world: World) -> None:
    world.quarantine("2026-03-05", "orders", "o-corrected,corrected,?,paid")
    world.deliver("2026-03-06", "orders", [order("o-corrected", "corrected", "2026-03-01")])
    world.quarantine("2026-03-05", "order_lines", "o-other-line,2,p1,x,48.60")
    world.deliver("2026-03-06", "order_lines", [line("o-other-line", 1, "p1", "2026-03-06")])
    world.deliver("2026-03-06", "orders", [order("o-earlier", "earlier", "2026-03-01")])
    world.quarantine("2026-03-07", "orders", "o-earlier,earlier,?,paid")
    refused = world.quarantine("2026-03-08", "orders", "o-10,replayed,?,paid")
    replay = world.deliver(
        "2026-03-08", "orders", [order("o-10", "replayed", "2026-03-01")], revision=1
    )
    world.connection.execute(
        "update raw.deliveries set replay_of = %s, revision = 0 where delivery_id = %s",
        [refused, replay],
    )
    world.quarantine("2026-03-05", "surveys", "s-again,answered-again,,csat,bad")
    world.deliver("2026-03-06", "surveys", [survey("s-again", "answered-again")])


@pytest.fixture(scope="module")
def doubts(make_settings: Callable) -> Iterator[Doubts]:
    """(customer, about what)."""
    settings = make_settings("rows_in_doubt")
    raw_tables.migrate(settings)
    with open_world(settings) as connection:
        world = World(settings, connection)
        what_is_known(world)
        what_could_not_be_read(world)
        what_was_made_good(world)
        normalise_contacts(settings)
        world.build(NIGHT)
        rows = connection.execute("select customer_id, about from intermediate.int_rows_in_doubt")
        yield set(rows.fetchall())
    drop_database(settings)


@pytest.mark.parametrize(
    ("who", "about"),
    [
        ("new-order", "sale"),
        ("status", "sale"),
        ("shouted", "sale"),
        ("line", "sale"),
        ("refund", "sale"),
        ("new-refund", "sale"),
        ("case", "case"),
        ("new-case", "case"),
        ("answer", "answer"),
    ],
)
def test_a_row_that_could_not_be_read_leaves_its_people_in_doubt(
    doubts: Doubts, who: str, about: str
) -> None:
    assert (who, about) in doubts


@pytest.mark.parametrize("who", ["corrected", "replayed", "answered-again"])
def test_a_later_row_of_that_key_or_a_replay_lifts_the_doubt(doubts: Doubts, who: str) -> None:
    assert who not in dict(doubts)


@pytest.mark.parametrize("who", ["other-line", "earlier"])
def test_another_line_or_an_earlier_row_lifts_nothing(doubts: Doubts, who: str) -> None:
    assert (who, "sale") in doubts


def test_nobody_else_is_in_doubt(doubts: Doubts) -> None:
    assert "untouched" not in dict(doubts)
    assert len({who for who, _ in doubts}) == 11
