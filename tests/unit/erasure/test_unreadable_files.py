"""A file that cannot be opened may name anybody: an erasure says that it was left."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from regulars.erasure import delivered_lines
from regulars.erasure.delivered_lines import without
from regulars.erasure.landing import CHANGED, REMOVED, UNREADABLE, UPLOADS, clean
from regulars.erasure.person import Person
from regulars.erasure.receipt import Line
from regulars.feeds.model import Column
from regulars.settings import PROJECT, Settings
from tests.unit.feeds.conftest import make_feed

PERSON = Person(frozenset({"QC-PERSON-1"}), frozenset({"quincy@example.org"}))
ERASURE = 1
PACKED = b"PK\x03\x04\x14\0"
WIDE = "QC-PERSON-1,a letter\n".encode("utf-16")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("letters.csv.gz", b"neither packed nor whole"),
        ("letters.parquet", b"neither packed nor whole"),
        ("letters.xlsx", PACKED),
        ("customers.csv", WIDE),
        ("zeros.csv.gz", gzip.compress(bytes(17 * 2**20))),  # more than unpacked a file may be
        ("endless.txt", b"x" * (17 * 2**20) + b" QC-PERSON-1"),
    ],
)
def test_a_file_that_cannot_be_opened_is_counted_as_left(
    tmp_path: Path, name: str, content: bytes
) -> None:
    file = landed(tmp_path, name, content)
    assert Line("landing", UNREADABLE, 1, is_left=True) in cleaned(tmp_path)
    assert file.exists()


def landed(home: Path, name: str, content: bytes) -> Path:
    folder = home / "landing" / "house" / "2026-10-31"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(content)
    return folder / name


def cleaned(home: Path, erasure_id: int | None = None) -> list[Line]:
    """A dry run, unless an erasure is named; the ledger that it tells is nobody's."""
    settings = Settings(project=PROJECT, home=home, landing=home / "landing")
    people = {erasure_id or ERASURE: PERSON}
    (lines,) = clean(MagicMock(), settings, (), people, is_dry=erasure_id is None).values()
    return lines


