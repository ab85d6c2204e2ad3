"""Exports of mailing tools and of the call desk come back as contacts and as no's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from regulars.feeds import raw_tables
from regulars.feeds.load import ingest
from regulars.lists.contacts import normalise_contacts
from tests.conftest import drop_database
from tests.dbt.delivered_world import World, customer, open_world

NIGHT = date(2026, 3, 10)
DAY = "2026-03-09"
SENT = "2026-03-08"
PEOPLE = {
    "C1": "ann@example.org",
    "C2": "bob@example.org",
    "C3": "carl@example.org",
    "C4": "dana@example.org",
    "C5": "eve@example.org",
    "C6": "home@example.org",
    "C7": "Home@Example.org",  # they share it
    "C8": "held@example.org",
    "C9": "finn@example.org",
    "C10": "gina@example.org",
    "C11": "hugo@example.org",
    "C12": "iris@example.org",
    "C13": "kate@example.org",
    "C14": "liam@example.org",
    "C15": "mia@example.org",
    "C16": "nick@example.org",
}
LISTED = ("C1", "C2", "C3", "C4", "C5", "C7")
EPOCH = 1_772_960_400  # 2026-03-08 09:00 UTC


def klaviyo(event: str, metric: str, **facts: Any) -> dict[str, Any]:
    told = {"id": event, "metric": metric, "datetime": f"{SENT}T09:00:00+00:00"}
    return {**told, "Campaign Name": "win_back 2026-03-07", "$message": "M1", **facts}


def braze(event: str, who: str | None, campaign: str = "save_our_best") -> dict[str, Any]:
    told = {"id": event, "external_user_id": who, "email_address": None, "time": EPOCH}
    return {**told, "campaign_id": "b1", "campaign_name": campaign, "dispatch_id": "d1"}


def mailchimp(address: str, **facts: Any) -> dict[str, Any]:
    return {"campaign_id": "m1", "email_address": address, **facts}


AT = {"timestamp": f"{SENT}T10:00:00+00:00"}
FILES: Mapping[str, list[dict[str, Any]]] = {
    "klaviyo/klaviyo_events": [
        klaviyo("k1", "Received Email", external_id="C1", email="ann@example.org"),
        klaviyo("k2", "Clicked Email", external_id="C1", email="ann@example.org"),
        klaviyo("k3", "Opened Email", external_id="C1", email="ann@example.org"),
        # Klaviyo knows this profile by its address alone
        klaviyo("k4", "Unsubscribed", external_id=None, email="BOB@example.org"),
        klaviyo("k5", "Received Email", external_id=None, email="stranger@example.net"),
        klaviyo("k6", "Unsubscribed", external_id=None, email="stranger@example.net"),
        klaviyo("k7", "Bounced Email", external_id="C5", **{"Bounce Type": "Soft"}),
        klaviyo("k8", "Received Email", external_id="C8"),
        # an id that nobody has any more
        klaviyo("k9", "Unsubscribed", external_id="OLD-9", email="Finn@example.org"),
        # bounces at an address of somebody else than the id they name: nobody, or another
        klaviyo("k11", "Bounced Email", external_id="OLD-14", email="liam@example.org"),
        klaviyo("k12", "Bounced Email", external_id="C16", email="MIA@example.org"),
        klaviyo("k13", "Bounced Email", external_id="C13", email="nobody@example.net"),
        # as somebody has copied it from a letter
        klaviyo("k10", "Unsubscribed", external_id=None, email="Hugo <HUGO@example.org>"),
    ],
    "mailchimp/mailchimp_campaigns": [
        {"id": "m1", "title": "second_purchase", "send_time": f"{SENT}T09:30:00+00:00"}
    ],
    "mailchimp/mailchimp_sent_to": [
        mailchimp("carl@example.org", status="sent"),
        mailchimp("home@example.org", status="sent"),
        # of a campaign that was not exported: nobody says when
        {**mailchimp("ann@example.org", status="sent"), "campaign_id": "m0"},
    ],
    "mailchimp/mailchimp_email_activity": [
        mailchimp("carl@example.org", action="open", type=None, **AT),
        mailchimp("carl@example.org", action="bounce", type="hard", **AT),
    ],
    "mailchimp/mailchimp_unsubscribed": [
        mailchimp("home@example.org", reason="too many", **AT),
    ],
    "mailchimp/mailchimp_abuse_reports": [],
    "braze/users.messages.email.Send": [braze("s1", "C4"), braze("s2", "C3", "Spring")],
    "braze/users.messages.email.Open": [braze("o1", "C4")],
    "braze/users.messages.email.MarkAsSpam": [braze("x1", "C4")],
    "braze/users.messages.email.Unsubscribe": [
        {**braze("u1", None), "email_address": "eve@example.org"},
        {**braze("u2", "C1"), "time": "an hour ago"},  # whoever reads it: it means C1
        {**braze("u3", "C2"), "email_address": "gina@example.org"},  # another's address
    ],
}
CALLS = """list_code,customer_id,phone_e164,called_at,disposition
make_it_right,C2,,2026-03-08 14:00,reached
make_it_right,,+31612345678,2026-03-08 15:00,do_not_call
make_it_right,,31687654321,2026-03-08 15:00,do_not_call
"""


def write(landing: Path) -> None:
    for name, rows in FILES.items():
        system, _, feed = name.partition("/")
        folder = landing / system / DAY
        folder.mkdir(parents=True, exist_ok=True)
        if rows:
            lines = "".join(f"{json.dumps(row)}\n" for row in rows)
            (folder / f"{feed}.jsonl").write_text(lines, encoding="utf-8")
    folder = landing / "call_desk" / DAY
    folder.mkdir(parents=True)
    (folder / "call_dispositions.csv").write_text(CALLS, encoding="utf-8")


def log_lists(connection: psycopg.Connection) -> None:
    """Last night's lists: everybody on each of them, one of them held."""
    connection.execute(
        "insert into decisions.publications (generation, as_of, run_id, input_digest,"
        " last_delivery_id, files_digest, library_versions)"
        " values (1, '2026-03-07', 'r', 'd', 0, 'f', '{}')"
    )
    for code in ("win_back", "second_purchase", "save_our_best", "make_it_right"):
        for rank, who in enumerate((*LISTED, "C8"), start=1):
            connection.execute(
                "insert into decisions.list_members (generation, as_of, list_code, customer_id,"
                " rank, arm) values (1, '2026-03-07', %s, %s, %s, %s)",
                [code, who, rank, "hold" if who == "C8" else "treat"],
            )


