"""Which generation readers see: the view published.live_generation says it, here to Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import psycopg

from regulars.settings import Settings
from regulars.warehouse.connect import connect


@dataclass(frozen=True)
class LiveGeneration:
    generation: int
    as_of: date
    run_id: str


def live_generation(connection: psycopg.Connection) -> LiveGeneration | None:
    """The live one; None before the first publication."""
    row = connection.execute(
        "select generation, as_of, run_id from published.live_generation"
    ).fetchone()
    return LiveGeneration(*row) if row else None


def live_night(settings: Settings) -> date | None:
    """The date of the live generation; None before the first publication."""
    with connect(settings, "transformer") as connection:
        live = live_generation(connection)
    return live.as_of if live else None
