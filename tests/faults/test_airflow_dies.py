"""Airflow's worker and its scheduler are killed (-9) within tasks and between them: Airflow tries
again by itself, and the night ends as a quiet one.

One night by Airflow's own services, on the loopback. Its clocks are turned forward, so that it
notices in seconds what it else notices in minutes; its retries are the DAG's own.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.request import Request, urlopen

import psutil
import pytest

from regulars import warehouse
from regulars.nights import orchestration
from regulars.nights.steps import STEPS
from regulars.settings import Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone
from tests.faults.quiet import Quiet
from tests.server import drop_database

# Costs five to ten minutes: four services, a night, and a minute's wait before each retry.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]
QUICKER = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "45",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "30",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "20",
}
BUILDING = "query ilike '%%create table%%'"
PUBLISHING = "query ilike '%%insert into \"published\"%%'"
WAIT_SECONDS = 900


@dataclass
class Services:
    """Airflow's services of a company's state folder, and what became of the tasks of its run."""

    settings: Settings
    port: int
    killed: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return orchestration.airflow_home(self.settings)

    @property
    def scheduler(self) -> psutil.Process:
        return psutil.Process(orchestration._running(self.settings)["scheduler"])

    def trigger(self) -> None:
        """By Airflow's API, as its page does it."""
        token = self._ask("/auth/token", {"username": "admin", "password": self._password()})
        run = {"logical_date": None, "conf": {"as_of": LAST_NIGHT.isoformat()}}
        self._ask("/api/v2/dags/nightly/dagRuns", run, token["access_token"])

    def _password(self) -> str:
        return orchestration._admin_password(self.settings)

    def _ask(self, path: str, body: dict, token: str = "") -> dict:
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        url = f"http://127.0.0.1:{self.port}{path}"
        with urlopen(Request(url, json.dumps(body).encode(), headers), timeout=30) as answer:
            return json.load(answer)

    def rows(self, query: str) -> list[tuple]:
        uri = f"{(self.home / 'airflow.db').as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=30)) as database:
            return database.execute(query).fetchall()

    def tasks(self) -> dict[str, tuple[str, int]]:
        """Task -> (state, tries)."""
        query = "select task_id, state, try_number from task_instance where dag_id = 'nightly'"
        return {task: (state, tries) for task, state, tries in self.rows(query)}

    def run_state(self) -> str:
        ((state,),) = self.rows("select state from dag_run where dag_id = 'nightly'")
        return str(state)

    def kill_worker(self) -> None:
        """The process that supervises a task; the task itself lives on, as an orphan does."""
        workers = [child for child in self.scheduler.children() if child.children()]
        assert workers, "no worker has a task"
        workers[0].kill()

    def kill_scheduler(self) -> None:
        """With all it started, as a container ends; then start it as `restart: always` does."""
        os.killpg(self.scheduler.pid, signal.SIGKILL)
        wait_for(lambda: "scheduler" not in orchestration._running(self.settings), "its end")
        (self.home / "scheduler.log").rename(self.home / f"scheduler.{len(self.killed)}.log")
        orchestration._launch(self.settings, "scheduler", self.port)

    def then(self, what: str, kill: Callable[[], None]) -> None:
        kill()
        self.killed.append(what)


def wait_for(is_so: Callable[[], object], what: str, pause: float = 0.2) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(pause)


def wait_for_sql(settings: Settings, when: str) -> None:
    """Until such a statement runs."""
    asked = (
        f"select 1 from pg_stat_activity where state = 'active' and {when}"
        " and usename = 'regulars_transformer' and datname = %s"
    ).encode()
    with warehouse.connect(replace(settings, database="postgres"), "admin", autocommit=True) as c:
        wait_for(lambda: c.execute(asked, [settings.database]).fetchone(), when, pause=0.002)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def disturbed(quiet: Quiet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("airflow_dies")
    settings = clone(quiet.before, parsed.COPY, folder / "home")
    services = Services(settings, free_port())
    with pytest.MonkeyPatch.context() as patch:
        for name, value in QUICKER.items():
            patch.setenv(name, value)
        try:
            orchestration.start_web(settings, services.port)
            services.trigger()
            wait_for_sql(settings, BUILDING)
            services.then("worker within transform.marts", services.kill_worker)
            wait_for(lambda: services.tasks()["score.fit"][0] == "success", "the fit")
            services.then("scheduler between two tasks", services.kill_scheduler)
            wait_for_sql(settings, PUBLISHING)
            services.then("scheduler within publish.generation", services.kill_scheduler)
            wait_for(lambda: services.run_state() in ("success", "failed"), "the end of the run")
            yield services
        finally:
            orchestration.stop_web(settings)
            drop_database(settings)


def test_airflow_brings_the_night_to_its_end_by_its_own_retries(disturbed: Services) -> None:
    assert len(disturbed.killed) == 3
    assert disturbed.run_state() == "success", disturbed.tasks()
    tasks = disturbed.tasks()
    assert {state for state, _ in tasks.values()} == {"success"}
    assert set(tasks) == {step.task for step in STEPS.values()}
    assert tasks["transform.marts"][1] > 1
    assert tasks["publish.generation"][1] > 1


def test_the_night_equals_a_quiet_one(disturbed: Services, quiet: Quiet) -> None:
    quiet.assert_equals(disturbed.settings)


def test_its_database_and_logs_hold_no_address(disturbed: Services) -> None:
    with warehouse.connect(disturbed.settings, "admin") as connection:
        rows = connection.execute("select original from pii.normal_forms").fetchall()
    pattern = re.compile(b"|".join(re.escape(word.encode()) for (word,) in rows), re.IGNORECASE)
    files = [path for path in disturbed.home.rglob("*") if path.is_file()]
    assert {"airflow.db", "scheduler.log"} <= {path.name for path in files}
    leaks = []
    for path in files:
        with suppress(FileNotFoundError):  # Airflow still runs
            found = pattern.search(path.read_bytes())
            leaks += [str(path.relative_to(disturbed.home))] if found else []
    assert len(rows) > 100
    assert leaks == []
