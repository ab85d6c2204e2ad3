"""A night of the past, built again beside the live tables of the sample company."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from regulars.feeds.load import ingest
from regulars.night import Night
from regulars.nights.rebuild import PREFIX, drop, rebuild
from regulars.settings import Settings
from tests.company import LAST_NIGHT, clone, difference, files_of, fingerprint
from tests.conftest import drop_database

BEFORE = LAST_NIGHT - timedelta(days=1)


@dataclass(frozen=True)
class Rebuilt:
    """A copy of the company in which the earlier night was rebuilt into a folder."""

    settings: Settings
    folder: Path
    result: dict[str, object]


@pytest.fixture(scope="module")
def rebuilt(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rebuilt]:
    folder = tmp_path_factory.mktemp("rebuilt")
    settings = clone(company, "rebuilt", folder / "home")
    yield Rebuilt(settings, folder / "before", rebuild(settings, BEFORE, folder / "before"))
    drop_database(settings)


def test_an_earlier_night_is_rebuilt_byte_for_byte(rebuilt: Rebuilt) -> None:
    assert rebuilt.result["is_identical"]
    assert files_of(rebuilt.folder) == files_of(rebuilt.settings.generations / "1")


def test_a_rebuild_leaves_the_live_tables_alone(company: Settings, rebuilt: Rebuilt) -> None:
    assert difference(fingerprint(rebuilt.settings), fingerprint(company)) == []


def test_incremental_equals_full(rebuilt: Rebuilt, tmp_path: Path) -> None:
    """The live tables came from a full build and an incremental one; the rebuild is a full one."""
    rebuild(rebuilt.settings, LAST_NIGHT, tmp_path / "rebuilt", keep=True)
    names = ("staging", "intermediate", "marts", "scores", "lists")
    live = fingerprint(rebuilt.settings, names)
    full = {
        name.removeprefix(PREFIX): value
        for name, value in fingerprint(rebuilt.settings, [PREFIX + name for name in names]).items()
    }
    drop(rebuilt.settings)
    assert len(full) > 20
    assert difference(live, full) == []


@pytest.fixture
def copy(rebuilt: Rebuilt, tmp_path: Path) -> Iterator[Settings]:
    settings = clone(rebuilt.settings, "copy", tmp_path / "home")
    yield settings
    drop_database(settings)


def test_a_file_that_arrives_late_does_not_change_a_rebuilt_night(
    copy: Settings, tmp_path: Path
) -> None:
    landing = tmp_path / "landing"
    (landing / "house" / BEFORE.isoformat()).mkdir(parents=True)
    source = copy.landing / "house" / BEFORE.isoformat() / "orders.csv"
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    late = landing / "house" / BEFORE.isoformat() / "orders.r9.csv"
    late.write_text("".join(lines[:-1]), encoding="utf-8")
    loaded = ingest(replace(copy, landing=landing), "sales", LAST_NIGHT)
    assert loaded, "the late file was not picked up"
    assert rebuild(copy, BEFORE, tmp_path / "rebuilt")["is_identical"]


def test_the_night_value_names_its_schemas() -> None:
    assert Night(LAST_NIGHT).schema("marts") == "marts"
    assert Night(LAST_NIGHT, PREFIX).schema("marts") == "rebuild_marts"
