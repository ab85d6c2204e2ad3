"""The engines that build in the lake: mirror, a session of their own, carry."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from regulars import failpoints
from regulars.engines import dbt_command
from regulars.engines.dbt_results import TransformError, raise_failures, reason, with_advice
from regulars.engines.lake import finished, folders
from regulars.engines.lake.carry import carry, drop, is_carried
from regulars.engines.lake.mirror import mirror
from regulars.engines.parsed_project import parsed
from regulars.engines.postgres import database_environment
from regulars.night import Night
from regulars.private_files import make_missing, open_text
from regulars.settings import Settings
from regulars.warehouse import connect

LAYERS = tuple(dbt_command.LAYERS)
SESSIONS = Path(__file__).parent  # where an engine's own Python finds the package `session`
DATABASE = "build.duckdb"
WAREHOUSE = "select system_identifier, current_database() from pg_control_system()"
PATIENCE_SECONDS = 600  # for a cluster that starts its first executor, or has lost its last


class Lake:
    """dbt builds on Parquet files; PostgreSQL decides and serves.

    Every attempt at a layer has a folder of its own; <layer>.json names the one that succeeded.
    """

    name: str
    schema_folder = "{}"
    writes_touched_alone = False

    def check(self, settings: Settings) -> None:
        """Raise TransformError where the lake cannot be written, or is another warehouse's."""
        with connect(settings, "transformer") as connection:
            folders.claim(settings.lake, str(connection.execute(WAREHOUSE).fetchone()))

    def prepare(self, settings: Settings, night: Night) -> None:
        """Mirror the sources; nothing of an earlier layer of this night is touched.

        Raises TransformError as `check` does.
        """
        self.check(settings)
        names = sorted(_sources(settings, night))
        with connect(settings, "transformer") as connection:
            mirrored = mirror(connection, settings.lake, names)
        folder = folders.of_night(settings, night)
        make_missing(folder)
        places = [Path(t["folder"]) for tables in mirrored.values() for t in tables.values()]
        finished.say(folder / "sources.json", mirrored, places)
        failpoints.hit("engine:mirrored")

    def build(self, settings: Settings, night: Night, layer: str, *, is_full: bool) -> int:
        """Build a layer in a process of its own, always whole: `is_full` changes nothing."""
        folder = folders.of_night(settings, night)
        (folder / f"{layer}.json").unlink(missing_ok=True)
        shutil.rmtree(folder / layer, ignore_errors=True)
        attempt = folder / layer / secrets.token_hex(4)
        sources = finished.said(folder / "sources.json")
        before = [self.built(folder, name) for name in LAYERS[: LAYERS.index(layer)]]
        selection = [*dbt_command.LAYERS[layer], "--full-refresh", "--target", self.name]
        dbt = dbt_command.build(settings, night, selection, {})
        answer = self.run(settings, night, attempt, dbt, sources, before)
        what = f"{layer} for {night.as_of} (all that was said, rows included: {attempt})"
        nodes = raise_failures(answer["results"], answer["is_success"], answer["exception"], what)
        self.finish(folder, layer, answer)
        failpoints.hit("engine:built")
        return nodes

    def run(
        self,
        settings: Settings,
        night: Night,
        attempt: Path,
        dbt: list[str],
        sources: Mapping[str, Any],
        before: list[dict[str, Any]],
    ) -> dict[str, Any]:
        """Run dbt with these arguments in a session that knows the sources and the layers before.

        Returns what the session answers. Raises TransformError when it died.
        """
        database = str(attempt / DATABASE)
        order = {
            "dbt": dbt,
            "environment": {
                "REGULARS_AS_OF": night.as_of.isoformat(),
                "REGULARS_DUCKDB": database,
            },
            "sources": sources,
            "database": database,
            "before": before,
            "tables": str(attempt / "tables"),
            "scratch": str(attempt / "scratch"),
            "answer": str(attempt / "answer.json"),
            **self.options(settings),
        }
        make_missing(attempt)
        return _run(self.python(settings), self.name, order)

    def carry(self, settings: Settings, night: Night, layer: str) -> None:
        """Bring what the layer built to PostgreSQL, in one transaction.

        What another engine left there of the rest is dropped: nobody shall read it for tonight's.
        """
        answer = self.built(folders.of_night(settings, night), layer)
        target = dbt_command.target_folder(settings, night)
        nodes = json.loads((target / "manifest.json").read_text())["nodes"]
        with connect(settings, "transformer") as connection:
            for unique_id, schema, name in answer["built"]:
                node = nodes[unique_id]
                if is_carried(node, night.prefix):
                    carry(connection, node, self.files(answer, schema, name))
                else:
                    drop(connection, node)
        failpoints.hit("engine:carried")

    def python(self, settings: Settings) -> Path:
        """Python of the engine's environment: .venv-<engine> where there is one, else this one."""
        own = settings.project / f".venv-{self.name}" / "bin" / "python"
        return own if own.exists() else Path(sys.executable)

    def options(self, settings: Settings) -> Mapping[str, object]:
        return {}

    def finish(self, folder: Path, layer: str, answer: Mapping[str, Any]) -> None:
        """Have the night's folder say what a layer's session answered: from here on it is read."""
        tables = Path(answer["tables"])
        finished.say(folder / f"{layer}.json", answer, [tables, tables.with_name(DATABASE)])

    def built(self, folder: Path, layer: str) -> dict[str, Any]:
        """What a layer's session answered. Raises TransformError when no layer was finished, or
        what it left is no more as it was."""
        word = folder / f"{layer}.json"
        if not word.is_file():
            raise TransformError(
                f"The lake has no finished layer {layer} of this night. {finished.FROM_ITS_START}"
            )
        return finished.said(word)

    def files(self, answer: Mapping[str, Any], schema: str, name: str) -> list[Path]:
        """The Parquet files of a table that a session has built."""
        folder = Path(answer["tables"], self.schema_folder.format(schema), name)
        return sorted(folder.glob("*.parquet"))


