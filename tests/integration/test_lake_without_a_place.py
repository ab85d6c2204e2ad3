"""A night that has nowhere to build is refused before it loads its first file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from regulars.nights.run import run_step
from regulars.nights.steps import STEPS
from regulars.settings import Settings
from regulars.transform import TransformError


def test_a_lake_that_cannot_be_written_refuses_the_first_step(
    warehouse_settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "lake").write_text("notes about lakes")
    settings = replace(warehouse_settings, engine="spark", lake_folder=tmp_path / "lake")
    with pytest.raises(TransformError, match=r"lake cannot be written: .*REGULARS_LAKE"):
        run_step(next(iter(STEPS)), date(2026, 3, 16), settings)
