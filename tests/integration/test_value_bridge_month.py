"""The bridge over many nights with every kind of change in them, and a night of them rebuilt."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.nights.rebuild import drop, rebuild
from regulars.nights.run import run_night
from regulars.sample_company import generate
from regulars.settings import PROJECT, Settings
from tests.conftest import drop_database
from tests.integration.bridge_checks import faults, published_values

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

LAST = date(2026, 10, 31)
BRIDGE = "select scope, place, part, amount, customers from {}.value_bridge"
PEOPLE = "select * from {}.customer_value_changes"
EVERY_CAUSE = {
    "time",
    "corrections",
    "purchases",
    "new_customers",
    "service",
    "averages",
    "refit",
    "assumptions",
}


@dataclass
class Month:
    """A company whose nights were run: what was wrong with each bridge, and what they moved.

    remembered: both tables of the night before the last, as they were published.
    """

    settings: Settings
    nights: list[date]
    wrong: dict[date, list[str]] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    remembered: list[set[tuple]] = field(default_factory=list)


@pytest.fixture(scope="module", params=[5, 30])
def month(request: pytest.FixtureRequest, make_settings, tmp_path_factory) -> Iterator[Month]:
    """In its middle the cost of a minute changes, and the night after that is never run."""
    settings: Settings = make_settings(f"bridge_{request.param}")
    dearer = with_a_dearer_minute(tmp_path_factory.mktemp("dearer"))
    days = [LAST - timedelta(days=n) for n in reversed(range(request.param))]
    generate(
        settings.landing,
        settings.home / "truth",
        customers=400,
        seed=11,
        first_night=days[0] - timedelta(days=400),
        last_night=LAST,
    )
    raw_tables.migrate(settings)
    change = days[len(days) // 2]
    done = Month(settings, [day for day in days if day != change + timedelta(days=1)])
    for night in done.nights:
        project = dearer if night >= change else PROJECT
        run(done, replace(settings, project=project), night)
    done.settings = replace(settings, project=dearer)
    yield done
    drop_database(settings)


def run(done: Month, settings: Settings, night: date) -> None:
    is_first = night == done.nights[0]
    before = {} if is_first else published_values(settings)
    run_night(settings, night)
    if is_first:
        return
    done.wrong[night] = faults(settings, before)
    for scope, _, part, amount, _ in read(settings, BRIDGE, "published"):
        if scope == "company" and amount:
            done.moved[part] = done.moved.get(part, 0) + 1
    if night == done.nights[-2]:
        done.remembered = [read(settings, query, "published") for query in (BRIDGE, PEOPLE)]


def read(settings: Settings, query: str, tables: str) -> set[tuple]:
    with warehouse.connect(settings, "transformer") as connection:
        return set(connection.execute(query.format(tables).encode()).fetchall())


def with_a_dearer_minute(folder: Path) -> Path:
    """The project with another `agent_minute_cost`."""
    for path in PROJECT.iterdir():
        if path.name in ("expectations", "scripts", "dags"):
            (folder / path.name).symlink_to(path)
    left_out = shutil.ignore_patterns("target", "logs")
    shutil.copytree(PROJECT / "dbt_project", folder / "dbt_project", ignore=left_out)
    file = folder / "dbt_project" / "dbt_project.yml"
    text = file.read_text(encoding="utf-8")
    assert "agent_minute_cost: 0.60" in text
    file.write_text(text.replace("agent_minute_cost: 0.60", "agent_minute_cost: 0.95"))
    return folder


def test_every_night_closes_to_the_cent(month: Month) -> None:
    assert len(month.wrong) == len(month.nights) - 1
    assert {night: wrong for night, wrong in month.wrong.items() if wrong} == {}


def test_every_cause_moved_something(month: Month) -> None:
    assert EVERY_CAUSE - month.moved.keys() == set()
    assert month.moved["assumptions"] == 1


def test_a_night_that_is_built_again_has_the_same_bridge(month: Month, tmp_path: Path) -> None:
    rebuild(month.settings, month.nights[-2], tmp_path, keep=True)
    found = [read(month.settings, query, "rebuild_marts") for query in (BRIDGE, PEOPLE)]
    drop(month.settings)
    assert all(month.remembered)
    assert found == month.remembered
