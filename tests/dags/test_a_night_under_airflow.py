"""The road of `make demo`: a whole night of a small company, run by Airflow itself."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.nights.orchestration import airflow_home, run_nightly
from regulars.nights.steps import STEPS
from regulars.settings import Settings
from tests.canary import files_naming, plant
from tests.company import LAST_NIGHT, clone
from tests.conftest import drop_database

NEXT = LAST_NIGHT + timedelta(days=1)


@pytest.fixture
def copy(company: Settings, tmp_path: Path) -> Iterator[Settings]:
    settings = clone(company, "under_airflow", tmp_path / "home")
    yield settings
    drop_database(settings)


def times_of_runs(settings: Settings) -> list[datetime]:
    """When each run of the night, and each of its tasks, began and ended, as Airflow shows it."""
    uri = f"{(airflow_home(settings) / 'airflow.db').as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as database:
        rows = [
            row
            for table in ("dag_run", "task_instance")
            for row in database.execute(f"select start_date, end_date from {table}")
        ]
    assert len(rows) > 8
    return [datetime.fromisoformat(at).replace(tzinfo=UTC) for row in rows for at in row]


def log_of_tasks(settings: Settings) -> list[str]:
    return (airflow_home(settings) / "nightly.log").read_text().splitlines()


@pytest.mark.slow
def test_airflow_runs_the_next_night_to_its_lists_and_report(copy: Settings) -> None:
    before = datetime.now(UTC)
    run_nightly(copy, NEXT)
    assert all(before <= at <= datetime.now(UTC) for at in times_of_runs(copy))
    with warehouse.connect(copy, "analyst") as connection:
        live = connection.execute(
            "select generation, as_of from published.generation order by generation desc limit 1"
        ).fetchone()
    assert live == (3, NEXT)
    current = copy.home / "current"
    assert current.resolve().name == "3"
    assert {file.stem for file in (current / "lists").glob("*.csv")} >= {
        "make_it_right",
        "save_our_best",
        "second_purchase",
    }
    assert (current / "report.html").stat().st_size > 10_000
    lines = log_of_tasks(copy)
    for step in STEPS:
        assert any("[info " in each and f"{step} of {NEXT}: " in each for each in lines), step
    assert not [each for each in lines if re.search(r"\[(warning|error|critical) ", each)]
    assert not [each for each in lines if "great_expectations" in each]


@pytest.mark.slow  # a night of Airflow's, and the database rewritten: three minutes
def test_somebody_in_every_feed_is_erased_by_it_and_named_nowhere_in_its_database_and_logs(
    company_before: Settings, tmp_path: Path
) -> None:
    shutil.copytree(company_before.landing, tmp_path / "landing")
    cloned = clone(company_before, "under_airflow", tmp_path / "home")
    settings = replace(cloned, landing=tmp_path / "landing", settle_seconds=0, erasure_grace_days=0)
    plant(settings.landing, LAST_NIGHT)
    assert files_naming(settings.landing)
    run_nightly(settings, LAST_NIGHT)
    with warehouse.connect(settings, "admin") as connection:
        statuses = connection.execute("select status from decisions.erasures").fetchall()
    assert len(statuses) > 1, "the company's own requests are due as well"
    assert set(statuses) == {("closed",)}
    assert (airflow_home(settings) / "airflow.db").stat().st_size > 100_000
    assert any("erase of" in line for line in log_of_tasks(settings))
    assert files_naming(settings.home) == []
    assert files_naming(settings.landing) == []
    drop_database(settings)
