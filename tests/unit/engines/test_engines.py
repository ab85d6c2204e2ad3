"""Whichever engine the settings may name is there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from regulars.engines import engine_of
from regulars.settings import ENGINES, PROJECT, Settings

STEPS = ("check", "prepare", "build", "carry")


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_that_settings_may_name_can_all_that_a_night_asks(name: str) -> None:
    settings = Settings(project=PROJECT, home=Path("home"), landing=Path("landing"))
    engine = engine_of(replace(settings, engine=name))
    assert all(callable(getattr(engine, step)) for step in STEPS)
