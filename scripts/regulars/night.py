"""A night: what every step is told.

Its date comes from the command line or from Airflow's run (dags/nightly.py) and reaches SQL as
`as_of()`, by the environment that `engines` set for dbt.
"""

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
