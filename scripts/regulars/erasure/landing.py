"""The landing folder without some people: the ledger knows a rewritten file before it is there."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from regulars.erasure import receipt
from regulars.erasure.delivered_file import FileChanged, FileUnreadable
from regulars.erasure.delivered_lines import Sought, count, without
from regulars.erasure.person import Person
from regulars.erasure.receipt import Line
from regulars.feeds.count import survey
from regulars.feeds.discover import IN_PROGRESS, Stamp, discover, stamp_of
from regulars.feeds.landing_tree import files_below
from regulars.feeds.model import Feed
from regulars.feeds.refusal import FileRefused
from regulars.feeds.sidecar import MANIFEST, manifest_of
from regulars.private_files import sync
from regulars.settings import Settings

REMOVED = "lines removed"
READ_ONLY = "lines left: it is read-only"
UPLOADS = "lines left: their files are still being written"
CHANGED = "files left: they changed or went away while they were read"
UNREADABLE = "files left: they cannot be read"
FOLDERS = "folders left: they cannot be read"
REWRITTEN = ".erasing.tmp"  # what no feed's path ends in


@dataclass(frozen=True)
class Landed:
    """A file, its path below the landing folder, and its feed: None for what no feed expects."""

    file: Path
    path: str
    feed: Feed | None

    @property
    def is_upload(self) -> bool:
        """Somebody is still writing it."""
        return self.file.name.startswith(".") or self.file.name.endswith(IN_PROGRESS)

    @property
    def is_fixed(self) -> bool:
        return not os.access(self.file.parent, os.W_OK)


def clean(
    connection: psycopg.Connection,
    settings: Settings,
    feeds: tuple[Feed, ...],
    people: Mapping[int, Person],
    *,
    is_dry: bool,
) -> dict[int, list[Line]]:
    """Rewrite every file that holds lines of these people, by their erasures; count them only when
    dry. A file is read once for all, and again for those whom it may name.

    Commits the ledger's knowledge, and the receipt's line, before each file is replaced. Returns
    what is not in each receipt yet.
    """
    counts = {one: Counter({REMOVED: 0}) for one in people}
    unreadable: list[Path] = []
    sought = Sought(people)
    for landed in _landed(settings, feeds, unreadable.append):
        what = UPLOADS if landed.is_upload else READ_ONLY if landed.is_fixed else REMOVED
        with _told(counts.values()):
            if what == REMOVED and not is_dry:
                _rewrite_for_all(connection, landed, sought, counts)
                continue
            for one in sought.possible_in(landed.file, landed.feed):
                with _told([counts[one]]):
                    counts[one][what] += count(landed.file, landed.feed, people[one])
    return {one: _lines(mine, len(unreadable)) for one, mine in counts.items()}


@contextmanager
def _told(counts: Iterable[Counter[str]]) -> Iterator[None]:
    """A file that cannot be judged stands in nobody's way: it is left, and counted."""
    try:
        yield
    except (FileUnreadable, FileChanged) as error:
        for mine in counts:
            mine[UNREADABLE if isinstance(error, FileUnreadable) else CHANGED] += 1


def _lines(counts: Counter[str], unreadable: int) -> list[Line]:
    counts[FOLDERS] = unreadable
    return [
        Line("landing", what, n, is_left=what != REMOVED)
        for what, n in counts.items()
        if n or what == REMOVED
    ]


def _landed(
    settings: Settings, feeds: tuple[Feed, ...], on_unreadable: Callable[[Path], object]
) -> Iterator[Landed]:
    """Also what no feed expects."""
    expected = {a.file: a.feed for a in discover(settings.landing, feeds).arrivals}
    systems = {feed.system for feed in feeds}
    for file in files_below(settings.landing, systems, on_unreadable):
        if file in expected or not file.name.endswith((MANIFEST, REWRITTEN)):
            yield Landed(file, str(file.relative_to(settings.landing)), expected.get(file))