@pytest.fixture(scope="module")
def told(make_settings: Callable) -> Iterator[psycopg.Connection]:
    settings = make_settings(
        "what_tools_report", systems=("house", "klaviyo", "mailchimp", "braze", "call_desk")
    )
    raw_tables.migrate(settings)
    write(settings.landing)
    with open_world(settings) as connection:
        world = World(settings, connection)
        rows = [customer(who, email=email) for who, email in PEOPLE.items()]
        rows[2]["phone"] = "+31612345678"
        rows[11]["phone"] = "+31687654321"  # a spreadsheet takes the plus away
        world.deliver("2026-03-02", "customers", rows)
        log_lists(connection)
        ingest(settings, "service", NIGHT)
        normalise_contacts(settings)
        world.build(NIGHT.isoformat())
        yield connection
    drop_database(settings)


def rows(connection: psycopg.Connection, query: str) -> set[tuple[Any, ...]]:
    return set(connection.execute(query.encode()).fetchall())


def test_each_tools_events_are_contacts_with_the_gravest_thing_that_happened(
    told: psycopg.Connection,
) -> None:
    assert rows(
        told,
        "select list_code, customer_id, channel, outcome from marts.fct_campaign_contacts",
    ) == {
        ("win_back", "C1", "email", "clicked"),
        ("win_back", "C2", "email", "unsubscribed"),
        ("win_back", None, "email", "unsubscribed"),
        ("win_back", "C9", "email", "unsubscribed"),  # not under the id that nobody has
        ("win_back", "C13", "email", "bounced"),
        ("win_back", "C14", "email", "bounced"),
        ("win_back", "C16", "email", "bounced"),  # a contact with C16, at another's address
        ("save_our_best", "C2", "email", "unsubscribed"),
        ("win_back", "C5", "email", "sent"),
        ("win_back", "C8", "email", "delivered"),
        ("second_purchase", "C3", "email", "bounced"),
        ("second_purchase", "C7", "email", "unsubscribed"),  # of two at the address, who was on it
        ("save_our_best", "C4", "email", "complained"),
        (None, "C3", "email", "sent"),  # a campaign of no list
        (None, "C1", "email", "sent"),
        ("save_our_best", "C5", "email", "unsubscribed"),
        ("make_it_right", "C2", "phone", "opened"),
        ("make_it_right", "C3", "phone", "unsubscribed"),
        ("make_it_right", None, "phone", "unsubscribed"),
    }


