"""`regulars demo`: what it simulates, and what it says can be done next."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from regulars.cli import cli
from regulars.commands.run_nights import DEMO_AHEAD, sample
from regulars.nights import orchestration, run


def test_a_demo_leaves_nights_ahead_for_the_command_that_it_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    simulated: list[list[str]] = []
    monkeypatch.setenv("REGULARS_HOME", str(tmp_path))
    monkeypatch.setattr(subprocess, "run", lambda argv, **_: simulated.append(argv))
    monkeypatch.setattr(run, "run_night", lambda *night: None)
    monkeypatch.setattr(orchestration, "run_nightly", lambda *night: None)
    result = CliRunner().invoke(cli, ["demo", "--customers", "40"])
    assert result.exit_code == 0, result.output
    ((*_, command, customers, number, ahead, nights),) = simulated
    assert (command, customers, number, ahead) == ("sample", "--customers", "40", "--ahead")
    assert sample.make_context("sample", [ahead, nights]).params["ahead"] == DEMO_AHEAD >= 7
    assert "`regulars next-day` lets the company answer these lists" in result.output
