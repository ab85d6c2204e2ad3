"""dbt parses the project once a night, and again when anything that it parses is another."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from dbt.contracts.graph.manifest import Manifest

from regulars import own_project
from regulars.engines import dbt_command, left_parsed, parsed_project
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
def calls(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    invoked: list[list[str]] = []
    folder = dbt_command.target_folder(settings, NIGHT)

    class Runner:
        def invoke(self, arguments: list[str]) -> Any:
            invoked.append(arguments)
            folder.mkdir(parents=True, exist_ok=True)
            manifest = Manifest(disabled={"parse": [], str(len(invoked)): []})
            (folder / left_parsed.PARSED).write_bytes(manifest.to_msgpack())
            (folder / "manifest.json").write_text("{}")
            return Outcome(True, manifest)

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


def in_another_process(settings: Settings) -> Manifest:
    parsed_project._kept.clear()
    return parsed_project.parsed(settings, NIGHT)


def test_another_process_takes_up_what_was_parsed(settings: Settings, calls: list) -> None:
    first = parsed_project.parsed(settings, NIGHT)
    assert in_another_process(settings).disabled == first.disabled
    assert len(calls) == 1


def test_another_process_parses_anew_what_is_another(settings: Settings, calls: list) -> None:
    parsed_project.parsed(settings, NIGHT)
    (settings.dbt_project / "macros" / "new.sql").write_text("{% macro new() %}{% endmacro %}")
    in_another_process(settings)
    assert len(calls) == 2
    (settings.home / "dbt" / "live" / left_parsed.PARSED).write_bytes(Manifest().to_msgpack())
    assert "3" in in_another_process(settings).disabled  # dbt was run here without us


def test_a_new_version_of_the_product_is_parsed_anew_in_a_company_s_own_project(
    settings: Settings, calls: list, tmp_path: Path
) -> None:
    company = tmp_path / "company"
    company.mkdir()
    (company / own_project.PROJECT_FILE).write_text("name: company")
    own_project.link_product(company, settings.dbt_project)
    own = replace(settings, company_project=company)
    parsed_project.parsed(own, NIGHT)
    (settings.dbt_project / "models" / "new.sql").write_text("select 1 as one")
    in_another_process(own)
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
