"""The landing folder without a person: the ledger knows each rewritten file before it is there."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg

from regulars.erasure import receipt
from regulars.erasure.delivered_lines import FileUnreadable, without
from regulars.erasure.person import Person
from regulars.erasure.receipt import Line
from regulars.feeds.count import survey
from regulars.feeds.discover import IN_PROGRESS, discover, stamp_of
from regulars.feeds.landing_tree import files_below
from regulars.feeds.model import Feed
from regulars.feeds.refusal import FileRefused
from regulars.feeds.sidecar import MANIFEST, manifest_of
from regulars.private_files import sync
from regulars.settings import Settings

REMOVED = "lines removed"
READ_ONLY = "lines left: it is read-only"
UPLOADS = "lines left: their files are still being written"
UNREADABLE = "files left: they cannot be read"
REWRITTEN = ".erasing.tmp"  # what no feed's path ends in


def clean(
    connection: psycopg.Connection,
    settings: Settings,
    feeds: tuple[Feed, ...],
    person: Person,
    erasure_id: int | None,
) -> list[Line]:
    """Rewrite every file that holds the person's lines; without an erasure_id, count them only.

    Commits the ledger's knowledge, and the receipt's line, before each file is replaced. Returns
    what is not in the receipt yet.
    """
    counts = {REMOVED: 0, READ_ONLY: 0, UPLOADS: 0, UNREADABLE: 0}
    for file, path, feed in _files(settings, feeds):
        is_upload = file.name.startswith(".") or file.name.endswith(IN_PROGRESS)
        is_fixed = not os.access(file.parent, os.W_OK)
        target = settings.home / REWRITTEN if is_fixed else _beside(file)
        try:
            rows = without(file, feed, person, target)
        except FileUnreadable:
            counts[UNREADABLE] += 1
            continue
        if rows and not (is_fixed or is_upload) and erasure_id is not None:
            _tell_ledger(connection, path, _sha256(file, feed), _sha256(target, feed, like=file))
            receipt.add(connection, erasure_id, [Line("landing", REMOVED, rows)])
            connection.commit()
            _replace(connection, file, path, feed, target, rows)
            continue
        target.unlink(missing_ok=True)
        counts[UPLOADS if is_upload else READ_ONLY if is_fixed else REMOVED] += rows
    return [Line("landing", what, n) for what, n in counts.items() if n or what == REMOVED]


def _beside(file: Path) -> Path:
    return file.with_name(f".{file.name}{REWRITTEN}")


def _files(settings: Settings, feeds: tuple[Feed, ...]) -> Iterator[tuple[Path, str, Feed | None]]:
    """(file, path below the landing folder, its feed): also what no feed expects."""
    expected = {a.file: a.feed for a in discover(settings.landing, feeds).arrivals}
    for file in files_below(settings.landing):  # no link: what it leads to is not ours
        if file in expected or not file.name.endswith((MANIFEST, REWRITTEN)):
            yield file, str(file.relative_to(settings.landing)), expected.get(file)


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


def _replace(
    connection: psycopg.Connection,
    file: Path,
    path: str,
    feed: Feed | None,
    target: Path,
    rows: int,
) -> None:
    _lower_manifest(file, rows)
    target.replace(file)
    sync(file.parent)
    if feed is not None:
        _remember(connection, feed, file, path)


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
    return hashlib.sha256(file.read_bytes()).hexdigest()


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
