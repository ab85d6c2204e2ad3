"""A night that another engine builds is the night that PostgreSQL builds: same rows, same bytes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from regulars.nights.run import run_night
from regulars.settings import PROJECT, Settings
from tests.company import LAST_NIGHT, BuiltCompany, clone, difference, files_of, fingerprint
from tests.server import drop_database

SPARK = PROJECT / ".venv-spark" / "bin" / "python"
NO_SPARK = "make spark installs Spark's environment" if not SPARK.exists() else "Java 17 is missing"

ENGINES = [
    pytest.param("duckdb", marks=pytest.mark.slow),
    pytest.param(
        "spark",
        marks=[
            pytest.mark.spark,
            pytest.mark.skipif(not (SPARK.exists() and shutil.which("java")), reason=NO_SPARK),
        ],
    ),
]


@pytest.fixture(scope="module", params=ENGINES)
def rebuilt(
    companies: BuiltCompany,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Settings]:
    """The company whose last night another engine has built, on what PostgreSQL's had decided."""
    home = tmp_path_factory.mktemp(request.param) / "home"
    settings = clone(companies.before, f"engine_{request.param}", home)
    settings = replace(settings, engine=request.param)
    run_night(settings, LAST_NIGHT)
    yield settings
    drop_database(settings)


def test_list_files_are_the_same_bytes(rebuilt: Settings, company: Settings) -> None:
    built, expected = files_of(rebuilt.home / "current"), files_of(company.home / "current")
    assert any(name.endswith(".csv") for name in expected)
    assert difference(built, expected) == []


def test_published_tables_and_decisions_are_the_same_rows(
    rebuilt: Settings, company: Settings
) -> None:
    schemas = ("published", "decisions")
    built, expected = fingerprint(rebuilt, schemas), fingerprint(company, schemas)
    assert len(expected) > 20
    assert difference(built, expected) == []


def test_what_the_lake_holds_only_its_owner_reads(rebuilt: Settings, company: Settings) -> None:
    folders = [path for path in rebuilt.lake.rglob("*") if path.is_dir()]
    assert rebuilt.lake.stat().st_mode & 0o077 == 0
    assert folders


def test_a_delivery_is_mirrored_once(rebuilt: Settings, company: Settings) -> None:
    """A second mirror finds every delivery there and writes nothing of them."""
    from regulars.engines import engine_of
    from regulars.night import Night

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
