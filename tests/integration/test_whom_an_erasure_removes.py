"""An erasure removes the accounts that are one person tonight, not those that once were."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from psycopg.types.json import Jsonb

from regulars import warehouse
from regulars.erasure import other_tables, raw_rows, receipt
from regulars.erasure.person import Person, find, of_identifiers
from regulars.erasure.stored_feeds import left_undeclared, stored_feeds
from regulars.erasure.together import Together
from regulars.erasure.whose_record import is_theirs
from regulars.feeds import arriving_rows, raw_tables
from regulars.lists.normal_forms import said_forms
from regulars.settings import Settings
from tests.erased_people import alone

MERGED, APART = True, False


def delivered(connection: psycopg.Connection, delivery_id: int, revision: int) -> None:
    connection.execute(
        "insert into raw.deliveries (delivery_id, feed, delivered_on, revision, sha256, path, size,"
        " modified_at, status, rows_in, rows_loaded) overriding system value"
        " values (%s, 'identities', '2026-10-31', %s, 'x', 'x', 1, '2026-10-31', 'loaded', 1, 1)",
        [delivery_id, revision],
    )


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ([("A", "B", MERGED), ("A", "C", MERGED), ("A", "C", APART)], {"A", "B"}),
        ([("A", "B", MERGED), ("A", "C", MERGED)], {"A", "C"}),
        ([("A", "B", MERGED), ("B", "A", APART)], {"A"}),
        ([("A", "B", MERGED), ("B", "C", MERGED)], {"A", "B", "C"}),
        ([("A", "B", MERGED), ("A", "B", APART), ("A", "B", MERGED)], {"A", "B"}),
        ([("A", "C", MERGED), ("A", "B", MERGED), ("B", "A", MERGED)], {"A", "B"}),
    ],
)
def test_by_the_words_on_their_accounts(
    warehouse_settings: Settings, words: list[tuple[str, str, bool]], ids: set[str]
) -> None:
    with warehouse.connect(warehouse_settings, "admin") as connection:
        delivered(connection, 1, revision=1)
        for day, (old, new, is_merged) in enumerate(words, start=1):
            connection.execute(
                "insert into raw.identities (old_customer_id, customer_id, is_merged, changed_at,"
                " _delivery_id, _line, _delivered_on)"
                " values (%s, %s, %s, %s, 1, %s, '2026-10-31')",
                [old, new, is_merged, f"2026-10-{day:02} 12:00+00", day],
            )
        person = find(connection, stored_feeds(connection, warehouse_settings), "A")
    assert person.ids == ids


@pytest.mark.parametrize(
    ("first", "corrected", "ids"),
    [
        (("A", "B", MERGED), ("A", "C", MERGED), {"A", "C"}),
        (("A", "C", MERGED), ("A", "B", MERGED), {"A", "B"}),
        (("A", "B", MERGED), ("A", "B", APART), {"A"}),
        (("A", "B", APART), ("A", "B", MERGED), {"A", "B"}),
        (("A", "B", MERGED), ("A", "A", MERGED), {"A"}),
    ],
)
@pytest.mark.parametrize("came_first", [1, 2])
def test_of_words_about_one_instant_the_correction_counts_whichever_came_first(
    warehouse_settings: Settings,
    first: tuple[str, str, bool],
    corrected: tuple[str, str, bool],
    ids: set[str],
    came_first: int,
) -> None:
    with warehouse.connect(warehouse_settings, "admin") as connection:
        for delivery_id, revision in ((1, came_first), (2, 3 - came_first)):
            delivered(connection, delivery_id, revision)
            old, new, is_merged = (first, corrected)[revision - 1]
            connection.execute(
                "insert into raw.identities (old_customer_id, customer_id, is_merged, changed_at,"
                " _delivery_id, _line, _delivered_on)"
                " values (%s, %s, %s, '2026-10-30 12:00+00', %s, 1, '2026-10-31')",
                [old, new, is_merged, delivery_id],
            )
        person = find(connection, stored_feeds(connection, warehouse_settings), "A")
    assert person.ids == ids


def known(connection: psycopg.Connection, number: int, who: str, email: str) -> None:
    connection.execute(
        "insert into raw.customers (customer_id, email, created_at, updated_at, _delivery_id,"
        " _line, _delivered_on) values (%s, %s, '2026-01-01', '2026-01-01', 1, %s, '2026-10-31')",
        [who, email, number],
    )
    connection.execute(
        "insert into pii.normal_forms (kind, original, country, normal)"
        " values ('email', %s, '', lower(%s)) on conflict do nothing",
        [email, email],
    )


def test_an_address_is_theirs_in_every_spelling_unless_somebody_else_has_it_in_any(
    warehouse_settings: Settings,
) -> None:
    with warehouse.connect(warehouse_settings, "admin") as connection:
        known(connection, 1, "A", "Own@x.org")
        known(connection, 2, "A", "Both@x.org")
        known(connection, 3, "B", "both@x.org")
        connection.execute(
            "insert into pii.normal_forms (kind, original, country, normal)"
            " values ('email', 'OWN@X.org', '', 'own@x.org')"
        )
        person = find(connection, stored_feeds(connection, warehouse_settings), "A")
    assert person.addresses == {"Own@x.org", "OWN@X.org", "own@x.org"}
    assert person.suppressed == {("id", "A"), ("email", "own@x.org")}


SAID = {  # where an id should be -> the addresses that a no may mean by it
    "Hugo <HUGO@x.org>": ["hugo@x.org"],
    "hugo@x.org or ben@x.org": ["hugo@x.org", "ben@x.org"],
    "ben@x.org": ["ben@x.org"],
}


def said_no(connection: psycopg.Connection) -> None:
    """A no for each of SAID: under it as an id, and by a tool that knows no id."""
    for line, (said, meant) in enumerate(SAID.items(), start=1):
        values = {"line": line, "said": said}
        for statement in (
            "insert into raw.consents (customer_id, channel, purpose, changed_at, is_granted,"
            " _delivery_id, _line, _delivered_on) values (%(said)s, 'email', 'marketing',"
            " '2026-10-30', false, 1, %(line)s, '2026-10-31')",
            "insert into raw.klaviyo_events (email, _delivery_id, _line, _delivered_on)"
            " values (%(said)s, 1, %(line)s, '2026-10-31')",
        ):
            connection.execute(statement.encode(), values)
        for normal in meant:
            connection.execute(
                "insert into pii.normal_forms values ('email', %s, 'said', %s)", [said, normal]
            )


def test_a_no_at_their_address_goes_however_it_is_written_and_what_it_says_of_others_stays(
    warehouse_settings: Settings,
) -> None:
    settings = replace(warehouse_settings, systems=("house", "klaviyo"))
    raw_tables.migrate(settings)
    with warehouse.connect(settings, "admin") as connection:
        known(connection, 1, "A", "hugo@x.org")
        said_no(connection)
        feeds = stored_feeds(connection, settings)
        person = find(connection, feeds, "A")
        list(raw_rows.remove(connection, feeds, alone(person)))
        list(other_tables.remove(connection, alone(person)))
        consents = connection.execute("select customer_id from raw.consents").fetchall()
        events = connection.execute("select email from raw.klaviyo_events").fetchall()
        forms = connection.execute("select original, normal from pii.normal_forms").fetchall()
    assert consents == events == [("ben@x.org",), ("ben@x.org",)]
    assert forms == [("ben@x.org", "ben@x.org")]
    feed = next(feed for feed in feeds if feed.table == "consents")
    cells = {"channel": "email", "purpose": "marketing", "is_granted": "false"}
    named = [is_theirs(feed, {"customer_id": said, **cells}, said, person) for said in SAID]
    assert named == [True, True, False]


def test_a_no_that_names_two_of_them_is_the_thirds_alone(warehouse_settings: Settings) -> None:
    addresses = {"A": "hugo@x.org", "B": "ida@x.org", "C": "ben@x.org"}
    said = " or ".join(addresses.values())
    with warehouse.connect(warehouse_settings, "admin") as connection:
        for number, (who, email) in enumerate(addresses.items(), start=1):
            known(connection, number, who, email)
            connection.execute(
                "insert into pii.normal_forms values ('email', %s, 'said', %s)", [said, email]
            )
        connection.execute(
            "insert into raw.consents (customer_id, channel, purpose, changed_at, is_granted,"
            " _delivery_id, _line, _delivered_on) values (%s, 'email', 'marketing',"
            " '2026-10-30', false, 1, 1, '2026-10-31')",
            [said],
        )
        feeds = stored_feeds(connection, warehouse_settings)
        both = {1: find(connection, feeds, "A"), 2: find(connection, feeds, "B")}
        list(raw_rows.remove(connection, feeds, Together(both, {1: "erased-1", 2: "erased-2"})))
        left = connection.execute("select customer_id from raw.consents").fetchall()
    assert left == [("ben@x.org",)]


def test_a_no_of_somebody_whose_address_ends_as_theirs_after_an_apostrophe_stays(
    warehouse_settings: Settings,
) -> None:
    said = {
        "'neil@x.org": False,
        "O'Neil@x.org": True,
        "neil@x.org'": False,
        "\u2018neil@x.org": False,
        "**neil@x.org": False,
    }
    with warehouse.connect(warehouse_settings, "admin") as connection:
        known(connection, 1, "A", "neil@x.org")
        for line, no in enumerate(said, start=1):
            connection.execute(
                "insert into raw.consents (customer_id, channel, purpose, changed_at, is_granted,"
                " _delivery_id, _line, _delivered_on) values (%s, 'email', 'marketing',"
                " '2026-10-30', false, 1, %s, '2026-10-31')",
                [no, line],
            )
            for normal in said_forms("email", no):
                connection.execute(
                    "insert into pii.normal_forms values ('email', %s, 'said', %s)", [no, normal]
                )
        feeds = stored_feeds(connection, warehouse_settings)
        person = find(connection, feeds, "A")
        list(raw_rows.remove(connection, feeds, alone(person)))
        list(other_tables.remove(connection, alone(person)))
        left = connection.execute("select customer_id from raw.consents").fetchall()
        forms = connection.execute("select original, normal from pii.normal_forms").fetchall()
    assert left == [(no,) for no, stays in said.items() if stays]
    assert forms == [("O'Neil@x.org", "o'neil@x.org")]


def test_a_refused_line_whose_text_the_retention_took_goes_with_its_terms(
    warehouse_settings: Settings,
) -> None:
    person = Person(frozenset({"QForgotten-1"}), frozenset({"for.gotten@mailbox.example"}))
    terms = ["qforgotten-1", "for.gotten@mailbox.example", "somebody-else"]
    with warehouse.connect(warehouse_settings, "admin") as connection:
        connection.execute(
            "insert into raw.deliveries (feed, delivered_on, sha256, path, size, modified_at,"
            " status, rows_in, rows_quarantined)"
            " values ('consents', '2026-10-31', 'x', 'x', 1, now(), 'loaded', 3, 3)"
        )
        for line, term in enumerate(terms, start=1):
            connection.execute(
                "with d as (select delivery_id from raw.deliveries), q as (insert into"
                " raw.quarantine (delivery_id, feed, file, line, rule, reason)"
                " select delivery_id, 'consents', 'x', %(line)s, 'type', 'x' from d)"
                " insert into pii.quarantined_terms (delivery_id, line, kind, term)"
                " select delivery_id, %(line)s, 'cell', %(term)s from d",
                {"line": line, "term": term},
            )
        list(raw_rows.remove(connection, (), alone(person)))
        left = connection.execute("select term from pii.quarantined_terms").fetchall()
        counts = connection.execute(
            "select rows_quarantined, rows_erased from raw.deliveries"
        ).fetchone()
    assert left == [("somebody-else",)]
    assert counts == (1, 2)


@pytest.mark.parametrize(
    ("line", "is_theirs"),
    [
        ("1,schmidt@x.org,no", True),
        ("1,'Schmidt@x.org',no", True),
        ("<mailto:schmidt@x.org>", True),
        ("1, .schmidt@x.org", True),
        ("1,anna.schmidt@x.org,no", False),
        ("1,anna-schmidt@x.org,no", False),
        ("1,anna+schmidt@x.org,no", False),
        ("1,annaschmidt@x.org,no", False),
    ],
)
def test_a_line_with_a_longer_address_is_somebody_elses(
    warehouse_settings: Settings, line: str, is_theirs: bool
) -> None:
    person = Person(frozenset(), frozenset({"schmidt@x.org"}))
    with warehouse.connect(warehouse_settings, "admin") as connection:
        found = connection.execute("select %s ~* %s", [line, person.mention_in_postgres]).fetchone()
    assert (person.is_named_in(line), *(found or ())) == (is_theirs, is_theirs)


def test_who_shares_their_household_keeps_what_was_logged_of_a_list_under_one_of_their_own(
    warehouse_settings: Settings,
) -> None:
    person = Person(frozenset({"C1"}))
    facts = {
        "C1": {"household_id": "C1", "episode_household_id": "C1"},
        "C2": {"household_id": "C1", "episode_household_id": "C1", "details": {"of": "C12"}},
        "C12": {"household_id": "C12", "episode_household_id": "C12"},
        "C3": {"household_id": "C3", "details": {"brought_by": "C1"}},
    }
    with warehouse.connect(warehouse_settings, "admin") as connection:
        for customer_id, said in facts.items():
            connection.execute(
                "insert into decisions.list_rows values (1, 'win_back', %s, %s)",
                [customer_id, Jsonb(said)],
            )
        list(other_tables.remove(connection, alone(person)))
        left = dict(connection.execute("select customer_id, facts from decisions.list_rows"))
    own = {"household_id": "C2", "episode_household_id": "C2", "details": {"of": "C12"}}
    assert left == {"C2": own, "C12": facts["C12"]}


def test_an_id_of_letters_that_sql_reads_otherwise_is_theirs_and_nobody_elses(
    warehouse_settings: Settings,
) -> None:
    odd, alike = "%s_'7%(x)s", "us-'7ux"
    people = {1: Person(frozenset({odd})), 2: Person(frozenset({"C2"}))}
    both = Together(people, {1: "erased-1", 2: "erased-2"})
    with warehouse.connect(warehouse_settings, "admin") as connection:
        connection.execute(
            "create table raw.forgotten as select 0::bigint as _delivery_id, said"
            " from unnest(%s::text[]) as t (said)",
            [[odd, alike]],
        )
        for who in (odd, alike):
            connection.execute(
                "insert into decisions.household_members (generation, as_of, customer_id,"
                " household_id) values (1, '2026-10-31', %s, %s)",
                [who, who],
            )
        feeds = stored_feeds(connection, warehouse_settings)
        list(raw_rows.remove(connection, feeds, both))
        (left,) = left_undeclared(connection, feeds, both)
        list(other_tables.remove(connection, both))
        members = connection.execute(
            "select customer_id from decisions.household_members"
        ).fetchall()
    assert (left[0], left[1].rows) == (1, 1)
    assert sorted(members) == sorted([("erased-1",), (alike,)])


@pytest.mark.parametrize(
    ("said", "is_theirs_again"),
    [
        ("Hugo <HUGO@x.org>", True),
        ("mailto:hugo@x.org?subject=no", True),
        ("'hugo@x.org'", True),
        ("'Hugo' <'hugo@x.org'>", True),
        (" hugo@x.org", True),
        ("(hugo@x.org).", True),
        ("\u201ehugo@x.org\u201c", True),
        ("\u2018hugo@x.org\u2019", True),
        ("take out hugo@x.org!", True),
        ("hugo@x.org.", True),
        ("+31 6 1234 5678", True),
        ("hugo@x.org or ben@x.org", False),
        ("not-hugo@x.org", False),
        ("o'hugo@x.org", False),
        ("o\u2019hugo@x.org", False),
        ("Hugo", False),
    ],
)
def test_a_no_at_an_erased_address_is_not_loaded_again(
    warehouse_settings: Settings, said: str, is_theirs_again: bool
) -> None:
    with warehouse.connect(warehouse_settings, "admin") as connection:
        for kind, word in (("email", "hugo@x.org"), ("phone", "+31612345678")):
            key = receipt.key_of(connection)
            connection.execute(
                "insert into decisions.suppressions values (%s, %s, '2026-10-31')",
                [kind, receipt.keyed_hash(key, kind, word)],
            )
        feeds = stored_feeds(connection, warehouse_settings)
        feed = next(feed for feed in feeds if feed.table == "consents")
        arriving_rows.create(connection, feed)
        connection.execute(
            "insert into arriving (_ordinal, _line, customer_id) values (1, 1, %s)", [said]
        )
        arriving_rows.find_erased(connection, feed)
        found = connection.execute("select * from erased").fetchall()
    assert bool(found) is is_theirs_again


TOOL_ROWS = {  # external_id -> the address beside it
    "A": "hugo@x.org",
    "": "HUGO@x.org",
    "stale-1": "Hugo@x.org",  # an id that nobody has
    "stale-2": "ben@x.org",
    "B": "ben@x.org",
}


def test_a_tools_row_under_an_id_that_nobody_has_goes_with_whose_address_it_holds(
    warehouse_settings: Settings,
) -> None:
    settings = replace(warehouse_settings, systems=("house", "klaviyo"))
    raw_tables.migrate(settings)
    with warehouse.connect(settings, "admin") as connection:
        known(connection, 1, "A", "hugo@x.org")
        known(connection, 2, "B", "ben@x.org")
        for line, (external_id, email) in enumerate(TOOL_ROWS.items(), start=1):
            connection.execute(
                "insert into raw.klaviyo_events (external_id, email, _delivery_id, _line,"
                " _delivered_on) values (nullif(%s, ''), %s, 1, %s, '2026-10-31')",
                [external_id, email, line],
            )
            connection.execute(
                "insert into pii.normal_forms (kind, original, country, normal)"
                " values ('email', %s, '', lower(%s)) on conflict do nothing",
                [email, email],
            )
        feeds = stored_feeds(connection, settings)
        person = of_identifiers(find(connection, feeds, "A").identifiers(), b"")
        list(raw_rows.remove(connection, feeds, alone(person)))
        left = connection.execute("select external_id from raw.klaviyo_events").fetchall()
        feed = next(feed for feed in feeds if feed.table == "klaviyo_events")
    assert left == [("stale-2",), ("B",)]
    lines = [{"external_id": who or None, "email": at} for who, at in TOOL_ROWS.items()]
    assert [is_theirs(feed, line, "", person) for line in lines] == [True, True, True, False, False]
    assert ("email", "hugo@x.org") in person.suppressed, "the row made it somebody else's address"


@pytest.mark.parametrize(
    ("external_id", "is_theirs_again"), [(None, True), ("stale-1", True), ("B", False)]
)
def test_a_tools_row_at_an_erased_address_is_not_loaded_again_unless_somebody_has_its_id(
    warehouse_settings: Settings, external_id: str | None, is_theirs_again: bool
) -> None:
    settings = replace(warehouse_settings, systems=("house", "klaviyo"))
    raw_tables.migrate(settings)
    with warehouse.connect(settings, "admin") as connection:
        known(connection, 1, "B", "ben@x.org")
        key = receipt.key_of(connection)
        connection.execute(
            "insert into decisions.suppressions values ('email', %s, '2026-10-31')",
            [receipt.keyed_hash(key, "email", "hugo@x.org")],
        )
        feeds = stored_feeds(connection, settings)
        feed = next(feed for feed in feeds if feed.table == "klaviyo_events")
        arriving_rows.create(connection, feed)
        connection.execute(
            "insert into arriving (_ordinal, _line, external_id, email)"
            " values (1, 1, %s, 'Hugo@x.org')",
            [external_id],
        )
        arriving_rows.find_erased(connection, feed)
        found = connection.execute("select _line from erased").fetchall()
    assert bool(found) is is_theirs_again