class DuckDB(Lake):
    """One machine, one file: the cheap check that the models are portable."""

    name = "duckdb"


class Spark(Lake):
    """One machine or many; REGULARS_SPARK_MASTER says where."""

    name = "spark"
    schema_folder = "{}.db"

    def options(self, settings: Settings) -> Mapping[str, object]:
        return {"master": settings.spark_master, "patience_seconds": PATIENCE_SECONDS}


def _sources(settings: Settings, night: Night) -> Iterator[tuple[str, str]]:
    """Schema and table of what the models read and dbt does not build."""
    with database_environment(settings, REGULARS_AS_OF=night.as_of.isoformat()):
        manifest = parsed(replace(settings, engine="postgres"), night)
    for source in manifest.sources.values():
        yield source.schema, source.identifier


def _run(python: Path, engine: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """Run a session to its end. The pipe stays open meanwhile: when this process dies, so that
    nothing holds it any more, the session ends too. What it says can quote rows: it stays here."""
    answer = Path(order["answer"])
    said = answer.with_name("session.log")
    with (
        open_text(said) as log,
        subprocess.Popen(
            [python, "-m", "session", engine],
            env={**os.environ, "PYTHONPATH": _path()},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            text=True,
            cwd=answer.parent,
        ) as process,
    ):
        assert process.stdin
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        failpoints.hit("engine:ordered")
        code = process.wait()
    answered = json.loads(answer.read_text()) if answer.exists() else {}
    if code:
        ended = f"The session of {engine} ended with code {code}{_cause(code, answered)}"
        raise TransformError(
            with_advice(
                f"{ended}; what it said, rows included, is in {said}. "
                "See docs/spark.md, then run the step again.",
                " ".join(answered.get("died_of", ())),
            )
        )
    return dict(answered)


def _path() -> str:
    return os.pathsep.join(filter(None, [str(SESSIONS), os.environ.get("PYTHONPATH")]))


def _cause(code: int, answered: Mapping[str, Any]) -> str:
    """In brackets: a signal, or the class of an error and what of its text can quote no value."""
    if code < 0:
        return f" ({signal.Signals(-code).name})"
    if code == errno.ENOSPC:  # there was no room for an answer
        return f" ({os.strerror(code)})"
    if died_of := answered.get("died_of"):
        name, text = died_of
        return f" ({': '.join(filter(None, [name, reason(text)]))})"
    return ""
