"""People whom one night erases: each table is read once for all of them, and ends as if they had
been erased one after the other; so do their receipts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import psycopg
import pytest

from regulars import warehouse
from regulars.erasure import other_tables, raw_rows
from regulars.erasure.person import Person, find
from regulars.erasure.stored_feeds import left_undeclared, stored_feeds
from regulars.erasure.together import Together
from regulars.feeds.model import Feed
from regulars.settings import Settings
from tests.company import fingerprint_on
from tests.erased_people import alone

Receipts = Counter[tuple[int, str, str]]  # (erasure, place, what) -> rows
PEOPLE = """
    select customer_id from marts.dim_customers where household_id = (
        select household_id from marts.dim_customers
        group by household_id having count(*) > 1 order by household_id limit 1
    )
    union
    (select customer_id from raw.refunds as r inner join raw.orders as o using (order_id)
     order by customer_id limit 2)
    union
    (select customer_id from raw.cases order by customer_id desc limit 1)
    order by 1
"""


@dataclass(frozen=True)
class Gone:
    """What was done for whom, the tables afterwards, and how many statements it took."""

    receipts: Receipts
    tables: dict[str, str]
    statements: int


@dataclass(frozen=True)
class Erased:
    people: dict[int, Person]
    before: dict[str, str]
    together: Gone
    in_turn: Gone
    first_alone: Gone


def undone(
    connection: psycopg.Connection, feeds: tuple[Feed, ...], groups: Iterable[Together]
) -> Gone:
    """What erasing these groups one after the other does; it is taken back."""
    receipts: Receipts = Counter()
    with pytest.MonkeyPatch.context() as patch, connection.transaction(force_rollback=True):
        statements: Counter[str] = Counter()
        execute = psycopg.Connection.execute

        def counting(self: psycopg.Connection, *given: object, **named: object) -> object:
            statements["all"] += 1
            return execute(self, *given, **named)  # type: ignore[arg-type]

        patch.setattr(psycopg.Connection, "execute", counting)
        for together in groups:
            for remove in (raw_rows.remove, left_undeclared):
                for one, line in remove(connection, feeds, together):
                    receipts[one, line.place, line.what] += line.rows
            for one, line in other_tables.remove(connection, together):
                receipts[one, line.place, line.what] += line.rows
        needed = statements["all"]
        tables = fingerprint_on(connection)
    return Gone(+receipts, tables, needed)


@pytest.fixture(scope="module")
def erased(company: Settings) -> Iterator[Erased]:
    with warehouse.connect(company, "admin") as connection:
        ids = [customer_id for (customer_id,) in connection.execute(PEOPLE)]
        ids.append(ids[0])  # who asked twice
        say_no(connection, ids[0])
        connection.execute(
            "create table raw.forgotten as select 0::bigint as _delivery_id, %s as said",
            [f"{ids[0]} and {ids[1]}"],
        )
        feeds = stored_feeds(connection, company)
        people = {one: find(connection, feeds, id_) for one, id_ in enumerate(ids, start=1)}
        one_by_one = [alone(person, one) for one, person in people.items()]
        both = Together(people, {one: f"erased-{one}" for one in people})
        yield Erased(
            people,
            fingerprint_on(connection),
            undone(connection, feeds, [both]),
            undone(connection, feeds, one_by_one),
            undone(connection, feeds, one_by_one[:1]),
        )
        connection.rollback()


def say_no(connection: psycopg.Connection, who: str) -> None:
    """A no that may mean this person or somebody else, and a line that cannot be read."""
    row = connection.execute(
        "select min(f.normal) from raw.customers as c inner join pii.normal_forms as f"
        " on f.kind = 'email' and f.original = c.email"
        " where customer_id = %s and f.country <> 'said'",
        [who],
    ).fetchone()
    assert row
    meant = [str(row[0]), "somebody.else@x.org"]
    said = " or ".join(meant)
    for normal in meant:
        connection.execute(
            "insert into pii.normal_forms values ('email', %s, 'said', %s)", [said, normal]
        )
    connection.execute(
        "insert into raw.consents (customer_id, channel, purpose, changed_at, is_granted,"
        " _delivery_id, _line, _delivered_on) select %s, 'email', 'marketing', '2026-10-30', false,"
        " max(delivery_id), 0, '2026-10-31' from raw.deliveries where feed = 'consents'",
        [said],
    )
    connection.execute(
        "insert into raw.quarantine (delivery_id, feed, file, line, rule, reason, raw_text)"
        " select max(delivery_id), 'consents', 'x', 0, 'type', 'x', %s from raw.deliveries"
        " where feed = 'consents'",
        [said],
    )


def test_tables_end_as_if_they_had_been_erased_one_after_the_other(erased: Erased) -> None:
    changed = {name for name, rows in erased.together.tables.items() if rows != erased.before[name]}
    assert changed >= {"raw.customers", "raw.orders", "raw.quarantine", "decisions.list_rows"}
    assert erased.together.tables == erased.in_turn.tables


def test_receipts_say_the_same_of_each(erased: Erased) -> None:
    together, in_turn = (but_renamed_and_gone(gone) for gone in (erased.together, erased.in_turn))
    assert {one for one, place, _ in together if place != "raw.forgotten"} == {
        *list(erased.people)[:-1]
    }
    assert together == in_turn


def but_renamed_and_gone(gone: Gone) -> Receipts:
    """One after the other, a row of the next that names the first is renamed before it goes."""
    renamed = ("rows made pseudonymous", "households of others renamed")
    deleted = {place for _, place, what in gone.receipts if what == "rows deleted"}
    return Counter(
        {
            (one, place, what): rows
            for (one, place, what), rows in gone.receipts.items()
            if what not in renamed or place not in deleted
        }
    )


def test_each_table_is_read_once_for_all(erased: Erased) -> None:
    assert len(erased.people) > 4
    assert erased.together.statements == erased.first_alone.statements
