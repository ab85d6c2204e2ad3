"""Deliveries that come in another order than they were made in: late, and more than once."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

LATE, AGAIN = 0.25, 0.15  # chances of a file
MOST_NIGHTS_LATE = 4


@dataclass
class Arrivals:
    """What arrives on which night. complete: folder of all deliveries, as `generate` writes them.

    Files of nights before the first come with it. Of the others some come nights later and some a
    second time, under the name of a later revision; by the last night all are there.
    """

    complete: Path
    landing: Path
    nights: Sequence[date]
    seed: int
    late: int = 0
    again: int = 0
    due: dict[date, list[tuple[Path, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        random = Random(self.seed)
        for file in sorted(path for path in self.complete.rglob("*") if path.is_file()):
            self._plan(random, file)

    def _plan(self, random: Random, file: Path) -> None:
        day = date.fromisoformat(file.parent.name)
        on = max(day, self.nights[0])
        if day > self.nights[0]:
            if random.random() < LATE:
                self.late += 1
                on = self._later(random, on)
            if random.random() < AGAIN and file.suffix == ".csv":
                self.again += 1
                again = file.name.partition(".")[0] + ".r9.csv"
                self._due(self._later(random, on), file, again)
        self._due(on, file, file.name)

    def _later(self, random: Random, on: date) -> date:
        return min(on + timedelta(days=random.randint(1, MOST_NIGHTS_LATE)), self.nights[-1])

    def _due(self, on: date, file: Path, name: str) -> None:
        night = min(night for night in self.nights if night >= on)
        self.due.setdefault(night, []).append((file, name))

    def bring(self, night: date) -> None:
        for file, name in self.due.get(night, []):
            target = self.landing / file.parent.relative_to(self.complete) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
