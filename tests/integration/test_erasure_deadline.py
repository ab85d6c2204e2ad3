"""The database's own files lose an erased person within a declared number of days, or people are
told: a reader in the way is waited for until then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest

from regulars import warehouse
from regulars.commands import inspection
from regulars.erasure import nightly, receipt, state_files
from regulars.erasure.nightly import ErasureOverdue, erase_and_sweep
from regulars.erasure.receipt import Line, receipts
from regulars.feeds import raw_tables
from regulars.gates.hold import KINDS
from regulars.gates.open_erasures import unclosed, with_leftovers
from regulars.settings import Settings
from tests.conftest import drop_database

ERASED_ON = date(2026, 10, 31)
CLOSE_BY = ERASED_ON + timedelta(days=7)
READERS = {
    "an old snapshot": "set transaction isolation level repeatable read; select 1",
    "a lock on a table": "lock table raw.deliveries in access share mode",
}


@pytest.fixture(scope="module")
def settings(make_settings: Callable) -> Iterator[Settings]:
    """Somebody was taken out of every table, and the tables' files are still to be rewritten."""
    made = replace(make_settings("deadline"), lock_timeout_seconds=1)
    raw_tables.migrate(made)
    with warehouse.connect(made, "admin") as connection:
        connection.execute(
            "insert into decisions.erasures (request_hash, as_of, erased_by, status, close_by)"
            " values ('x', %s, 'the night', 'removed', %s)",
            [ERASED_ON, CLOSE_BY],
        )
        connection.execute(
            "insert into published.generation (generation, as_of, run_id) values (1, %s, 'r')",
            [CLOSE_BY],
        )
    yield made
    drop_database(made)


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest, settings: Settings) -> Iterator[psycopg.Connection]:
    with closing(warehouse.connect(settings, "admin", autocommit=True)) as connection:
        connection.execute("begin")
        for statement in READERS[request.param].split("; "):
            connection.execute(statement.encode())
        yield connection


def status_of(settings: Settings) -> list[str]:
    return [receipt.status for receipt in receipts(settings)]


def told(settings: Settings) -> list[str]:
    return [hold["sentence"] for hold in inspection.status(settings)["held"]]


@pytest.mark.usefixtures("reader")
def test_up_to_its_deadline_a_reader_in_the_way_is_waited_for_and_the_night_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "sweep", lambda settings, as_of: {"swept": 3})
    counts = erase_and_sweep(settings, CLOSE_BY)
    assert counts == {"people_erased": 0, "swept": 3, "receipts_open": 1}
    assert status_of(settings) == ["removed"]
    assert told(settings) == [
        "1 person removed everywhere but in the database's own files, which are to be rewritten"
        f" by {CLOSE_BY}"
    ]


@pytest.mark.parametrize(
    ("late", "begins"),
    [(0, f"1 person to be erased by {CLOSE_BY}"), (1, f"overdue: to erase 1 person by {CLOSE_BY}")],
)
def test_whom_an_erasure_that_broke_off_is_about_is_never_said_to_be_removed(
    settings: Settings, late: int, begins: str
) -> None:
    with warehouse.connect(settings, "admin") as connection:
        connection.execute("update decisions.erasures set status = 'open'")
        (hold,) = unclosed(connection, CLOSE_BY + timedelta(days=late))
        connection.rollback()
    assert hold.sentence.startswith(begins)
    assert "tables and files still hold them" in hold.sentence.replace("\n", " ")
    assert "removed" not in hold.sentence


