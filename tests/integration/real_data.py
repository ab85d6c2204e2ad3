"""Real companies' files, laid into a landing folder as they would be delivered."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path

OLIST_DELIVERED_ON = date(2018, 10, 15)  # the day after its last review was answered


def deliver_days(source: Path, landing: Path, days: Iterable[date]) -> list[date]:
    """Copy Online Retail's files of these days. Returns the days that have one."""
    target = landing / "online_retail"
    target.mkdir(parents=True, exist_ok=True)
    delivered = []
    for day in days:
        file = source / f"{day}.csv"
        if file.exists():
            shutil.copyfile(file, target / file.name)
            delivered.append(day)
    return delivered


def deliver_olist(source: Path, landing: Path) -> None:
    target = landing / "olist" / OLIST_DELIVERED_ON.isoformat()
    target.mkdir(parents=True)
    for file in source.glob("*.csv"):
        shutil.copyfile(file, target / file.name)
