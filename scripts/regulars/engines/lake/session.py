"""The engine's own process: sources become tables, dbt builds, what is asked for becomes Parquet.

Run as a file by the Python of the engine's environment, which has dbt and its adapter and none of
this package: `python session.py duckdb`, the order as one line on stdin, which stays open as long
as somebody waits. The answer is written to order["answer"]: what dbt said, or what the session died
of, whose text can quote rows. Where the disk has no room for it the exit code is ENOSPC.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

STDIN = 0
LOOKS = 60  # without an executor, one after the other, until nobody waits any more


class NoExecutors(Exception):
    """A cluster that nobody answers for, or on which nobody works."""


def main(engine: str, order: dict[str, Any]) -> None:
    os.umask(0o077)  # what executors and the Java process write too
    os.environ.update(order["environment"])
    try:
        outcome = _outcome(DuckDB(order) if engine == "duckdb" else Spark(order), order)
    except Exception as error:
        _answer(order, {"died_of": _described(error)})
        raise
    finally:
        shutil.rmtree(order["scratch"], ignore_errors=True)
    _answer(order, outcome)


def _outcome(session: DuckDB | Spark, order: dict[str, Any]) -> dict[str, Any]:
    session.open()
    outcome = {**_dbt(order["dbt"]), "tables": order["tables"]}
    if outcome["is_success"]:  # else nobody reads the tables, and the engine may be gone
        outcome["columns"] = session.write(outcome["built"])
        session.close()
    return outcome


def _answer(order: dict[str, Any], outcome: dict[str, Any]) -> None:
    """Whole or not at all."""
    answer = Path(order["answer"])
    unfinished = answer.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(outcome))
    unfinished.replace(answer)


def _described(error: Exception) -> tuple[str, str]:
    """Class and text of an error, also where Java, which has the text, is gone."""
    return type(error).__name__, str(traceback.TracebackException.from_exception(error))


def end_with_parent() -> None:
    """When the process that waits is killed its end of stdin closes: nobody wants the rest. The
    Java process ends by the same sign from this one."""

    def wait() -> None:
        os.read(STDIN, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def is_left_alone(
    executors: Callable[[], int], patience_seconds: float, is_over: threading.Event
) -> bool:
    """Wait until there was no executor for so long, or it is over, and return which: Spark itself
    would wait for ever."""
    looks = 0
    while looks < LOOKS and not is_over.wait(patience_seconds / LOOKS):
        looks = 0 if executors() else looks + 1
    return looks == LOOKS


def _dbt(arguments: list[str]) -> dict[str, Any]:
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.nodes import ModelNode, SeedNode

    outcome = dbtRunner().invoke(arguments)
    run = outcome.result if isinstance(outcome.result, RunExecutionResult) else None
    return {
        "is_success": outcome.success,
        "exception": None if run else str(outcome.exception),
        "results": [
            [str(r.status), getattr(r.node, "name", "dbt"), str(r.message or "")]
            for r in (run.results if run else ())
        ],
        "built": [
            [r.node.unique_id, r.node.schema, r.node.alias]
            for r in (run.results if run else ())
            if isinstance(r.node, ModelNode | SeedNode) and str(r.status) == "success"
        ],
    }


class DuckDB:
    """One file a layer, which begins as a copy of the layer's before."""

    HAS_JSONB = "select 1 from duckdb_types() where type_name = 'jsonb' and not internal"

    # n / d rounded half away from zero, as text; n has ten digits more behind the point than
    # asked for and d has eight, so that n counts hundredths of what d counts.
    MACROS = (
        "unscaled(x) as cast(replace(cast(x as varchar), '.', '') as hugeint)",
        "rounded(n, d) as"
        " sign(n) * sign(d) * ((2 * abs(n) + 100 * abs(d)) // nullif(200 * abs(d), 0))",
        "digits(x, scale) as repeat('0', scale + 1) || cast(abs(x) as varchar)",
        "with_point(x, scale) as if(x < 0, '-', '')"
        " || left(digits(x, scale), -scale) || '.' || right(digits(x, scale), scale)",
        "exact_ratio(n, d, scale) as with_point(rounded(unscaled(n), unscaled(d)), scale)",
    )

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order

    def open(self) -> None:
        import duckdb

        for layer in self.order["before"][-1:]:
            shutil.copyfile(Path(layer["tables"]).with_name("build.duckdb"), self.order["database"])
        with duckdb.connect(self.order["database"]) as connection:
            if not connection.execute(self.HAS_JSONB).fetchone():
                connection.execute("create type jsonb as json")  # as the contracts call it
            for macro in self.MACROS:
                connection.execute(f"create or replace macro {macro}")
            for schema, tables in self.order["sources"].items():
                connection.execute(f'create schema if not exists "{schema}"')
                for name, source in tables.items():
                    connection.execute(
                        f'create or replace view "{schema}"."{name}" as'
                        f" select * from read_parquet('{source['folder']}/*.parquet')"
                    )

    def write(self, built: list[list[str]]) -> None:
        """Each table as Parquet, too."""
        import duckdb

        with duckdb.connect(self.order["database"]) as connection:
            connection.execute("set timezone = 'UTC'")
            for _, schema, name in built:
                folder = Path(self.order["tables"], schema, name)
                folder.mkdir(parents=True, exist_ok=True)
                connection.execute(
                    f'copy (select * from "{schema}"."{name}")'
                    f" to '{folder / 'all.parquet'}' (format parquet)"
                )

    def close(self) -> None:
        pass


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
            _answer(self.order, {"died_of": _described(NoExecutors(self.order["master"]))})
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


if __name__ == "__main__":
    asked = json.loads(sys.stdin.readline())
    end_with_parent()
    try:
        main(sys.argv[1], asked)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.exit(errno.ENOSPC)  # no answer can be written
