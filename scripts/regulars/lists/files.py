"""Files that are whole or not there: temporary name, fsync, rename."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from regulars import failpoints
from regulars.lists.lists_manifest import FileEntry
from regulars.lists.spreadsheet import cell
from regulars.private_files import open_text, sync


class SpreadsheetFile:
    """A CSV under a temporary name, spreadsheet-safe: UTF-8, comma, line feed. Used in a `with`;
    it has its name, and `entry` is there, once that has ended well.

    No byte-order mark: an e-mail tool would read it as part of the first heading, and a
    spreadsheet's import recognises UTF-8 without it.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path, self.rows = path, 0
        self.entry: FileEntry | None = None
        self._stream = open_text(temporary_name(path))
        self._writer = csv.writer(self._stream, lineterminator="\n")
        self._writer.writerow(columns)

    def write(self, row: Iterable[object]) -> None:
        self._writer.writerow([cell(value) for value in row])
        self.rows += 1

    def __enter__(self) -> SpreadsheetFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._stream:
            if error is None:
                _sync(self._stream)
        if error is None:
            into_place(temporary_name(self.path), self.path)
            failpoints.hit("export:file_written")
            self.entry = describe(self.path, self.rows)


def write_text(path: Path, text: str) -> None:
    temporary = temporary_name(path)
    with open_text(temporary) as stream:
        stream.write(text)
        _sync(stream)
    into_place(temporary, path)


def describe(path: Path, rows: int) -> FileEntry:
    """Name, rows, size and checksum of a finished file, read back from disk."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return FileEntry(path.name, rows, path.stat().st_size, digest.hexdigest())


def temporary_name(path: Path) -> Path:
    """A name that no pick-up pattern such as *.csv matches."""
    return path.with_name(f".{path.name}.tmp")


def _sync(stream: TextIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def into_place(temporary: Path, path: Path) -> None:
    temporary.replace(path)
    sync(path.parent)
