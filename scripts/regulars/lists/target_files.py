"""One list's file for one target: split where the target's limits say, whole or not at all.

Memory does not grow with the rows: each is written as it comes.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from regulars import failpoints
from regulars.lists.files import describe, into_place, temporary_name
from regulars.lists.lists_manifest import FileEntry, TargetEntry
from regulars.phrases import say
from regulars.private_files import make_folder, open_bytes
from regulars.targets.destinations import Destination
from regulars.targets.target_rows import RowMaker
from regulars.targets.validator import faults_of

REJECTED_COLUMNS = ("list_code", "as_of", "customer_id", "rank", "reason")


class TargetFiles:
    """The files of one destination, under folder/<target>: `<name>.csv`, `<name>.2.csv` …, and
    `<name>.rejected.csv`. Used in a `with`; `entry` is there once it has ended well."""

    def __init__(self, folder: Path, destination: Destination) -> None:
        self.destination = destination
        self.folder = folder / destination.target.code
        make_folder(self.folder)
        self.maker = RowMaker(destination)
        self.parts = _Parts(self.folder, destination, self.maker.headings)
        self.rejected = _Csv(
            self.folder / f"{destination.file_name}.rejected.csv", REJECTED_COLUMNS
        )
        self.entry: TargetEntry | None = None

    def add(self, facts: Mapping[str, Any]) -> None:
        """One person: to the file, or to the rejected with the reason; none whom the target's part
        of the list is not about."""
        if not self.destination.target.is_for(facts):
            return
        cells, reason = self.maker.row(facts)
        if reason is None:
            self.parts.write(cells)
        else:
            self.rejected.write([str(facts[c]) for c in REJECTED_COLUMNS[:-1]] + [reason])

    def __enter__(self) -> TargetFiles:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.parts.close()
        self.rejected.close()
        if error is None:
            self.entry = self._finish()

    def _finish(self) -> TargetEntry:
        """Name the files, read them as the tool would; what it would not take is not offered."""
        rejected = self.rejected.into_place()
        files = tuple(part.into_place() for part in self.parts.all)
        withheld = self._why_withheld(sum(file.rows for file in files))
        if withheld:
            for file in files:
                (self.folder / file.name).unlink()
            files = ()
        destination = self.destination
        return TargetEntry(
            target=destination.target.code,
            target_name=destination.target.name,
            file_name=destination.file_name,
            columns=tuple(self.maker.headings),
            asked=destination.asked,
            consents=tuple(" ".join(consent) for consent in destination.target.consents),
            files=tuple(self._from_lists(file) for file in files),
            rejected=self._from_lists(rejected),
            blanked=dict(sorted(self.maker.blanked.items())),
            withheld=withheld,
            membership_days=destination.target.membership_days,
        )

    def _why_withheld(self, rows: int) -> str | None:
        target = self.destination.target
        if rows < target.file.at_least:
            return say(
                "{target} takes no fewer than {least} people; {rows} were left",
                target=target.name,
                least=target.file.at_least,
                rows=rows,
            )
        faults = faults_of(target, [part.path for part in self.parts.all], self.destination.asked)
        return "; ".join(faults) or None

    def _from_lists(self, file: FileEntry) -> FileEntry:
        """The same under its name from the folder of the lists."""
        return FileEntry(f"{self.folder.name}/{file.name}", file.rows, file.bytes, file.sha256)


class _Parts:
    """As many files as the target's limits ask for; there is always a first one."""

    def __init__(self, folder: Path, destination: Destination, headings: Sequence[str]) -> None:
        self.folder, self.destination, self.headings = folder, destination, headings
        self.all: list[_Csv] = []
        self._begin()

    def write(self, cells: Sequence[str]) -> None:
        rules = self.destination.target.file
        line = self.all[-1].line(cells)
        part = self.all[-1]
        is_full = (rules.max_rows and part.rows >= rules.max_rows) or (
            rules.max_bytes and part.bytes + len(line) > rules.max_bytes
        )
        if is_full and part.rows:
            self._begin()
        self.all[-1].write_line(line)

    def close(self) -> None:
        for part in self.all:
            part.close()

    def _begin(self) -> None:
        if self.all:
            self.all[-1].close()
        rules, number = self.destination.target.file, len(self.all) + 1
        name = self.destination.file_name + (f".{number}" if number > 1 else "") + ".csv"
        part = _Csv(
            self.folder / name,
            self.headings,
            delimiter=rules.delimiter,
            line_end=rules.line_end,
            encoding=rules.encoding,
        )
        self.all.append(part)


class _Csv:
    """A CSV file under a temporary name, its bytes and rows counted."""

    def __init__(
        self,
        path: Path,
        headings: Sequence[str],
        *,
        delimiter: str = ",",
        line_end: str = "\n",
        encoding: str = "utf-8",
    ) -> None:
        self.path, self.rows, self.bytes = path, 0, 0
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, delimiter=delimiter, lineterminator=line_end)
        self._stream: BinaryIO = open_bytes(temporary_name(path))
        self._append("".encode(encoding))  # the byte-order mark, where there is one
        self._append(self.line(headings))

    def line(self, cells: Sequence[str]) -> bytes:
        self._text.seek(0)
        self._text.truncate()
        self._writer.writerow(cells)
        return self._text.getvalue().encode()

    def write(self, cells: Sequence[str]) -> None:
        self.write_line(self.line(cells))

    def write_line(self, line: bytes) -> None:
        self._append(line)
        self.rows += 1

    def close(self) -> None:
        if not self._stream.closed:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()

    def into_place(self) -> FileEntry:
        into_place(temporary_name(self.path), self.path)
        failpoints.hit("export:file_written")
        return describe(self.path, self.rows)

    def _append(self, content: bytes) -> None:
        self._stream.write(content)
        self.bytes += len(content)
