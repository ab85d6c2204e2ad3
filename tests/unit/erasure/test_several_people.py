"""An erasure of several people reads a file once to know whom of them it may name."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from regulars.erasure import delivered_lines, state_files
from regulars.erasure.landing import CHANGED, REMOVED, UNREADABLE, clean
from regulars.erasure.person import Person
from regulars.erasure.possibly_named import found, lowered
from regulars.erasure.receipt import Line
from regulars.settings import PROJECT, Settings

PEOPLE = {
    n: Person(frozenset({f"QC-PERSON-{n}"}), frozenset({f"quincy.{n}@example.org"}))
    for n in range(1, 6)
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "landing" / "house").mkdir(parents=True)
    return Settings(project=PROJECT, home=tmp_path, landing=tmp_path / "landing")


def landed(settings: Settings, content: str) -> Path:
    file = settings.landing / "house" / "letter.txt"
    file.write_text(content, encoding="utf-8")
    return file


def cleaned(settings: Settings) -> dict[int, list[Line]]:
    """What is not in the receipts yet; the ledger that it tells is nobody's."""
    return clean(MagicMock(), settings, (), PEOPLE, is_dry=False)


def on_read(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> None:
    def opened(file: Path, mode: str) -> Any:
        stream = file.open(mode)
        meanwhile()
        return stream

    monkeypatch.setattr(delivered_lines, "open", opened, raising=False)


def test_a_file_that_names_none_of_them_is_read_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed(settings, "somebody else wrote\n")
    readings: list[None] = []
    on_read(monkeypatch, lambda: readings.append(None))
    assert cleaned(settings) == {n: [Line("landing", REMOVED, 0)] for n in PEOPLE}
    assert len(readings) == 1


@pytest.mark.parametrize("stranger", ["somebody", "Zoë", r"a\b"])
def test_each_of_them_loses_the_lines_that_are_theirs(settings: Settings, stranger: str) -> None:
    file = landed(settings, f"QC-PERSON-2 wrote\n{stranger}\nto Quincy.4@example.org\nthe rest")
    cleaned(settings)
    assert file.read_text(encoding="utf-8") == f"\n{stranger}\n\nthe rest"


def test_a_file_that_cannot_be_read_is_left_in_the_receipt_of_each(settings: Settings) -> None:
    landed(settings, "\0" * 8)
    left = [Line("landing", REMOVED, 0), Line("landing", UNREADABLE, 1, is_left=True)]
    assert cleaned(settings) == dict.fromkeys(PEOPLE, left)


def test_a_line_that_comes_while_it_is_read_is_not_lost_and_who_comes_next_is_erased(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = landed(settings, "QC-PERSON-2 wrote\nQC-PERSON-3 too\n")
    waiting = ["the rest\n"]

    def append() -> None:
        with file.open("a", encoding="utf-8") as stream:
            stream.writelines(waiting)
        waiting.clear()

    on_read(monkeypatch, append)
    lines = cleaned(settings)
    assert [
        n for n, mine in lines.items() if Line("landing", CHANGED, 1, is_left=True) in mine
    ] == [2]
    assert file.read_text(encoding="utf-8") == "QC-PERSON-2 wrote\n\nthe rest\n"


def test_what_is_left_of_the_state_folder_is_counted_for_whom_it_names(settings: Settings) -> None:
    (settings.home / "notes").mkdir()
    (settings.home / "notes" / "a").write_text("qc-person-2, and QC-PERSON-40 of QC-PERSON-3")
    (settings.home / "notes" / "b").write_text("QC-PERSON-2")
    left = state_files.still_naming(settings, PEOPLE)
    assert {n: line.rows for n, (line,) in left.items()} == {1: 0, 2: 2, 3: 1, 4: 0, 5: 0}


@pytest.mark.parametrize("size", range(1, 14))
def test_a_word_is_found_across_blocks_of_any_size(size: int) -> None:
    text = b"--QC-Person-1--qc-person-30--"
    blocks = (text[n : n + size] for n in range(0, len(text), size))
    words = {n: lowered([f"qc-person-{n}"], "utf-8") for n in (1, 2, 30)} | {9: frozenset()}
    assert found(blocks, words) == {1, 30}


LISTED = (
    "list_code,customer_id,household_id,email,reason_1\n"
    "win_back,QC-PERSON-1,QC-PERSON-1,quincy.1@example.org,x\n"
    "win_back,QC-9,QC-PERSON-2,nine@example.org,x\n"
    "win_back,QC-8,QC-8,eight@example.org,same address as customer QC-PERSON-3, who ranks higher\n"
    'win_back,QC-7,QC-7,seven@example.org,"brought QC-PERSON-4, and QC-PERSON-5"\n'
    "win_back,QC-6,QC-6,six@example.org,x\n"
)
HASHED = "EMAIL\n{}\n{}\n".format(
    hashlib.sha256(b"quincy.2@example.org").hexdigest().upper(), "0" * 64
)


@pytest.fixture
def lists(settings: Settings) -> Path:
    """Files of two generations, of which one names nobody."""
    folder = settings.generations / "1" / "lists"
    folder.mkdir(parents=True)
    (folder / "win_back.csv").write_text(LISTED)
    (folder / "meta.csv").write_text(HASHED)
    (settings.generations / "2" / "lists").mkdir(parents=True)
    (settings.generations / "2" / "lists" / "win_back.csv").write_text(LISTED.splitlines()[0])
    return folder


def test_a_list_file_is_read_once_for_all_of_them(
    settings: Settings, lists: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, readings = Path.read_bytes, Counter[Path]()

    def counting(path: Path) -> bytes:
        readings[path] += 1
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", counting)
    list(state_files.clean(settings, PEOPLE, is_dry=False))
    assert set(readings.values()) == {1}
    assert len(readings) == 3


def test_list_files_end_as_if_they_were_erased_one_after_the_other(
    settings: Settings, lists: Path
) -> None:
    def told(people: dict[int, Person]) -> Counter[int]:
        lines = state_files.clean(settings, people, is_dry=False)
        counts: Counter[int] = Counter()
        for n, line in lines:
            counts[n] += line.rows if line.what == "lines removed" else 0
        return +counts

    together = told(PEOPLE)
    files = {file: file.read_text() for file in lists.iterdir()}
    (lists / "win_back.csv").write_text(LISTED)
    (lists / "meta.csv").write_text(HASHED)
    in_turn = sum((told({n: PEOPLE[n]}) for n in PEOPLE), Counter[int]())
    assert together == in_turn == Counter({1: 1, 2: 1, 4: 1})
    assert {file: file.read_text() for file in lists.iterdir()} == files
    assert "QC-PERSON" not in "".join(files.values())
    assert "win_back,QC-9,QC-9,nine@example.org,x\n" in files[lists / "win_back.csv"]


def test_what_is_deleted_for_all_of_them_is_counted_once(settings: Settings) -> None:
    (settings.home / "backups").mkdir()
    (settings.home / "backups" / "one.dump").write_bytes(b"x")
    for is_dry in (True, False):
        lines = [line for _, line in state_files.clean(settings, PEOPLE, is_dry=is_dry)]
        assert sum(line.rows for line in lines if line.place == "backups") == 1
