"""What an erasure does with files: the lake goes, for a Parquet file cannot be cut; list files lose
their lines."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from regulars.erasure import state_files
from regulars.erasure.person import Person
from regulars.erasure.receipt import Line
from regulars.erasure.state_files import clean, still_naming
from regulars.private_files import make_missing
from regulars.settings import Settings

SOMEBODY = Person(ids=frozenset({"C1"}))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    made = Settings(
        project=tmp_path, home=home, landing=home / "landing", lake_folder=tmp_path / "lake"
    )
    for name in ("sources/raw/orders-ab", "2026-10-31-ab/lists/cd/tables"):
        make_missing(made.lake / name)
        (made.lake / name / "all.parquet").write_bytes(b"PAR1")
    return made


def done_for(settings: Settings, person: Person, *, is_dry: bool) -> list[Line]:
    return [line for _, line in clean(settings, {1: person}, is_dry=is_dry)]


def lake_line(lines: list[Line]) -> int:
    return next(line.rows for line in lines if line.place == "lake")


def test_all_that_the_lake_holds_goes(settings: Settings) -> None:
    assert lake_line(done_for(settings, SOMEBODY, is_dry=False)) == 2
    assert list(settings.lake.iterdir()) == []


def test_a_preview_leaves_the_lake_as_it_is(settings: Settings) -> None:
    assert lake_line(done_for(settings, SOMEBODY, is_dry=True)) == 2
    assert len(list(settings.lake.rglob("*.parquet"))) == 2


def test_a_company_without_a_lake_has_none_to_delete(settings: Settings) -> None:
    without = replace(settings, lake_folder=settings.home / "none")
    assert lake_line(done_for(without, SOMEBODY, is_dry=False)) == 0


def test_a_list_file_loses_their_lines_and_who_shares_their_household_stays(
    settings: Settings,
) -> None:
    file = settings.generations / "1/lists/win_back.csv"
    file.parent.mkdir(parents=True)
    head = "list_code,customer_id,household_id,reason_1\n"
    file.write_text(f'{head}win_back,C1,C1,"a, b"\nwin_back,C2,C1,"a, b"\nwin_back,C12,C12,c\n')
    lines = done_for(settings, SOMEBODY, is_dry=False)
    assert Line("list files", "lines removed", 1) in lines
    assert file.read_text() == f'{head}win_back,C2,C2,"a, b"\nwin_back,C12,C12,c\n'


def test_an_id_with_a_quotation_mark_is_found_where_a_cell_doubles_it(settings: Settings) -> None:
    file = settings.generations / "1/lists/win_back.csv"
    file.parent.mkdir(parents=True)
    file.write_text('customer_id,reason_1\n"C""1",a\nC2,b\n')
    done_for(settings, Person(ids=frozenset({'C"1'})), is_dry=False)
    assert file.read_text() == "customer_id,reason_1\nC2,b\n"


def lines_of(lines: list[Line], place: str) -> dict[str, int]:
    return {line.what: line.rows for line in lines if line.place == place}


@pytest.fixture
def held(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Files called `held` cannot be deleted: they are another user's, or still being written."""
    unlink = os.unlink

    def refusing(path: str | Path, **options: Any) -> None:
        if Path(path).name == "held":
            raise PermissionError(1, "Operation not permitted")
        unlink(path, **options)

    monkeypatch.setattr(os, "unlink", refusing)
    return settings


@pytest.mark.parametrize(
    ("place", "free", "kept", "what"),
    [
        ("deliveries", "gone/file", "kept/held", "packed folders and files deleted"),
        ("backups", "gone", "held", "files deleted"),
        ("generations", ".gone.tmp/file", ".kept.tmp/held", "unfinished folders deleted"),
        ("lake", "gone/file", "kept/held", "folders deleted"),
    ],
)
def test_what_cannot_be_deleted_is_left_and_counted(
    held: Settings, place: str, free: str, kept: str, what: str
) -> None:
    within = held.lake if place == "lake" else held.home / place
    shutil.rmtree(within, ignore_errors=True)
    for name in (free, kept):
        (within / name).parent.mkdir(parents=True, exist_ok=True)
        (within / name).write_text("C1")
    done = lines_of(done_for(held, SOMEBODY, is_dry=False), place)
    assert done == {what: 1, "left: they cannot be deleted": 1}
    assert not (within / free).exists()
    assert (within / kept).exists()


