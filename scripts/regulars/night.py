"""A night: what every step is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Night:
    """What every step is told.

    as_of             business date; only deliveries on or before it count
    prefix            schema prefix: "" builds the live tables, "rebuild_" builds beside them
    last_delivery_id  ledger position that a rebuild of a published night may see; None is all
    """

    as_of: date
    prefix: str = ""
    last_delivery_id: int | None = None

    def schema(self, name: str) -> str:
        return f"{self.prefix}{name}"
