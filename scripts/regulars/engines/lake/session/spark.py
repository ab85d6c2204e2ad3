"""Spark: a session of this process, on one machine or many."""

from __future__ import annotations

import os
import re
import shutil
import threading
from typing import Any, ClassVar

from . import answers
from .executors import NoExecutors, is_left_alone


class Spark:
    """A session of this process; tables of earlier layers are named again from their folders."""

    SETTINGS: ClassVar[dict[str, str]] = {
        "spark.sql.session.timeZone": "UTC",
        # An overflow is an error, not a null.
        "spark.sql.ansi.enabled": "true",
        # A product keeps all its decimals, a quotient 16 more than the 6 asked for.
        "spark.sql.decimalOperations.allowPrecisionLoss": "false",
        "spark.sql.sources.default": "parquet",
        # An instant, not a local time that PostgreSQL would read in a zone of its own.
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.hadoop.fs.permissions.umask-mode": "077",
        # A layer's hundreds of queries are code that Java compiles: over 60 MB, and its own room is
        # 240 MB, or 48 where it compiles quickly (-XX:TieredStopAtLevel=1).
        "spark.driver.defaultJavaOptions": "-XX:ReservedCodeCacheSize=512m",
        "spark.executor.defaultJavaOptions": "-XX:ReservedCodeCacheSize=512m",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    PARTITIONS = "spark.sql.shuffle.partitions"
    ON_ONE_MACHINE = "4"  # where spark-defaults.conf does not say; Spark's own 200 are for clusters

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order
        self.is_closed = threading.Event()

    def settings(self) -> dict[str, str]:
        """What is set here; all else is the company's, in spark-defaults.conf."""
        return {
            **self.SETTINGS,
            "spark.sql.warehouse.dir": self.order["tables"],
            "spark.local.dir": self.order["scratch"],
        }

    def open(self) -> None:
        from pyspark.sql import SparkSession

        _keep_ansi_mode()
        if self.order["master"].startswith("local"):  # else the machine's name has to be known, too
            os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        builder = SparkSession.builder.master(self.order["master"]).appName("regulars")
        for name, value in self.settings().items():
            builder = builder.config(name, value)
        self.session = self._opened(builder)
        self.session.sparkContext.setLogLevel("ERROR")
        is_said = self.session.sparkContext.getConf().contains(self.PARTITIONS)
        if self.order["master"].startswith("local") and not is_said:
            self.session.conf.set(self.PARTITIONS, self.ON_ONE_MACHINE)
        for schema, tables in self.order["sources"].items():
            for name, source in tables.items():
                self._name(schema, name, source["folder"], source["columns"])
        for layer in self.order["before"]:
            for schema, name, columns in layer["columns"]:
                self._name(schema, name, f"{layer['tables']}/{schema}.db/{name}", columns)

    def _opened(self, builder: Any) -> Any:
        from py4j.protocol import Py4JJavaError

        if re.fullmatch(r"local(\[.*])?", self.order["master"]):  # it works in this process alone
            return builder.getOrCreate()
        try:
            session = builder.getOrCreate()
        except Py4JJavaError as error:
            raise NoExecutors(self.order["master"]) from error
        threading.Thread(target=self._give_up, args=[session.sparkContext], daemon=True).start()
        return session

    def _give_up(self, context: Any) -> None:
        """End this process when no executor has been there for longer than the order's patience."""

        def executors() -> int:
            return len(context._jsc.sc().statusTracker().getExecutorInfos()) - 1  # the driver

        if is_left_alone(executors, self.order["patience_seconds"], self.is_closed):
            answers.write_death(self.order, NoExecutors(self.order["master"]))
            shutil.rmtree(self.order["scratch"], ignore_errors=True)
            os._exit(1)

    def _name(self, schema: str, name: str, folder: str, columns: dict[str, str]) -> None:
        """A table on files that are there. With its columns Spark need not open every file."""
        typed = ", ".join(f"`{column}` {kind}" for column, kind in columns.items())
        self.session.sql(f"create schema if not exists `{schema}`")
        self.session.sql(
            f"create table `{schema}`.`{name}` ({typed}) using parquet location '{folder}'"
        )

    def write(self, built: list[list[str]]) -> list[tuple[str, str, dict[str, str]]]:
        """Tables already are Parquet in the folder of their schema. Returns their columns."""
        return [
            (schema, name, dict(self.session.table(f"`{schema}`.`{name}`").dtypes))
            for _, schema, name in built
        ]

    def close(self) -> None:
        self.is_closed.set()
        self.session.stop()


def _keep_ansi_mode() -> None:
    """The adapter switches it off before each statement, whatever session and profile say."""
    from dbt.adapters.spark.session import Cursor

    begin = Cursor.__init__

    def begin_with(cursor: Any, *, server_side_parameters: dict[str, Any] | None = None) -> None:
        kept = {"spark.sql.ansi.enabled": "true"}
        begin(cursor, server_side_parameters={**(server_side_parameters or {}), **kept})

    Cursor.__init__ = begin_with