def _rewrite_for_all(
    connection: psycopg.Connection,
    landed: Landed,
    sought: Sought,
    counts: Mapping[int, Counter[str]],
) -> None:
    """Raises FileUnreadable, FileChanged where nobody can be looked for."""
    before = stamp_of(landed.file)
    for one in sought.possible_in(landed.file, landed.feed):
        with _told([counts[one]]):
            _rewrite(connection, landed, sought.people[one], one, before)
        before = stamp_of(landed.file)


def _rewrite(
    connection: psycopg.Connection,
    landed: Landed,
    person: Person,
    erasure_id: int,
    before: Stamp | None,
) -> None:
    """before: the file's stamp when it was first looked at.

    Raises FileUnreadable, FileChanged; the file is as it was then.
    """
    file, path, feed = landed.file, landed.path, landed.feed
    target = file.with_name(f".{file.name}{REWRITTEN}")
    try:
        rows = without(file, feed, person, target)
        if not rows:
            return
        delivered, rewritten = _sha256(file, feed), _sha256(target, feed, like=file)
        if stamp_of(file) != before:
            raise FileChanged(file.name)
        _tell_ledger(connection, path, delivered, rewritten)
        receipt.add(connection, erasure_id, [Line("landing", REMOVED, rows)])
        connection.commit()
        _replace(connection, landed, target, rows)
    except FileNotFoundError as error:
        raise FileChanged(file.name) from error
    finally:
        target.unlink(missing_ok=True)


def _tell_ledger(connection: psycopg.Connection, path: str, before: str, after: str) -> None:
    """The file that will stand there is known by what it was delivered as."""
    connection.execute(
        """
        insert into raw.rewritten_files (path, sha256, delivered_sha256)
        select %(path)s, %(after)s, coalesce(
            (
                select delivered_sha256 from raw.rewritten_files
                where path = %(path)s and sha256 = %(before)s
            ),
            %(before)s
        )
        on conflict do nothing
        """,
        {"path": path, "before": before, "after": after},
    )


def _replace(connection: psycopg.Connection, landed: Landed, target: Path, rows: int) -> None:
    _lower_manifest(landed.file, rows)
    target.replace(landed.file)
    sync(landed.file.parent)
    if landed.feed is not None:
        _remember(connection, landed.feed, landed.file, landed.path)


def _sha256(file: Path, feed: Feed | None, like: Path | None = None) -> str:
    """The hash as the ledger takes it: of the unpacked content, where that can be read.

    A file that waits under another name is packed as the one `like` which it will be.
    """
    if feed is not None and like is not None and like.suffix == ".gz":
        with gzip.open(file) as unpacked:
            return hashlib.file_digest(unpacked, "sha256").hexdigest()  # type: ignore[arg-type]
    if feed is not None:
        with suppress(FileRefused):
            return survey(file, feed.delivery).sha256
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _lower_manifest(file: Path, rows: int) -> None:
    """A manifest counts the rows of its file."""
    sidecar = manifest_of(file)
    try:
        document = json.loads(sidecar.read_text(encoding="utf-8"))
        document["rows"] -= rows
    except (OSError, ValueError, TypeError, KeyError):
        return  # there is none, or it says nothing of rows
    temporary = sidecar.with_name(f".{sidecar.name}{REWRITTEN}")
    temporary.write_text(json.dumps(document), encoding="utf-8")
    temporary.chmod(sidecar.stat().st_mode & 0o777)
    temporary.replace(sidecar)


def _remember(connection: psycopg.Connection, feed: Feed, file: Path, path: str) -> None:
    """Spare the next night reading it again; losing this costs a reading, no more."""
    stamp = stamp_of(file)
    assert stamp is not None, "it was put there a moment ago"
    connection.execute(
        "insert into ops.seen_files (feed, path, size, modified_at, changed_at, is_refused)"
        " values (%s, %s, %s, %s, %s, false) on conflict do nothing",
        [feed.table, path, *stamp],
    )
    connection.commit()
