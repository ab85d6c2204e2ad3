"""Real companies' files, unpacked and laid into a landing folder as they would be delivered."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from regulars.settings import PROJECT

DATA = PROJECT.parent / "shared" / "data"
OLIST_DELIVERED_ON = date(2018, 10, 15)  # the day after its last review was answered


def is_there(archive: str) -> bool:
    return (DATA / archive).exists()


def unpack(archive: str, folder: Path) -> Path:
    """Unpack DATA/<archive> and return the folder it holds."""
    with tarfile.open(DATA / archive) as tar:
        tar.extractall(folder, filter="data")
    files = sorted(path for path in folder.rglob("*.csv") if path.is_file())
    return files[0].parent


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
