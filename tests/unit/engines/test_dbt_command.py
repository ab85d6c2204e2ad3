"""What dbt is told each night."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from regulars.engines.dbt_command import LAYERS, build
from regulars.night import Night
from regulars.settings import PROJECT, Settings


def test_the_date_is_no_argument_so_that_dbt_keeps_what_it_parsed_the_night_before() -> None:
    settings = Settings(project=PROJECT, home=Path("home"), landing=Path("landing"))
    nights = (Night(date(2026, 10, 30)), Night(date(2026, 10, 31)))
    first, second = (build(settings, night, [*LAYERS["lists"]], {}) for night in nights)
    assert first == second
    assert any("reporting_currency" in argument for argument in first)
