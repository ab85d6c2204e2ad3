"""Names and folders say which feed and which day; half-written files are not seen."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Timer

import pytest

from regulars.feeds.discover import Arrival, discover, path_pattern
from regulars.feeds.whole_files import split_by_wholeness
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
    [
        "2026-01-05/.things.csv",
        "2026-01-05/things.csv.tmp",
        "2026-01-05/things.csv.part",
        ".incoming/things.csv",
    ],
)
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


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "no JSON object"),
        ("{", "no JSON object"),
        ("\x00\xff", "no JSON object"),
        ("[" * 50_000, "no JSON object"),
        ('{"rows": "many"}', "no whole number of rows"),
        ('{"rows": true}', "no whole number of rows"),
        ('{"rows": -1}', "no whole number of rows"),
        ('{"revision": 1.5}', "no whole number of revision"),
        ('{"delivered_on": "jane@example.org"}', "no date as delivered_on"),
        ('{"delivered_on": 20260105}', "no date as delivered_on"),
        ('{"row_count": 3}', "names none of rows, delivered_on, revision"),
        ('{"rows": 3, "rows": 2}', "names something twice"),
        ('{"rows": 3, "delivered_on": "2026-01-04"}', "different days"),
        ('{"rows": 1}' + " " * 2**16, "more than 65536 bytes"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_a_fault_of_its_file_alone(
    tmp_path: Path, content: str, words: str
) -> None:
    file = put(tmp_path, "2026-01-05/things.csv")
    put(tmp_path, "2026-01-06/things.csv")
    file.with_name("things.csv.manifest.json").write_bytes(content.encode("latin-1"))
    bad, good = found(tmp_path)
    assert words in (bad.fault or "")
    assert "jane" not in (bad.fault or "")
    assert good.fault is None


@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_a_manifest_that_is_no_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    file = put(tmp_path, "2026-01-05/things.csv")
    manifest = file.with_name("things.csv.manifest.json")
    if kind == "folder":
        manifest.mkdir()
    elif kind == "link":
        manifest.symlink_to(tmp_path / "nowhere")
    else:
        os.mkfifo(manifest)
    (arrival,) = found(tmp_path)
    assert "manifest is a link or no regular file" in (arrival.fault or "")


def test_a_name_and_a_manifest_must_not_say_different_revisions(tmp_path: Path) -> None:
    file = put(tmp_path, "2026-01-05/things.r2.csv")
    file.with_name("things.r2.csv.manifest.json").write_text('{"revision": 3}')
    (arrival,) = found(tmp_path)
    assert "different revisions" in (arrival.fault or "")


def test_a_change_that_keeps_size_and_time_changes_the_stamp(tmp_path: Path) -> None:
    file = put(tmp_path, "2026-01-05/things.csv", "id,amount,note\na,1,x\n")
    before = file.stat()
    (first,) = found(tmp_path)
    time.sleep(0.05)
    file.write_text("id,amount,note\na,2,x\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    (second,) = found(tmp_path)
    assert (first.size, first.modified_at) == (second.size, second.modified_at)
    assert first.stamp != second.stamp


def test_a_file_that_grows_during_the_pause_is_not_whole(tmp_path: Path) -> None:
    growing = put(tmp_path, "2026-01-05/things.csv", "id,amount,note\na,1,x\n")
    put(tmp_path, "2026-01-06/things.csv")
    arrivals = found(tmp_path)

    def write() -> None:
        with growing.open("a") as stream:
            stream.write("b,2,y\n")

    Timer(0.1, write).start()
    whole, partial = split_by_wholeness(arrivals, 0.6)
    assert [a.path for a in whole] == ["shop/2026-01-06/things.csv"]
    assert [a.path for a in partial] == ["shop/2026-01-05/things.csv"]


def test_nobody_waits_for_files_that_are_old_or_counted(tmp_path: Path) -> None:
    file = put(tmp_path, "2026-01-05/things.csv")
    file.with_name("things.csv.manifest.json").write_text('{"rows": 0}')
    started = time.monotonic()
    assert split_by_wholeness(found(tmp_path), 30)[1] == []
    put(tmp_path, "2026-01-06/things.csv")
    time.sleep(0.2)
    assert len(split_by_wholeness(found(tmp_path), 0.1)[0]) == 2
    assert time.monotonic() - started < 10


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
