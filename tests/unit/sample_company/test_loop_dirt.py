"""Dirt in the nights that answer lists: what is planted is recorded, and nothing else is bad."""

from __future__ import annotations

from datetime import date, timedelta
from math import sqrt
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from regulars.sample_company import World, generate
from regulars.sample_company.dirt.answered_nights import plan_nights
from regulars.sample_company.dirt.faults import only
from regulars.sample_company.dirt.mishaps import LINE_OF_ORPHAN, QUARANTINED, mishaps_of
from regulars.sample_company.founding import Founding
from regulars.sample_company.loop import next_day, respond
from regulars.sample_company.loop.response import Untreated
from regulars.sample_company.loop.sent import Sent
from regulars.sample_company.parts import Dirt
from regulars.sample_company.worlds import KETTLE_AND_CRANE
from tests.unit.sample_company.answering import write_lists
from tests.unit.sample_company.conftest import Sample
from tests.unit.sample_company.test_dirt import RULES, bad_rows

LAST, AHEAD = date(2025, 11, 30), 20
EVERYBODY = [f"C{number:07d}" for number in range(1, 401)]
DIRTY = KETTLE_AND_CRANE.variant(dirt={"per_mille": 40.0})


def live_on(root: Path, world: World, nights: list[int]) -> Path:
    """A company of 400 and these nights' lists answered; everything below root."""
    generate(
        root / "landing",
        root / "truth",
        customers=400,
        seed=3,
        world=world,
        ahead=AHEAD,
        first_night=LAST - timedelta(days=120),
        last_night=LAST,
    )
    lists = {"win_back": EVERYBODY}
    for night in nights:
        on = LAST + timedelta(days=night)
        named = lists if night == 0 else {"win_back": []}
        next_day(root / "landing", root / "truth", write_lists(root / str(night), on, named))
    return root


def planted(root: Path) -> list[dict]:
    """What is recorded of the nights after the last one of the company's own."""
    paths = sorted((root / "truth" / "dirt").glob("*.parquet"))
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return live_on(tmp_path_factory.mktemp("answered"), DIRTY, [0, AHEAD - 1])


def test_the_bad_rows_of_answered_nights_are_exactly_the_planted_ones(answered: Path) -> None:
    house = Sample(answered / "landing" / "house", answered / "truth", {})
    for feed in RULES:
        found = {(on, line) for on, line in bad_rows(house, feed) if on > LAST.isoformat()}
        asked = {
            (p["delivered_on"], p["line"])
            for p in planted(answered)
            if p["feed"] == feed and p["expected"] == QUARANTINED
        }
        assert found == asked, feed


def test_as_many_rows_go_bad_as_the_world_asks_for() -> None:
    """In nights so full that no delivery's limit is reached; every kind of bad order is there."""
    founding = Founding(9, KETTLE_AND_CRANE, 20_000, LAST - timedelta(days=200), LAST, AHEAD)
    known = Untreated.of(9, founding.company())
    nights = range(founding.nights, founding.nights + AHEAD)
    feeds = [feed for feed in respond(known, Sent.of([]), nights) if mishaps_of(feed.name)]
    plan = plan_nights(9, feeds, founding.first_day + nights.start, nights, Dirt(5.0))
    rows = sum(len(feed.rows) for feed in feeds)
    bad = [m for found in plan.rows.values() for _, _, m in found if m is not LINE_OF_ORPHAN]
    assert abs(len(bad) / rows - 0.005) < 4 * sqrt(0.005 / rows)
    assert {m.kind for m in bad if m.feed == "orders"} == {m.kind for m in mishaps_of("orders")}
    assert plan.files


def test_a_night_gets_the_same_dirt_alone_and_among_others(answered: Path, tmp_path: Path) -> None:
    alone = live_on(tmp_path, DIRTY, list(range(5)))
    record = {p.name: p.read_bytes() for p in (alone / "truth" / "dirt").iterdir()}
    assert len(record) == 5
    for name, content in record.items():
        assert (answered / "truth" / "dirt" / name).read_bytes() == content
        folder = f"landing/house/{name.removesuffix('.parquet')}"
        files, same = (
            {p.name: p.read_bytes() for p in (root / folder).iterdir()}
            for root in (alone, answered)
        )
        assert files == same


def test_a_company_without_dirt_stays_clean(tmp_path: Path) -> None:
    clean = live_on(tmp_path, KETTLE_AND_CRANE.variant(dirt={"kinds": only("none")}), [0, 9])
    assert planted(clean) == []
    assert len(list((clean / "truth" / "dirt").iterdir())) == 10
