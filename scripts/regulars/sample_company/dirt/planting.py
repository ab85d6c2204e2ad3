"""Which bad rows and odd files are planted where, and the record of every one of them.

The plan is drawn before anything is written, from the numbers of rows per night, and never
more than a delivery's quarantine limit allows. Writing adds each planted thing to `planted`.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import regulars.sample_company.localtime as localtime
from regulars.sample_company.dirt.faults import FOREIGN_CURRENCY, LATE_PARENT, wants
from regulars.sample_company.dirt.mishaps import (
    HELD,
    LINE_OF_ORPHAN,
    LOADED,
    ORPHAN,
    Mishap,
    mishaps_of,
)
from regulars.sample_company.dirt.odd_files import ODD_FILES, FileText, OddFile, line_of
from regulars.sample_company.feed import Feed
from regulars.sample_company.parts import Dirt
from regulars.sample_company.seeds import stream

_QUIET_NIGHTS = 30
# The last night shows a planted row in each feed that has at least this many.
_ROWS_TO_SHOW = 25
_LATE_PARENT_NIGHTS = 3


@dataclass(frozen=True)
class Planted:
    """One planted thing, what must become of it, and why.

    line counts the header as 1; 0 when it is not one line of one file. reason: the rule that
    quarantines a row, words from the refusal of a file; empty for what is not turned away.
    """

    feed: str
    kind: str
    expected: str
    delivered_on: str
    file: str
    line: int
    key: str
    reason: str = ""


@dataclass
class Plan:
    """Planted rows by (feed, night): (place among the night's rows, number, mishap); odd files."""

    first_day: int
    rows: dict[tuple[str, int], list[tuple[int, int, Mishap]]]
    files: dict[tuple[str, int], OddFile]
    late_parents: np.ndarray
    planted: list[Planted] = field(default_factory=list)

    def touches(self, feed: str, night: int) -> bool:
        return (feed, night) in self.rows or (feed, night) in self.files

    def is_withheld(self, feed: str, night: int) -> bool:
        """True on the night whose file comes a night late."""
        odd = self.files.get((feed, night))
        return odd is not None and odd.make is None

    def reschedule(self, feed: Feed) -> Feed:
        """Move what is delivered late: some customers after their orders, one whole file."""
        if feed.name == "customers" and len(self.late_parents):
            for key in feed.columns["customer_id"].text(feed.rows[self.late_parents]).to_pylist():
                self._record(feed.name, LATE_PARENT, LOADED, -1, key=key)
            return feed.shifted(self.late_parents, _LATE_PARENT_NIGHTS)
        for name, night in self.files:
            if name == feed.name and self.is_withheld(name, night):
                odd = self.files[name, night]
                self._record(name, odd.kind, odd.expected, night + 1, f"{name}.csv")
                return feed.shifted(np.flatnonzero(feed.night == night), 1)
        return feed

    def write(self, feed: str, night: int, folder: Path, columns: list[str], body: bytes) -> None:
        """Write one night's file (or files) with what is planted there.

        body: the night's true lines, without a header; no cell holds a line break.
        """
        body = self._plant_rows(feed, night, columns, body)
        odd = self.files.get((feed, night))
        if odd is None or odd.make is None:
            (folder / f"{feed}.csv").write_bytes(line_of(columns) + body)
            return
        contents = odd.make(FileText.read(columns, body))
        for ending, content in contents.items():
            (folder / f"{feed}{ending}").write_bytes(content)
        file = f"{feed}{next(iter(contents))}"
        self._record(feed, odd.kind, odd.expected, night, file, reason=odd.reason)

    def _plant_rows(self, feed: str, night: int, columns: list[str], body: bytes) -> bytes:
        """The lines with broken ones beside or in place of some; only those are parsed."""
        lines = body.split(b"\n")[:-1]
        added = 0
        for place, number, mishap in sorted(self.rows.get((feed, night), []), key=lambda r: r[0]):
            at = place + added
            cells = next(csv.reader([lines[at].decode()]))
            changed = mishap.change(dict(zip(columns, cells, strict=True)), number)
            planted = line_of([changed[name] for name in columns])[:-1]
            if mishap.is_twin:
                added += 1
                lines.insert(at + 1, planted)
            else:
                lines[at] = planted
            line = at + 2 + mishap.is_twin  # counted from one, after the header
            key = changed[columns[0]] or cells[0]
            self._record(
                feed, mishap.kind, mishap.expected, night, f"{feed}.csv", line, key, mishap.reason
            )
        return b"".join(line + b"\n" for line in lines)

    def _record(
        self,
        feed: str,
        kind: str,
        expected: str,
        night: int,
        file: str = "",
        line: int = 0,
        key: str = "",
        reason: str = "",
    ) -> None:
        on = localtime.to_date(self.first_day + night).isoformat() if night >= 0 else ""
        self.planted.append(
            Planted(
                feed=feed,
                kind=kind,
                expected=expected,
                delivered_on=on,
                file=file,
                line=line,
                key=key,
                reason=reason,
            )
        )

    def record_foreign_orders(self, keys: list[str], night: int = -1) -> None:
        """Orders in another currency, made by the company itself; night -1: of some night."""
        for key in keys:
            self._record("orders", FOREIGN_CURRENCY, HELD, night, key=key)


def draw_plan(seed: int, feeds: list[Feed], first_day: int, nights: int, dirt: Dirt) -> Plan:
    """Decide what is planted where."""
    empty = np.zeros(0, dtype=np.int64)
    if dirt.per_mille <= 0:
        return Plan(first_day, {}, {}, empty)
    rng = stream(seed, "dirt")
    files = _draw_files(rng, feeds, nights, [odd for odd in ODD_FILES if wants(dirt, odd.kind)])
    rows: dict[tuple[str, int], list[tuple[int, int, Mishap]]] = defaultdict(list)
    late = empty
    for feed in feeds:
        taken = {night + shift for (name, night) in files if name == feed.name for shift in (0, 1)}
        _draw_rows(rng, feed, nights, dirt, taken, rows)
        if feed.name == "order_lines":
            follow_orphans(feed, nights, taken, rows)
        if feed.name == "customers" and wants(dirt, LATE_PARENT):
            late = _draw_late_parents(rng, feed, nights, dirt, rows, taken)
    return Plan(first_day, dict(rows), files, late)


def _draw_files(
    rng: np.random.Generator, feeds: list[Feed], nights: int, kinds: list[OddFile]
) -> dict[tuple[str, int], OddFile]:
    """A night for each kind, with enough rows to show it, well before the last night."""
    by_name = {feed.name: feed for feed in feeds}
    files: dict[tuple[str, int], OddFile] = {}
    for odd in kinds:
        sizes = np.bincount(by_name[odd.feed].night, minlength=nights)
        fits = np.flatnonzero(sizes[: max(nights - _QUIET_NIGHTS, 0)] >= odd.least_rows)
        near = {night + shift for _, night in files for shift in (-1, 0, 1)}
        fits = np.array([night for night in fits.tolist() if night not in near], dtype=np.int64)
        if len(fits):
            files[odd.feed, int(rng.choice(fits))] = odd
    return files


def _draw_rows(
    rng: np.random.Generator,
    feed: Feed,
    nights: int,
    dirt: Dirt,
    taken: set[int],
    rows: dict[tuple[str, int], list[tuple[int, int, Mishap]]],
) -> None:
    """Spread each mishap of a feed over its nights, within each delivery's limit."""
    kinds = [mishap for mishap in mishaps_of(feed.name) if wants(dirt, mishap.kind)]
    if not kinds or not len(feed.rows):
        return
    bounds = np.searchsorted(feed.night, np.arange(nights + 1))
    wanted = max(len(kinds), round(dirt.per_mille / 1000 * len(feed.rows)))
    places = np.unique(rng.integers(0, len(feed.rows), wanted))
    last = np.arange(bounds[nights - 1], bounds[nights])[:1]
    last = last if bounds[nights] - bounds[nights - 1] >= _ROWS_TO_SHOW else last[:0]
    places = rng.permutation(np.union1d(places, last))
    used: dict[int, int] = defaultdict(int)
    for number, place in enumerate(places.tolist()):
        night = int(feed.night[place])
        size = int(bounds[night + 1] - bounds[night])
        if night in taken or used[night] >= most_bad_rows(size):
            continue
        used[night] += 1
        rows[feed.name, night].append(
            (place - int(bounds[night]), number, kinds[number % len(kinds)])
        )


def most_bad_rows(sizes: np.ndarray | int) -> np.ndarray:
    """How many bad rows a delivery of so many may have, well below what would refuse it."""
    return np.maximum(2, np.asarray(sizes) // 50)


def follow_orphans(
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
    dirt: Dirt,
    rows: dict[tuple[str, int], list[tuple[int, int, Mishap]]],
    taken: set[int],
) -> np.ndarray:
    """Places of customers who are delivered after their first orders, on undisturbed nights."""
    shift = _LATE_PARENT_NIGHTS
    disturbed = [*(night for name, night in rows if name == "customers"), *taken]
    near = np.isin(feed.night, disturbed) | np.isin(feed.night + shift, disturbed)
    fits = np.flatnonzero(~near & (feed.night < nights - shift - 1))
    share = dirt.per_mille * dirt.late_parent_per_mille / 1000
    wanted = max(1, round(share * len(feed.rows)))
    # Twice as many as wanted, because changes to people known already do not qualify.
    drawn = rng.choice(fits, min(2 * wanted + 2, len(fits)), replace=False)
    created, updated = (
        feed.columns[name].text(feed.rows[drawn]).to_pylist()
        for name in ("created_at", "updated_at")
    )
    is_new = np.array([a == b for a, b in zip(created, updated, strict=True)], dtype=bool)
    return np.sort(drawn[is_new][:wanted])
