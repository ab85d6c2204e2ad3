"""What Spark's event log says: which table a stage worked for, what it shuffled, how its tasks ran.

One JSON object a line, as Spark 4 writes it with spark.eventLog.rolling.enabled=false.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

SQL_START = "org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart"
WRITTEN = re.compile(r"InsertIntoHadoopFsRelationCommand.*?/\w+\.db/(\w+), ", re.DOTALL)
NO_TABLE = "(tests)"  # what writes no table: dbt's tests, and its questions to the catalogue
NANOSECONDS = 1e9


@dataclass
class Stage:
    """Tasks that run the same on parts of the rows.

    table    what the query that it belongs to writes, or NO_TABLE
    seconds  CPU of each of its tasks: their time says more of a busy machine than of them
    shuffled, spilled  bytes that they wrote for a next stage, and to disk for lack of memory
    """

    table: str
    seconds: list[float] = field(default_factory=list)
    shuffled: int = 0
    spilled: int = 0

    @property
    def cpu(self) -> float:
        return sum(self.seconds)

    @property
    def longest(self) -> float:
        return max(self.seconds, default=0.0)

    @property
    def skew(self) -> float:
        """The longest task against the median; 1 where there is one task or none took time."""
        middle = median(self.seconds) if self.seconds else 0.0
        return self.longest / middle if middle else 1.0

    def add(self, metrics: Mapping[str, Any]) -> None:
        self.seconds.append(metrics["Executor CPU Time"] / NANOSECONDS)
        self.shuffled += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
        self.spilled += metrics["Disk Bytes Spilled"]


def stages_of(logs: Iterable[Path]) -> list[Stage]:
    """The stages of several applications, those without a finished task left out."""
    return [stage for log in logs for stage in _stages(log) if stage.seconds]


def _stages(log: Path) -> Iterable[Stage]:
    tables: dict[str, str] = {}
    stages: dict[int, Stage] = {}
    with log.open(encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            match event["Event"]:
                case "SparkListenerJobStart":
                    query = event["Properties"].get("spark.sql.execution.id", "")
                    for number in event["Stage IDs"]:
                        stages.setdefault(number, Stage(tables.get(query, NO_TABLE)))
                case "SparkListenerTaskEnd" if metrics := event.get("Task Metrics"):
                    stages[event["Stage ID"]].add(metrics)
                case kind if kind == SQL_START:
                    if written := WRITTEN.search(event["physicalPlanDescription"]):
                        tables[str(event["executionId"])] = written[1]
    return stages.values()


def of_tables(stages: Iterable[Stage]) -> dict[str, list[Stage]]:
    """table -> its stages."""
    found: dict[str, list[Stage]] = {}
    for stage in stages:
        found.setdefault(stage.table, []).append(stage)
    return found
