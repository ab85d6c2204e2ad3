from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from regulars.put_off import put_off

CHARTS, USER = "a_charting_library", "whoever_draws_once_a_year"
GATE = """
import sys
from regulars.gates.check import module_of
from regulars.settings import PROJECT, Settings
module_of(Settings(project=PROJECT, home=PROJECT, landing=PROJECT), "raw")
import great_expectations
print(*[name for name in ("altair", "scipy.stats") if name in sys.modules])
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as kl
print(kl.stats.entropy([1, 1]) > 0, kl.alt.Chart.__name__)
"""


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A library that was imported while the one that it draws with was put off."""
    (tmp_path / f"{CHARTS}.py").write_text("colour = 'blue'\n")
    (tmp_path / f"{USER}.py").write_text(
        f"import {CHARTS} as charts\n\n\ndef draw():\n    return charts.colour\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with put_off(CHARTS):
        imported = importlib.import_module(USER)
        inspect.getmodule(imported.draw.__code__)  # asks every module for its file
    yield imported
    for name in (CHARTS, USER):
        sys.modules.pop(name, None)


def test_a_library_that_is_put_off_is_imported_by_whoever_uses_it(user: ModuleType) -> None:
    assert CHARTS not in sys.modules
    assert user.draw() == "blue"
    assert CHARTS in sys.modules
    assert user.draw() == "blue"


def test_who_imports_it_afterwards_has_the_library_itself(user: ModuleType) -> None:
    charts = importlib.import_module(CHARTS)
    assert vars(charts)["colour"] == "blue"
    assert user.draw() == "blue"


def test_what_it_does_not_have_nobody_finds(user: ModuleType) -> None:
    with pytest.raises(AttributeError, match="shape"):
        _ = user.charts.shape  # type: ignore[attr-defined]


def test_what_is_there_already_is_left(user: ModuleType) -> None:
    charts = importlib.import_module(CHARTS)
    with put_off(CHARTS):
        assert importlib.import_module(CHARTS) is charts
    assert sys.modules[CHARTS] is charts


def test_a_gate_imports_no_library_for_statistics_or_charts_and_they_work_when_asked() -> None:
    run = subprocess.run(
        [sys.executable, "-c", GATE], capture_output=True, text=True, check=True, timeout=120
    )
    assert run.stdout.splitlines() == ["", "True Chart"]
