"""The ledger raw.deliveries: what arrived, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

import psycopg

from regulars.feeds.discover import Arrival


class Place(NamedTuple):
    """Where a delivery stands among those of its day; its content breaks a tie.

    revision    as its file or manifest says, 0 when neither does
    rewrite_no  how often that very file had been replaced by other content before
    """

    revision: int
    rewrite_no: int


NEXT_ID = "nextval('raw.deliveries_delivery_id_seq')"
Identity = tuple[date, Place, str]
Line = tuple[str, int, datetime, str]  # path, size, modified_at, sha256


@dataclass(frozen=True)
class Entry:
    """A row of the ledger to be. Counts of a refused delivery are zero, rows_in unknown.

    delivery_id: its number, where one was reserved
    replay_of: the delivery whose quarantined rows it brings in after all; None for an arrival
    may_be_cut: its last line has no end, and no manifest says that nothing is missing
    has_row_count: a manifest said how many rows it has, and they were there
    columns: its declared columns in its own order, where its header is not as declared
    """

    arrival: Arrival
    place: Place
    sha256: str
    status: str
    rows_in: int | None = None
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_redelivered: int = 0
    rows_erased: int = 0
    reason: str | None = None
    drift: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    replay_of: int | None = None
    may_be_cut: bool = False
    has_row_count: bool = False
    delivery_id: int | None = None
    columns: list[str] | None = None

    @property
    def line(self) -> Line:
        return self.arrival.path, self.arrival.size, self.arrival.modified_at, self.sha256


@dataclass(frozen=True)
class Latest:
    """The accepted content that a path brought last."""

    delivered_on: date
    place: Place
    sha256: str


@dataclass
class History:
    """What the ledger says of a feed.

    loaded    identities of the content that is in raw
    latest    path -> what it brought last
    accepted, refused  lines written before: the same file again needs no second one
    rewritten          (path, sha256) of files as an erasure left them: no deliveries
    """

    loaded: set[Identity] = field(default_factory=set)
    latest: dict[str, Latest] = field(default_factory=dict)
    accepted: set[Line] = field(default_factory=set)
    refused: set[Line] = field(default_factory=set)
    rewritten: set[tuple[str, str]] = field(default_factory=set)

    def place(self, arrival: Arrival, sha256: str) -> Place:
        """The place of a file with this content, known or not."""
        latest = self.latest.get(arrival.path)
        if latest is None or latest.delivered_on != arrival.delivered_on:
            return Place(arrival.revision, 0)
        if latest.sha256 == sha256:
            return latest.place
        revision = max(arrival.revision, latest.place.revision)
        return Place(revision, latest.place.rewrite_no + 1)

    def knows(self, entry: Entry) -> bool:
        """Whether it has this line already. What is loaded is new by its identity."""
        lines = {"refused": self.refused, "redelivered": self.accepted}
        return entry.line in lines.get(entry.status, ())


def lock(connection: psycopg.Connection, table: str) -> None:
    """One loader at a time per feed, until the transaction ends."""
    connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('regulars load ' || %s, 0))", [table]
    )


def history(connection: psycopg.Connection, table: str) -> History:
    """Everything that arrived of a feed."""
    past = History()
    past.rewritten.update(connection.execute("select path, sha256 from raw.rewritten_files"))
    for on, revision, rewrite_no, sha256, path, size, modified_at, status in connection.execute(
        """
        select delivered_on, revision, rewrite_no, sha256, path, size, modified_at, status
        from raw.deliveries
        where feed = %s and replay_of is null
        order by delivery_id
        """,
        [table],
    ):
        line, place = (path, size, modified_at, sha256), Place(revision, rewrite_no)
        if status == "refused":
            past.refused.add(line)
            continue
        past.accepted.add(line)
        past.latest[path] = Latest(on, place, sha256)
        if status == "loaded":
            past.loaded.add((on, place, sha256))
    return past


def reserve(connection: psycopg.Connection) -> int:
    """The next delivery_id."""
    row = connection.execute(f"select {NEXT_ID}").fetchone()
    assert row is not None
    return row[0]


def record(connection: psycopg.Connection, entries: Sequence[Entry]) -> list[int]:
    """Write entries; returns their delivery_ids in the same order."""
    ids: list[int] = []
    if not entries:
        return ids
    with connection.cursor() as cursor:
        cursor.executemany(
            f"""
            insert into raw.deliveries (
                delivery_id,
                feed, delivered_on, revision, rewrite_no, sha256, path, size, modified_at, status,
                rows_in, rows_loaded, rows_quarantined, rows_redelivered, rows_erased,
                reason, drift, warnings, replay_of, may_be_cut, has_row_count,
                columns
            )
            overriding system value
            values (
                coalesce(%s, {NEXT_ID}),
                %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
                %s
            )
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
        entry.delivery_id,
        arrival.feed.table,
        arrival.delivered_on,
        *entry.place,
        entry.sha256,
        arrival.path,
        arrival.size,
        arrival.modified_at,
        entry.status,
        entry.rows_in,
        entry.rows_loaded,
        entry.rows_quarantined,
        entry.rows_redelivered,
        entry.rows_erased,
        entry.reason,
        entry.drift,
        entry.warnings,
        entry.replay_of,
        entry.may_be_cut,
        entry.has_row_count,
        entry.columns,
    ]
