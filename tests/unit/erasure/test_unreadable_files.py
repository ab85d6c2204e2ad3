"""A file that cannot be opened may name anybody: an erasure says that it was left."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from regulars.erasure.delivered_lines import without
from regulars.erasure.landing import UNREADABLE, clean
from regulars.erasure.person import Person
from regulars.erasure.receipt import Line
from regulars.settings import PROJECT, Settings

PERSON = Person(frozenset({"QC-PERSON-1"}), frozenset({"quincy@example.org"}))


PACKED = b"PK\x03\x04\x14\0"
WIDE = "QC-PERSON-1,a letter\n".encode("utf-16")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("letters.csv.gz", b"neither packed nor whole"),
        ("letters.parquet", b"neither packed nor whole"),
        ("letters.xlsx", PACKED),
        ("customers.csv", WIDE),
    ],
)
def test_a_file_that_cannot_be_opened_is_counted_as_left(
    tmp_path: Path, name: str, content: bytes
) -> None:
    folder = tmp_path / "landing" / "house" / "2026-10-31"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(content)
    settings = Settings(project=PROJECT, home=tmp_path, landing=tmp_path / "landing")
    no_connection = cast(Any, None)  # a dry run tells the ledger nothing
    lines = clean(no_connection, settings, (), PERSON, None)
    assert Line("landing", UNREADABLE, 1) in lines
    assert (folder / name).exists()


def test_a_file_of_one_line_without_a_header_is_no_header(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("QC-PERSON-1 wrote\nsomebody else wrote\n")
    assert without(tmp_path / "letter.txt", None, PERSON, tmp_path / "after") == 1
    assert (tmp_path / "after").read_text() == "\nsomebody else wrote\n"
