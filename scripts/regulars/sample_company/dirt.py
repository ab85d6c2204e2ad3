"""Which bad rows and odd files are planted where, and the record of every one of them.

The plan is drawn before anything is written, from the numbers of rows per night, and never
more than a delivery's quarantine limit allows. Writing adds each planted thing to `planted`.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from regulars.sample_company import localtime
from regulars.sample_company.feeds import Feed
from regulars.sample_company.mishaps import HELD, LINE_OF_ORPHAN, LOADED, ORPHAN, Mishap, mishaps_of
from regulars.sample_company.seeds import stream

# File kinds and the feed each is planted in; every kind on a night of its own.
FILE_KINDS: tuple[tuple[str, str], ...] = (
    ("extra_column", "orders"),
    ("missing_column", "surveys"),
    ("reordered_columns", "consents"),
    ("byte_order_mark", "campaign_contacts"),
    ("compressed_file", "order_lines"),
    ("redelivered_file", "order_lines"),
    ("corrected_file", "orders"),
    ("late_file", "cases"),
)
_QUIET_NIGHTS = 30
# The last night shows a planted row in each feed that has at least this many.
_ROWS_TO_SHOW = 25
_LATE_PARENT_NIGHTS = 3


@dataclass(frozen=True)
class Planted:
    """One planted thing. line counts the header as 1; 0 when it is not one line of one file."""

    feed: str
    kind: str
    expected: str
    delivered_on: str
    file: str
    line: int
    key: str


@dataclass(frozen=True)
class FileText:
    """Column names and cells of one file."""

    columns: list[str]
    rows: list[list[str]]

    @classmethod
    def read(cls, columns: list[str], body: bytes) -> FileText:
        """Cells of a file's lines below its header."""
        return cls(columns, list(csv.reader(io.StringIO(body.decode(), newline=""))))

    def to_bytes(self) -> bytes:
        return b"".join(map(_line, [self.columns, *self.rows]))


