"""Where dbt builds: a module per engine, behind one small interface.

Whatever the engine, PostgreSQL decides and serves: ledger, decisions, gates, scores, publication.
Only `transform` asks for an engine.
"""

from __future__ import annotations

from typing import Protocol

from regulars.engines.lake.engine import DuckDB, Spark
from regulars.engines.postgres import Postgres
from regulars.night import Night
from regulars.settings import Settings


class Engine(Protocol):
    """Where dbt builds a layer of the night.

    A layer is one of dbt_command.LAYERS: before_scores, after_scores or lists.
    """

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
