"""Nights that were published, rebuilt after people on their lists were erased: every row is the
published one, theirs are gone."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from regulars.erasure.erase import carry_out
from regulars.erasure.receipt import receipts
from regulars.erasure.requests import Request
from regulars.nights.lock import only_one
from regulars.nights.rebuild import rebuild
from regulars.settings import Settings
from tests import parsed
from tests.canary import files_naming
from tests.company import LAST_NIGHT, clone
from tests.conftest import drop_database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]  # an erasure, two rebuilds: three minutes
NIGHTS = {1: LAST_NIGHT - timedelta(days=1), 2: LAST_NIGHT}  # by generation
Row = tuple[tuple[str, str], ...]
Files = dict[str, Counter[Row]]  # name -> its rows


@dataclass(frozen=True)
class Rebuilt:
    """By generation: the files as they were published, after the erasure, and rebuilt."""

    erased: set[str]
    published: dict[int, Files]
    kept: dict[int, Files]
    rebuilt: dict[int, Files]
    results: dict[int, dict[str, object]]
    done: list[dict[str, int]]
    receipts: list[str]
    naming_them: list[str]


def rows(folder: Path) -> Files:
    return {
        str(file.relative_to(folder / "lists")): Counter(
            tuple(row.items()) for row in csv.DictReader(file.open(encoding="utf-8", newline=""))
        )
        for file in sorted((folder / "lists").rglob("*.csv"))
    }


def of_lists(files: Files) -> Iterator[dict[str, str]]:
    """Rows of the lists' own files, those for targets and refusals left out."""
    for name, counted in files.items():
        if "/" not in name and not name.endswith(".rejected.csv"):
            yield from map(dict, counted)


def somebody_on_most_lists(published: Files) -> str:
    ids = Counter(row["customer_id"] for row in of_lists(published))
    return min(ids, key=lambda one: (-ids[one], one))


def whose_household_others_share(published: Files) -> str:
    return min(
        row["household_id"]
        for row in of_lists(published)
        if row["household_id"] != row["customer_id"]
    )


@pytest.fixture(scope="module")
def rebuilt(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rebuilt]:
    folder = tmp_path_factory.mktemp("rebuilt_after_erasure")
    shutil.copytree(company.landing, folder / "landing")
    settings = replace(clone(company, parsed.COPY, folder / "home"), landing=folder / "landing")
    generations = {number: settings.generations / str(number) for number in NIGHTS}
    published = {number: rows(path) for number, path in generations.items()}
    erased = {somebody_on_most_lists(published[2]), whose_household_others_share(published[2])}
    with ThreadPoolExecutor() as both_at_once:
        done = list(both_at_once.map(lambda who: erase(settings, who), sorted(erased)))
    results = {n: rebuild(settings, night, folder / str(n)) for n, night in NIGHTS.items()}
    yield Rebuilt(
        erased,
        published,
        {number: rows(path) for number, path in generations.items()},
        {number: rows(folder / str(number)) for number in NIGHTS},
        results,
        done,
        [receipt.status for receipt in receipts(settings)],
        files_naming(folder, tuple(erased)),
    )
    drop_database(settings)


def erase(settings: Settings, who: str) -> dict[str, int]:
    with only_one(replace(settings, lock_timeout_seconds=600)):
        return carry_out(settings, [Request(f"R-{who}", who, LAST_NIGHT)], LAST_NIGHT, "Ada L.")


def less_the_erased(files: Files, erased: set[str]) -> Files:
    """Without their rows; who shared a household of theirs has one of their own."""
    left: Files = {}
    for name, counted in files.items():
        left[name] = Counter()
        for row, times in counted.items():
            cells = dict(row)
            if cells["customer_id"] not in erased:
                if cells.get("household_id") in erased:
                    cells["household_id"] = cells["customer_id"]
                left[name][tuple(cells.items())] += times
    return left


@pytest.mark.parametrize("generation", NIGHTS)
def test_files_lose_the_rows_of_the_erased_and_no_other(rebuilt: Rebuilt, generation: int) -> None:
    published, kept = rebuilt.published[generation], rebuilt.kept[generation]
    own = {name for name in published if "/" not in name}
    expected = less_the_erased({name: published[name] for name in own}, rebuilt.erased)
    assert {name: kept[name] for name in own} == expected
    assert expected != {name: published[name] for name in own}
    for name in published.keys() - own:  # those for targets may know no id
        assert not kept[name] - published[name], name
        assert (published[name] - kept[name]).total() <= len(rebuilt.erased), name


@pytest.mark.parametrize("generation", NIGHTS)
def test_a_rebuild_equals_what_was_published_less_the_erased(
    rebuilt: Rebuilt, generation: int
) -> None:
    kept, again = rebuilt.kept[generation], rebuilt.rebuilt[generation]
    assert kept.keys() == again.keys()
    differing = {
        name: (
            list(kept[name] - again.get(name, Counter()))[:2],
            list(again[name] - kept[name])[:2],
        )
        for name in kept
        if kept[name] != again[name]
    }
    assert differing == {}
    assert rebuilt.results[generation]["is_identical"]
    assert rebuilt.results[generation]["rows_from"] == "log"


def test_two_erasures_at_once_wait_for_each_other(rebuilt: Rebuilt) -> None:
    assert rebuilt.done == [{"people_erased": 1, "receipts_closed": 1}] * 2
    assert rebuilt.receipts == ["closed", "closed"]


def test_nothing_in_any_file_names_them_after_the_rebuilds(rebuilt: Rebuilt) -> None:
    assert rebuilt.naming_them == []
