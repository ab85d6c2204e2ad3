"""Names and folders say which feed and which day; half-written files are not seen."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from regulars.feeds.discover import Arrival, discover, path_pattern
from tests.unit.feeds.conftest import make_feed


def put(landing: Path, name: str, content: str = "id,amount,note\n") -> Path:
    file = landing / "shop" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return file


def found(landing: Path, **delivery: object) -> list[Arrival]:
    return list(discover(landing, [make_feed(**delivery)]).arrivals)  # type: ignore[arg-type]


def test_date_and_revision_come_from_the_path(tmp_path: Path) -> None:
    for name in ("2026-01-05/things.csv", "2026-01-05/things.r2.csv", "2026-01-04/things.csv.gz"):
        put(tmp_path, name)
    assert [(a.delivered_on, a.revision, a.path) for a in found(tmp_path)] == [
        (date(2026, 1, 4), 0, "shop/2026-01-04/things.csv.gz"),
        (date(2026, 1, 5), 0, "shop/2026-01-05/things.csv"),
        (date(2026, 1, 5), 2, "shop/2026-01-05/things.r2.csv"),
    ]


@pytest.mark.parametrize(
    "name",
    ["2026-01-05/.things.csv", "2026-01-05/things.csv.tmp", "2026-01-05/things.csv.part",
     ".incoming/things.csv"],
)  # fmt: skip
def test_files_still_being_written_are_not_seen(tmp_path: Path, name: str) -> None:
    put(tmp_path, name)
    result = discover(tmp_path, [make_feed()])
    assert (result.arrivals, result.unexpected) == ((), ())


def test_a_file_that_no_feed_expects_is_reported(tmp_path: Path) -> None:
    put(tmp_path, "2026-01-05/stuff.csv")
    assert discover(tmp_path, [make_feed()]).unexpected == ("shop/2026-01-05/stuff.csv",)


def test_a_link_is_refused_and_a_linked_folder_not_entered(tmp_path: Path) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_text("id\n")
    folder = tmp_path / "shop" / "2026-01-05"
    folder.mkdir(parents=True)
    (folder / "things.csv").symlink_to(outside)
    (tmp_path / "shop" / "2026-01-06").symlink_to(folder)
    (arrival,) = found(tmp_path)
    assert "link" in (arrival.fault or "")


def test_an_impossible_date_in_a_name_is_a_fault(tmp_path: Path) -> None:
    put(tmp_path, "2026-02-30/things.csv")
    (arrival,) = found(tmp_path)
    assert "not in the calendar" in (arrival.fault or "")


def test_a_manifest_gives_the_rows_and_where_no_name_does_the_date(tmp_path: Path) -> None:
    file = put(tmp_path, "things.csv")
    manifest = file.with_name("things.csv.manifest.json")
    manifest.write_text(json.dumps({"rows": 3, "delivered_on": "2026-01-05"}))
    (arrival,) = found(tmp_path, path="things.csv")
    assert (arrival.manifest_rows, arrival.delivered_on) == (3, date(2026, 1, 5))
    manifest.unlink()
    (arrival,) = found(tmp_path, path="things.csv")
    assert "neither its path nor a manifest" in (arrival.fault or "")


@pytest.mark.parametrize("content", ["[]", "{", '{"rows": "many"}', '{"rows": true}'])
def test_a_manifest_that_cannot_be_read_is_a_fault(tmp_path: Path, content: str) -> None:
    file = put(tmp_path, "2026-01-05/things.csv")
    file.with_name("things.csv.manifest.json").write_text(content)
    (arrival,) = found(tmp_path)
    assert "manifest" in (arrival.fault or "")


def test_a_date_that_stands_twice_must_be_the_same_date() -> None:
    pattern = path_pattern("{delivered_on}/sales_{delivered_on}.csv")
    assert pattern.fullmatch("2026-01-05/sales_2026-01-05.csv")
    assert not pattern.fullmatch("2026-01-05/sales_2026-01-06.csv")


def test_a_dot_in_a_path_is_a_dot() -> None:
    assert not path_pattern("sales.csv").fullmatch("salesXcsv")


def test_feeds_of_two_systems_do_not_see_each_other_s_files(tmp_path: Path) -> None:
    put(tmp_path, "2026-01-05/things.csv")
    other = replace(make_feed(), system="market", table="market_things")
    assert discover(tmp_path, [other]).arrivals == ()
