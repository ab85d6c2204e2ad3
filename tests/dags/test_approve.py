"""The DAG of approvals: what it asks, and what becomes of the answer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.gates.approvals import delivered_digest, question
from regulars.nights.orchestration import airflow_environment
from regulars.settings import PROJECT, Settings
from tests.server import drop_database

NIGHT = date(2026, 3, 15)
# The task and the operator as Airflow calls them once a person has answered.
ANSWERED = """
import sys, approve
from datetime import UTC, datetime
from types import SimpleNamespace
dag = approve.approve()
stop = dag.get_task("waits").python_callable()
for reason in sys.argv[1:]:
    said = {"chosen_options": ["Approve"], "params_input": {"reason": reason},
        "responded_at": datetime.now(UTC), "responded_by_user": {"id": "7", "name": "Dana"}}
    answer = dag.get_task("ask").execute_complete({}, said)
    try:
        print("night", dag.get_task("record").python_callable(stop, answer))
    except Exception as error:
        print("refused", error)
"""


@pytest.fixture(scope="module")
def stopped(make_settings) -> Iterator[Settings]:
    settings: Settings = make_settings("approve")
    raw_tables.migrate(settings)
    yield settings
    drop_database(settings)


@pytest.fixture
def admin(stopped: Settings) -> Iterator[psycopg.Connection]:
    with warehouse.connect(stopped, "admin", autocommit=True) as connection:
        connection.execute("truncate ops.gate_stops, decisions.approvals")
        yield connection


def stop(admin: psycopg.Connection, gate: str, night: date = NIGHT, faults: int = 0) -> None:
    digest = "" if gate == "guards" else delivered_digest(admin, night)
    admin.execute(
        "insert into ops.gate_stops values (%s, %s, %s, %s, %s)",
        [night, gate, digest, [f"{gate} are odd"], faults],
    )


def answered(settings: Settings, *reasons: str) -> list[str]:
    process = subprocess.run(
        [sys.executable, "-c", ANSWERED, *reasons],
        env=os.environ
        | airflow_environment(settings)
        | {"PYTHONPATH": f"{PROJECT / 'dags'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    return [line for line in lines if line.startswith(("night ", "refused "))]


def test_it_asks_then_records_then_runs_the_night_again(found: dict) -> None:
    assert found["approve"]["upstream"] == {
        "waits": [],
        "ask": ["waits"],
        "record": ["ask", "waits"],
        "run_the_night_again": ["record"],
    }
    assert found["approve"]["again"] == "nightly"
    assert "published_lists" in found["approve"]["waits_for"]
    assert found["approve"]["max_active_runs"] == 1


def test_no_answer_is_no_approval(found: dict) -> None:
    assert found["approve"]["defaults"] == ["Reject"]


def test_every_task_says_where_to_look_and_tells_of_its_failure(found: dict) -> None:
    assert found["approve"]["without_failure_callback"] == []
    assert all("docs/runbook.md#" in text for text in found["approve"]["documentation"])


def test_an_answer_is_recorded_as_the_command_does_and_only_with_a_reason(
    stopped: Settings, admin: psycopg.Connection
) -> None:
    stop(admin, "lists")
    assert answered(stopped, " ", "a sale") == [
        "refused An approval needs a reason.",
        "night 2026-03-15",
    ]
    assert admin.execute(
        "select gate, approved_by, reason from decisions.approvals"
    ).fetchall() == [("lists", "Dana", "a sale")]


def test_only_what_a_person_may_approve_is_asked_the_latest_night_first(
    stopped: Settings, admin: psycopg.Connection
) -> None:
    assert question(stopped) is None
    stop(admin, "raw", faults=1)
    assert question(stopped) is None
    stop(admin, "scores", date(2026, 3, 13))
    stop(admin, "lists", date(2026, 3, 14))
    asked = question(stopped)
    assert asked is not None
    assert (asked["gate"], asked["as_of"]) == ("lists", "2026-03-14")
    assert asked["body"] == "- lists are odd"
