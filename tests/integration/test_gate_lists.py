"""The lists gate lets sendable lists pass and withholds those that nobody may send."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest

from regulars import warehouse
from regulars.gates.approvals import ApprovalRefused, approve
from regulars.gates.check import check
from regulars.night import Night
from regulars.nights.counts import in_words
from regulars.settings import Settings
from tests.integration import gate_checks

NIGHT = Night(date(2026, 3, 16))
pytestmark = pytest.mark.usefixtures("without_docs")

TABLES = """
    create schema if not exists marts;
    create schema if not exists lists;
    create schema if not exists pii;
    create schema if not exists intermediate;
    drop table if exists marts.merged_accounts;
    create table marts.merged_accounts (account_id text, customer_id text);
    grant usage on schema intermediate to regulars_builder;
    grant select on marts.merged_accounts to regulars_builder;
    drop table if exists pii.unattributed_noes;
    create table pii.unattributed_noes (kind text, said text, delivered_on date);
    insert into pii.unattributed_noes values ('consent', 'c0', date '2026-03-15');
    drop table if exists marts.customer_lifetime_values, marts.dim_customers,
        marts.fct_service_cases, marts.fct_campaign_contacts, lists.list_members,
        lists.list_exclusions,
        lists.list_definitions, lists.exclusion_reasons, lists.customer_farewells,
        lists.withheld_lists, lists.list_schedules, marts.feed_states,
        marts.night_holds;
    create table lists.exclusion_reasons as
    select * from (values
        ('contacted_recently', true), ('contacted_often', true), ('no_consent', false)
    ) as r (reason_code, is_rest);
    create table lists.withheld_lists (
        list_code text, reason text, is_off boolean default false
    );
    create table marts.feed_states (feed text, words text, state text, is_withholding boolean);
    create table marts.night_holds (
        kind text, subject text, held_count bigint, amount numeric, words text
    );
    create table lists.list_definitions as
    select * from (values
        ('save_our_best', 'marketing', 'email', 'marketing', null::integer, 0.3, 0.0, null),
        ('make_it_right', 'service', 'phone', 'service', 20, 0.3, 10.0, null)
    ) as d (list_code, class, channel, purpose, capacity, offer_share, offer_at_least, age_rule);
    create table lists.list_schedules as
    select list_code, true as is_made_tonight, null::date as previously_made_on
    from lists.list_definitions;
    create table marts.dim_customers as
    select 'c' || i as customer_id, 'c' || i as household_id, true as consent_email_marketing,
        false as consent_phone_marketing, false as consent_post_marketing, false as consent_ads,
        false as is_staff, null::boolean as is_minor
    from generate_series(1, 200) as s(i);
    create table marts.customer_lifetime_values as
    select customer_id, 100.0 as value_if_kept_12m, 80.0 as value_if_active_12m
    from marts.dim_customers;
    create table marts.fct_service_cases (customer_id text, is_unsolved boolean, kind text);
    insert into marts.fct_service_cases values ('c150', true, 'complaint');
    create table marts.fct_campaign_contacts (list_code text, customer_id text, sent_on date);
    create table lists.list_members as
    select
        case when i > 100 then 'make_it_right' else 'save_our_best' end as list_code,
        case when i > 100 then 'service' else 'marketing' end as class,
        'c' || i as customer_id, 'c' || i as household_id, date '2026-03-16' as as_of,
        date '2026-03-18' as valid_until, 'usually orders every 41 days' as reason_1,
        'write' as suggested_action, 9.0 as offer_ceiling,
        case when i % 10 = 0 and i <= 100 then 'hold' else 'treat' end as arm,
        date '2026-03-16' as entered_on
    from generate_series(1, 115) as s(i);
    create table lists.customer_farewells (customer_id text);
    insert into lists.customer_farewells values ('c150');
    create table lists.list_exclusions (list_code text, customer_id text, reason_code text);
    delete from decisions.approvals;
    delete from ops.gate_stops;
    delete from raw.deliveries;
    delete from decisions.publications;
    delete from decisions.list_members;
    delete from decisions.withheld_lists;
    delete from decisions.episodes;
    insert into decisions.publications values (7, '2026-03-15', 'run', 'digest', 1, '', '');
    insert into decisions.list_members
    select 7, '2026-03-15', 'save_our_best', 'c' || i, i, 'treat', 'why'
    from generate_series(1, 90) as s(i);
    grant usage on schema marts, lists, pii to regulars_builder;
    grant select on all tables in schema pii to regulars_builder;
    grant select on all tables in schema marts to regulars_builder;
    grant select on all tables in schema lists to regulars_builder;
