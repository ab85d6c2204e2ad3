"""The ledger raw.deliveries: what arrived, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import psycopg

from regulars.feeds.discover import Arrival

Identity = tuple[str, int, datetime]


@dataclass(frozen=True)
class Entry:
    """A row of the ledger to be. Counts of a refused delivery are zero, rows_in unknown.

    replay_of: the delivery whose quarantined rows it brings in after all; None for an arrival
    """

    arrival: Arrival
    revision: int
    sha256: str
    status: str
    rows_in: int | None = None
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_redelivered: int = 0
    reason: str | None = None
    drift: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    replay_of: int | None = None


@dataclass
class Contents:
    """What of a feed is loaded already, by day: content hashes and the revisions taken."""

    hashes: set[tuple[date, str]]
    revisions: dict[date, set[int]]

    def next_revision(self, arrival: Arrival) -> int:
        """The revision its name says, or the next free one if other content has taken that."""
        taken = self.revisions.setdefault(arrival.delivered_on, set())
        revision = arrival.revision if arrival.revision not in taken else max(taken) + 1
        taken.add(revision)
        return revision


def lock(connection: psycopg.Connection, table: str) -> None:
    """One loader at a time per feed, until the transaction ends."""
    connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('regulars load ' || %s, 0))", [table]
    )


def identities(
    connection: psycopg.Connection,
    tables: Iterable[str],
    *,
    and_refused: bool = True,
    only_refused: bool = False,
) -> set[Identity]:
    """Path, size and time of files that were read before: no need to read them again."""
    statuses = [] if only_refused else ["loaded", "redelivered"]
    if and_refused or only_refused:
        statuses.append("refused")
    rows = connection.execute(
        "select path, size, modified_at from raw.deliveries"
        " where feed = any(%s) and status = any(%s)",
        [list(tables), statuses],
    )
    return {(path, size, modified_at) for path, size, modified_at in rows}


def contents(connection: psycopg.Connection, table: str) -> Contents:
    """Loaded content of a feed."""
    found = Contents(set(), {})
    for delivered_on, sha256, revision in connection.execute(
        "select delivered_on, sha256, revision from raw.deliveries"
        " where feed = %s and status = 'loaded'",
        [table],
    ):
        found.hashes.add((delivered_on, sha256))
        found.revisions.setdefault(delivered_on, set()).add(revision)
    return found


def record(connection: psycopg.Connection, entries: Sequence[Entry]) -> list[int]:
    """Write entries; returns their delivery_ids in the same order."""
    ids: list[int] = []
    if not entries:
        return ids
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into raw.deliveries (
                feed, delivered_on, revision, sha256, path, size, modified_at, status,
                rows_in, rows_loaded, rows_quarantined, rows_redelivered,
                reason, drift, warnings, replay_of
            )
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            returning delivery_id
            """,
            [_values(entry) for entry in entries],
            returning=True,
        )
        while True:
            row = cursor.fetchone()
            assert row is not None, "returning gives a row"
            ids.append(row[0])
            if not cursor.nextset():
                return ids


def _values(entry: Entry) -> list[object]:
    arrival = entry.arrival
    return [
        arrival.feed.table,
        arrival.delivered_on,
        entry.revision,
        entry.sha256,
        arrival.path,
        arrival.size,
        arrival.modified_at,
        entry.status,
        entry.rows_in,
        entry.rows_loaded,
        entry.rows_quarantined,
        entry.rows_redelivered,
        entry.reason,
        entry.drift,
        entry.warnings,
        entry.replay_of,
    ]
