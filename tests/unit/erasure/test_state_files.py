"""What an erasure does with files: the lake goes, for a Parquet file cannot be cut; list files lose
their lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from regulars.engines.lake import folders
from regulars.erasure.person import Person
from regulars.erasure.receipt import Line
from regulars.erasure.state_files import clean
from regulars.settings import Settings

SOMEBODY = Person(ids=frozenset({"C1"}))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    made = Settings(
        project=tmp_path, home=home, landing=home / "landing", lake_folder=tmp_path / "lake"
    )
    for name in ("sources/raw/orders-ab", "2026-10-31-ab/lists/cd/tables"):
        folders.make(made.lake / name)
        (made.lake / name / "all.parquet").write_bytes(b"PAR1")
    return made


def lake_line(lines: list[Line]) -> int:
    return next(line.rows for line in lines if line.place == "lake")


def test_all_that_the_lake_holds_goes(settings: Settings) -> None:
    assert lake_line(list(clean(settings, SOMEBODY, is_dry=False))) == 2
    assert list(settings.lake.iterdir()) == []


def test_a_preview_leaves_the_lake_as_it_is(settings: Settings) -> None:
    assert lake_line(list(clean(settings, SOMEBODY, is_dry=True))) == 2
    assert len(list(settings.lake.rglob("*.parquet"))) == 2


def test_a_company_without_a_lake_has_none_to_delete(settings: Settings) -> None:
    without = replace(settings, lake_folder=settings.home / "none")
    assert lake_line(list(clean(without, SOMEBODY, is_dry=False))) == 0


def test_a_list_file_loses_their_lines_and_who_shares_their_household_stays(
    settings: Settings,
) -> None:
    file = settings.generations / "1/lists/win_back.csv"
    file.parent.mkdir(parents=True)
    head = "list_code,customer_id,household_id,reason_1\n"
    file.write_text(f'{head}win_back,C1,C1,"a, b"\nwin_back,C2,C1,"a, b"\nwin_back,C12,C12,c\n')
    lines = list(clean(settings, SOMEBODY, is_dry=False))
    assert Line("list files", "lines removed", 1) in lines
    assert file.read_text() == f'{head}win_back,C2,C2,"a, b"\nwin_back,C12,C12,c\n'
