"""Deliveries that are dropped, delayed, cut, short, empty or renamed at random: whoever said no,
or bought, is on no marketing file of any night, and each night says which feeds are not in.

REGULARS_SCHEDULE_SEED is the seed (the first one, of `make slow`); it is printed. The first test
runs one schedule as far as it is decided what is in, and its last night with lists; the second one
with lists on each night; the third whole nights.
REGULARS_SCHEDULE_MINUTES is how long `make slow` goes on with further seeds, 60 of itself.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import SystemRandom

import pytest

from regulars.settings import Settings
from tests.company import LAST_NIGHT
from tests.conftest import SEED
from tests.integration.random_deliveries import schedule
from tests.integration.random_deliveries.nights import (
    RunNight,
    arrivals_until,
    short_night,
    whole_night,
)
from tests.integration.random_deliveries.schedule import Schedule, Told
from tests.server import drop_database

MINUTES = float(os.environ.get("REGULARS_SCHEDULE_MINUTES", "60"))
NIGHTS = 6
SEED_OF_LISTS = 20
LAST = LAST_NIGHT + timedelta(days=NIGHTS)
ONE_SEED = 4  # all is in on its last night, so that there are lists
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


def run(plan: Schedule, seeds: Callable[[int], None]) -> list[Told]:
    seeds(plan.seed)
    told = plan.run()
    nobody_is_wronged(plan, told)
    return told


@pytest.fixture
def settle(company: Settings, tmp_path: Path) -> Iterator[Callable[[RunNight, int], Schedule]]:
    """A schedule by the seed asked for, and its database gone after it."""
    plans: list[Schedule] = []

    def of(run_night: RunNight, seed: int) -> Schedule:
        seed = int(os.environ.get(SEED, seed))
        plans.append(schedule.of(seed, NIGHTS, company, tmp_path, run_night))
        return plans[-1]

    yield of
    for plan in plans:
        drop_database(plan.settings)


def test_a_random_schedule_names_each_night_what_is_not_in_and_ends_in_lists_that_wrong_nobody(
    settle: Callable[[RunNight, int], Schedule], seeds: Callable[[int], None]
) -> None:
    assert something_happened(run(settle(arrivals_until(LAST), ONE_SEED), seeds))


@pytest.mark.nights  # a minute and a half on an idle machine
@pytest.mark.timeout(0)
def test_a_random_schedule_of_nights_with_lists_wrongs_nobody_and_names_what_is_not_in(
    settle: Callable[[RunNight, int], Schedule], seeds: Callable[[int], None]
) -> None:
    assert something_happened(run(settle(short_night, SEED_OF_LISTS), seeds))


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_as_many_random_schedules_as_fit_wrong_nobody(
    company: Settings, tmp_path: Path, seeds: Callable[[int], None]
) -> None:
    seed = int(os.environ.get(SEED) or SystemRandom().randrange(10**6))
    ends_at = time.monotonic() + 60 * MINUTES
    told: list[Told] = []
    while time.monotonic() < ends_at:
        plan = schedule.of(seed, NIGHTS, company, tmp_path / str(seed), whole_night)
        told += run(plan, seeds)
        seed += 1
    assert something_happened(told)
