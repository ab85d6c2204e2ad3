"""An erasure removes the accounts that are one person tonight, not those that once were."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.types.json import Jsonb

from regulars import warehouse
from regulars.erasure import other_tables, raw_rows
from regulars.erasure.person import Person, find
from regulars.erasure.stored_feeds import stored_feeds
from regulars.settings import Settings

MERGED, APART = True, False


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ([("A", "B", MERGED), ("A", "C", MERGED), ("A", "C", APART)], {"A", "B"}),
        ([("A", "B", MERGED), ("A", "C", MERGED)], {"A", "C"}),
        ([("A", "B", MERGED), ("B", "A", APART)], {"A"}),
        ([("A", "B", MERGED), ("B", "C", MERGED)], {"A", "B", "C"}),
        ([("A", "B", MERGED), ("A", "B", APART), ("A", "B", MERGED)], {"A", "B"}),
    ],
)
def test_by_the_words_on_their_accounts(
    warehouse_settings: Settings, words: list[tuple[str, str, bool]], ids: set[str]
) -> None:
    with warehouse.connect(warehouse_settings, "admin") as connection:
        for day, (old, new, is_merged) in enumerate(words, start=1):
            connection.execute(
                "insert into raw.identities (old_customer_id, customer_id, is_merged, changed_at,"
                " _delivery_id, _line, _delivered_on)"
                " values (%s, %s, %s, %s, 1, %s, '2026-10-31')",
                [old, new, is_merged, f"2026-10-{day:02} 12:00+00", day],
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
        list(raw_rows.remove(connection, (), person, "erased-x"))
        left = connection.execute("select term from pii.quarantined_terms").fetchall()
        counts = connection.execute(
            "select rows_quarantined, rows_erased from raw.deliveries"
        ).fetchone()
    assert left == [("somebody-else",)]
    assert counts == (1, 2)


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
        list(other_tables.remove(connection, person, "erased-x"))
        left = dict(connection.execute("select customer_id, facts from decisions.list_rows"))
    own = {"household_id": "C2", "episode_household_id": "C2", "details": {"of": "C12"}}
    assert left == {"C2": own, "C12": facts["C12"]}
