"""Hold-outs of two databases, drawn alike."""

from __future__ import annotations

from regulars.settings import Settings
from regulars.warehouse import connect


def share_keys(one: Settings, other: Settings) -> None:
    """Each database has drawn keys of its own when it was migrated: give one's to the other."""
    with connect(one, "admin") as source, connect(other, "admin") as target:
        for name in ("holdout_key", "suppression_key"):
            keys = source.execute(f"select key from decisions.{name}".encode()).fetchone()
            target.execute(f"update decisions.{name} set key = %s".encode(), keys)
