"""dbt parses the project once a process, and again when anything that it parses is another."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from dbt.contracts.graph.manifest import Manifest

from regulars.engines import parsed_project
from regulars.engines.dbt_results import TransformError
from regulars.night import Night
from regulars.settings import PROJECT, Settings

NIGHT = Night(date(2026, 10, 31))


@dataclass
class Outcome:
    success: bool
    result: Manifest | None
    exception: str | None = None


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    shutil.copytree(PROJECT / "dbt_project", tmp_path / "dbt_project")
    monkeypatch.setattr(parsed_project, "_kept", {})
    return Settings(project=tmp_path, home=tmp_path / "home", landing=tmp_path / "landing")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    invoked: list[list[str]] = []

    class Runner:
        def invoke(self, arguments: list[str]) -> Any:
            invoked.append(arguments)
            return Outcome(True, Manifest())

    monkeypatch.setattr("dbt.cli.main.dbtRunner", Runner)
    return invoked


def test_layers_of_a_night_share_what_was_parsed(settings: Settings, calls: list) -> None:
    first = parsed_project.parsed(settings, NIGHT)
    assert parsed_project.parsed(settings, NIGHT) is first
    assert len(calls) == 1


def test_another_file_variable_or_database_is_parsed_anew(
    settings: Settings, calls: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed_project.parsed(settings, NIGHT)
    (settings.dbt_project / "models" / "new.sql").write_text("select 1 as one")
    parsed_project.parsed(settings, NIGHT)
    parsed_project.parsed(replace(settings, company_timezone="UTC"), NIGHT)
    parsed_project.parsed(settings, NIGHT, {"is_tried": True})
    monkeypatch.setenv("REGULARS_DBT_DBNAME", "another")
    parsed_project.parsed(settings, NIGHT)
    assert len(calls) == 5


def test_another_night_is_parsed_anew_only_where_parsing_read_its_date(
    settings: Settings, calls: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGULARS_AS_OF", "2026-10-31")
    manifest = parsed_project.parsed(settings, NIGHT)
    monkeypatch.setenv("REGULARS_AS_OF", "2026-11-01")
    assert parsed_project.parsed(settings, NIGHT) is manifest
    manifest.env_vars["REGULARS_AS_OF"] = "2026-10-31"
    assert parsed_project.parsed(settings, NIGHT) is not manifest
    assert len(calls) == 2


def test_a_project_that_cannot_be_parsed_is_not_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def invoke(self, arguments: list[str]) -> Any:
            return Outcome(False, None, "Compilation Error")

    monkeypatch.setattr("dbt.cli.main.dbtRunner", Broken)
    with pytest.raises(TransformError, match="could not read the project: Compilation Error"):
        parsed_project.parsed(settings, NIGHT)
    assert parsed_project._kept == {}