def _line(cells: list[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue().encode()


@dataclass
class Plan:
    """Planted rows by (feed, night): (place among the night's rows, number, mishap)."""

    first_day: int
    rows: dict[tuple[str, int], list[tuple[int, int, Mishap]]]
    files: dict[tuple[str, int], str]
    late_parents: np.ndarray
    planted: list[Planted] = field(default_factory=list)

    def touches(self, feed: str, night: int) -> bool:
        return (feed, night) in self.rows or (feed, night) in self.files

    def is_withheld(self, feed: str, night: int) -> bool:
        """True on the night whose file comes a night late."""
        return self.files.get((feed, night)) == "late_file"

    def reschedule(self, feed: Feed) -> Feed:
        """Move what is delivered late: some customers after their orders, one whole file."""
        if feed.name == "customers" and len(self.late_parents):
            for key in feed.columns["customer_id"].text(feed.rows[self.late_parents]).to_pylist():
                self._record(feed.name, "late_parent", LOADED, -1, "", 0, key)
            return feed.shifted(self.late_parents, _LATE_PARENT_NIGHTS)
        for night in [n for (name, n), kind in self.files.items() if kind == "late_file"]:
            if feed.name == "cases":
                self._record(feed.name, "late_file", LOADED, night + 1, "cases.csv", 0, "")
                return feed.shifted(np.flatnonzero(feed.night == night), 1)
        return feed

    def write(self, feed: str, night: int, folder: Path, columns: list[str], body: bytes) -> None:
        """Write one night's file (or files) with what is planted there.

        body: the night's true lines, without a header; no cell holds a line break.
        """
        body = self._plant_rows(feed, night, columns, body)
        kind = self.files.get((feed, night))
        if kind is None:
            (folder / f"{feed}.csv").write_bytes(_line(columns) + body)
            return
        contents = _odd_files(feed, kind, FileText.read(columns, body))
        for name, content in contents.items():
            (folder / name).write_bytes(content)
        self._record(feed, kind, LOADED, night, sorted(contents)[-1], 0, "")

    def _plant_rows(self, feed: str, night: int, columns: list[str], body: bytes) -> bytes:
        """The lines with broken ones beside or in place of some; only those are parsed."""
        lines = body.split(b"\n")[:-1]
        added = 0
        for place, number, mishap in sorted(self.rows.get((feed, night), []), key=lambda r: r[0]):
            at = place + added
            cells = next(csv.reader([lines[at].decode()]))
            changed = mishap.change(dict(zip(columns, cells, strict=True)), number)
            planted = _line([changed[name] for name in columns])[:-1]
            if mishap.is_twin:
                added += 1
                lines.insert(at + 1, planted)
            else:
                lines[at] = planted
            line = at + 2 + mishap.is_twin  # counted from one, after the header
            key = changed[columns[0]] or cells[0]
            self._record(feed, mishap.kind, mishap.expected, night, f"{feed}.csv", line, key)
        return b"".join(line + b"\n" for line in lines)

    def _record(
        self, feed: str, kind: str, expected: str, night: int, file: str, line: int, key: str
    ) -> None:
        on = localtime.to_date(self.first_day + night).isoformat() if night >= 0 else ""
        self.planted.append(Planted(feed, kind, expected, on, file, line, key))

    def record_foreign_orders(self, keys: list[str]) -> None:
        """Orders in another currency, made by the company itself."""
        for key in keys:
            self._record("orders", "foreign_currency", HELD, -1, "", 0, key)


def _odd_files(feed: str, kind: str, text: FileText) -> dict[str, bytes]:
    """File names and contents for an odd file of this kind."""
    name, content = f"{feed}.csv", text.to_bytes()
    match kind:
        case "extra_column":
            return {name: _with_notes(text)}
        case "missing_column":
            return {name: _reorder(text, [c for c in text.columns if c != "comment"])}
        case "reordered_columns":
            return {name: _reorder(text, text.columns[::-1])}
        case "byte_order_mark":
            return {name: b"\xef\xbb\xbf" + content}
        case "compressed_file":
            # No time stamp: the same content is the same bytes.
            return {f"{name}.gz": gzip.compress(content, mtime=0)}
        case "redelivered_file":
            return {name: content, f"{feed}.r2.csv": content}
        case "corrected_file":
            return {name: _wrong(text), f"{feed}.r2.csv": content}
    raise ValueError(f"no file is written for '{kind}'")


def _with_notes(text: FileText) -> bytes:
    notes = [[*row, "gift wrap" if i % 5 == 0 else ""] for i, row in enumerate(text.rows)]
    return FileText([*text.columns, "packing_note"], notes).to_bytes()


def _reorder(text: FileText, columns: list[str]) -> bytes:
    order = [text.columns.index(column) for column in columns]
    return FileText(columns, [[row[i] for i in order] for row in text.rows]).to_bytes()


def _wrong(text: FileText) -> bytes:
    """The file before its correction: shipping costs of the first rows are wrong."""
    place = text.columns.index("shipping_cost")
    rows = [
        [*row[:place], "88.88", *row[place + 1 :]] if i < 3 else row
        for i, row in enumerate(text.rows)
    ]
    return FileText(text.columns, rows).to_bytes()


def draw_plan(seed: int, feeds: list[Feed], first_day: int, nights: int, per_mille: float) -> Plan:
    """Decide what is planted where. per_mille 0 plants nothing."""
    empty = np.zeros(0, dtype=np.int64)
    if per_mille <= 0:
        return Plan(first_day, {}, {}, empty)
    rng = stream(seed, "dirt")
    files = _draw_files(rng, feeds, nights)
    rows: dict[tuple[str, int], list[tuple[int, int, Mishap]]] = defaultdict(list)
    late = empty
    for feed in feeds:
        taken = {night + shift for (name, night) in files if name == feed.name for shift in (0, 1)}
        _draw_rows(rng, feed, nights, per_mille, taken, rows)
        if feed.name == "order_lines":
            _follow_orphans(feed, nights, taken, rows)
        if feed.name == "customers":
            late = _draw_late_parents(rng, feed, nights, per_mille, rows)
    return Plan(first_day, dict(rows), files, late)


def _draw_files(
    rng: np.random.Generator, feeds: list[Feed], nights: int
) -> dict[tuple[str, int], str]:
    """A night for each file kind, with at least two rows, well before the last night."""
    by_name = {feed.name: feed for feed in feeds}
    files: dict[tuple[str, int], str] = {}
    for kind, name in FILE_KINDS:
        sizes = np.bincount(by_name[name].night, minlength=nights)
        fits = np.flatnonzero(sizes[: max(nights - _QUIET_NIGHTS, 0)] >= 2)
        near = {night + shift for _, night in files for shift in (-1, 0, 1)}
        fits = np.array([night for night in fits.tolist() if night not in near], dtype=np.int64)
        if len(fits):
            files[name, int(rng.choice(fits))] = kind
    return files


def _draw_rows(
    rng: np.random.Generator,
    feed: Feed,
    nights: int,
    per_mille: float,
    taken: set[int],
    rows: dict[tuple[str, int], list[tuple[int, int, Mishap]]],
) -> None:
    """Spread each mishap of a feed over its nights, within each delivery's limit."""
    kinds = mishaps_of(feed.name)
    if not kinds or not len(feed.rows):
        return
    bounds = np.searchsorted(feed.night, np.arange(nights + 1))
    wanted = max(len(kinds), round(per_mille / 1000 * len(feed.rows)))
    places = np.unique(rng.integers(0, len(feed.rows), wanted))
    last = np.arange(bounds[nights - 1], bounds[nights])[:1]
    last = last if bounds[nights] - bounds[nights - 1] >= _ROWS_TO_SHOW else last[:0]
    places = rng.permutation(np.union1d(places, last))
    used: dict[int, int] = defaultdict(int)
    for number, place in enumerate(places.tolist()):
        night = int(feed.night[place])
        size = int(bounds[night + 1] - bounds[night])
        if night in taken or used[night] >= max(2, size // 50):
            continue
        used[night] += 1
        rows[feed.name, night].append(
            (place - int(bounds[night]), number, kinds[number % len(kinds)])
        )


def _follow_orphans(
    lines: Feed,
    nights: int,
    taken: set[int],
    rows: dict[tuple[str, int], list[tuple[int, int, Mishap]]],
) -> None:
    """Give each orphan order a line on its own night, where the night's lines allow one."""
    sizes = np.bincount(lines.night, minlength=nights)
    orphans = [
        (night, number)
        for (name, night), planted in rows.items()
        for _, number, mishap in planted
        if name == "orders" and mishap.expected == ORPHAN
    ]
    for night, number in orphans:
        used = {place for place, _, _ in rows.get((lines.name, night), [])}
        free = next((place for place in range(int(sizes[night])) if place not in used), None)
        if free is not None and night not in taken:
            rows[lines.name, night].append((free, number, LINE_OF_ORPHAN))


def _draw_late_parents(
    rng: np.random.Generator,
    feed: Feed,
    nights: int,
    per_mille: float,
    rows: dict[tuple[str, int], list[tuple[int, int, Mishap]]],
) -> np.ndarray:
    """Places of customers who are delivered after their first orders, on undisturbed nights."""
    shift = _LATE_PARENT_NIGHTS
    disturbed = [night for name, night in rows if name == "customers"]
    near = np.isin(feed.night, disturbed) | np.isin(feed.night + shift, disturbed)
    fits = np.flatnonzero(~near & (feed.night < nights - shift - 1))
    wanted = max(1, round(per_mille / 4000 * len(feed.rows)))
    # Twice as many as wanted, because changes to people known already do not qualify.
    drawn = rng.choice(fits, min(2 * wanted + 2, len(fits)), replace=False)
    created, updated = (
        feed.columns[name].text(feed.rows[drawn]).to_pylist()
        for name in ("created_at", "updated_at")
    )
    is_new = np.array([a == b for a, b in zip(created, updated, strict=True)], dtype=bool)
    return np.sort(drawn[is_new][:wanted])
