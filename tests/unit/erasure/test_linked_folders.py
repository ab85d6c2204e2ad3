"""A system's folder may be a link, for the loader and so for an erasure; what cannot be looked into
is said."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import pytest

from regulars.erasure.landing import FOLDERS, REMOVED, clean
from regulars.erasure.person import Person
from regulars.erasure.receipt import Line
from regulars.feeds.discover import discover
from regulars.feeds.model import Column
from regulars.nights import leftovers
from regulars.settings import PROJECT, Settings
from tests.unit.feeds.conftest import make_feed

FEED = make_feed((Column("id", "id", "text"), Column("who", "who", "text", is_customer=True)))
PERSON = Person(frozenset({"QC-1"}))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder with a delivery and an unfinished erasure's copy, outside of landing."""
    folder = tmp_path / "mount"
    (folder / "2026-10-31").mkdir(parents=True)
    (folder / "2026-10-31" / "things.csv").write_text("id,who\na,QC-1\nb,QC-2\n")
    (tmp_path / "landing").mkdir()
    return folder


def counted(home: Path) -> list[Line]:
    settings = Settings(project=PROJECT, home=home, landing=home / "landing")
    no_connection = cast(Any, None)  # a dry run tells the ledger nothing
    return clean(no_connection, settings, (FEED,), {1: PERSON}, is_dry=True)[1]


def test_a_system_whose_folder_is_a_link_is_erased_from_as_it_is_loaded(
    tmp_path: Path, elsewhere: Path
) -> None:
    (tmp_path / "landing" / "shop").symlink_to(elsewhere)
    assert len(discover(tmp_path / "landing", [FEED]).arrivals) == 1
    assert counted(tmp_path) == [Line("landing", REMOVED, 1)]


@pytest.mark.parametrize("place", ["letters", "shop/2026-11-01"])
def test_a_link_that_the_loader_does_not_follow_leads_to_what_is_not_ours(
    tmp_path: Path, elsewhere: Path, place: str
) -> None:
    (tmp_path / "landing" / "shop").mkdir()
    (tmp_path / "landing" / place).symlink_to(elsewhere)
    assert discover(tmp_path / "landing", [FEED]).arrivals == ()
    assert counted(tmp_path) == [Line("landing", REMOVED, 0)]


def test_a_killed_erasure_leaves_no_copy_in_a_linked_folder(
    tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "landing" / "house").symlink_to(elsewhere)
    copy = elsewhere / "2026-10-31" / ".things.csv.erasing.tmp"
    copy.write_text("somebody@example.com")
    monkeypatch.setattr("regulars.nights.leftovers.live_night", lambda settings: None)
    settings = Settings(project=PROJECT, home=tmp_path, landing=tmp_path / "landing")
    assert leftovers.sweep(settings) == 1
    assert not copy.exists()


def test_a_system_whose_link_leads_nowhere_is_counted_as_left(tmp_path: Path) -> None:
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "shop").symlink_to(tmp_path / "not mounted")
    assert Line("landing", FOLDERS, 1, is_left=True) in counted(tmp_path)


@pytest.mark.parametrize("closed", ["shop", "shop/2026-10-31"])
def test_a_folder_that_this_account_may_not_read_is_counted_as_left(
    tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    elsewhere.rename(tmp_path / "landing" / "shop")
    scandir, folder = os.scandir, str(tmp_path / "landing" / closed)

    def refusing(path: str) -> Any:
        if str(path) == folder:
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert counted(tmp_path) == [
        Line("landing", REMOVED, 0),
        Line("landing", FOLDERS, 1, is_left=True),
    ]
