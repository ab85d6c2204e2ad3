"""Audiences as tables, for tools that read the warehouse."""

from __future__ import annotations

from datetime import timedelta

import pytest

from regulars.project import list_definitions
from regulars.project.located import DeclarationError
from regulars.sending import audience_tables
from regulars.targets import places
from tests.integration.sending.world import AS_OF, SENT, Published

MEMBERS = "select person_id, is_removed from pii.audience_memberships order by person_id"


def test_tables_hold_who_can_be_reached_with_what_a_message_may_say(published: Published) -> None:
    outcome = published.with_tables(SENT).deliver("tables")
    assert outcome["delivered"] == {SENT: 4}  # c3 has no address, c4 that of c2
    assert published.query("select id, name from pii.audiences") == [
        (SENT, published.entries[SENT]["list_name"])
    ]
    assert published.query(MEMBERS) == [(who, False) for who in ("=c6", "c1", "c2", "c5")]
    assert published.query("select id, email, phone_e164 from pii.people where id = 'c2'") == [
        ("c2", "c2@example.com", "+31612345678")
    ]
    assert published.query("select target, rows from decisions.deliveries") == [("tables", 4)]


def test_who_says_no_is_removed_by_the_next_delivery_and_their_address_forgotten(
    published: Published,
) -> None:
    there = published.with_tables(SENT)
    there.deliver("tables")
    published.says_no("c2")
    assert there.deliver("tables")["delivered"] == {SENT: 3}
    assert published.query(f"{MEMBERS} limit 3") == [("=c6", False), ("c1", False), ("c2", True)]
    assert published.query("select email, phone_e164 from pii.people where id = 'c2'") == [
        (None, None)
    ]


def test_a_list_that_is_no_longer_asked_for_or_withheld_loses_its_people(
    published: Published,
) -> None:
    published.with_tables(SENT, "save_our_best").deliver("tables")
    outcome = published.with_tables(SENT).deliver("tables")
    assert outcome["delivered"] == {SENT: 4}
    assert published.query(
        "select audience_id, is_removed, count(*) from pii.audience_memberships"
        " group by 1, 2 order by 1, 2"
    ) == [("save_our_best", True, 2), (SENT, False, 4)]


def test_a_list_past_its_days_loses_its_people(published: Published) -> None:
    there = published.with_tables(SENT)
    there.deliver("tables")
    late = AS_OF + timedelta(days=4)
    published.asked_for_noes_on(late)
    outcome = there.deliver("tables", late)
    assert outcome["withheld"] == {SENT: "valid until 2026-03-18 only"}
    assert {is_removed for _, is_removed in published.query(MEMBERS)} == {True}


def test_a_repeated_delivery_changes_no_row(published: Published) -> None:
    there = published.with_tables(SENT)
    there.deliver("tables")
    rows = "select xmin::text, person_id from pii.audience_memberships order by 2"
    people = "select xmin::text, id from pii.people order by 2"
    before = published.query(rows), published.query(people)
    there.deliver("tables")
    assert (published.query(rows), published.query(people)) == before


@pytest.mark.parametrize("failpoint", ["deliver:before_commit", "deliver:after_commit"])
def test_tables_that_were_killed_are_whole_or_as_they_were(
    published: Published, failpoint: str
) -> None:
    there = published.with_tables(SENT)
    there.killed_at(failpoint, "tables")
    assert len(published.query(MEMBERS)) in (0, 4)
    there.deliver("tables")
    assert len(published.query(MEMBERS)) == 4
    assert published.query("select count(*) from decisions.deliveries") == [(1,)]


@pytest.mark.parametrize("code", ["rest", "ad_audiences"])
def test_people_whom_nobody_writes_to_are_no_audience_of_a_tool(
    published: Published, code: str
) -> None:
    settings = published.with_tables(code).settings
    with pytest.raises(DeclarationError, match=rf"destinations.yml, line \d+: {code} is a list of"):
        places.load(settings.dbt_project, list_definitions.load(settings.dbt_project))


def test_only_what_a_message_may_say_is_in_the_tables(published: Published) -> None:
    assert set(audience_tables.FACTS) == set(published.entries[SENT]["message_columns"])