def test_a_contact_is_dated_by_its_first_event(told: psycopg.Connection) -> None:
    assert rows(
        told,
        "select list_code, to_char(sent_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')"
        " from marts.fct_campaign_contacts where customer_id in ('C4', 'C7')",
    ) == {("save_our_best", "2026-03-08 09:00"), ("second_purchase", "2026-03-08 09:30")}


def test_a_contact_of_which_nobody_says_when_is_of_the_companys_day_that_told_it(
    told: psycopg.Connection,
) -> None:
    """Whatever zone the server counts in."""
    assert rows(
        told,
        "select sent_on::text, to_char(sent_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')"
        " from marts.fct_campaign_contacts where customer_id = 'C1' and list_code is null",
    ) == {(DAY, "2026-03-08 23:00")}


def test_a_no_in_a_tool_closes_the_channel_at_once_for_everybody_at_that_address(
    told: psycopg.Connection,
) -> None:
    stops = rows(
        told,
        "select customer_id, channel, stop_code from intermediate.int_contact_stops"
        " where stop_code <> 'consent_in_doubt'",
    )
    opted_out = {("C2", "email"), ("C4", "email"), ("C5", "email"), ("C6", "email")}
    opted_out |= {("C7", "email"), ("C3", "phone")}
    assert {(who, channel, "opted_out") for who, channel in opted_out} <= stops
    assert ("C3", "email", "bounced") in stops
    assert not {who for who, _, _ in stops} & {"C1", "C8"}


def test_a_no_is_also_of_who_has_the_address_when_the_tool_names_another_id(
    told: psycopg.Connection,
) -> None:
    """One id is nobody's, the other somebody else's: both were said at the address."""
    stops = rows(
        told,
        "select customer_id, stop_code from intermediate.int_contact_stops where channel = 'email'",
    )
    assert {("C9", "opted_out"), ("C10", "opted_out"), ("C2", "opted_out")} <= stops


def test_a_bounce_closes_the_address_that_it_names_and_not_that_of_a_stale_id(
    told: psycopg.Connection,
) -> None:
    bounced = rows(told, "select address from pii.closed_addresses where stop_code = 'bounced'")
    assert {("liam@example.org",), ("mia@example.org",)} <= bounced
    assert ("nick@example.org",) not in bounced
    assert ("kate@example.org",) in bounced  # what it names is nobody's


def test_an_address_that_nobody_could_use_still_holds_back_whom_it_may_mean(
    told: psycopg.Connection,
) -> None:
    stops = rows(
        told,
        "select customer_id, channel from intermediate.int_contact_stops"
        " where stop_code = 'consent_in_doubt'",
    )
    assert {("C11", "email"), ("C12", "phone")} <= stops


def test_a_row_of_a_tool_that_cannot_be_read_holds_back_whom_it_may_mean(
    told: psycopg.Connection,
) -> None:
    assert ("C1",) in rows(
        told,
        "select customer_id from intermediate.int_contact_stops"
        " where stop_code = 'consent_in_doubt' and channel is null",
    )


def test_what_a_tool_reports_of_whom_it_was_not_sent_to_is_said(told: psycopg.Connection) -> None:
    holds = rows(
        told,
        "select subject, held_count from marts.night_holds where kind = 'contact_not_sent'",
    )
    assert holds == {("nobody", 3), ("held", 1), ("not_listed", 4)}
    assert rows(
        told, "select held_count from marts.night_holds where kind = 'no_about_nobody'"
    ) == {(3,)}


def test_no_address_stands_where_analysts_read(told: psycopg.Connection) -> None:
    found = rows(told, "select contacts::text from marts.fct_campaign_contacts as contacts")
    assert found
    assert not [text for (text,) in found if "@" in text or "example" in text]
