"""Deliveries to a folder: whole or not at all, once, and without who said no since."""

from __future__ import annotations

import csv
import json
import stat
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from regulars import failpoints
from regulars.nights.lock import NightRefused, lock_of, only_one
from regulars.sending.generation_to_send import SendingRefused
from tests.integration.sending.world import (
    AS_OF,
    GENERATION,
    SENT,
    Published,
    all_files,
    bytes_of,
)

ADS = "ad_audiences"


def manifest(folder: Path, name: str = SENT) -> dict:
    return json.loads((folder / str(GENERATION) / f"{name}.manifest.json").read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "picked-up"


def test_every_list_that_goes_there_arrives_as_it_was_published(
    published: Published, folder: Path
) -> None:
    outcome = published.to(klaviyo={"folder": str(folder)}).deliver("klaviyo")
    assert outcome["delivered"] == {SENT: 4, "save_our_best": 2}
    arrived = all_files(folder)
    for code in outcome["delivered"]:
        expected = bytes_of(published.files_of("klaviyo", code))
        assert expected.items() <= arrived.items()
    assert not [name for name in arrived if name.endswith(".tmp")]
    assert manifest(folder)["generation"] == GENERATION
    assert manifest(folder)["left_out"] == 0
    modes = {stat.S_IMODE(file.stat().st_mode) for file in folder.rglob("*.csv")}
    assert modes == {0o640}
    assert published.query(
        "select list_code, rows, left_out from decisions.deliveries order by list_code"
    ) == [("save_our_best", 2, 0), (SENT, 4, 0)]


def test_a_list_with_nobody_on_it_is_not_delivered(published: Published, folder: Path) -> None:
    outcome = published.to(klaviyo={"folder": str(folder)}).deliver("klaviyo")
    assert outcome["withheld"]["win_back"] == "nobody is on it"
    assert not (folder / str(GENERATION) / "win_back.csv").exists()


@pytest.mark.parametrize("target", ["klaviyo", "mailchimp", "message", "spreadsheet", "machine"])
def test_who_said_no_since_is_in_no_file_and_every_other_row_is_as_published(
    published: Published, folder: Path, target: str
) -> None:
    published.says_no("c2", "c5")
    outcome = published.to(**{target: {"folder": str(folder)}}).deliver(target)
    (original,) = published.files_of(target)
    arrived = folder / str(GENERATION) / original.name
    with original.open(newline="", encoding="utf-8") as stream:
        before = list(csv.reader(stream))
    with arrived.open(newline="", encoding="utf-8") as stream:
        after = list(csv.reader(stream))
    gone = [row for row in before if row not in after]
    assert [row for row in before if row not in gone] == after
    assert len(gone) == 2
    # c4 has the address of c2 and stands in files by id: who shares it is judged where the no's are
    named = {cell.lstrip("'") for row in gone for cell in row}
    assert "c2@example.com" in named
    assert any("Anna" in cell and "Zoë" in cell for cell in named)
    assert outcome["delivered"][SENT] == len(after) - 1
    assert (manifest(folder)["left_out"], manifest(folder)["rows"]) == (2, len(after) - 1)
    assert manifest(folder)["generation"] == GENERATION


def test_who_is_in_the_list_but_not_in_the_tools_file_shifts_no_row(
    published: Published, folder: Path
) -> None:
    published.says_no("c3", "c4")  # neither has a row at Klaviyo
    published.to(klaviyo={"folder": str(folder)}).deliver("klaviyo")
    (original,) = published.files_of("klaviyo")
    assert (folder / str(GENERATION) / original.name).read_bytes() == original.read_bytes()


def test_an_id_that_a_spreadsheet_would_run_is_left_out_as_any(
    published: Published, folder: Path
) -> None:
    published.says_no("=c6")
    published.to(spreadsheet={"folder": str(folder)}).deliver("spreadsheet")
    assert "c6" not in (folder / str(GENERATION) / f"{SENT}.csv").read_text(encoding="utf-8-sig")


def test_an_audience_that_becomes_too_small_is_withheld_and_hashes_hide_nobody(
    published: Published, folder: Path
) -> None:
    there = published.to(meta_custom_audience={"folder": str(folder)})
    name = next(
        one["file_name"]
        for one in published.entries[ADS]["targets"]
        if one["target"] == "meta_custom_audience"
    )
    published.says_no(*(f"a{n}" for n in range(1, 22)), list_code=ADS)
    assert "99 are left" in there.deliver("meta_custom_audience")["withheld"][ADS]
    assert not folder.exists()
    published.fresh()
    published.says_no(*(f"a{n}" for n in range(1, 21)), list_code=ADS)
    assert there.deliver("meta_custom_audience")["delivered"] == {ADS: 100}
    (original,) = published.files_of("meta_custom_audience", ADS)
    header, *rows = original.read_bytes().splitlines(keepends=True)
    expected = b"".join([header, *rows[20:]])
    assert (folder / str(GENERATION) / f"{name}.csv").read_bytes() == expected
    assert ADS not in (folder / str(GENERATION) / f"{name}.manifest.json").read_text()


def test_what_a_target_has_is_not_sent_again_even_if_it_was_picked_up(
    published: Published, folder: Path
) -> None:
    there = published.to(klaviyo={"folder": str(folder)})
    there.deliver("klaviyo")
    for file in folder.rglob("*.csv"):
        file.unlink()
    published.says_no("c1")
    outcome = there.deliver("klaviyo")
    assert sorted(outcome["before"]) == ["save_our_best", SENT]
    assert outcome["delivered"] == {}
    assert not list(folder.rglob("*.csv"))


@pytest.mark.parametrize(
    "failpoint", [name for name in failpoints.OF_DELIVERIES if name != "deliver:withdrawn_noted"]
)
def test_a_delivery_killed_here_and_run_again_leaves_one_whole_copy_sent_once(
    published: Published, folder: Path, failpoint: str
) -> None:
    there = published.to(message={"folder": str(folder)})
    published.says_no("c2")
    there.killed_at(failpoint, "message")
    whole = {f: f.stat().st_ino for f in folder.rglob("*.csv") if not f.name.startswith(".")}
    outcome = there.deliver("message")
    assert set(outcome["delivered"]) | set(outcome["before"]) == {SENT, "save_our_best"}
    assert {file: file.stat().st_ino for file in whole} == whole, "a file was sent again"
    names = {
        f"{GENERATION}/{code}{end}"
        for code in (SENT, "save_our_best")
        for end in (".csv", ".manifest.json")
    }
    assert set(all_files(folder)) == names
    assert b"c2@" not in all_files(folder)[f"{GENERATION}/{SENT}.csv"]
    assert published.query("select count(*) from decisions.deliveries") == [(2,)]
    assert not list((published.settings.home / "deliveries").rglob("*.csv"))


@pytest.mark.parametrize(
    "lies_there",
    [
        b"<html>Welcome",
        b'{"generation": 7, "run_id": "run-7"}',
        b'{"generation": 7, "run_id": "run-7", "rows": 1, "left_out": 0, "noes_known_on": "now"}',
        # of a warehouse that counts alike: a restored one, or another company's
        b'{"generation": 7, "run_id": "run-1", "rows": 1, "left_out": 0,'
        b' "noes_known_on": "2026-03-15"}',
    ],
)
def test_what_is_no_manifest_of_this_generation_says_nothing_of_what_has_arrived(
    published: Published, folder: Path, lies_there: bytes
) -> None:
    there = published.to(message={"folder": str(folder)})
    (folder / str(GENERATION)).mkdir(parents=True)
    (folder / str(GENERATION) / f"{SENT}.manifest.json").write_bytes(lies_there)
    assert there.deliver("message")["delivered"][SENT] == 4
    assert bytes_of(there.files_of("message")).items() <= all_files(folder).items()
    assert manifest(folder)["run_id"] == "run-7"
    assert published.query(
        f"select rows, as_of from decisions.deliveries where list_code = '{SENT}'"
    ) == [(4, AS_OF)]


def test_two_deliveries_at_once_send_one_copy(published: Published, folder: Path) -> None:
    there = published.to(message={"folder": str(folder)})
    both = [there.start("message") for _ in range(2)]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    sent = [f"'delivered': {{'save_our_best': 2, '{SENT}': 4}}" in out for out, _ in said]
    assert sorted(sent) == [False, True]
    assert published.query("select count(*) from decisions.deliveries") == [(2,)]


def test_a_delivery_that_finds_another_at_work_says_so(published: Published, folder: Path) -> None:
    there = published.to(message={"folder": str(folder)})
    there = replace(there, settings=replace(there.settings, lock_timeout_seconds=1))
    with (
        only_one(there.settings, lock_of("message")),
        pytest.raises(NightRefused, match="Another delivery to message is at work"),
    ):
        there.deliver("message")
    assert not folder.exists()


def test_a_list_past_its_days_is_withheld(published: Published, folder: Path) -> None:
    late = AS_OF + timedelta(days=4)
    published.asked_for_noes_on(late)
    outcome = published.to(klaviyo={"folder": str(folder)}).deliver("klaviyo", late)
    assert outcome["withheld"][SENT] == "valid until 2026-03-18 only"
    assert outcome["delivered"] == {}


def test_nothing_is_delivered_of_a_day_on_which_nobody_asked_for_noes(
    published: Published, folder: Path
) -> None:
    there = published.to(klaviyo={"folder": str(folder)})
    with pytest.raises(SendingRefused, match="Nobody has asked yet who said no"):
        there.deliver("klaviyo", date(2026, 12, 31))
    with pytest.raises(SendingRefused, match="The night of 2026-03-15 is published"):
        there.deliver("klaviyo", AS_OF - timedelta(days=1))
    assert not folder.exists()


def test_a_published_file_that_was_changed_is_not_delivered(
    published: Published, folder: Path
) -> None:
    (file,) = published.files_of("klaviyo")
    content = file.read_bytes()
    file.write_bytes(content.replace(b"c1@", b"x1@"))
    try:
        with pytest.raises(SendingRefused, match="not as it was published"):
            published.to(klaviyo={"folder": str(folder)}).deliver("klaviyo")
    finally:
        file.write_bytes(content)
    assert f"{GENERATION}/{SENT}.csv" not in all_files(folder)
