"""A row in quarantine leaves what is known of somebody in doubt, until it is replayed or
corrected."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from regulars.lists.contacts import normalise_contacts
from tests.conftest import drop_database
from tests.dbt.delivered_world import Row, World, customer, line, merge, open_world, order, refund

NIGHT = "2026-03-10"
PEOPLE = (
    "new-order", "status", "line", "refund", "new-refund", "case", "new-case", "answer", "shouted",
    "corrected", "other-line", "earlier", "replayed", "answered-again", "untouched",
    "staff", "merged-away", "merged-into", "moved", "points", "spent", "grinder", "other-grinder",
    "sold-on", "in-town", "out-of-town", "merged-after-all", "re-registered", "case-of-order",
    "swept", "swept-other-line", "swept-quantity", "swept-case", "any-cell", "other-places",
    "brought", "older", "older-case", "swept-older", "no-newer", "newer", "as-new",
    "case-without-buyer", "case-of-another", "case-of-no-id", "case-tomorrow", "answer-by-case",
    "answer-of-another", "a-buyer", "has-a-card",
)  # fmt: skip
Doubts = set[tuple[str, str]]


def case(case_id: str, who: str, **facts: object) -> Row:
    known = {"kind": "question", "opened_at": "2026-03-01 10:00+00", "updated_at": "2026-03-01"}
    return {"case_id": case_id, "customer_id": who, **known, **facts}


def survey(survey_id: str, who: str | None, **facts: object) -> Row:
    known = {"kind": "csat", "score": 5, "answered_at": "2026-03-01 10:00+00"}
    return {"survey_id": survey_id, "customer_id": who, **known, **facts}


def points(entry_id: str, who: str) -> Row:
    known = {"kind": "earned", "points": 50, "booked_at": "2026-03-01 10:00+00"}
    return {"entry_id": entry_id, "customer_id": who, **known}


def unit(serial: str, who: str, at: str = "2026-03-01") -> Row:
    return {"product_id": "p7", "serial": serial, "customer_id": who, "updated_at": at}


def event(event_id: str, city: str) -> Row:
    starts = {"starts_at": "2026-05-01 18:00+00", "updated_at": "2026-03-01"}
    return {"event_id": event_id, "city": city, "country": "NL", "capacity": 10, **starts}


def address(who: str, city: str) -> Row:
    return {"customer_id": who, "city": city, "country": "NL", "changed_at": "2026-03-01"}


def what_is_known(world: World) -> None:
    on = "2026-03-01"
    world.deliver(on, "customers", [customer(who) for who in PEOPLE])
    world.deliver(on, "orders", [order(f"o-{who}", who, "2026-03-01") for who in PEOPLE])
    lines = [line(f"o-{who}", n, "p1", "2026-03-01") for who in PEOPLE for n in (1, 2)]
    world.deliver(on, "order_lines", lines)
    world.deliver(on, "refunds", [refund("r-refund", "o-refund", "2026-03-01", 5)])
    world.deliver(on, "cases", [case("k-case", "case")])
    world.deliver(on, "surveys", [survey("s-again", "answered-again")])
    world.deliver(on, "loyalty", [points("e-spent", "spent")])
    machines = [("sn1", "grinder"), ("sn2", "other-grinder"), ("sn3", "re-registered")]
    world.deliver(on, "units", [unit(serial, who) for serial, who in machines])
    world.deliver(on, "events", [event("v-1", "Utrecht")])
    homes = {"in-town": "utrecht", "out-of-town": "Delft"}
    world.deliver(on, "addresses", [address(who, city) for who, city in homes.items()])
    world.deliver(on, "identities", [merge("card-9", "has-a-card", "2026-03-01 10:00+00")])


def what_could_not_be_read(world: World) -> None:
    world.quarantine("2026-03-02", "orders", "o-9,new-order,2026-13-01,paid,sale,EUR")
    world.quarantine("2026-03-03", "orders", "o-status,,2026-03-01,canceled,sale,EUR")
    world.quarantine("2026-03-02", "order_lines", '"o-line","1","p1","0.5",48.60')
    world.quarantine("2026-03-02", "refunds", "r-refund,,,2026-03-02,1,-5")
    world.quarantine("2026-03-03", "refunds", "r-9,o-new-refund,1,2026-03-02,1,5.0000")
    world.quarantine("2026-03-02", "cases", "k-case,,solved?,2026-03-02")
    world.quarantine("2026-03-03", "cases", "k-9,new-case,complaint,yesterday")
    world.quarantine("2026-03-02", "surveys", "s-9,answer,,csat,bad")
    world.quarantine("2026-03-05", "orders", "o-12,card-9,2026-13-01,paid,sale,EUR", revision=9)
    world.quarantine("2026-03-04", "orders", "O-SHOUTED,,2026-03-01,CANCELLED,sale,EUR")


def what_lists_need_and_could_not_be_read(world: World) -> None:
    on = "2026-03-02"
    world.quarantine(on, "customers", "staff,a@example.com,,S,T,,,nl,NL,,,ja,2026-03-02,2026-03-02")
    world.quarantine(on, "identities", "merged-away,merged-into,1,2026-03-02T10:00")
    world.quarantine(on, "addresses", "moved,Kade 1,1000 AA,Ede,NL,gisteren")
    world.quarantine(on, "loyalty", "e-9,points,,earned,many,2026-03-02,")
    world.quarantine("2026-03-03", "loyalty", "e-spent,?,,spent,-50.5,2026-03-02,")
    world.quarantine(on, "units", "p7,sn1,,,,,,,,gone,sold,2026-03-02")
    world.quarantine("2026-03-03", "units", "p8,sn2,sold-on,,,,,,,soon,,2026-03-02")
    world.quarantine(on, "events", "v-1,Tasting,Utrecht,NL,-5,2026-05-01T20:00+02:00,,")
    world.quarantine(on, "products", "p7,grinder,untouched,-5")
    world.quarantine(on, "referrals", "f-1,brought,nobody-known,soon")
    world.quarantine("2026-03-05", "cases", "k-10,,o-case-of-order,p7,sn9,complaint,?,soon")


def what_was_made_good(world: World) -> None:
    world.quarantine("2026-03-05", "orders", "o-corrected,corrected,?,paid")
    world.deliver("2026-03-06", "orders", [order("o-corrected", "corrected", "2026-03-06")])
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
    world.quarantine("2026-03-05", "surveys", "s-again,answered-again,,csat,bad,,2026-03-01T10:00Z")
    world.deliver("2026-03-06", "surveys", [survey("s-again", "answered-again")])
    world.quarantine("2026-03-05", "identities", "merged-after-all,untouched,ja,2026-03-04")
    merged = merge("merged-after-all", "untouched", "2026-03-04 10:00+00")
    world.deliver("2026-03-06", "identities", [merged])
    world.quarantine("2026-03-05", "units", "p7,sn3,re-registered,,,,,,,soon,,2026-03-05")
    world.deliver("2026-03-06", "units", [unit("sn3", "re-registered", "2026-03-06")])


def what_has_lost_its_text(world: World) -> None:
    """Lines of orders that were delivered again; the retention has taken what stood in them."""
    for who, quantity, again in (
        ("swept", "x", 2),
        ("swept-other-line", "x", 1),
        ("swept-quantity", "1", 1),
    ):
        text = f"o-{who},2,p7,{quantity},48.60,?"
        world.quarantine("2026-03-05", "order_lines", text, revision=len(who))
        lines = [line(f"o-{who}", again, "p1", "2026-03-06")]
        world.deliver("2026-03-06", "order_lines", lines, revision=len(who))
    world.quarantine("2026-03-05", "cases", "k-swept,swept-case,,,,complaint,?,soon")
    corrected = case("k-swept", "swept-case", updated_at="2026-03-06")
    world.deliver("2026-03-06", "cases", [corrected])


def what_only_looks_like_its_correction(world: World) -> None:
    """A quantity is no refund's id, and no line's number, wherever its column stands."""
    world.quarantine("2026-03-05", "refunds", "r-new,o-any-cell,1,2026-03-05,2,x")
    world.deliver("2026-03-06", "refunds", [refund("2", "o-any-cell", "2026-03-01", 5)])
    refused = world.quarantine("2026-03-05", "order_lines", "o-other-places,1,p7,2,x", revision=7)
    world.connection.execute(
        "update raw.deliveries set columns = %s where delivery_id = %s",
        [["order_id", "quantity", "product_id", "line_no", "unit_price"], refused],
    )
    lines = [line("o-other-places", 1, "p1", "2026-03-06")]
    world.deliver("2026-03-06", "order_lines", lines, revision=7)


def unread_order(who: str, version: str) -> str:
    return f"o-{who},{who},?,paid,sale,EUR,4,1,web,,,,{version}"


def what_came_late(world: World) -> None:
    """Orders known as of the 1st: another version of each that could not be read, and one since."""
    for who, unread, later in (
        ("older", "2026-03-05T10:00:00Z", "2026-03-04"),
        ("swept-older", "2026-03-05T10:00:00Z", "2026-03-04"),
        ("no-newer", "soon", "2026-03-01"),
        ("newer", "soon", "2026-03-02"),
        ("as-new", "2026-03-04T00:00:00Z", "2026-03-04 00:00+00"),
    ):
        world.quarantine("2026-03-05", "orders", unread_order(who, unread), revision=len(who))
        rows = [order(f"o-{who}", who, "2026-03-01", updated_at=later)]
        world.deliver("2026-03-06", "orders", rows, revision=len(who))
    cells = ["k-older", "older-case", *[""] * 3, "complaint", "", "?", *[""] * 14]
    world.quarantine("2026-03-05", "cases", ",".join([*cells, "2026-03-05T10:00:00Z"]), revision=7)
    late = case("k-older", "older-case", updated_at="2026-03-03")
    world.deliver("2026-03-06", "cases", [late], revision=7)


def what_is_misnamed(world: World) -> None:
    """Cases and answers under an id that is somebody's but for its spelling."""

    def loud(who: str) -> str:
        return who.upper().replace("-", " ")

    on = "2026-03-01"
    bought = [order("o-none", None, on), order("o-x9", "X9", on), order("o-b", "a-buyer", on)]
    world.deliver(on, "orders", bought, revision=1)
    world.deliver(on, "cases", [
        case("k-1", loud("case-without-buyer"), order_id="o-none"),
        case("k-2", loud("case-of-another"), order_id="o-b"),
        case("k-3", loud("case-of-no-id"), order_id="o-x9"),
        case("k-4", loud("case-tomorrow"), opened_at="2026-03-10 23:30+00"),
        case("k-5", "answer-by-case"),
        case("k-6", loud("card-9")),
    ], revision=1)  # fmt: skip
    world.deliver(on, "surveys", [
        survey("s-1", None, case_id="k-1"),
        survey("s-2", loud("answer-of-another"), case_id="k-2"),
        survey("s-3", None, case_id="k-5"),
    ], revision=1)  # fmt: skip
    world.quarantine("2026-03-02", "surveys", "s-3,,,csat,bad,,soon", revision=1)


