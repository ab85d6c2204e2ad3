"""One small company for all tests of its files, one larger for its moments."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from regulars.sample_company import generate
from regulars.sample_company.company import Company
from tests.unit.sample_company.living import live


@dataclass(frozen=True)
class Sample:
    """Where a generated company lies, what `generate` said, and readers of it."""

    house: Path
    truth: Path
    counts: dict

    def planted(self) -> list[dict]:
        return pq.read_table(self.truth / "dirt.parquet").to_pylist()

    def files(self, feed: str) -> list[Path]:
        """The files of a feed that count, plain CSV, in order of delivery."""
        return sorted(self.house.glob(f"*/{feed}.csv"))

    def rows(self, feed: str) -> Iterator[tuple[str, int, dict[str, str]]]:
        """(night, line, cells) of every plain file of a feed."""
        for path in self.files(feed):
            with path.open(encoding="utf-8-sig", newline="") as file:
                for line, cells in enumerate(csv.DictReader(file, strict=True), start=2):
                    yield path.parent.name, line, cells


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    root = tmp_path_factory.mktemp("sample")
    counts = generate(root / "landing", root / "truth", customers=900, seed=11)
    return Sample(root / "landing" / "house", root / "truth", counts)


@pytest.fixture(scope="session")
def kettle() -> Company:
    return live("kettle_and_crane")