@pytest.mark.parametrize(
    ("line", "days", "is_told"),
    [
        (Line("list files", state_files.FILES_LEFT, 1, is_left=True), 1, True),
        (Line("backups", state_files.LEFT, 1, is_left=True), 6, True),
        (Line("list files", state_files.FILES_LEFT, 1, is_left=True), 7, False),
        (Line("list files", state_files.FILES_LEFT, 0, is_left=True), 1, False),
        (Line("raw.orders", "rows deleted", 1), 1, False),
        (Line("raw.left", "rows that were left over, deleted", 1), 1, False),
    ],
)
def test_what_an_erasure_had_to_leave_is_told_for_a_week(
    settings: Settings, line: Line, days: int, is_told: bool
) -> None:
    with warehouse.connect(settings, "admin") as connection:
        for (erasure_id,) in connection.execute("select erasure_id from decisions.erasures"):
            receipt.add(connection, erasure_id, [line])
        found = with_leftovers(connection, ERASED_ON + timedelta(days=days))
        connection.rollback()
    assert [hold.kind for hold in found] == ["erasure_left"] * is_told
    assert all(hold.sentence.startswith("1 erasure of the last week") for hold in found)


def test_what_an_earlier_version_had_to_leave_is_known_once_it_is_brought_up_to_date(
    settings: Settings,
) -> None:
    with warehouse.connect(settings, "admin") as connection:
        connection.execute("alter table decisions.erasure_lines drop column is_left")
        connection.execute(
            "insert into decisions.erasure_lines (erasure_id, place, what, rows)"
            " select erasure_id, 'landing', 'files left: they cannot be read', 2"
            " from decisions.erasures"
        )
        connection.commit()
        assert with_leftovers(connection, ERASED_ON) == []
    assert [line.is_left for one in receipts(settings) for line in one.lines] == [False]
    raw_tables.migrate(settings)
    assert [line.is_left for one in receipts(settings) for line in one.lines] == [True]
    with warehouse.connect(settings, "admin") as connection:
        assert [hold.kind for hold in with_leftovers(connection, ERASED_ON)] == ["erasure_left"]
        connection.execute("delete from decisions.erasure_lines")
        connection.commit()


@pytest.mark.usefixtures("reader")
def test_who_was_erased_is_counted_though_a_reader_keeps_the_receipt_open(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "sweep", lambda settings, as_of: {})
    with warehouse.connect(settings, "admin") as connection:
        connection.execute("update decisions.erasures set status = 'open'")
    counts = erase_and_sweep(settings, CLOSE_BY)
    assert counts == {"people_erased": 1, "receipts_open": 1}
    assert status_of(settings) == ["removed"]


def test_an_overdue_erasure_fails_the_last_step_after_everything_else_of_it_is_done(
    settings: Settings, reader: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept = []
    monkeypatch.setattr(nightly, "sweep", lambda settings, as_of: swept.append(as_of) or {})
    late = CLOSE_BY + timedelta(days=1)
    named = f"to erase 1 person by {CLOSE_BY}.*connection {reader.info.backend_pid} of "
    with pytest.raises(ErasureOverdue, match=named):
        erase_and_sweep(settings, late)
    assert swept == [late]


def test_status_tells_of_an_overdue_erasure_before_anything_else(settings: Settings) -> None:
    with warehouse.connect(settings, "admin", autocommit=True) as connection:
        late = "update published.generation set as_of = as_of + %s"
        connection.execute(late, [1])
        try:
            assert told(settings)[0].startswith(f"overdue: to erase 1 person by {CLOSE_BY}")
        finally:
            connection.execute(late, [-1])
    assert KINDS[0] == "erasure_overdue"


def test_once_the_reader_has_ended_the_receipt_is_closed(settings: Settings) -> None:
    counts = erase_and_sweep(settings, CLOSE_BY + timedelta(days=1))
    assert counts["receipts_closed"] == 1
    assert "receipts_open" not in counts
    assert status_of(settings) == ["closed"]
    assert told(settings) == []


def test_a_warehouse_that_an_earlier_version_left_is_looked_at_all_the_same(
    settings: Settings,
) -> None:
    with warehouse.connect(settings, "admin") as connection:
        connection.execute("update decisions.erasures set status = 'removed'")
        assert unclosed(connection, CLOSE_BY) != []
        connection.execute("alter table decisions.erasures drop column close_by")
        assert unclosed(connection, CLOSE_BY) == []
        assert with_leftovers(connection, ERASED_ON) == []
    assert [receipt.close_by for receipt in receipts(settings)] == [ERASED_ON]
