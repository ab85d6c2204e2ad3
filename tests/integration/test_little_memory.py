"""A step that runs out of memory ends with a sentence, and the next one finds the lock free."""

from __future__ import annotations

import resource
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from regulars import warehouse
from regulars.night import Night
from regulars.nights import run
from regulars.nights.steps import STEPS, Step
from regulars.settings import Settings

NIGHT = date(2026, 3, 16)
LIMIT = 500 * 2**20  # bytes


def take_everything(settings: Settings, night: Night) -> dict[str, Any]:
    """Ask for more than any machine has."""
    return {"bytes": len(bytearray(2**60))}


def test_a_night_under_a_limit_that_its_arithmetic_cannot_live_with_is_refused_at_once(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "regulars", "night", "--as-of", NIGHT.isoformat()],
        env={"REGULARS_HOME": str(tmp_path), "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT)),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert "This process may use 500 MB of address space" in done.stderr
    assert "Raise the limit, then run it again." in done.stderr
    assert not (tmp_path / "server").exists()


def test_a_step_without_memory_says_so_and_frees_the_lock(
    warehouse_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = next(iter(STEPS))
    steps = {first: STEPS[first], "score": Step(take_everything, "score.fit", "the-fit-failed")}
    monkeypatch.setattr(run, "STEPS", steps)
    for _ in range(2):  # the second finds no lock that the first has left
        with pytest.raises(warehouse.WarehouseError, match="too little memory"):
            run.run_step("score", NIGHT, warehouse_settings)
