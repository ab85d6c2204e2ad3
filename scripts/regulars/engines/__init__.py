"""Where dbt builds: a module per engine, behind one small interface.

Whatever the engine, PostgreSQL decides and serves: ledger, decisions, gates, scores, publication.
Only `transform` asks for an engine; what stands in this module is all that other rooms know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from regulars.engines import postgres
from regulars.engines.dbt_command import company_variables, target_folder
from regulars.engines.dbt_results import TransformError
from regulars.engines.lake import folders
from regulars.engines.lake.engine import DuckDB, Spark
from regulars.engines.postgres import Postgres
from regulars.night import Night
from regulars.private_files import make_folder, open_text
from regulars.settings import Settings

__all__ = [
    "Engine",
    "TransformError",
    "build_beside",
    "company_variables",
    "engine_of",
    "models_of",
    "sweep",
]


class Engine(Protocol):
    """Where dbt builds a layer of the night.

    A layer is one of dbt_command.LAYERS: before_scores, after_scores or lists.

    writes_touched_alone: an incremental build leaves facts of others than touched customers as
    they are, and notes who those were in ops.unpublished_customers.
    """

    writes_touched_alone: bool

    def check(self, settings: Settings) -> None:
        """Raise TransformError where it has no place to build: before hours of work, not after."""

    def prepare(self, settings: Settings, night: Night) -> None:
        """Bring what was delivered, decided and scored to where dbt builds."""

    def build(self, settings: Settings, night: Night, layer: str, *, is_full: bool) -> int:
        """Build a layer with its tests. Returns the number of nodes; raises TransformError."""

    def carry(self, settings: Settings, night: Night, layer: str) -> None:
        """Bring what was built to PostgreSQL, where Python and readers look for it."""


_ENGINES: dict[str, type[Engine]] = {"postgres": Postgres, "duckdb": DuckDB, "spark": Spark}


def engine_of(settings: Settings) -> Engine:
    """The engine that the settings name, one of settings.ENGINES."""
    return _ENGINES[settings.engine]()


def build_beside(
    settings: Settings,
    night: Night,
    models: Sequence[str],
    what: str,
    *,
    variables: Mapping[str, object] | None = None,
    reading: Night | None = None,
) -> None:
    """Build some models, without tests, under the night's prefix: always in PostgreSQL, where what
    they read is, whatever engine has built it. `reading`: models that are not among them are read
    as that night has built them. Raises TransformError, which says `what` failed."""
    selection = ["--select", *models, "--exclude-resource-type", "test", "unit_test"]
    if reading:
        state = _as_postgres_names_it(settings, night, reading)
        selection += ["--defer", "--favor-state", "--state", str(state)]
    postgres.run_dbt(settings, night, selection, what, variables)


def _as_postgres_names_it(settings: Settings, night: Night, reading: Night) -> Path:
    """A folder of `night` with the manifest of what `reading` has built: another engine's manifest
    has the names that tables have there."""
    manifest = manifest_of(settings, reading)
    for node in manifest["nodes"].values():
        if node.get("relation_name"):
            names = (settings.database, node["schema"], node["alias"])
            node |= {
                "database": settings.database,
                "relation_name": ".".join(f'"{name}"' for name in names),
            }
    folder = make_folder(target_folder(settings, night) / "reading")
    with open_text(folder / "manifest.json") as file:
        json.dump(manifest, file)
    return folder


def models_of(settings: Settings, night: Night) -> Iterator[Mapping[str, Any]]:
    """Every model that a night has built, as dbt's manifest describes it."""
    nodes = manifest_of(settings, night)["nodes"].values()
    yield from (node for node in nodes if node["resource_type"] == "model")


def manifest_of(settings: Settings, night: Night) -> dict[str, Any]:
    """dbt's manifest of what a night has built."""
    text = (target_folder(settings, night) / "manifest.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def sweep(settings: Settings, published: date | None) -> int:
    """Delete what nights but the published one left where engines build. Returns how many went."""
    return folders.sweep(settings.lake, published)
