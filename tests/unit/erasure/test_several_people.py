"""An erasure of several people reads a file once to know whom of them it may name."""

from __future__ import annotations

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
