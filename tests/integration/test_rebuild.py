"""Nights of the past, built again beside the live tables of the sample company.

What the company got to know since, a file for the earlier night and rows out of quarantine, is
there before anything is rebuilt: no rebuilt night may see it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from regulars.feeds import replay
from regulars.feeds.load import ingest
from regulars.night import Night
from regulars.nights.rebuild import PREFIX, drop, rebuild
from regulars.settings import PROJECT, Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone, difference, files_of, fingerprint
from tests.conftest import drop_database

pytestmark = pytest.mark.nights

BEFORE = LAST_NIGHT - timedelta(days=1)
LAYERS = ("staging", "intermediate", "marts", "scores", "lists")


@dataclass(frozen=True)
class Rebuilt:
    """A copy of the company in which both nights were rebuilt, each into a folder of its name.

    late, rows_replayed: what came between the nights and their rebuilds.
    live_before, live: fingerprints of all schemas before the first rebuild and after it.
    full: layer tables as the rebuild of the last night made them.
    """

    settings: Settings
    folder: Path
    late: dict[str, object]
    rows_replayed: int
    live_before: dict[str, str]
    live: dict[str, str]
    full: dict[str, str]
    is_identical: dict[date, object]


@pytest.fixture(scope="module")
def rebuilt(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rebuilt]:
    folder = tmp_path_factory.mktemp("rebuilt")
    settings = clone(company, parsed.COPY, folder / "home")
    late = deliver_late(settings, folder / "landing")
    rows_replayed = replay_order_lines(settings, folder / "project")
    live_before = fingerprint(settings)
    first = rebuild(settings, BEFORE, folder / BEFORE.isoformat())
    live = fingerprint(settings)
    last = rebuild(settings, LAST_NIGHT, folder / LAST_NIGHT.isoformat(), keep=True)
    full = fingerprint(settings, [PREFIX + name for name in LAYERS])
    drop(settings)
    yield Rebuilt(
        settings=settings,
        folder=folder,
        late=late,
        rows_replayed=rows_replayed,
        live_before=live_before,
        live=live,
        full={name.removeprefix(PREFIX): value for name, value in full.items()},
        is_identical={BEFORE: first["is_identical"], LAST_NIGHT: last["is_identical"]},
    )
    drop_database(settings)


def deliver_late(settings: Settings, landing: Path) -> dict[str, object]:
    """A later revision of the earlier night's orders, without the last of them."""
    name = Path("house") / BEFORE.isoformat()
    (landing / name).mkdir(parents=True)
    lines = (settings.landing / name / "orders.csv").read_text(encoding="utf-8").splitlines(True)
    (landing / name / "orders.r9.csv").write_text("".join(lines[:-1]), encoding="utf-8")
    return ingest(replace(settings, landing=landing), "sales", LAST_NIGHT)


def replay_order_lines(settings: Settings, project: Path) -> int:
    """The sample company's files hold lines with negative quantities: now they are allowed."""
    shutil.copytree(
        PROJECT / "dbt_project",
        project / "dbt_project",
        ignore=shutil.ignore_patterns("target", "logs"),
    )
    declaration = project / "dbt_project/models/staging/house/_house__sources.yml"
    text = declaration.read_text()
    before, name, after = text.partition("          - name: quantity\n")
    column, following, rest = after.partition("          - ")
    assert name
    assert "min: 0, " in column
    declaration.write_text(before + name + column.replace("min: 0, ", "") + following + rest)
    return replay.replay(replace(settings, project=project), "order_lines")["rows_replayed"]


def test_more_was_loaded_since_the_nights(rebuilt: Rebuilt) -> None:
    assert rebuilt.late["loaded"] == 1
    assert rebuilt.rows_replayed > 0


def test_an_earlier_night_is_rebuilt_byte_for_byte_whatever_came_since(rebuilt: Rebuilt) -> None:
    assert rebuilt.is_identical[BEFORE]
    files = files_of(rebuilt.folder / BEFORE.isoformat())
    assert files == files_of(rebuilt.settings.generations / "1")


def test_the_last_night_is_rebuilt_byte_for_byte_whatever_came_since(rebuilt: Rebuilt) -> None:
    assert rebuilt.is_identical[LAST_NIGHT]
    files = files_of(rebuilt.folder / LAST_NIGHT.isoformat())
    assert files == files_of(rebuilt.settings.generations / "2")


def test_a_rebuild_leaves_the_live_tables_alone(rebuilt: Rebuilt) -> None:
    assert difference(rebuilt.live, rebuilt.live_before) == []


def test_incremental_equals_full(rebuilt: Rebuilt) -> None:
    """The live tables came from a full build and an incremental one; the rebuild is a full one."""
    live = {name: md5 for name, md5 in rebuilt.live.items() if name.split(".")[0] in LAYERS}
    assert len(rebuilt.full) > 20
    assert difference(live, rebuilt.full) == []


def test_the_night_value_names_its_schemas() -> None:
    assert Night(LAST_NIGHT).schema("marts") == "marts"
    assert Night(LAST_NIGHT, PREFIX).schema("marts") == "rebuild_marts"
