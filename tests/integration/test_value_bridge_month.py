"""Thirty nights whose deliveries come late, in any order and twice, with every kind of change in
them: each night's bridge closes, and in the end every table is as a full rebuild makes it.

REGULARS_SCHEDULE_SEED is the seed of who comes late, REGULARS_BRIDGE_NIGHTS another number of
nights, REGULARS_SCHEDULE_MINUTES how long shorter schedules of further seeds go on, 60 of itself. A
month takes a quarter of an hour of one core.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.feeds import declarations, raw_tables
from regulars.nights.rebuild import PREFIX, drop, rebuild
from regulars.nights.run import run_step
from regulars.nights.steps import STEPS
from regulars.sample_company import generate
from regulars.settings import PROJECT, Settings
from tests import changed_project
from tests.company import difference, fingerprint
from tests.conftest import drop_database
from tests.integration.bridge_checks import faults, published_values
from tests.integration.late_deliveries import Arrivals
from tests.integration.random_deliveries.nights import without_dbt_tests

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

LAST = date(2026, 10, 31)
SEED = int(os.environ.get("REGULARS_SCHEDULE_SEED", "5"))
NIGHTS = int(os.environ.get("REGULARS_BRIDGE_NIGHTS", "30"))
MINUTES = float(os.environ.get("REGULARS_SCHEDULE_MINUTES", "60"))
LAYERS = ("staging", "intermediate", "marts", "scores", "lists")
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
class Nights:
    """A company whose nights were run: what was wrong with each bridge, and what they moved.

    remembered: both tables of the night before the last, as they were published.
    erasing: nights at whose end somebody was erased.
    """

    settings: Settings
    arrivals: Arrivals
    nights: list[date]
    wrong: dict[date, list[str]] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    remembered: list[set[tuple]] = field(default_factory=list)
    erasing: set[date] = field(default_factory=set)


def company(settings: Settings, folder: Path, nights: int, seed: int) -> Nights:
    """Deliveries of as many nights, none of them run."""
    print(f"REGULARS_SCHEDULE_SEED={seed}")
    days = [LAST - timedelta(days=n) for n in reversed(range(nights))]
    generate(
        folder,
        settings.home / "truth",
        customers=400,
        seed=11,
        first_night=days[0] - timedelta(days=400),
        last_night=LAST,
        world="two_currencies",
    )
    raw_tables.migrate(settings)
    return Nights(settings, Arrivals(folder, settings.landing, days, seed), days)


@pytest.fixture(scope="module")
def month(make_settings: Callable, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    """In its middle the cost of a minute changes, and the night after that is never run."""
    settings: Settings = make_settings("bridge")
    minute = "agent_minute_cost: 0.60", "agent_minute_cost: 0.95"
    dearer = changed_project.with_line(tmp_path_factory.mktemp("dearer"), *minute)
    done = company(settings, tmp_path_factory.mktemp("complete"), NIGHTS, SEED)
    change = done.nights[len(done.nights) // 2]
    left_out = change + timedelta(days=1)
    days = list(done.nights)
    done.nights.remove(left_out)
    for night in days:
        done.arrivals.bring(night)
        if night != left_out:
            run(done, replace(settings, project=dearer if night >= change else PROJECT), night)
    done.settings = replace(settings, project=dearer)
    yield done
    drop_database(settings)


def run(done: Nights, settings: Settings, night: date) -> None:
    is_first = night == done.nights[0]
    before = {} if is_first else published_values(settings)
    erased_before = erasures(settings)
    without_gates(settings, night)
    if erasures(settings) > erased_before:
        done.erasing.add(night)
    if is_first:
        return
    last_night = done.nights[done.nights.index(night) - 1]
    done.wrong[night] = faults(settings, before, is_somebody_erased=last_night in done.erasing)
    for scope, _, part, amount, _ in read(settings, BRIDGE, "published"):
        if scope == "company" and amount:
            done.moved[part] = done.moved.get(part, 0) + 1
    if night == done.nights[-2]:
        done.remembered = [read(settings, query, "published") for query in (BRIDGE, PEOPLE)]


def erasures(settings: Settings) -> int:
    with warehouse.connect(settings, "admin") as connection:
        ((receipts,),) = connection.execute("select count(*) from decisions.erasures").fetchall()
    return int(receipts)


def without_gates(settings: Settings, night: date) -> None:
    """A night without what judges it: gates would stop at files that are late."""
    with without_dbt_tests():
        for name, step in STEPS.items():
            if not step.is_gate:
                run_step(name, night, settings)


def read(settings: Settings, query: str, tables: str) -> set[tuple]:
    with warehouse.connect(settings, "transformer") as connection:
        return set(connection.execute(query.format(tables).encode()).fetchall())


def unlike_a_full_build(settings: Settings, night: date, folder: Path) -> list[str]:
    """Tables that the nights left otherwise than one full build from raw and the log makes them."""
    live = fingerprint(settings, LAYERS)
    with without_dbt_tests():
        rebuild(settings, night, folder, keep=True)
    full = fingerprint(settings, [PREFIX + name for name in LAYERS])
    drop(settings)
    assert len(full) > 100
    return difference(live, {name.removeprefix(PREFIX): md5 for name, md5 in full.items()})


def feeds_without_rows(settings: Settings) -> set[str]:
    """Feeds of which nothing was ever loaded; an erasure may since have taken all there was."""
    feeds = {feed.name for feed in declarations.load(settings.dbt_project, ("house",))}
    with warehouse.connect(settings, "admin") as connection:
        loaded = connection.execute(
            "select feed from raw.deliveries group by feed"
            " having sum(rows_loaded + coalesce(rows_erased, 0)) > 0"
        )
        return feeds - {feed for (feed,) in loaded}


def test_every_night_closes_to_the_cent(month: Nights) -> None:
    assert len(month.wrong) == len(month.nights) - 1
    assert {night: wrong for night, wrong in month.wrong.items() if wrong} == {}


def test_every_cause_moved_something(month: Nights) -> None:
    assert EVERY_CAUSE - month.moved.keys() == set()
    assert month.moved["assumptions"] == 1


def test_files_came_late_and_twice_and_of_every_feed(month: Nights) -> None:
    assert min(month.arrivals.late, month.arrivals.again) > 20
    assert feeds_without_rows(month.settings) == set()


def test_the_last_night_is_as_a_full_build_makes_it(month: Nights, tmp_path: Path) -> None:
    assert unlike_a_full_build(month.settings, LAST, tmp_path) == []


def test_a_night_that_is_built_again_has_the_same_bridge(month: Nights, tmp_path: Path) -> None:
    with without_dbt_tests():
        rebuild(month.settings, month.nights[-2], tmp_path, keep=True)
    found = [read(month.settings, query, "rebuild_marts") for query in (BRIDGE, PEOPLE)]
    drop(month.settings)
    assert all(month.remembered)
    assert found == month.remembered


def test_as_many_schedules_as_fit_end_as_a_full_build(
    make_world: Callable, tmp_path: Path, seeds: Callable[[int], None]
) -> None:
    ends_at = time.monotonic() + 60 * MINUTES
    seed = SEED + 1
    while time.monotonic() < ends_at:
        seeds(seed)
        settings: Settings = make_world(f"any_order_{seed}")
        done = company(settings, tmp_path / str(seed), 4, seed)
        for night in done.nights:
            done.arrivals.bring(night)
            without_gates(settings, night)
        assert unlike_a_full_build(settings, LAST, tmp_path / "rebuilt") == [], f"seed {seed}"
        drop_database(settings)
        seed += 1