"""


@pytest.fixture
def tables(settings: Settings) -> Iterator[psycopg.Connection]:
    """Tables of a sound night, the one before it published; change them to poison."""
    with warehouse.connect(settings, "admin", autocommit=True) as connection:
        connection.execute(TABLES.encode())
        yield connection


def stops(settings: Settings, *words: str) -> str:
    return gate_checks.stops(settings, NIGHT, "lists", *words)


def test_sound_lists_pass(settings: Settings, tables: psycopg.Connection) -> None:
    result = check(settings, NIGHT, "lists")
    assert result["expectations"] > 15
    rows = result["rows_by_suite"]
    assert (rows["list members"], rows["list sizes"] > 0) == (115, True)


@pytest.mark.parametrize(
    ("poison", "words"),
    [
        (
            "update marts.dim_customers set consent_email_marketing = false"
            " where customer_id = 'c77'",
            "consent for every marketing member: lists.list_members.is_permitted",
        ),
        ("delete from marts.dim_customers where customer_id = 'c77'", "members are customers"),
        (
            "insert into lists.customer_farewells values ('c77')",
            "nobody who has died or asked to be erased: lists.list_members.is_addressable",
        ),
        (
            "insert into lists.customer_farewells values ('c107')",  # of a service list
            "nobody who has died or asked to be erased: lists.list_members.is_addressable",
        ),
        (
            "update marts.dim_customers set is_staff = true where customer_id = 'c77'",
            "no staff, no minors",
        ),
        (
            "update marts.dim_customers set is_minor = true where customer_id = 'c77'",
            "no staff, no minors",
        ),
        (
            "insert into marts.fct_service_cases values ('c77', true, 'repair')",
            "no marketing while something is open",
        ),
        (
            "insert into decisions.episodes values (7, '2026-03-15', 'save_our_best', 'c77', 1,"
            " 'c77', '2026-03-01', '2026-09-01', 'gold', 'hold')",
            "nobody held is treated",
        ),
        (
            "update lists.list_members set arm = 'maybe' where customer_id = 'c77'",
            "nobody held is treated",
        ),
        (
            "update lists.list_members set arm = 'hold' where customer_id = 'c107'",
            "no hold-out on a service list",
        ),
        (
            "update lists.list_members set household_id = 'c76' where customer_id = 'c77'",
            "one marketing list a household",
        ),
        (
            "update lists.list_members set reason_1 = null where customer_id = 'c77'",
            "every member has a reason",
        ),
        (
            "update lists.list_members set offer_ceiling = 31 where customer_id = 'c77'",
            "offers under their ceiling",
        ),
        (
            "update lists.list_members set valid_until = '2026-03-15' where customer_id = 'c77'",
            "lists are of this night",
        ),
        (
            "insert into lists.list_members select * from lists.list_members where customer_id ="
            " 'c107'",
            "nobody twice on a list",
        ),
        (
            "insert into lists.list_members select list_code, class, 'c' || i, 'c' || i, as_of,"
            " valid_until, reason_1, suggested_action, offer_ceiling, arm from lists.list_members,"
            " generate_series(160, 165) as s(i) where customer_id = 'c107'",
            "no list above its capacity: lists.list_members.make_it_right",
        ),
    ],
)
def test_one_wrong_member_withholds_the_lists(
    settings: Settings, tables: psycopg.Connection, poison: str, words: str
) -> None:
    tables.execute(poison.encode())
    message = stops(settings, words)
    assert "approve" not in message


def test_service_lists_need_no_consent(settings: Settings, tables: psycopg.Connection) -> None:
    tables.execute(
        "update marts.dim_customers set consent_email_marketing = false where customer_id = 'c107'"
    )
    assert check(settings, NIGHT, "lists")["gate"] == "lists"


@pytest.mark.parametrize("before", [70, 160])
def test_a_list_that_moves_by_more_than_30_percent_waits_for_a_person(
    settings: Settings, tables: psycopg.Connection, before: int
) -> None:
    _published(tables, before)
    stops(
        settings,
        "sizes against the last published night: lists.list_members.save_our_best",
        "regulars approve --gate lists --as-of 2026-03-16",
    )
    gate_checks.passes_when_approved(settings, NIGHT, "lists")


def test_whoever_rests_after_a_contact_may_leave_a_list(
    settings: Settings, tables: psycopg.Connection
) -> None:
    _leave(tables, "contacted_recently")
    assert check(settings, NIGHT, "lists")["gate"] == "lists"
    tables.execute("update lists.list_exclusions set reason_code = 'no_consent'")
    stops(settings, "sizes against the last published night: lists.list_members.save_our_best")


def test_whoever_was_written_to_may_leave_a_list(
    settings: Settings, tables: psycopg.Connection
) -> None:
    """All but twenty were written to and qualify no more; unwritten, they would be a fault."""
    gone = "where list_code = 'save_our_best' and customer_id not like 'c1%'"
    tables.execute(
        "insert into marts.fct_campaign_contacts"
        f" select list_code, customer_id, date '2026-03-15' from lists.list_members {gone}".encode()
    )
    tables.execute(f"delete from lists.list_members {gone}".encode())
    assert check(settings, NIGHT, "lists")["gate"] == "lists"
    tables.execute("delete from marts.fct_campaign_contacts")
    stops(settings, "save_our_best", "moved by more than 30%")


def test_whoever_has_rested_may_come_back_to_a_list(
    settings: Settings, tables: psycopg.Connection
) -> None:
    _published(tables, 60)
    tables.execute("update lists.list_members set entered_on = '2026-03-01'")
    assert check(settings, NIGHT, "lists")["gate"] == "lists"
    tables.execute("update lists.list_members set entered_on = as_of")
    stops(settings, "sizes against the last published night: lists.list_members.save_our_best")


def test_an_approval_of_another_night_does_not_count(
    settings: Settings, tables: psycopg.Connection
) -> None:
    _published(tables, 40)
    yesterday = Night(NIGHT.as_of - timedelta(days=1))
    tables.execute("update lists.list_members set as_of = '2026-03-15'")
    tables.execute("update decisions.publications set as_of = '2026-03-14'")
    gate_checks.stops(settings, yesterday, "lists", "sizes against the last published night")
    gate_checks.passes_when_approved(settings, yesterday, "lists")
    tables.execute("update lists.list_members set as_of = '2026-03-16'")
    stops(settings, "sizes against the last published night")


def test_a_delivery_after_the_stop_makes_an_approval_void(
    settings: Settings, tables: psycopg.Connection
) -> None:
    _published(tables, 40)
    stops(settings, "sizes against the last published night")
    gate_checks.passes_when_approved(settings, NIGHT, "lists")
    _deliver(tables, "one more")
    stops(settings, "sizes against the last published night")


def test_what_was_not_looked_at_cannot_be_approved(
    settings: Settings, tables: psycopg.Connection
) -> None:
    _published(tables, 40)
    stops(settings, "sizes against the last published night")
    _deliver(tables, "another")
    with pytest.raises(ApprovalRefused, match="Deliveries have come since"):
        approve(settings, "lists", NIGHT.as_of, "Joan", "sale")


def test_a_gate_that_did_not_stop_cannot_be_approved(
    settings: Settings, tables: psycopg.Connection
) -> None:
    _published(tables, 40)
    stops(settings, "sizes against the last published night")
    _published(tables, 90)
    check(settings, NIGHT, "lists")
    with pytest.raises(ApprovalRefused, match="did not stop the night of 2026-03-16"):
        approve(settings, "lists", NIGHT.as_of, "Joan", "sale")


def test_a_fault_cannot_be_approved(settings: Settings, tables: psycopg.Connection) -> None:
    tables.execute("update marts.dim_customers set is_staff = true where customer_id = 'c77'")
    stops(settings, "no staff, no minors")
    with pytest.raises(ApprovalRefused, match=r"on a fault.*: no staff, no minors"):
        approve(settings, "lists", NIGHT.as_of, "Joan", "never mind")


def _withhold(tables: psycopg.Connection, list_code: str) -> None:
    tables.execute(
        "insert into marts.feed_states values"
        " ('orders', 'orders is missing since 2026-03-16', 'orders missing 2026-03-16', true)"
    )
    tables.execute(
        "insert into marts.night_holds values"
        " ('feed_not_in', 'orders', 1, null, 'orders is missing since 2026-03-16'),"
        " ('rows_waiting', 'refunds', 4, null, null)"
    )
    tables.execute("insert into lists.withheld_lists values (%s, 'orders is missing')", [list_code])
    tables.execute("delete from lists.list_members where list_code = %s", [list_code])


def test_a_withheld_list_has_not_shrunk_and_is_named_with_what_is_missing(
    settings: Settings, tables: psycopg.Connection
) -> None:
    _withhold(tables, "save_our_best")
    result = check(settings, NIGHT, "lists")
    assert result["lists_withheld"] == "save_our_best"
    assert result["held"] == [
        "not in: orders is missing since 2026-03-16",
        "4 of refunds later than the night's day: each waits for its own",
    ]
    assert "4 of refunds later than the night's day" in in_words(result)


def test_a_list_that_was_withheld_is_compared_with_the_last_night_it_was_made(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute(
        "insert into decisions.publications values (6, '2026-03-14', 'r', 'd', 1, '', '')"
    )
    tables.execute("update decisions.list_members set generation = 6, as_of = '2026-03-14'")
    tables.execute(
        "insert into decisions.withheld_lists values (7, '2026-03-15', 'save_our_best', 'x')"
    )
    assert check(settings, NIGHT, "lists")["approved"] is False
    tables.execute("delete from decisions.withheld_lists")
    stops(settings, "sizes against the last published night")


def test_a_person_may_let_missing_feeds_pass_and_the_word_names_them(
    settings: Settings, tables: psycopg.Connection
) -> None:
    with pytest.raises(ApprovalRefused, match="did not stop"):
        approve(settings, "guards", NIGHT.as_of, "Joan", "the shop was shut")
    _withhold(tables, "save_our_best")
    check(settings, NIGHT, "lists")
    assert approve(settings, "guards", NIGHT.as_of, "Joan", "the shop was shut")
    assert tables.execute(
        "select input_digest, approved_by, reason from decisions.approvals where gate = 'guards'"
    ).fetchall() == [("orders missing 2026-03-16", "Joan", "the shop was shut")]
    tables.execute("update marts.feed_states set is_withholding = false")
    check(settings, NIGHT, "lists")
    assert not tables.execute("select from ops.gate_stops where gate = 'guards'").fetchall()


def test_a_first_night_passes_whatever_its_size(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute("delete from decisions.publications")
    assert check(settings, NIGHT, "lists")["gate"] == "lists"


def test_words_of_tonight_that_cannot_be_used_are_told(
    settings: Settings, tables: psycopg.Connection
) -> None:
    assert check(settings, NIGHT, "lists")["warnings"] == []
    tables.execute(
        "insert into pii.unattributed_noes values ('farewell', 'C300', date '2026-03-16')"
    )
    (warning,) = check(settings, NIGHT, "lists")["warnings"]
    assert warning.startswith("every word against a contact is heeded: pii.unattributed_noes")
    assert "C300" not in warning


def test_a_gate_leaves_no_connection_open(settings: Settings, tables: psycopg.Connection) -> None:
    check(settings, NIGHT, "lists")
    deadline = time.monotonic() + 5  # the server ends a session a moment after its client left
    while _other_sessions(tables) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _other_sessions(tables) == 0


def test_a_small_list_moves_as_it_likes(settings: Settings, tables: psycopg.Connection) -> None:
    _published(tables, 5)
    tables.execute("delete from lists.list_members where customer_id > 'c4' and class <> 'service'")
    assert check(settings, NIGHT, "lists")["gate"] == "lists"


def _other_sessions(tables: psycopg.Connection) -> int:
    row = tables.execute(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    ).fetchone()
    return int(row[0]) if row else 0


def _deliver(tables: psycopg.Connection, content: str) -> None:
    tables.execute(
        """
        insert into raw.deliveries (feed, delivered_on, sha256, path, size, modified_at, status,
            rows_in)
        values ('orders', '2026-03-16', %s, 'x', 1, now(), 'loaded', 0)
        """,
        [content],
    )


def _leave(tables: psycopg.Connection, reason_code: str) -> None:
    """Half of the treated leave the marketing list."""
    tables.execute(
        "with gone as (delete from lists.list_members where list_code = 'save_our_best'"
        " and customer_id > 'c5' and arm = 'treat' returning customer_id)"
        " insert into lists.list_exclusions select 'save_our_best', customer_id, %s from gone",
        [reason_code],
    )


def _published(tables: psycopg.Connection, people: int) -> None:
    tables.execute("delete from decisions.list_members")
    tables.execute(
        "insert into decisions.list_members"
        " select 7, '2026-03-15', 'save_our_best', 'c' || i, i, 'treat', 'why'"
        " from generate_series(1, %s) as s(i)",
        [people],
    )
