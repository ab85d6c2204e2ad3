"""Files that are whole or not there: temporary name, fsync, rename."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from regulars.lists.lists_manifest import FileEntry
from regulars.lists.spreadsheet import cell
from regulars.private_files import open_text, sync


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> FileEntry:
    """Write a header and rows, spreadsheet-safe. UTF-8, comma, line feed.

    No byte-order mark: an e-mail tool would read it as part of the first heading, and a
    spreadsheet's import recognises UTF-8 without it.
    """
    count = 0
    temporary = temporary_name(path)
    with open_text(temporary) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([cell(value) for value in row])
            count += 1
        _sync(stream)
    into_place(temporary, path)
    return describe(path, count)


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
