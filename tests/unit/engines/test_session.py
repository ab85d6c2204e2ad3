"""A session does not outlive the process that waits for it, and says what it died of."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from regulars.engines.dbt_results import TransformError
from regulars.engines.lake.engine import SESSIONS, DuckDB, Spark
from regulars.engines.lake.session.executors import is_left_alone
from regulars.night import Night
from regulars.settings import PROJECT, Settings
from tests.faults.small_disk import no_room, small_disk

WORKS_FOR_EVER = f"""
import sys, threading
sys.path.insert(0, {str(SESSIONS)!r})
from session.waiting import end_with_parent
sys.stdin.readline()
end_with_parent()
print("at work", flush=True)
threading.Event().wait()
"""


@pytest.fixture
def working() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WORKS_FOR_EVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write("{}\n")
    process.stdin.flush()
    assert process.stdout.readline() == "at work\n"
    return process


def test_a_session_goes_on_while_somebody_waits(working: subprocess.Popen[str]) -> None:
    with working, pytest.raises(subprocess.TimeoutExpired):
        working.wait(timeout=0.5)


def test_a_session_ends_when_nobody_holds_its_pipe_any_more(
    working: subprocess.Popen[str],
) -> None:
    with working:
        assert working.stdin
        working.stdin.close()
        assert working.wait(timeout=10) == 1


def test_a_session_that_dies_says_of_what_and_quotes_nothing(tmp_path: Path) -> None:
    """Its words, here the name of a folder that has no files, can be those of a row."""
    company = Settings(project=PROJECT, home=tmp_path, landing=tmp_path, engine="duckdb")
    sources = {"raw": {"orders": {"folder": "/jane@example.com"}}}
    attempt = tmp_path / "attempt"
    with pytest.raises(TransformError) as failure:
        DuckDB().run(company, Night(date(2026, 10, 31)), attempt, [], sources, [])
    told = str(failure.value).replace(str(attempt), "(attempt)")
    assert told.startswith("The session of duckdb ended with code 1 (IOException); what it said, ")
    assert "jane@example.com" in (attempt / "session.log").read_text()
    assert "jane" not in told


def test_a_session_whose_disk_is_full_says_so_where_it_cannot_write_it(tmp_path: Path) -> None:
    company = Settings(project=PROJECT, home=tmp_path, landing=tmp_path, engine="duckdb")
    with (
        small_disk(tmp_path / "lake", 1) as lake,
        no_room(lake),
        pytest.raises(TransformError, match=r"\(No space left on device\).*\n.*make room for it"),
    ):
        DuckDB().run(company, Night(date(2026, 10, 31)), lake / "attempt", [], {}, [])


def test_a_session_without_its_environment_says_how_to_install_it(tmp_path: Path) -> None:
    company = Settings(project=tmp_path, home=tmp_path, landing=tmp_path, engine="spark")
    with pytest.raises(TransformError, match=r"ModuleNotFoundError.*\n.*make .venv-spark/spark.st"):
        Spark().run(company, Night(date(2026, 10, 31)), tmp_path / "attempt", [], {}, [])


PATIENCE = 0.2  # seconds


def counts(*numbers: int) -> Callable[[], int]:
    """What a cluster answers, one question after the other, and the last for good."""
    told: Iterator[int] = iter(numbers)
    return lambda: next(told, numbers[-1])


def test_a_cluster_on_which_nobody_ever_works_is_given_up() -> None:
    assert is_left_alone(counts(0), PATIENCE, threading.Event())


def test_a_cluster_that_has_lost_its_last_executor_is_given_up() -> None:
    assert is_left_alone(counts(0, 2, 0), PATIENCE, threading.Event())


def test_a_cluster_whose_executors_come_back_is_waited_for() -> None:
    is_over = threading.Event()
    threading.Timer(2 * PATIENCE, is_over.set).start()
    often_back = iter([0, 0, 1] * 1000)
    assert not is_left_alone(lambda: next(often_back), PATIENCE, is_over)


def test_a_session_that_has_ended_is_not_watched() -> None:
    is_over = threading.Event()
    is_over.set()
    assert not is_left_alone(counts(0), PATIENCE, is_over)
