"""What lies in the landing folder: which file is a delivery of which feed, and of which day."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from regulars.feeds.landing_tree import contents_of
from regulars.feeds.model import Feed
from regulars.feeds.refusal import FileRefused
from regulars.feeds.sidecar import MANIFEST, NO_MANIFEST, Manifest, manifest_of, read_manifest

IN_PROGRESS = (".tmp", ".part")

Stamp = tuple[int, datetime, datetime]


@dataclass(frozen=True)
class Arrival:
    """A file that matches a feed's path.

    path          below the landing folder, with the system's folder
    delivered_on  business date from the name, the folder or the manifest
    revision      of that day, from the name or the manifest; 0 when neither names one
    stamp         size, and times of content and of any change; spares a second reading
    manifest_rows what the sidecar manifest says, if there is one
    fault         why the file cannot even be opened
    """

    feed: Feed
    file: Path
    path: str
    delivered_on: date
    revision: int
    stamp: Stamp
    manifest_rows: int | None = None
    fault: str | None = None

    @property
    def size(self) -> int:
        return self.stamp[0]

    @property
    def modified_at(self) -> datetime:
        return self.stamp[1]

    @property
    def changed_at(self) -> datetime:
        return self.stamp[2]


@dataclass(frozen=True)
class Listing:
    """Arrivals in the order they count, and the names that no feed of the system expects."""

    arrivals: tuple[Arrival, ...]
    unexpected: tuple[str, ...]


def discover(landing: Path, feeds: Iterable[Feed]) -> Listing:
    """Match every file below <landing>/<system> with the feeds. Reads names, not contents."""
    arrivals: list[Arrival] = []
    unexpected: list[str] = []
    by_system: dict[str, list[tuple[Feed, re.Pattern[str]]]] = {}
    for feed in feeds:
        by_system.setdefault(feed.system, []).append((feed, path_pattern(feed.delivery.path)))
    for system, patterns in by_system.items():
        for entry, relative, has_manifest in _walk(landing / system):
            matched = _match(patterns, relative)
            if matched is None:
                unexpected.append(f"{system}/{relative}")
                continue
            arrival = _arrival(*matched, entry, f"{system}/{relative}", has_manifest)
            if arrival:
                arrivals.append(arrival)
    arrivals.sort(key=lambda a: (a.feed.table, a.delivered_on, a.revision, a.path))
    return Listing(tuple(arrivals), tuple(sorted(unexpected)))


def path_pattern(path: str) -> re.Pattern[str]:
    """`{delivered_on}/orders{.revision}.csv` as a pattern; a .gz may follow."""
    pattern, dated = "", False
    for piece in re.split(r"(\{delivered_on\}|\{\.revision\})", path):
        if piece == "{delivered_on}":
            pattern += "(?P=on)" if dated else r"(?P<on>\d{4}-\d{2}-\d{2})"
            dated = True
        elif piece == "{.revision}":
            pattern += r"(?:\.r(?P<revision>\d{1,6}))?"
        else:
            pattern += re.escape(piece)
    return re.compile(pattern + r"(?:\.gz)?")


def _walk(folder: Path) -> Iterator[tuple[os.DirEntry[str], str, bool]]:
    """(entry, path below the folder, has a manifest): nothing that starts with a dot or ends like
    an upload in progress."""
    for entries in contents_of(folder, _is_offered):
        names = {entry.name for entry in entries}
        for entry in filter(_is_offered, entries):
            if not entry.is_dir(follow_symlinks=False):
                relative = entry.path[len(str(folder)) + 1 :]
                yield entry, relative, entry.name + MANIFEST in names


def _is_offered(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    return not (name.startswith(".") or name.endswith((*IN_PROGRESS, MANIFEST, ".done")))


def _match(
    patterns: list[tuple[Feed, re.Pattern[str]]], relative: str
) -> tuple[Feed, re.Match[str]] | None:
    for feed, pattern in patterns:
        match = pattern.fullmatch(relative)
        if match:
            return feed, match
    return None


def stamp_of(file: Path) -> Stamp | None:
    """Size, time of its content, time of the last change of it or its manifest; None if it is gone.

    Times to the microsecond.
    """
    try:
        status = file.lstat()
    except FileNotFoundError:
        return None
    changed = status.st_ctime_ns
    with suppress(OSError):
        changed = max(changed, manifest_of(file).lstat().st_ctime_ns)
    return status.st_size, _moment(status.st_mtime_ns), _moment(changed)


def _moment(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds // 1000 / 1e6, UTC)


def _arrival(
    feed: Feed, match: re.Match[str], entry: os.DirEntry[str], path: str, has_manifest: bool
) -> Arrival | None:
    """None when the file has gone meanwhile."""
    stamp = stamp_of(Path(entry.path))
    if stamp is None:
        return None
    manifest, fault = NO_MANIFEST, None
    try:
        if not entry.is_file(follow_symlinks=False):
            raise FileRefused("it is a link or no regular file; deliver the file itself")
        if has_manifest:
            manifest = read_manifest(Path(entry.path))
    except FileRefused as refusal:
        fault = str(refusal)
    named = match.groupdict()
    delivered_on, no_date = _date(named.get("on"), manifest)
    revision, no_revision = _revision(named.get("revision"), manifest)
    return Arrival(
        feed=feed,
        file=Path(entry.path),
        path=path,
        delivered_on=delivered_on,
        revision=revision,
        stamp=stamp,
        manifest_rows=manifest.rows,
        fault=fault or no_date or no_revision,
    )


def _date(named: str | None, manifest: Manifest) -> tuple[date, str | None]:
    """The day, or why there is none (with the earliest date, so that it is reported at once)."""
    if named is None:
        if manifest.delivered_on is None:
            return date.min, "neither its path nor a manifest says delivered_on"
        return manifest.delivered_on, None
    try:
        day = date.fromisoformat(named)
    except ValueError:
        return date.min, f"its date {named} is not in the calendar"
    if manifest.delivered_on not in (None, day):
        return day, "its path and its manifest say different days"
    return day, None


def _revision(named: str | None, manifest: Manifest) -> tuple[int, str | None]:
    if named is None:
        return manifest.revision or 0, None
    if manifest.revision not in (None, int(named)):
        return int(named), "its name and its manifest say different revisions"
    return int(named), None
