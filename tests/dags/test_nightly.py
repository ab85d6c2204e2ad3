"""The night's DAG: which, in what order, for which date, and what it says when it stops."""

from __future__ import annotations

import subprocess
import sys

import pytest

from regulars.nights.steps import STEPS
from regulars.settings import PROJECT

UPSTREAM = {
    "ingest.sales": [],
    "ingest.service": ["ingest.sales"],
    "gate_raw.check": ["ingest.service"],
    "transform.contacts": ["gate_raw.check"],
    "transform.marts": ["transform.contacts"],
    "score.fit": ["transform.marts"],
    "score.value": ["score.fit"],
    "gate_scores.check": ["score.value"],
    "lists.build": ["gate_scores.check"],
    "gate_lists.check": ["lists.build"],
    "publish.generation": ["gate_lists.check"],
    "erase.people": ["publish.generation"],
}
GATES = {"gate_raw.check", "gate_scores.check", "gate_lists.check"}
HEAVY = (
    "s3fs",
    "sshfs",
    "pandas",
    "numpy",
    "scipy",
    "pyarrow",
    "dbt",
    "great_expectations",
    "psycopg",
)


def test_the_folder_holds_exactly_these_dags(found: dict) -> None:
    assert found["import_errors"] == {}
    assert found["dags"] == ["approve", "deliver", "nightly"]


def test_the_night_runs_in_this_order(found: dict) -> None:
    assert found["upstream"] == UPSTREAM


def test_the_stages_are_task_groups(found: dict) -> None:
    assert found["groups"] == sorted({task.split(".")[0] for task in UPSTREAM})


def test_airflow_runs_the_same_steps_as_the_command_line(found: dict) -> None:
    assert [found["steps"][task] for task in UPSTREAM] == list(STEPS)


def test_a_gate_is_not_retried_and_everything_else_twice(found: dict) -> None:
    assert found["retries"] == {task: 0 if task in GATES else 2 for task in UPSTREAM}
    assert found["retry_delay_seconds"] == [60.0]


def test_only_publishing_announces_new_lists(found: dict) -> None:
    assert found["outlets"] == {
        task: ["published_lists"] if task == "publish.generation" else [] for task in UPSTREAM
    }


def test_one_night_at_a_time_after_the_day_has_ended_and_none_made_up_for(found: dict) -> None:
    assert found["cron"] == "0 3 * * *"
    assert found["timezone"] == "Europe/Amsterdam"
    assert (found["max_active_runs"], found["catchup"]) == (1, False)


def test_as_of_is_the_local_date_of_the_run_unless_a_parameter_says_otherwise(found: dict) -> None:
    assert found["dates"]["late_evening_utc"] == "2026-11-01"
    assert found["dates"]["parameter_wins"] == "2026-02-28"
    assert found["dates"]["neither"].startswith("refused: ")
    assert "as_of" in found["dates"]["neither"]


def test_a_failure_says_what_failed_for_which_night_and_what_to_do(found: dict) -> None:
    assert found["without_failure_callback"] == []
    said = found["failure"]
    assert "the night 2026-10-31 stopped at gate_raw" in said
    assert "regulars status" in said
    assert "regulars night --as-of 2026-10-31" in said
    assert "docs/runbook.md#a-gate-failed" in said
    assert "ada@example.org" not in said


def test_every_task_has_an_owner_and_says_what_it_does_and_where_to_look(found: dict) -> None:
    assert found["owners"] == ["regulars"]
    assert found["description"]
    for task, name in found["steps"].items():
        assert STEPS[name].purpose in found["documentation"][task]
        assert f"docs/runbook.md#{STEPS[name].runbook}" in found["documentation"][task]


def test_a_published_night_is_told_once(found: dict) -> None:
    assert found["tells_of_success"] == ["publish.generation"]


def test_a_step_that_begins_writes_nothing_red(found: dict) -> None:
    assert found["start"] == ""


@pytest.mark.parametrize("name", ["nightly", "deliver", "approve"])
def test_parsing_a_dag_is_quick_and_imports_nothing_heavy(
    airflow_env: dict[str, str], name: str
) -> None:
    code = (
        "import sys, time; import airflow.sdk; from airflow.sdk import dag; "
        f"before = set(sys.modules); start = time.process_time(); import {name}; "
        "print(time.process_time() - start, *(set(sys.modules) - before))"
    )
    process = subprocess.run(
        [sys.executable, "-c", code],
        env=airflow_env | {"PYTHONPATH": str(PROJECT / "dags")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert process.returncode == 0, process.stderr
    seconds, *imported = process.stdout.splitlines()[-1].split()
    assert name in imported
    assert float(seconds) < 2
    assert {name.split(".")[0] for name in imported}.isdisjoint(HEAVY)
