"""What lies in the landing folder: which file is a delivery of which feed, and of which day."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from regulars.feeds.model import Feed

MANIFEST = ".manifest.json"
IN_PROGRESS = (".tmp", ".part")


@dataclass(frozen=True)
class Arrival:
    """A file that matches a feed's path.

    path          below the landing folder, with the system's folder
    delivered_on  business date from the name, the folder or the manifest
    revision      of that day, from the name; 0 when it names none
    modified_at   of the file, to the microsecond; with path and size it spares a second reading
    manifest_rows what the sidecar manifest says, if there is one
    fault         why the file cannot even be opened
    """

    feed: Feed
    file: Path
    path: str
    delivered_on: date
    revision: int
    size: int
    modified_at: datetime
    manifest_rows: int | None = None
    fault: str | None = None

    @property
    def identity(self) -> tuple[str, int, datetime]:
        return self.path, self.size, self.modified_at


@dataclass(frozen=True)
class Found:
    """Arrivals in the order they count, and the names that no feed of the system expects."""

    arrivals: tuple[Arrival, ...]
    unexpected: tuple[str, ...]


def discover(landing: Path, feeds: Iterable[Feed]) -> Found:
    """Match every file below <landing>/<system> with the feeds. Reads names, not contents."""
    arrivals: list[Arrival] = []
    unexpected: list[str] = []
    by_system: dict[str, list[tuple[Feed, re.Pattern[str]]]] = {}
    for feed in feeds:
        by_system.setdefault(feed.system, []).append((feed, path_pattern(feed.delivery.path)))
    for system, patterns in by_system.items():
        for entry, relative, has_manifest in _walk(landing / system):
            found = _match(patterns, relative)
            if found is None:
                unexpected.append(f"{system}/{relative}")
                continue
            arrivals.append(_arrival(*found, entry, f"{system}/{relative}", has_manifest))
    arrivals.sort(key=lambda a: (a.feed.table, a.delivered_on, a.revision, a.path))
    return Found(tuple(arrivals), tuple(sorted(unexpected)))


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


def _walk(folder: Path, below: str = "") -> Iterator[tuple[os.DirEntry[str], str, bool]]:
    """(entry, path, has a manifest) of files that are whole: nothing that starts with a dot or
    ends like an upload in progress."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    names = {entry.name for entry in entries}
    for entry in entries:
        name = entry.name
        if name.startswith(".") or name.endswith((*IN_PROGRESS, MANIFEST, ".done")):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(folder / name, f"{below}{name}/")
        else:
            yield entry, below + name, name + MANIFEST in names


def _match(
    patterns: list[tuple[Feed, re.Pattern[str]]], relative: str
) -> tuple[Feed, re.Match[str]] | None:
    for feed, pattern in patterns:
        match = pattern.fullmatch(relative)
        if match:
            return feed, match
    return None


def _arrival(
    feed: Feed, match: re.Match[str], entry: os.DirEntry[str], path: str, has_manifest: bool
) -> Arrival:
    groups = match.groupdict()
    status = entry.stat(follow_symlinks=False)
    fault = None
    if not entry.is_file(follow_symlinks=False):
        fault = "it is a link or no regular file; deliver the file itself"
    rows, manifest_date, problem = None, None, None
    if has_manifest and not fault:
        rows, manifest_date, problem = _manifest(Path(entry.path))
    delivered_on, date_problem = _date(groups.get("on") or manifest_date)
    return Arrival(
        feed=feed,
        file=Path(entry.path),
        path=path,
        delivered_on=delivered_on,
        revision=int(groups.get("revision") or 0),
        size=status.st_size,
        modified_at=datetime.fromtimestamp(status.st_mtime_ns // 1000 / 1e6, UTC),
        manifest_rows=rows,
        fault=fault or problem or date_problem,
    )


def _date(text: str | None) -> tuple[date, str | None]:
    """The day, or why there is none (with the earliest date, so that it is reported at once)."""
    if text is None:
        return date.min, "neither its path nor a manifest says delivered_on"
    try:
        return date.fromisoformat(text), None
    except ValueError:
        return date.min, f"its date {text} is not in the calendar"


def _manifest(file: Path) -> tuple[int | None, str | None, str | None]:
    """(rows, delivered_on, problem) from <file>.manifest.json."""
    try:
        content = json.loads(file.with_name(file.name + MANIFEST).read_bytes()[: 2**20])
        rows, on = content.get("rows"), content.get("delivered_on")
    except (ValueError, AttributeError):
        return None, None, "its manifest is no JSON object"
    if rows is not None and (not isinstance(rows, int) or isinstance(rows, bool) or rows < 0):
        return None, None, "its manifest gives no whole number of rows"
    return rows, None if on is None else str(on), None
