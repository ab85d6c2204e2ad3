"""The engines that build in the lake: mirror, a session of their own, carry."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from regulars import failpoints
from regulars.engines import dbt_command
from regulars.engines.dbt_results import TransformError, raise_failures
from regulars.engines.lake.carry import carry, is_carried
from regulars.engines.lake.mirror import mirror
from regulars.engines.postgres import database_environment
from regulars.night import Night
from regulars.settings import Settings
from regulars.warehouse import connect

LAYERS = ("before_scores", "after_scores", "lists")
SESSION = Path(__file__).with_name("session.py")


class Lake:
    """dbt builds on Parquet files; PostgreSQL decides and serves."""

    name: str
    schema_folder = "{}"

    def prepare(self, settings: Settings, night: Night) -> None:
        """Mirror the sources; nothing of an earlier layer of this night is touched."""
        names = sorted(_sources(settings, night))
        settings.lake.mkdir(mode=0o700, parents=True, exist_ok=True)
        with connect(settings, "transformer") as connection:
            globs = mirror(connection, settings.lake, names)
        folder = self.folder(settings, night)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(folder / "sources.json", globs)
        failpoints.hit("engine:mirrored")

    def build(self, settings: Settings, night: Night, layer: str, *, is_full: bool) -> int:
        """Build a layer in a process of its own, always whole: `is_full` changes nothing."""
        folder = self.folder(settings, night)
        answer = folder / f"{layer}.json"
        answer.unlink(missing_ok=True)
        arguments = ["--selector", layer, "--full-refresh", "--target", self.name]
        order = {
            "dbt": dbt_command.build(settings, night, arguments, {}),
            "environment": {
                "REGULARS_AS_OF": night.as_of.isoformat(),
                "REGULARS_DUCKDB": str(folder / "build.duckdb"),
            },
            "sources": json.loads((folder / "sources.json").read_text()),
            "database": str(folder / "build.duckdb"),
            "before": [str(folder / "tables" / name) for name in LAYERS[: LAYERS.index(layer)]],
            "out": str(folder / "tables" / layer),
            "answer": str(answer),
            **self.options(settings),
        }
        shutil.rmtree(folder / "tables" / layer, ignore_errors=True)
        self.begin(folder, layer)
        _run(self.python(settings), self.name, order)
        nodes = _nodes(answer, f"{layer} for {night.as_of}")
        self.end(folder, layer)
        failpoints.hit("engine:built")
        return nodes

    def carry(self, settings: Settings, night: Night, layer: str) -> None:
        """Bring what the layer built to PostgreSQL, in one transaction."""
        folder = self.folder(settings, night)
        built = json.loads((folder / f"{layer}.json").read_text())["built"]
        target = dbt_command.target_folder(settings, night)
        nodes = json.loads((target / "manifest.json").read_text())["nodes"]
        with connect(settings, "transformer") as connection:
            for unique_id, schema, name in built:
                if is_carried(nodes[unique_id], night.prefix):
                    carry(
                        connection,
                        nodes[unique_id],
                        self.files(folder / "tables" / layer, schema, name),
                    )
        failpoints.hit("engine:carried")

    def folder(self, settings: Settings, night: Night) -> Path:
        """lake/<night>-<digest>: of what the night may see and of what it is built by."""
        seen = json.dumps([self.name, night.prefix, night.last_delivery_id])
        digest = hashlib.sha256(seen.encode()).hexdigest()[:12]
        return settings.lake / f"{night.as_of}-{digest}"

    def files(self, folder: Path, schema: str, name: str) -> list[Path]:
        """The Parquet files of a table that a layer has built, in that layer's folder."""
        return sorted((folder / self.schema_folder.format(schema) / name).glob("*.parquet"))

    def begin(self, folder: Path, layer: str) -> None:
        """Make ready what a layer starts from."""

    def end(self, folder: Path, layer: str) -> None:
        """Keep what a layer has built."""

    def python(self, settings: Settings) -> Path:
        """Python of the engine's environment: .venv-<engine> where there is one, else this one."""
        own = settings.project / f".venv-{self.name}" / "bin" / "python"
        return own if own.exists() else Path(sys.executable)

    def options(self, settings: Settings) -> Mapping[str, object]:
        return {}


class DuckDB(Lake):
    """One machine, one file: the cheap check that the models are portable."""

    name = "duckdb"

    def begin(self, folder: Path, layer: str) -> None:
        """A layer starts from a copy of the one before, so that it can be built again."""
        before = LAYERS[: LAYERS.index(layer)]
        if before:
            shutil.copyfile(folder / f"{before[-1]}.duckdb", folder / "build.duckdb")
        else:
            (folder / "build.duckdb").unlink(missing_ok=True)

    def end(self, folder: Path, layer: str) -> None:
        (folder / "build.duckdb").replace(folder / f"{layer}.duckdb")


class Spark(Lake):
    """One machine or many; REGULARS_SPARK_MASTER says where."""

    name = "spark"
    schema_folder = "{}.db"

    def options(self, settings: Settings) -> Mapping[str, object]:
        return {"master": settings.spark_master, "spark": {}}


def _sources(settings: Settings, night: Night) -> Iterator[tuple[str, str]]:
    """Schema and table of what the models read and dbt does not build."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    arguments = dbt_command.build(settings, night, [], {})
    arguments[arguments.index("build")] = "parse"
    with database_environment(settings, REGULARS_AS_OF=night.as_of.isoformat()):
        outcome = dbtRunner().invoke(arguments)
    if not (outcome.success and isinstance(outcome.result, Manifest)):
        raise TransformError(f"dbt could not read the project: {outcome.exception}")
    for source in outcome.result.sources.values():
        yield source.schema, source.identifier


def _run(python: Path, engine: str, order: Mapping[str, Any]) -> None:
    process = subprocess.run(
        [python, SESSION, engine], input=json.dumps(order), text=True, capture_output=True
    )
    if process.returncode:
        last = process.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise TransformError(
            f"The session of {engine} ended with code {process.returncode}: "
            f"{last[0].partition(':')[0]}. Run the step again; see docs/spark.md."
        )


def _nodes(answer: Path, what: str) -> int:
    outcome = json.loads(answer.read_text())
    return raise_failures(outcome["results"], outcome["is_success"], outcome["exception"], what)


def _replace(file: Path, value: object) -> None:
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(value))
    unfinished.replace(file)