def on_read(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> None:
    """Have something happen whenever a file of landing has just been opened."""

    def opened(file: Path, mode: str) -> Any:
        stream = file.open(mode)
        meanwhile()
        return stream

    monkeypatch.setattr(delivered_lines, "open", opened, raising=False)


def test_a_file_that_this_account_may_not_read_is_counted_as_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed(tmp_path, "customers.csv", b"QC-PERSON-1\n")

    def closed(*arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(delivered_lines, "open", closed, raising=False)
    assert Line("landing", UNREADABLE, 1, is_left=True) in cleaned(tmp_path)


@pytest.mark.parametrize("name", ["customers.csv.part", ".customers.csv"])
def test_what_is_still_being_written_is_left_to_who_writes_it_and_counted(
    tmp_path: Path, name: str
) -> None:
    file = landed(tmp_path, name, b"QC-PERSON-1,half of a li")
    assert Line("landing", UPLOADS, 1, is_left=True) in cleaned(tmp_path)
    assert file.read_bytes() == b"QC-PERSON-1,half of a li"


def test_an_upload_that_grows_while_it_is_read_is_counted_beside_which_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = landed(tmp_path, "customers.csv.part", b"QC-PERSON-1,half of a li")
    beside: list[int] = []

    def meanwhile() -> None:
        append(file)
        beside.append(len(list(file.parent.iterdir())))

    on_read(monkeypatch, meanwhile)
    lines = cleaned(tmp_path)
    assert Line("landing", UPLOADS, 2, is_left=True) in lines
    assert UNREADABLE not in {line.what for line in lines}
    assert set(beside) == {1}


def append(file: Path) -> None:
    if file.stat().st_size < 40:
        with file.open("ab") as stream:
            stream.write(b"ne\nQC-PERSON-1,another\n")


@pytest.mark.parametrize("name", ["customers.csv.part", "customers.csv"])
def test_a_file_that_went_away_meanwhile_is_counted_as_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    file = landed(tmp_path, name, b"QC-PERSON-1,whole\n")
    file.unlink()
    monkeypatch.setattr("regulars.erasure.landing.files_below", lambda *arguments: [file])
    assert Line("landing", CHANGED, 1, is_left=True) in cleaned(tmp_path)


def test_a_file_that_is_renamed_while_it_is_read_is_counted_as_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = landed(tmp_path, "customers.csv", b"QC-PERSON-1,whole\n")
    renamed = file.with_name("people.csv")
    on_read(monkeypatch, lambda: file.exists() and file.rename(renamed))
    assert cleaned(tmp_path, ERASURE) == [
        Line("landing", REMOVED, 0),
        Line("landing", CHANGED, 1, is_left=True),
    ]
    assert [path.name for path in renamed.parent.iterdir()] == ["people.csv"]


def test_what_is_appended_to_a_file_while_it_is_read_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = landed(tmp_path, "customers.csv", b"QC-PERSON-1,whole\n")
    on_read(monkeypatch, lambda: append(file))
    assert Line("landing", CHANGED, 1, is_left=True) in cleaned(tmp_path, ERASURE)
    assert b"another" in file.read_bytes()
    assert [path.name for path in file.parent.iterdir()] == ["customers.csv"]


def test_a_file_of_no_feed_is_rewritten_without_ever_standing_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = landed(tmp_path, "letter.txt", b"QC-PERSON-1 wrote\nthe rest\n")
    with monkeypatch.context() as reading:
        reading.delattr(Path, "read_bytes")
        cleaned(tmp_path, ERASURE)
    assert file.read_bytes() == b"\nthe rest\n"


def test_what_a_link_in_landing_leads_to_is_not_ours(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.csv"
    elsewhere.write_text("customer_id\nQC-PERSON-1\n")
    landed(tmp_path, "other.csv", b"")
    (tmp_path / "landing" / "house" / "2026-10-31" / "customers.csv").symlink_to(elsewhere)
    assert [line for line in cleaned(tmp_path) if line.rows] == []


def test_a_stray_nul_in_a_declared_file_hides_no_line_of_it(tmp_path: Path) -> None:
    file, target = tmp_path / "things.csv", tmp_path / "after"
    file.write_bytes(b"id,Who\r\na,QC-PERSON-1\r\nb,x\0y\r\n")
    feed = make_feed((Column("id", "id", "text"), Column("who", "Who", "text", is_customer=True)))
    assert without(file, feed, PERSON, target) == 1
    assert target.read_bytes() == b"id,Who\r\n\r\nb,x\0y\r\n"


def test_a_word_on_the_edge_of_two_blocks_is_found(tmp_path: Path) -> None:
    file = landed(tmp_path, "letter.txt", b"")
    edge = delivered_lines.BLOCK
    for shift in (3, 9):  # of the word's eleven characters, before the edge
        file.write_bytes(b"-" * (edge - shift - 1) + b"\nQC-PERSON-1 wrote\nthe rest\n")
        assert cleaned(tmp_path) == [Line("landing", REMOVED, 1)]
    cleaned(tmp_path, ERASURE)
    assert file.read_bytes().endswith(b"-\n\nthe rest\n")


def test_a_packed_file_is_packed_again(tmp_path: Path) -> None:
    file, target = tmp_path / "letter.txt.gz", tmp_path / "after"
    file.write_bytes(gzip.compress(b"one\nQC-PERSON-1\nlast, without an end"))
    file.chmod(0o640)
    assert without(file, None, PERSON, target) == 1
    assert gzip.decompress(target.read_bytes()) == b"one\n\nlast, without an end"
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_quote_that_is_never_closed_hides_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivered_lines, "LONGEST_LINE", 64)
    file, target = tmp_path / "things.csv", tmp_path / "after"
    file.write_text('id,Who\na,"open\n' + "b,other\n" * 20 + "c,QC-PERSON-1\nd,other\n")
    feed = make_feed(
        (Column("id", "id", "text"), Column("who", "Who", "text", is_customer=True)),
        multiline=True,
    )
    assert without(file, feed, PERSON, target) == 1
    assert target.read_text().endswith("b,other\n\nd,other\n")


def test_a_file_of_one_line_without_a_header_is_no_header(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("QC-PERSON-1 wrote\nsomebody else wrote\n")
    assert without(tmp_path / "letter.txt", None, PERSON, tmp_path / "after") == 1
    assert (tmp_path / "after").read_text() == "\nsomebody else wrote\n"
