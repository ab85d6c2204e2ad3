"""A snapshot whose rows vanish stops at the raw gate, on a night of its own or on the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest

from regulars import warehouse
from regulars.feeds import declarations, raw_tables
from regulars.gates.check import check
from regulars.night import Night
from regulars.settings import Settings
from tests.conftest import drop_database
from tests.integration import gate_checks
from tests.integration import gate_world as world

TODAY = date(2026, 3, 16)
FEED = "olist_category_names"
LOST = f"no snapshot loses its rows: raw.{FEED}"
pytestmark = pytest.mark.usefixtures("without_docs")


@pytest.fixture(scope="module")
def settings(make_settings: Callable) -> Iterator[Settings]:
    made = make_settings("gate_snapshots", systems=("olist",))
    raw_tables.migrate(made)
    world.create_raw_tables(made)
    yield made
    drop_database(made)


@pytest.fixture
def ledger(settings: Settings) -> Iterator[psycopg.Connection]:
    with warehouse.connect(settings, "admin", autocommit=True) as connection:
        for table in (
            f"raw.{FEED}",
            "raw.deliveries",
            "decisions.publications",
            "decisions.approvals",
            "ops.gate_stops",
        ):
            connection.execute(f"delete from {table}".encode())
        yield connection


def snapshot(ledger: psycopg.Connection, day: date, rows: int) -> None:
    world.deliver(ledger, FEED, day, rows, "'name' || i, 'english ' || i")


def test_a_header_alone_stops_and_a_person_may_let_it_pass(
    settings: Settings, ledger: psycopg.Connection
) -> None:
    snapshot(ledger, TODAY - timedelta(days=1), 1638)
    world.publish_past(ledger, TODAY - timedelta(days=1))
    snapshot(ledger, TODAY, 0)
    gate_checks.stops(settings, Night(TODAY), "raw", LOST, "observed 100")
    gate_checks.passes_when_approved(settings, Night(TODAY), "raw")


@pytest.mark.parametrize(("rows", "stops"), [(40, True), (79, True), (81, False), (300, False)])
def test_half_an_export_stops_and_a_few_rows_less_do_not(
    settings: Settings, ledger: psycopg.Connection, rows: int, stops: bool
) -> None:
    snapshot(ledger, TODAY - timedelta(days=1), 100)
    world.publish_past(ledger, TODAY - timedelta(days=1))
    snapshot(ledger, TODAY, rows)
    if stops:
        gate_checks.stops(settings, Night(TODAY), "raw", LOST)
    else:
        check(settings, Night(TODAY), "raw")


@pytest.mark.parametrize(("limit", "rows", "stops"), [(60, 41, False), (0, 99, True)])
def test_how_much_a_snapshot_may_lose_is_declared(
    settings: Settings,
    ledger: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    limit: float,
    rows: int,
    stops: bool,
) -> None:
    feeds = [
        replace(feed, delivery=replace(feed.delivery, shrink_limit_pct=limit))
        for feed in declarations.load(settings.dbt_project, settings.systems)
    ]
    monkeypatch.setattr(declarations, "load", lambda *where: feeds)
    test_half_an_export_stops_and_a_few_rows_less_do_not(settings, ledger, rows, stops)


def test_snapshots_of_several_days_are_compared_on_a_first_night_too(
    settings: Settings, ledger: psycopg.Connection
) -> None:
    snapshot(ledger, TODAY - timedelta(days=1), 100)
    snapshot(ledger, TODAY, 0)
    gate_checks.stops(settings, Night(TODAY), "raw", LOST)


def test_the_night_after_an_approved_loss_is_not_stopped_again(
    settings: Settings, ledger: psycopg.Connection
) -> None:
    snapshot(ledger, TODAY - timedelta(days=1), 100)
    snapshot(ledger, TODAY, 10)
    world.publish_past(ledger, TODAY)
    check(settings, Night(TODAY + timedelta(days=1)), "raw")
