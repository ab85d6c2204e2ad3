"""Reads a finished file as the target's tool would, and says what it would stumble over.

It knows the file and what the target accepts, not how the file was made.
"""

from __future__ import annotations

import codecs
import csv
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path

import numpy as np

from regulars.targets.declaration import Target
from regulars.targets.forms import TURNING, guard

BOM = codecs.BOM_UTF8
MOST_FAULTS = 10


def faults_of(target: Target, paths: Iterable[Path], asked: Collection[str] = ()) -> list[str]:
    """What is wrong with the files of one list, at most ten faults; no cell's content is told.

    asked: headings beyond the target's own that were asked for by name.
    """
    keys = array("q")
    readings = [_Reading(target, path, asked, keys) for path in sorted(paths)]
    faults = chain(*(reading.faults() for reading in readings), _doubled(readings, keys))
    return [fault for fault, _ in zip(faults, range(MOST_FAULTS), strict=False)]


def _doubled(readings: Sequence[_Reading], keys: array[int]) -> Iterator[str]:
    """Keys that stand twice. Eight bytes a row are kept of them; where two are alike, they are
    looked up again in the files."""
    in_order = np.sort(np.frombuffer(keys, dtype=np.int64))
    alike = set(in_order[1:][in_order[1:] == in_order[:-1]].tolist())
    seen: set[str] = set()
    for reading in readings if alike else ():
        for line, key in reading.keys_by_line():
            if hash(key) in alike:
                if key in seen:
                    yield f"{reading.path.name}, line {line}: the same {reading.key} once more"
                seen.add(key)


class _Reading:
    """One file of a target. keys: gets the hash of each row's key."""

    def __init__(
        self, target: Target, path: Path, asked: Collection[str], keys: array[int]
    ) -> None:
        self.target, self.path, self.asked, self.keys = target, path, asked, keys
        self.required = {c.heading for c in target.columns if c.is_required}
        self.key = next(c.heading for c in target.columns if c.source == target.key)

    def faults(self) -> Iterator[str]:
        """Every fault of the file, the broadest first."""
        size, limit = self.path.stat().st_size, self.target.file.max_bytes
        if limit and size > limit:
            yield f"{self.path.name}: {size} bytes; {self.target.name} takes {limit}"
        yield from self._faults_of_bytes()
        try:
            yield from self._faults_of_rows()
        except (UnicodeDecodeError, csv.Error) as error:
            yield f"{self.path.name}: cannot be read as CSV in UTF-8 ({type(error).__name__})"

    def keys_by_line(self) -> Iterator[tuple[int, str]]:
        """The keys of a file, as far as it can be read; what cannot is a fault of its own."""
        with (
            suppress(UnicodeDecodeError, csv.Error),
            self.path.open(encoding=self.target.file.encoding, newline="") as stream,
        ):
            rows = csv.reader(stream, delimiter=self.target.file.delimiter, strict=True)
            header = next(rows, [])
            for line, row in enumerate(rows, start=2):
                if self.key in header and len(row) == len(header):
                    yield line, row[header.index(self.key)]

    def _faults_of_bytes(self) -> Iterator[str]:
        with self.path.open("rb") as stream:
            is_marked = stream.read(len(BOM)) == BOM
        if is_marked != (self.target.file.encoding == "utf-8-sig"):
            yield f"{self.path.name}: {'a' if is_marked else 'no'} byte-order mark"

    def _faults_of_rows(self) -> Iterator[str]:
        with self.path.open(encoding=self.target.file.encoding, newline="") as stream:
            rows = csv.reader(stream, delimiter=self.target.file.delimiter, strict=True)
            header = next(rows, [])
            yield from self._faults_of_header(header)
            count = 0
            for count, row in enumerate(rows, start=1):
                yield from self._faults_of_row(header, row, count + 1)
        if self.target.file.max_rows and count > self.target.file.max_rows:
            most = self.target.file.max_rows
            yield f"{self.path.name}: {count} rows; {self.target.name} takes {most}"

    def _faults_of_header(self, header: list[str]) -> Iterator[str]:
        accepts = self.target.accepts
        if len(set(header)) < len(header):
            yield f"{self.path.name}: a heading stands twice"
        odd = set(header) - set(accepts.headings) - set(self.asked) if accepts.headings else set()
        for name in sorted(odd):
            yield f"{self.path.name}: {self.target.name} knows no column {name}"
        if accepts.first and header[:1] not in [[name] for name in accepts.first]:
            yield f"{self.path.name}: the first column is none of {', '.join(accepts.first)}"
        if accepts.last and header[-1:] not in [[name] for name in accepts.last]:
            yield f"{self.path.name}: the last column is none of {', '.join(accepts.last)}"
        for group in accepts.not_together:
            if len(set(group) & set(header)) > 1:
                yield f"{self.path.name}: {' and '.join(group)} stand side by side"
        for heading in sorted(self.required - set(header)):
            yield f"{self.path.name}: no column {heading}"

    def _faults_of_row(self, header: list[str], row: list[str], line: int) -> Iterator[str]:
        where = f"{self.path.name}, line {line}"
        if len(row) != len(header):
            yield f"{where}: {len(row)} cells under {len(header)} headings"
            return
        for heading, cell in zip(header, row, strict=True):
            if heading == self.key:
                self.keys.append(hash(cell))
            pattern = self.target.accepts.cells.get(heading)
            if not cell:
                if heading in self.required:
                    yield f"{where}: no {heading}"
            elif pattern and not pattern.fullmatch(cell):
                yield f"{where}: {heading} is not as {self.target.name} takes it"
            elif self.target.asked_form == "plain":
                continue
            elif any(c in cell for c in "\r\n\0") or TURNING.search(cell):
                yield f"{where}: {heading} breaks the line or turns the reading order"
            elif self.target.asked_form == "guarded" and guard(cell) != cell:
                yield f"{where}: a spreadsheet would run {heading}"
