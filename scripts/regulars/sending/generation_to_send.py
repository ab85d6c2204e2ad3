"""The generation that is sent: the live one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from regulars.settings import Settings
from regulars.warehouse import connect


class SendingRefused(RuntimeError):
    """Nothing can be delivered now; the message says why and what to do, and names nobody."""


@dataclass(frozen=True)
class Live:
    """last_delivery_id: the ledger's position up to which its night knew what had come in."""

    generation: int
    as_of: date
    run_id: str
    last_delivery_id: int
    folder: Path

    @property
    def lists(self) -> list[dict[str, Any]]:
        """What its manifest says of each list."""
        manifest = self.folder / "manifest.json"
        if not manifest.is_file():
            raise SendingRefused(
                f"The files of generation {self.generation} are gone; run a night, then deliver it."
            )
        return list(json.loads(manifest.read_text(encoding="utf-8"))["lists"])


def night(settings: Settings) -> date:
    """The date of the live night. Raises SendingRefused where nothing is published."""
    return of(settings, date.max).as_of


def of(settings: Settings, as_of: date) -> Live:
    """The live generation, as it may be delivered on a day. Raises SendingRefused."""
    with connect(settings, "transformer") as connection:
        row = connection.execute(
            "select live.generation, live.as_of, live.run_id, publications.last_delivery_id"
            " from published.live_generation as live"
            " inner join decisions.publications as publications using (generation)"
        ).fetchone()
    if row is None:
        raise SendingRefused("Nothing is published yet: run `regulars night --as-of DATE`.")
    if as_of < row[1]:
        raise SendingRefused(
            f"The night of {row[1]} is published; what was known on {as_of}, before it, is not"
            f" enough to deliver it. Deliver --as-of {row[1]} or later."
        )
    generation, night, run_id, last_delivery_id = row
    folder = settings.generations / str(generation) / "lists"
    return Live(generation, night, run_id, last_delivery_id, folder)