def sweep_texts(world: World) -> None:
    world.connection.execute(
        "update raw.quarantine set raw_text = null where raw_text like '%swept%'"
    )


@pytest.fixture(scope="module")
def doubts(make_world: Callable) -> Iterator[Doubts]:
    """(customer, about what)."""
    settings = make_world("rows_in_doubt")
    with open_world(settings) as connection:
        world = World(settings, connection, "int_rows_in_doubt")
        what_is_known(world)
        what_could_not_be_read(world)
        what_lists_need_and_could_not_be_read(world)
        what_was_made_good(world)
        what_has_lost_its_text(world)
        what_only_looks_like_its_correction(world)
        what_came_late(world)
        what_is_misnamed(world)
        normalise_contacts(settings)
        sweep_texts(world)
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
        ("case-of-order", "case"),
        ("staff", "account"),
        ("merged-away", "account"),
        ("merged-into", "account"),
        ("moved", "addresses"),
        ("points", "loyalty"),
        ("spent", "loyalty"),
        ("grinder", "units"),
        ("sold-on", "units"),
        ("in-town", "events"),
        ("brought", "referral"),
    ],
)
def test_a_row_that_could_not_be_read_leaves_its_people_in_doubt(
    doubts: Doubts, who: str, about: str
) -> None:
    assert (who, about) in doubts


