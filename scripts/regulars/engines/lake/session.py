"""The engine's own process: sources become tables, dbt builds, what is asked for becomes Parquet.

Run as a file by the Python of the engine's environment, which has dbt and its adapter and none of
this package: `python session.py duckdb < order.json`. The answer is written to order["answer"].
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, ClassVar


def main(engine: str, order: dict[str, Any]) -> None:
    os.environ.update(order["environment"])
    session = DuckDB(order) if engine == "duckdb" else Spark(order)
    session.open()
    outcome = _dbt(order["dbt"])
    Path(order["answer"]).write_text(json.dumps(outcome))
    if outcome["is_success"]:
        session.write(outcome["built"])
    session.close()


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
            [node.unique_id, node.schema, node.alias]
            for node in (r.node for r in (run.results if run else ()))
            if isinstance(node, ModelNode | SeedNode)
        ],
    }


class DuckDB:
    """One file a night; its tables stay in it between the layers."""

    HAS_JSONB = "select 1 from duckdb_types() where type_name = 'jsonb' and not internal"

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order

    def open(self) -> None:
        import duckdb

        with duckdb.connect(self.order["database"]) as connection:
            if not connection.execute(self.HAS_JSONB).fetchone():
                connection.execute("create type jsonb as json")  # as the contracts call it
            for schema, tables in self.order["sources"].items():
                connection.execute(f'create schema if not exists "{schema}"')
                for name, glob in tables.items():
                    connection.execute(
                        f'create or replace view "{schema}"."{name}" as'
                        f" select * from read_parquet('{glob}')"
                    )

    def write(self, built: list[list[str]]) -> None:
        import duckdb

        with duckdb.connect(self.order["database"]) as connection:
            connection.execute("set timezone = 'UTC'")
            for _, schema, name in built:
                folder = Path(self.order["out"], schema, name)
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
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
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "4",
    }

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order

    def open(self) -> None:
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master(self.order["master"]).appName("regulars")
        for name, value in {**self.SETTINGS, **self.order["spark"]}.items():
            builder = builder.config(name, value)
        builder = builder.config("spark.sql.warehouse.dir", self.order["out"])
        self.session = builder.getOrCreate()
        self.session.sparkContext.setLogLevel("ERROR")
        for schema, tables in self.order["sources"].items():
            for name, glob in tables.items():
                self._name(schema, name, str(Path(glob).parent))
        for layer in self.order["before"]:
            for folder in sorted(Path(layer).glob("*.db/*")):
                self._name(folder.parent.name.removesuffix(".db"), folder.name, str(folder))

    def _name(self, schema: str, name: str, folder: str) -> None:
        self.session.sql(f"create schema if not exists `{schema}`")
        self.session.sql(f"drop table if exists `{schema}`.`{name}`")
        self.session.sql(f"create table `{schema}`.`{name}` using parquet location '{folder}'")

    def write(self, built: list[list[str]]) -> None:
        """Tables already are Parquet in the folder of their schema."""

    def close(self) -> None:
        self.session.stop()


if __name__ == "__main__":
    main(sys.argv[1], json.load(sys.stdin))