def test_a_plain_file_and_a_link_among_what_was_packed_go(settings: Settings) -> None:
    packed, elsewhere = settings.home / "deliveries", settings.home.parent / "elsewhere"
    packed.mkdir(parents=True)
    elsewhere.mkdir()
    (packed / "people.zip").write_bytes(b"PK")
    (packed / "linked").symlink_to(elsewhere)
    foreseen = lines_of(done_for(settings, SOMEBODY, is_dry=True), "deliveries")
    done = lines_of(done_for(settings, SOMEBODY, is_dry=False), "deliveries")
    assert foreseen == done == {"packed folders and files deleted": 2}
    assert list(packed.iterdir()) == []
    assert elsewhere.is_dir()


def test_a_file_of_the_state_folder_that_cannot_be_read_is_counted_as_left(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings.home / "notes").mkdir(parents=True)
    (settings.home / "notes" / "closed").write_text("CUSTOMER-1")
    (settings.home / "notes" / "open").write_text("CUSTOMER-1")
    opened = Path.open

    def refusing(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refusing)
    assert still_naming(settings, {1: Person(ids=frozenset({"CUSTOMER-1"}))})[1] == [
        Line("state folder", "files left that name them", 1, is_left=True),
        Line("state folder", "files and folders left: they cannot be read", 1, is_left=True),
    ]


HEAD = "list_code,customer_id,household_id,reason_1\n"


def a_list(settings: Settings, generation: str, text: str) -> Path:
    folder = settings.generations / generation / "lists"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "win_back.csv").write_text(HEAD + text)
    return folder


def test_a_list_file_that_cannot_be_read_is_left_and_the_others_lose_their_lines(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for generation in ("1", "2"):
        a_list(settings, generation, "win_back,C1,C1,x\n")
    read = Path.read_bytes

    def refusing(path: Path) -> bytes:
        if path.parent.parent.name == "1":
            raise OSError(5, "Input/output error")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refusing)
    done = lines_of(done_for(settings, SOMEBODY, is_dry=False), "list files")
    assert (done["lines removed"], done["files left: they cannot be read or rewritten"]) == (1, 1)
    assert (settings.generations / "2/lists/win_back.csv").read_text() == HEAD


def test_a_folder_that_cannot_be_written_to_ends_no_erasure(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for generation in ("1", "2"):
        a_list(settings, generation, "win_back,C1,C1,x\n")
    written = state_files.write_text

    def refusing(path: Path, text: str) -> None:
        if path.parent.parent.name == "1":
            raise OSError(30, "Read-only file system")
        written(path, text)

    monkeypatch.setattr(state_files, "write_text", refusing)
    done = lines_of(done_for(settings, SOMEBODY, is_dry=False), "list files")
    assert (done["lines removed"], done["files left: they cannot be read or rewritten"]) == (1, 1)


def test_a_line_that_no_reader_of_csv_takes_is_judged_by_its_words(settings: Settings) -> None:
    lists = a_list(settings, "1", f"win_back,C1,C1,{'x' * 200_000}\nwin_back,C2,C2,x\n")
    clean_lines = lines_of(done_for(settings, SOMEBODY, is_dry=False), "list files")
    assert clean_lines["lines removed"] == 1
    assert (lists / "win_back.csv").read_text() == f"{HEAD}win_back,C2,C2,x\n"


@pytest.mark.parametrize("broken", ["{", "[]", '{"lists": [{}]}', '{"lists": [{"file": 3}]}'])
def test_a_broken_manifest_ends_no_erasure_and_is_counted(settings: Settings, broken: str) -> None:
    lists = a_list(settings, "1", "win_back,C1,C1,x\n")
    (lists / "manifest.json").write_text(broken)
    done = lines_of(done_for(settings, SOMEBODY, is_dry=False), "list files")
    assert done["lines removed"] == 1
    assert done["manifests left: they cannot be read or rewritten"] == 1