@pytest.mark.parametrize(
    "who",
    ["corrected", "replayed", "answered-again", "re-registered", "swept", "swept-case", "newer",
     "as-new"],
)  # fmt: skip
def test_a_later_row_of_that_key_or_a_replay_lifts_the_doubt(doubts: Doubts, who: str) -> None:
    assert who not in dict(doubts)


@pytest.mark.parametrize(
    "who",
    ["other-line", "earlier", "swept-other-line", "swept-quantity", "any-cell", "other-places"],
)
def test_another_line_or_an_earlier_row_lifts_nothing(doubts: Doubts, who: str) -> None:
    assert (who, "sale") in doubts


@pytest.mark.parametrize(
    ("who", "about"),
    [("older", "sale"), ("swept-older", "sale"), ("no-newer", "sale"), ("older-case", "case")],
)
def test_a_version_that_is_older_or_no_news_lifts_nothing(
    doubts: Doubts, who: str, about: str
) -> None:
    assert (who, about) in doubts


@pytest.mark.parametrize(
    ("who", "about"),
    [
        ("case-without-buyer", "case"),
        ("case-of-another", "case"),
        ("case-of-no-id", "case"),
        ("case-without-buyer", "answer"),
        ("answer-of-another", "answer"),
    ],
)
def test_a_misspelt_id_is_a_clue_whoever_the_order_or_the_case_belongs_to(
    doubts: Doubts, who: str, about: str
) -> None:
    assert (who, about) in doubts


@pytest.mark.parametrize("about", ["sale", "case"])
def test_a_row_of_an_account_that_only_its_merge_names_is_about_the_person(
    doubts: Doubts, about: str
) -> None:
    assert ("has-a-card", about) in doubts


def test_an_unread_answer_is_about_whoever_had_its_case(doubts: Doubts) -> None:
    assert ("answer-by-case", "answer") in doubts


def test_a_case_of_tomorrow_leaves_nobody_in_doubt_tonight(doubts: Doubts) -> None:
    assert "case-tomorrow" not in dict(doubts)


def test_a_serial_is_one_products_and_an_event_concerns_its_town(doubts: Doubts) -> None:
    assert not {"other-grinder", "out-of-town"} & dict(doubts).keys()


def test_nobody_else_is_in_doubt(doubts: Doubts) -> None:
    assert "untouched" not in dict(doubts)
    assert len({who for who, _ in doubts}) == 36
