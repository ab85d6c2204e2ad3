"""A night of a schedule, whole, or only as far as it decides who is in a file, or what is in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.engines import postgres
from regulars.gates import hold, holds
from regulars.gates.approvals import approve
from regulars.gates.check import GateFailed
from regulars.lists.export import write_files
from regulars.night import Night
from regulars.nights.run import run_step
from regulars.nights.steps import STEPS
from regulars.settings import Settings

DECISIVE = (
    "ingest_sales",
    "ingest_service",
    "normalise_contacts",
    "transform",
    "score",  # whoever bought tonight is at no risk any more
    "value",
    "lists",
)


@dataclass(frozen=True)
class Outcome:
    """lists: a folder, None where the night made none. words: what the night held back. stops: what
    gates said before a person let it pass."""

    lists: Path | None
    stale: set[str]  # feeds that it says are not in
    words: str
    stops: tuple[str, ...] = ()


RunNight = Callable[[Settings, date], Outcome]


def whole_night(settings: Settings, night: date) -> Outcome:
    """Every step. Where a gate stops, a person lets it pass: no file may rest on a gate's stop."""
    results, stops = {}, []
    for step in STEPS:
        try:
            results[step] = run_step(step, night, settings)
        except GateFailed as stop:
            stops.append(str(stop))
            approve(settings, step.removeprefix("gate_"), night, "Joan", "it is as it should be")
            results[step] = run_step(step, night, settings)
    words = "; ".join(results["gate_lists"]["held"])
    lists = settings.home / "current" / "lists"
    return Outcome(lists, _stale(settings, "published"), words, tuple(stops))


def short_night(settings: Settings, night: date) -> Outcome:
    """Without gates, dbt tests and publication."""
    with without_dbt_tests():
        for step in DECISIVE:
            run_step(step, night, settings)
    folder = settings.home / "short_nights" / night.isoformat()
    shutil.rmtree(folder, ignore_errors=True)
    write_files(settings, Night(night), folder, "short")
    with warehouse.connect(settings, "transformer") as connection:
        words = hold.sentences(holds.of_night(connection, Night(night)))
    return Outcome(folder / "lists", _stale(settings, "marts"), "; ".join(words))


ARRIVALS = ("--select", "+feed_states", "--resource-type", "model")


def arrivals(settings: Settings, night: date) -> Outcome:
    """What is in. Nobody is on a list for it."""
    for step in ("ingest_sales", "ingest_service"):
        run_step(step, night, settings)
    postgres.run_dbt(settings, Night(night), ARRIVALS, "what is in")
    with warehouse.connect(settings, "admin") as connection:
        words = connection.execute("select words from marts.feed_states where is_stale").fetchall()
    return Outcome(None, _stale(settings, "marts"), "; ".join(said for (said,) in words))


def arrivals_until(last: date) -> RunNight:
    """Nights that only know what is in, and the last one with lists."""
    return lambda settings, night: (short_night if night == last else arrivals)(settings, night)


@contextmanager
def without_dbt_tests() -> Iterator[None]:
    """Inside, dbt builds tables only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres, "run_dbt", _run_models)
        yield


_run_dbt = postgres.run_dbt


def _run_models(settings: Settings, night: Night, selection: Sequence[str], what: str) -> int:
    tables = ("--resource-type", "model", "--resource-type", "seed")
    return _run_dbt(settings, night, [*selection, *tables], what)


def _stale(settings: Settings, schema: str) -> set[str]:
    with warehouse.connect(settings, "admin") as connection:
        rows = connection.execute(f"select feed from {schema}.feed_states where is_stale")  # type: ignore[arg-type]
        return {feed for (feed,) in rows}
