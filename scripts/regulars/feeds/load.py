"""Ingest: bring every new delivery of a group of feeds into schema raw."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import groupby
from threading import Event

import psycopg

from regulars import warehouse
from regulars.feeds import declarations, desk_records, seen_files, straight
from regulars.feeds.batch import VALUE_REFUSED, load_batch, record_refusal
from regulars.feeds.discover import Arrival, discover
from regulars.feeds.ledger import Entry
from regulars.feeds.model import Feed
from regulars.feeds.raw_columns import differing_columns
from regulars.feeds.whole_files import split_by_wholeness
from regulars.settings import Settings

log = logging.getLogger(__name__)

BATCH_BYTES = 32 * 2**20
BATCH_FILES = 1_000
FEEDS_AT_ONCE = 2  # each holds a connection, and up to 128 MB of temporary rows on the server

Progress = Callable[[str, int, int], None]


class LoadError(RuntimeError):
    """Loading failed. Names the feed, the files and the SQLSTATE, never a row."""


def ingest(
    settings: Settings, group: str, as_of: date, progress: Progress | None = None
) -> dict[str, object]:
    """Load what was delivered up to as_of and is not in the ledger yet.

    group is `sales`, or `service` (which also loads the care feeds). progress(feed, done, files)
    is called after each batch, from the thread that loads the feed. Returns counts and refusals.
    Raises LoadError, DeclarationError.
    """
    feeds = declarations.load(settings.dbt_project, settings.systems)
    mine = declarations.of_step(feeds, group)
    if any(feed.system == desk_records.SYSTEM for feed in mine):
        desk_records.hand_in(settings)
    listing = discover(settings.landing, feeds)
    tables = {feed.table for feed in mine}
    arrivals = [a for a in listing.arrivals if a.feed.table in tables]
    due = [a for a in arrivals if a.delivered_on <= as_of]
    whole, partial = split_by_wholeness(_unread(settings, due), settings.settle_seconds)
    entries = _load(settings, whole, progress or (lambda feed, done, files: None))
    for arrival in partial:
        log.warning("%s is still being written: the next run takes it", arrival.path)
    for entry in entries:
        if entry.status == "refused":
            log.warning("refused %s: %s", entry.arrival.path, entry.reason)
    return {
        **_summary(entries),
        "group": group,
        "as_of": as_of.isoformat(),
        "not_yet_due": len(arrivals) - len(due),
        "still_being_written": len(partial),
        "unexpected_files": len(listing.unexpected),
    }


def load_refused_again(settings: Settings, feeds: Sequence[Feed]) -> list[Entry]:
    """Read refused files again, after a correction of their declaration. Returns the accepted."""
    listing = discover(settings.landing, feeds)
    with warehouse.connect(settings, "loader") as connection:
        seen = seen_files.seen(connection, {feed.table for feed in feeds})
    due = [a for a in listing.arrivals if seen.get((a.path, a.stamp))]
    entries = _load(settings, due, lambda feed, done, files: None)
    return [entry for entry in entries if entry.status != "refused"]


def _unread(settings: Settings, due: Sequence[Arrival]) -> list[Arrival]:
    """Files that were not read as they stand now."""
    with warehouse.connect(settings, "loader") as connection:
        seen = seen_files.seen(connection, {a.feed.table for a in due})
    return [a for a in due if (a.path, a.stamp) not in seen]


def _load(settings: Settings, new: Sequence[Arrival], progress: Progress) -> list[Entry]:
    """Load files, two feeds at a time: while one is checked by the server, another is parsed.
    Returns entries by feed; raises the first feed's LoadError.
    """
    feeds = [list(same) for _, same in groupby(new, key=lambda a: a.feed.table)]
    stop = Event()
    with ThreadPoolExecutor(FEEDS_AT_ONCE) as pool:
        running = {
            n: pool.submit(_load_feed, settings, feeds[n], progress, stop)
            for n in sorted(range(len(feeds)), key=lambda n: -sum(a.size for a in feeds[n]))
        }
    return [entry for n in range(len(feeds)) for entry in running[n].result()]


def _load_feed(
    settings: Settings,
    arrivals: Sequence[Arrival],
    progress: Progress,
    stop: Event,
) -> list[Entry]:
    """Load a feed in batches, until one feed fails: then `stop` is set for all of them. A
    database error surfaces without its text: that may print a row.
    """
    entries: list[Entry] = []
    failure = None
    with warehouse.connect(settings, "loader") as connection:
        _check_columns(connection, arrivals[0].feed)
        connection.execute("set temp_buffers = '128MB'")
        connection.commit()
        for batch in batches(arrivals):
            if stop.is_set():
                break
            try:
                entries += _load_or_split(connection, batch)
            except (psycopg.Error, OSError) as error:
                failure = _describe(error, batch)
                stop.set()
                _abandon(connection)
                break
            progress(batch[0].feed.table, len(entries), len(arrivals))
    if failure:
        raise LoadError(failure)
    return entries


def _check_columns(connection: psycopg.Connection, feed: Feed) -> None:
    """Raise LoadError where a raw column has another type than declared: it might round."""
    differing = differing_columns(connection, feed)
    if differing:
        names = ", ".join(column.name for column, _ in differing)
        raise LoadError(
            f"raw.{feed.table} has other types than its declaration: {names}. Run "
            "`regulars warehouse start`, which brings it to its declaration, then load again."
        )


def batches(arrivals: Sequence[Arrival]) -> Iterator[list[Arrival]]:
    """Many small files of a feed, or a big one; one that may go straight is alone."""
    for _, same in groupby(arrivals, key=_companions):
        batch: list[Arrival] = []
        size = 0
        for arrival in same:
            if batch and (size + arrival.size > BATCH_BYTES or len(batch) >= BATCH_FILES):
                yield batch
                batch, size = [], 0
            batch.append(arrival)
            size += arrival.size
        if batch:
            yield batch


def _companions(arrival: Arrival) -> tuple[str, str]:
    """Files with the same may share a batch."""
    return arrival.feed.table, arrival.path if straight.is_open(arrival) else ""


def _load_or_split(connection: psycopg.Connection, batch: Sequence[Arrival]) -> list[Entry]:
    """Load a batch; one that the warehouse refuses for a value is halved down to that file."""
    feed = batch[0].feed
    try:
        return load_batch(connection, feed, batch)
    except psycopg.Error as error:
        state = error.sqlstate or ""
        if not state.startswith(VALUE_REFUSED):  # the night is at fault, not the file
            raise
        connection.rollback()
    if len(batch) == 1:
        reason = (
            f"the warehouse refused one of its values (SQLSTATE {state}). Correct the file or the "
            "declaration, then replay"
        )
        return record_refusal(connection, batch[0], reason)
    half = len(batch) // 2
    return [
        *_load_or_split(connection, batch[:half]),
        *_load_or_split(connection, batch[half:]),
    ]


def _abandon(connection: psycopg.Connection) -> None:
    if not connection.broken:
        connection.rollback()


def _describe(error: psycopg.Error | OSError, batch: Sequence[Arrival]) -> str:
    files = batch[0].path if len(batch) == 1 else f"{batch[0].path} to {batch[-1].path}"
    if isinstance(error, OSError):
        what = f"the file cannot be read ({error.strerror})"
    elif error.sqlstate is None:  # also when it is the answer to a COMMIT that was lost
        return (
            f"Loading {batch[0].feed.label}, {files}: the connection to the warehouse was lost. "
            "Whether these files were loaded, the next run finds out; it loads none of them twice."
        )
    else:
        what = warehouse.refusal(error)
    return (
        f"Loading {batch[0].feed.label}, {files}: {what}. Nothing of these files was loaded; "
        "they are tried again by the next run."
    )


def _summary(entries: Sequence[Entry]) -> dict[str, object]:
    statuses = Counter(entry.status for entry in entries)
    return {
        "loaded": statuses["loaded"],
        "redelivered": statuses["redelivered"],
        "refused": statuses["refused"],
        "rows_in": sum(entry.rows_in or 0 for entry in entries),
        "rows_loaded": sum(entry.rows_loaded for entry in entries),
        "rows_quarantined": sum(entry.rows_quarantined for entry in entries),
        "rows_redelivered": sum(entry.rows_redelivered for entry in entries),
        "refusals": [
            {"feed": e.arrival.feed.table, "file": e.arrival.path, "reason": e.reason}
            for e in entries
            if e.status == "refused"
        ],
    }
