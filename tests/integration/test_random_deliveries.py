"""Deliveries that are dropped, delayed, cut, short, empty or renamed at random: whoever said no,
or bought, is on no marketing file of any night, and each night says which feeds are not in.

REGULARS_SCHEDULE_SEED is the seed (the first one, of `make slow`); it is printed.
REGULARS_SCHEDULE_MINUTES is how long `make slow` goes on with further seeds, 60 of itself.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import SystemRandom

import pytest

from regulars.settings import Settings
from tests.integration.random_deliveries import schedule
from tests.integration.random_deliveries.schedule import Schedule, Told

SEED = "REGULARS_SCHEDULE_SEED"
MINUTES = float(os.environ.get("REGULARS_SCHEDULE_MINUTES", "60"))
# Real nights, each as long as it takes on a busy machine.
pytestmark = [
    pytest.mark.usefixtures("without_docs"),
    pytest.mark.slow,
    pytest.mark.timeout(0),
]


def nobody_is_wronged(plan: Schedule, nights: list[Told]) -> None:
    """Says the seed and the mishaps where a night wrongs somebody, or is silent about a feed."""
    story = [f"seed {plan.seed}", *(str(mishap) for mishap in plan.mishaps)]
    for told in nights:
        story.append(f"{told.night}: published {told.is_published}, {told.words!r}")
        assert told.wronged == {}, "\n".join(story)
        if told.is_published:
            silent = {feed for feed in told.lacking if feed not in told.words}
            assert (told.stale, silent) == (told.lacking, set()), "\n".join(story)
        else:
            assert any(feed in told.words for feed in told.lacking), "\n".join(story)


def run(seed: int, nights: int, company: Settings, folder: Path) -> list[Told]:
    print(f"{SEED}={seed}")
    plan = schedule.of(seed, nights, company, folder)
    told = plan.run()
    nobody_is_wronged(plan, told)
    return told


def test_a_random_schedule_wrongs_nobody_and_names_what_is_not_in(
    company: Settings, tmp_path: Path
) -> None:
    told = run(int(os.environ.get(SEED, "3")), 4, company, tmp_path)
    assert any(night.is_published and any(night.people.values()) for night in told)
    assert any(night.lacking for night in told)


def test_as_many_random_schedules_as_fit_wrong_nobody(company: Settings, tmp_path: Path) -> None:
    seed = int(os.environ.get(SEED) or SystemRandom().randrange(10**6))
    ends_at = time.monotonic() + 60 * MINUTES
    told: list[Told] = []
    while time.monotonic() < ends_at:
        told += run(seed, 6, company, tmp_path / str(seed))
        seed += 1
    assert any(night.is_published and any(night.people.values()) for night in told)
    assert any(night.lacking for night in told)
