"""What is read from Spark's event log: whose a stage is, what it shuffled, how uneven its tasks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studies.engines.event_log import NO_TABLE, SQL_START, Stage, of_tables, stages_of

PLAN = "(8) Execute InsertIntoHadoopFsRelationCommand\nInput: []\nArguments: "


def query(number: int, plan: str) -> dict[str, object]:
    return {"Event": SQL_START, "executionId": number, "physicalPlanDescription": plan}


def job(stages: list[int], query: int | None = None) -> dict[str, object]:
    properties = {} if query is None else {"spark.sql.execution.id": str(query)}
    return {"Event": "SparkListenerJobStart", "Stage IDs": stages, "Properties": properties}


def task(stage: int, milliseconds: int, shuffled: int = 0) -> dict[str, object]:
    metrics = {
        "Executor CPU Time": milliseconds * 1_000_000,
        "Shuffle Write Metrics": {"Shuffle Bytes Written": shuffled},
        "Disk Bytes Spilled": 0,
    }
    return {"Event": "SparkListenerTaskEnd", "Stage ID": stage, "Task Metrics": metrics}


def read(folder: Path, *events: dict[str, object]) -> list[Stage]:
    log = folder / "local-1"
    log.write_text("".join(f"{json.dumps(event)}\n" for event in events))
    return stages_of([log])


def test_a_stage_is_of_the_table_that_its_query_writes(tmp_path: Path) -> None:
    stages = read(
        tmp_path,
        query(7, "== Physical Plan ==\nExecute CreateDataSourceTableAsSelectCommand (1)"),
        query(8, f"{PLAN}file:/lake/n/before_scores/ab/tables/marts.db/fct_orders, false, Parquet"),
        job([0, 1], query=8),
        job([1, 2]),  # a stage that a later job uses again stays whose it was
        task(0, 1000, shuffled=300),
        task(1, 500),
        task(2, 500),
    )
    assert [stage.table for stage in stages] == ["fct_orders", "fct_orders", NO_TABLE]
    (first, second), (test,) = of_tables(stages).values()
    assert (first.shuffled, first.cpu, second.shuffled, test.cpu) == (300, 1.0, 0, 0.5)


def test_skew_is_the_longest_task_against_the_median(tmp_path: Path) -> None:
    (stage,) = read(tmp_path, job([3]), task(3, 100), task(3, 100), task(3, 4000))
    assert (stage.longest, stage.skew) == (4.0, pytest.approx(40))


def test_a_stage_whose_work_was_there_already_is_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, job([4])) == []
