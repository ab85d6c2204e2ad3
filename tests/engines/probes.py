"""Models that only a test has, built by an engine in a session that has no source but theirs."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow.parquet as pq

from regulars.engines import dbt_command
from regulars.engines.lake.engine import DuckDB, Lake, Spark
from regulars.night import Night
from regulars.settings import PROJECT, Settings

ENGINES: dict[str, type[Lake]] = {"duckdb": DuckDB, "spark": Spark}


class Answers:
    """What an engine made of the probes."""

    def __init__(self, engine: Lake, answer: dict[str, Any]) -> None:
        self._engine, self._answer = engine, answer
        self.results: list[list[str]] = answer["results"]  # status, name, message of each node
        self.statuses = {name: status for status, name, _ in self.results}

    def rows(self, table: str) -> list[dict[str, Any]]:
        (schema,) = {s for _, s, name in self._answer["built"] if name == table}
        files = self._engine.files(self._answer, schema, table)
        return [row for file in files for row in pq.read_table(file).to_pylist()]


def lay(folder: Path, probes: Mapping[str, str]) -> None:
    """A copy of the project in a folder that is there; the probes (path in it -> text) beside its
    own macros."""
    shutil.copytree(
        PROJECT / "dbt_project",
        folder / "dbt_project",
        ignore=shutil.ignore_patterns("target", "logs"),
    )
    for name, text in probes.items():
        (folder / "dbt_project" / name).write_text(text)


def build(
    engine: str,
    folder: Path,
    probes: Iterable[str],
    sources: Mapping[str, Any] = MappingProxyType({}),
    **settings: Any,
) -> Answers:
    """Build some of the probes that lie in the folder; what sessions leave is in its `attempt`.

    sources: as mirror() returns them
    """
    own = f".venv-{engine}"
    if not (folder / own).is_symlink():
        (folder / own).symlink_to(PROJECT / own)
    night = Night(date(2026, 10, 31))
    company = Settings(project=folder, home=folder, landing=folder, engine=engine, **settings)
    selection = ["--target", engine, "--select", *(Path(name).stem for name in probes)]
    dbt = dbt_command.build(company, night, selection, {})
    lake = ENGINES[engine]()
    return Answers(lake, lake.run(company, night, folder / "attempt", dbt, dict(sources), []))
