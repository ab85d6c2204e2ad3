from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from regulars.lists.files import SpreadsheetFile
from regulars.lists.lists_manifest import FileEntry


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> FileEntry:
    with SpreadsheetFile(path, columns) as file:
        for row in rows:
            file.write(row)
    assert file.entry is not None
    return file.entry


def test_a_file_says_its_rows_and_checksum(tmp_path: Path) -> None:
    entry = write_csv(tmp_path / "a.csv", ["name"], [["Zoë"], ["=1+1"]])
    content = (tmp_path / "a.csv").read_bytes()
    assert content == "name\nZoë\n'=1+1\n".encode()
    assert (entry.name, entry.rows, entry.bytes) == ("a.csv", 2, len(content))
    assert entry.sha256 == hashlib.sha256(content).hexdigest()


def test_a_file_that_fails_half_way_is_not_there(tmp_path: Path) -> None:
    def rows():
        yield ["first"]
        raise RuntimeError("the cursor broke")

    with pytest.raises(RuntimeError):
        write_csv(tmp_path / "a.csv", ["name"], rows())
    assert list(tmp_path.glob("*.csv")) == []


def test_a_file_that_fails_half_way_leaves_the_old_one(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", ["name"], [["old"]])
    with pytest.raises(ZeroDivisionError):
        write_csv(tmp_path / "a.csv", ["name"], ([1 / 0] for _ in "x"))
    assert (tmp_path / "a.csv").read_text() == "name\nold\n"
