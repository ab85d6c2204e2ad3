"""Deliveries that are dropped, delayed, cut, short, empty or renamed at random: whoever said no,
or bought, is on no marketing file of any night, and each night says which feeds are not in.

REGULARS_SCHEDULE_SEED is the seed (the first one, of `make slow`); it is printed. The first test
runs one schedule as far as it is decided what is in, the second one of short nights, the third
whole ones.
REGULARS_SCHEDULE_MINUTES is how long `make slow` goes on with further seeds, 60 of itself.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from random import SystemRandom

import pytest

from regulars.settings import Settings
from tests.integration.random_deliveries import schedule
from tests.integration.random_deliveries.nights import arrivals, short_night, whole_night
from tests.integration.random_deliveries.schedule import Schedule, Told
from tests.server import drop_database

SEED = "REGULARS_SCHEDULE_SEED"
MINUTES = float(os.environ.get("REGULARS_SCHEDULE_MINUTES", "60"))
NIGHTS = 6
pytestmark = pytest.mark.usefixtures("without_docs")


def nobody_is_wronged(plan: Schedule, nights: list[Told]) -> None:
    """Says the seed and the mishaps where a night wrongs somebody, or is silent about a feed."""
    story = [f"seed {plan.seed}", *(str(mishap) for mishap in plan.mishaps)]
    for told in nights:
        said = told.outcome
        story.append(f"{told.night}: {said.words!r} {said.stops}")
        assert told.wronged == {}, "\n".join(story)
        silent = {feed for feed in told.lacking if feed not in said.words}
        assert (said.stale, silent) == (told.lacking, set()), "\n".join(story)
        for stop in said.stops:
            if stop.startswith("The lists gate"):
                assert {feed for feed in told.lacking if feed not in stop} == set(), stop


def something_happened(nights: list[Told]) -> bool:
    """Somebody was on a list, and some feed was not in."""
    return any(any(night.people.values()) for night in nights) and any(
        night.lacking for night in nights
    )


def run(plan: Schedule) -> list[Told]:
    print(f"{SEED}={plan.seed}")
    told = plan.run()
    nobody_is_wronged(plan, told)
    return told


@pytest.fixture
def short_schedule(company: Settings, tmp_path: Path) -> Iterator[Schedule]:
    seed = int(os.environ.get(SEED, "3"))
    plan = schedule.of(seed, NIGHTS, company, tmp_path, short_night)
    yield plan
    drop_database(plan.settings)


@pytest.fixture
def arriving(company: Settings, tmp_path: Path) -> Iterator[Schedule]:
    seed = int(os.environ.get(SEED, "3"))
    plan = schedule.of(seed, NIGHTS, company, tmp_path, arrivals)
    yield plan
    drop_database(plan.settings)


def test_each_night_of_a_random_schedule_names_what_is_not_in(
    arriving: Schedule,
) -> None:
    assert something_happened(run(arriving))


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_a_random_schedule_wrongs_nobody_and_names_what_is_not_in(
    short_schedule: Schedule,
) -> None:
    assert something_happened(run(short_schedule))


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_as_many_random_schedules_as_fit_wrong_nobody(company: Settings, tmp_path: Path) -> None:
    seed = int(os.environ.get(SEED) or SystemRandom().randrange(10**6))
    ends_at = time.monotonic() + 60 * MINUTES
    told: list[Told] = []
    while time.monotonic() < ends_at:
        told += run(schedule.of(seed, NIGHTS, company, tmp_path / str(seed), whole_night))
        seed += 1
    assert something_happened(told)
