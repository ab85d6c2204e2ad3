"""A night that another engine builds is the night that PostgreSQL builds: same rows, same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from regulars.engines import dbt_command, engine_of
from regulars.engines.dbt_command import target_folder
from regulars.engines.lake import finished, folders
from regulars.engines.lake.carry import is_carried
from regulars.engines.lake.engine import LAYERS, Lake
from regulars.feeds import raw_tables
from regulars.night import Night
from regulars.nights.plan import plan
from regulars.nights.run import run_night
from regulars.settings import Settings
from regulars.warehouse import connect
from tests.company import LAST_NIGHT, BuiltCompany, clone, difference, files_of, fingerprint
from tests.engines.engines import SPARK
from tests.engines.hold_out_keys import share_keys
from tests.server import drop_database

PUBLISHED = ("published", "decisions")


@dataclass(frozen=True)
class Nights:
    """A company whose last night another engine has built, and what it was before that night."""

    settings: Settings
    tables_before: dict[str, str]
    files_before: dict[str, str]


def on_postgres_decisions(companies: BuiltCompany, engine: str, home: Path) -> Settings:
    """The company after a night that PostgreSQL built."""
    return replace(clone(companies.before, f"engine_{engine}", home), engine=engine)


def from_nothing(companies: BuiltCompany, engine: str, home: Path) -> Settings:
    """The same after a first night that the other engine built, where PostgreSQL never had."""
    home.mkdir()
    settings = replace(companies.before, database=f"engine_{engine}", home=home, engine=engine)
    raw_tables.migrate(settings)
    share_keys(companies.before, settings)
    run_night(settings, LAST_NIGHT - timedelta(days=1))
    return settings


BEGUN = {"duckdb": on_postgres_decisions, "spark": from_nothing}


# Two minutes of CPU: `make test` compares values and DuckDB's tables (test_tables_on_duckdb.py).
@pytest.fixture(
    scope="module", params=[pytest.param("duckdb", id="duckdb", marks=pytest.mark.spark), SPARK]
)
def nights(
    companies: BuiltCompany,
    quick_start: None,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Nights]:
    home = tmp_path_factory.mktemp(request.param) / "home"
    settings = BEGUN[request.param](companies, request.param, home)
    built = Nights(settings, fingerprint(settings, PUBLISHED), files_of(settings.home / "current"))
    run_night(settings, LAST_NIGHT)
    yield built
    drop_database(settings)


@pytest.fixture(scope="module")
def rebuilt(nights: Nights) -> Settings:
    return nights.settings


def test_the_night_before_it_is_the_same(nights: Nights, company_before: Settings) -> None:
    expected = fingerprint(company_before, PUBLISHED)
    assert difference(nights.tables_before, expected) == []
    assert difference(nights.files_before, files_of(company_before.home / "current")) == []


def test_list_files_are_the_same_bytes(rebuilt: Settings, company: Settings) -> None:
    built, expected = files_of(rebuilt.home / "current"), files_of(company.home / "current")
    assert any(name.endswith(".csv") for name in expected)
    assert difference(built, expected) == []


def test_published_tables_and_decisions_are_the_same_rows(
    rebuilt: Settings, company: Settings
) -> None:
    built, expected = fingerprint(rebuilt, PUBLISHED), fingerprint(company, PUBLISHED)
    assert len(expected) > 20
    assert difference(built, expected) == []


def test_a_plan_that_changes_nothing_finds_the_lists_as_they_are(rebuilt: Settings) -> None:
    planned = plan(rebuilt, {})
    assert len(planned) == 20
    assert [one.list_code for one in planned if one.is_changed] == []


def test_what_nobody_reads_outside_the_engine_is_not_in_postgres(rebuilt: Settings) -> None:
    """Neither carried nor left there by another engine, where it would be taken for tonight's."""
    manifest = target_folder(rebuilt, Night(LAST_NIGHT)) / "manifest.json"
    models = [
        node
        for node in json.loads(manifest.read_text())["nodes"].values()
        if node["resource_type"] == "model"
    ]
    with connect(rebuilt, "admin") as connection:
        rows = connection.execute("select schemaname, tablename from pg_tables").fetchall()
    tables = {(node["schema"], node["alias"]): is_carried(node, "") for node in models}
    assert {is_it for table, is_it in tables.items() if table in set(rows)} == {True}
    assert not all(tables.values())


def test_every_unit_test_of_dbt_and_every_mart_recomputed_another_way_passes(
    rebuilt: Settings,
) -> None:
    statuses = dbts_own(rebuilt, "tag:oracle", "resource_type:unit_test")
    assert len(statuses) > 130
    assert {name for name, status in statuses.items() if status != "pass"} == set()


def dbts_own(settings: Settings, *selectors: str) -> dict[str, str]:
    """Name -> status of tests that the night leaves out, on its own tables."""
    engine, night = engine_of(settings), Night(LAST_NIGHT)
    assert isinstance(engine, Lake)
    folder = folders.of_night(settings, night)
    layers = [engine.built(folder, layer) for layer in LAYERS]
    sources = finished.said(folder / "sources.json")
    dbt = dbt_command.test(settings, night, ["--select", *selectors, "--target", engine.name])
    answer = engine.run(settings, night, folder / "own", dbt, sources, layers)
    return {name: status for status, name, _ in answer["results"]}


def test_what_the_lake_holds_only_its_owner_reads(rebuilt: Settings) -> None:
    held = [rebuilt.lake, *rebuilt.lake.rglob("*")]
    assert {path.suffix for path in held} >= {".parquet", ".json", ".log"}
    assert [path for path in held if path.stat().st_mode & 0o077] == []


def test_a_delivery_is_mirrored_once(rebuilt: Settings) -> None:
    """A second mirror finds every delivery there and writes nothing of them."""
    before = _stamps(rebuilt.lake)
    engine_of(rebuilt).prepare(rebuilt, Night(LAST_NIGHT))
    after = _stamps(rebuilt.lake)
    delivered = {path for path in before if path.name != "all.parquet"}
    assert len(delivered) > 10
    assert {path: after[path] for path in delivered} == {path: before[path] for path in delivered}
    assert after.keys() == before.keys()


def _stamps(lake: Path) -> dict[Path, tuple[int, int]]:
    return {
        path: (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in (lake / "sources").rglob("*.parquet")
    }
