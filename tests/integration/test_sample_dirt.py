"""What was planted is what is turned away: every row and file, each for its own reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest

from regulars import warehouse
from regulars.nights.run import run_step
from regulars.sample_company import generate
from regulars.sample_company.loop import next_day
from regulars.settings import Settings
from tests.conftest import drop_database
from tests.unit.sample_company.answering import write_lists

LAST_NIGHT = date(2025, 12, 31)
AHEAD = 25  # of the nights, those that came one at a time, after lists


@pytest.fixture(scope="module")
def loaded(make_settings: Callable) -> Iterator[Settings]:
    """A hundred nights of a company with every fault there is, the last of them in answer to
    lists, ingested."""
    settings = make_settings("dirty")
    truth = settings.home / "truth"
    generate(
        settings.landing,
        truth,
        customers=500,
        seed=3,
        world="dirty",
        first_night=date(2025, 9, 20),
        last_night=LAST_NIGHT - timedelta(days=AHEAD),
        ahead=AHEAD,
    )
    everybody = {"win_back": [f"C{number:07d}" for number in range(1, 501)]}
    for before in (AHEAD, 1):
        on = LAST_NIGHT - timedelta(days=before)
        lists = write_lists(settings.home / str(before), on, everybody)
        next_day(settings.landing, truth, lists)
    for step in ("ingest_sales", "ingest_service"):
        run_step(step, LAST_NIGHT, settings)
    yield settings
    drop_database(settings)


@pytest.fixture
def query(loaded: Settings) -> Iterator[Callable]:
    with warehouse.connect(loaded, "admin", autocommit=True) as connection:

        def run(text: str) -> list[tuple]:
            return psycopg.Cursor(connection).execute(text.encode()).fetchall()

        yield run


def planted(loaded: Settings, *expected: str) -> list[dict]:
    truth: Path = loaded.home / "truth"
    paths = [truth / "dirt.parquet", *(truth / "dirt").glob("*.parquet")]
    found = [row for path in paths for row in pq.read_table(path).to_pylist()]
    rows = [row for row in found if row["expected"] in expected]
    assert rows
    return rows


def test_exactly_the_planted_rows_are_in_quarantine_each_for_its_reason(
    loaded: Settings, query: Callable
) -> None:
    found = query("""
        select d.feed, d.delivered_on::text, q.line, q.rule
        from raw.quarantine as q inner join raw.deliveries as d using (delivery_id)
        where d.status = 'loaded'
    """)
    asked = [
        (p["feed"], p["delivered_on"], p["line"], p["reason"])
        for p in planted(loaded, "quarantined")
    ]
    assert sorted(found) == sorted(asked)
    answered = (LAST_NIGHT - timedelta(days=AHEAD)).isoformat()
    assert sum(on > answered for _, on, _, _ in found) > 10, "no dirt in nights that answer lists"


def test_exactly_the_planted_files_are_refused_each_for_its_reason(
    loaded: Settings, query: Callable
) -> None:
    found = {
        (feed, on): reason
        for feed, on, reason in query(
            "select feed, delivered_on::text, reason from raw.deliveries where status = 'refused'"
        )
    }
    asked = {(p["feed"], p["delivered_on"]): p["reason"] for p in planted(loaded, "refused")}
    assert found.keys() == asked.keys()
    for place, words in asked.items():
        assert words.lower() in found[place].lower()


def test_no_row_of_a_refused_file_is_lost(loaded: Settings, query: Callable) -> None:
    """The good file that follows is loaded, whole."""
    for p in planted(loaded, "refused"):
        ((rows_in, rows_loaded),) = query(
            "select rows_in, rows_loaded from raw.deliveries where status = 'loaded'"
            f" and feed = '{p['feed']}' and delivered_on = '{p['delivered_on']}'"
        )
        assert rows_in == rows_loaded > 0


def test_a_file_delivered_twice_is_loaded_once_and_an_unfinished_one_not_at_all(
    loaded: Settings, query: Callable
) -> None:
    again = query(
        "select feed, delivered_on::text from raw.deliveries where status = 'redelivered'"
    )
    asked = [p for p in planted(loaded, "loaded") if p["kind"] == "redelivered_file"]
    assert again == [(p["feed"], p["delivered_on"]) for p in asked]
    unfinished = planted(loaded, "ignored")
    assert Counter(p["kind"] for p in unfinished) == {"unfinished_file": 1}
    ((arrivals,),) = query(
        "select count(*) from raw.deliveries where feed = 'orders'"
        f" and delivered_on = '{unfinished[0]['delivered_on']}'"
    )
    assert arrivals == 1
