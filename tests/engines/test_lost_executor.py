"""A machine that goes down in the middle of a build: what an executor had done is done again; of a
driver that is gone the build says so."""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from socket import gethostbyname

import pytest

from regulars.engines.dbt_results import TransformError, raise_failures
from regulars.engines.lake import engine
from tests.engines.engines import SPARK
from tests.engines.executors import DRIVER, EXECUTOR, one_lost
from tests.engines.probes import Answers, build, lay

pytestmark = SPARK.marks

ROUNDS = 10  # a second of an executor each
# A stage on all executors, a shuffle, and a stage that reads what the first has left.
LONG = f"""
{{{{ config(materialized='table') }}}}
with numbers as ({{{{ numbers() }}}})
select
    few.n,
    count(distinct substr(md5(cast(many.n * 1000 + others.n as string)), 1, 4)) as hashes
from numbers as many
cross join numbers as others
cross join (select n from numbers where n < {ROUNDS}) as few
group by few.n
"""
# Where the driver listens.
HOST = """
{{ config(materialized='table') }}
select '{{ run_query("set spark.driver.host").columns[1][0] if execute }}' as host
"""
PROBES = {"models/long.sql": LONG, "models/listens.sql": HOST}


@dataclass(frozen=True)
class Built:
    """What was built, by whom not to the end, and where the session left its files."""

    answers: Answers
    lost: list[int]
    attempt: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """In a session whose process lets everybody read what it writes."""
    folder = tmp_path_factory.mktemp("lost_executor")
    lay(folder, PROBES)
    mask = os.umask(0)
    try:
        with one_lost(EXECUTOR, folder / "attempt" / "scratch") as lost:
            answers = build("spark", folder, PROBES, spark_master="local-cluster[2,1,1024]")
    finally:
        os.umask(mask)
    return Built(answers, lost, folder / "attempt")


def test_what_a_lost_executor_had_done_is_done_again(built: Built) -> None:
    assert len(built.lost) == 1
    found = {row["n"]: row["hashes"] for row in built.answers.rows("long")}
    assert found == dict.fromkeys(range(ROUNDS), 16**4)  # of a million, none is missing


def test_a_session_on_one_machine_listens_to_that_machine_alone(built: Built) -> None:
    (row,) = built.answers.rows("listens")
    assert ip_address(gethostbyname(row["host"])).is_loopback


def test_what_executors_write_is_their_owners_alone(built: Built) -> None:
    written = [built.attempt, *built.attempt.rglob("*")]
    assert any(path.suffix == ".parquet" for path in written)
    assert [path for path in written if path.stat().st_mode & 0o077] == []


def test_a_driver_that_dies_is_told_with_what_it_was_at(tmp_path: Path) -> None:
    lay(tmp_path, PROBES)
    with one_lost(DRIVER, tmp_path / "attempt" / "scratch") as lost:
        answers = build("spark", tmp_path, PROBES)
    assert len(lost) == 1
    with pytest.raises(TransformError, match=r"(?s)long: .*Spark's driver died, most likely for"):
        raise_failures(answers.results, False, None, "probes")


def test_a_session_on_another_java_says_which_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one has never heard of what Spark is compiled for, and ends."""
    (tmp_path / "java" / "bin").mkdir(parents=True)
    java = tmp_path / "java" / "bin" / "java"
    java.write_text("#!/bin/sh\necho java.lang.UnsupportedClassVersionError >&2\nexit 1\n")
    java.chmod(0o700)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    lay(tmp_path, PROBES)
    with pytest.raises(TransformError, match=r"\[JAVA_GATEWAY_EXITED\].*\n.*needs Java 17"):
        build("spark", tmp_path, PROBES)


@pytest.mark.slow  # a minute: Spark asks three times
@pytest.mark.parametrize(
    "master",
    [
        pytest.param("spark://127.0.0.1:9", id="no master"),
        pytest.param("local-cluster[0,1,1024]", id="no worker"),
    ],
)
def test_a_cluster_on_which_nobody_works_is_told_with_what_to_do(
    master: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spark itself waits for a worker for ever."""
    monkeypatch.setattr(engine, "PATIENCE_SECONDS", 20)
    lay(tmp_path, PROBES)
    with pytest.raises(TransformError, match=r"(?s)\(NoExecutors\).*see whether the master of"):
        build("spark", tmp_path, PROBES, spark_master=master)
