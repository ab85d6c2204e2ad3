"""Load quarantined rows and refused files after all, once their declaration is corrected."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import psycopg

from regulars import failpoints, warehouse
from regulars.feeds import arriving_rows, declarations, ledger, quarantine, raw_tables
from regulars.feeds.count import survey
from regulars.feeds.discover import Arrival
from regulars.feeds.ledger import Entry, Place
from regulars.feeds.load import LoadError, load_refused_again
from regulars.feeds.model import Feed
from regulars.feeds.parsers_by_format import open_parser
from regulars.feeds.refusal import FileRefused
from regulars.feeds.shapes import checks
from regulars.settings import Settings


@dataclass(frozen=True)
class Incomplete:
    """A loaded delivery with rows in quarantine, and their lines."""

    delivery_id: int
    arrival: Arrival
    place: Place
    sha256: str
    lines: tuple[int, ...]


class Replayed(TypedDict):
    """What a replay achieved; paths are below the landing folder."""

    rows_replayed: int
    files_gone: list[str]
    files_accepted: list[str]


def replay(settings: Settings, feed: str | None = None) -> Replayed:
    """Check quarantined rows and refused files again, under the declaration as it is now.

    Rows that pass are loaded as an entry of their own in the ledger, so that nights published
    before do not see them; the file must still lie in the landing folder as it was. The caller
    holds the night lock. Returns counts and the files that are gone. Raises UnknownFeed,
    LoadError, DeclarationError.
    """
    feeds = declarations.named(settings, feed)
    raw_tables.migrate(settings)  # the correction may be of a type
    rows = 0
    gone: list[str] = []
    for declared in feeds:
        replayed, missing = _replay_feed(settings, declared)
        rows += replayed
        gone += missing
    accepted = load_refused_again(settings, feeds)
    return {
        "rows_replayed": rows,
        "files_gone": gone,
        "files_accepted": [entry.arrival.path for entry in accepted],
    }


def _replay_feed(settings: Settings, feed: Feed) -> tuple[int, list[str]]:
    """(rows loaded, files that are gone). A database error surfaces without its text."""
    refused = None
    with warehouse.connect(settings, "loader") as connection:
        try:
            ledger.lock(connection, feed.table)
            incomplete = _incomplete(connection, settings, feed)
            present = [d for d in incomplete if _is_unchanged(d)]
            rows = _replay_rows(connection, feed, present) if present else 0
            failpoints.hit("load:before_commit")
            connection.commit()
            failpoints.hit("load:after_commit")
        except psycopg.Error as error:
            refused = warehouse.refusal(error)
            connection.rollback()
    if refused:
        raise LoadError(f"Replaying {feed.label}: {refused}. Nothing changed.")
    return rows, [d.arrival.path for d in incomplete if d not in present]


def _incomplete(connection: psycopg.Connection, settings: Settings, feed: Feed) -> list[Incomplete]:
    rows = connection.execute(
        """
        select
            d.delivery_id, d.delivered_on, d.revision, d.rewrite_no, d.path, d.size,
            d.modified_at, d.sha256, array_agg(q.line order by q.line)
        from raw.quarantine as q
        inner join raw.deliveries as d on q.delivery_id = d.delivery_id
        where q.feed = %s and q.replayed_at is null and d.status = 'loaded'
        group by 1
        order by 1
        """,
        [feed.table],
    )
    return [
        Incomplete(
            delivery_id=delivery_id,
            arrival=Arrival(
                feed=feed,
                file=settings.landing / path,
                path=path,
                delivered_on=on,
                revision=revision,
                stamp=(size, at, at),
            ),
            place=Place(revision, rewrite_no),
            sha256=sha256,
            lines=tuple(lines),
        )
        for delivery_id, on, revision, rewrite_no, path, size, at, sha256, lines in rows
    ]


def _is_unchanged(delivery: Incomplete) -> bool:
    file = delivery.arrival.file
    if file.is_symlink() or not file.is_file():
        return False
    try:
        return survey(file, delivery.arrival.feed.delivery).sha256 == delivery.sha256
    except (FileRefused, OSError):
        return False


def _replay_rows(
    connection: psycopg.Connection, feed: Feed, deliveries: Sequence[Incomplete]
) -> int:
    """Parse the files again, keep the quarantined lines, load those that pass now."""
    arriving_rows.create(connection, feed)
    with (
        connection.cursor() as cursor,
        cursor.copy(arriving_rows.copy_statement(feed)) as copy,  # type: ignore[arg-type]
    ):
        for ordinal, delivery in enumerate(deliveries):
            parser = open_parser(feed, delivery.arrival.file, ordinal)
            try:
                for block in parser.copy_blocks():
                    copy.write(block)
            except FileRefused as refusal:
                raise LoadError(
                    f"Replaying {feed.label}, {delivery.arrival.path}: {refusal}."
                ) from None
    arriving_rows.keep_lines(
        connection, {n: delivery.lines for n, delivery in enumerate(deliveries)}
    )
    days = {n: delivery.arrival.delivered_on for n, delivery in enumerate(deliveries)}
    arriving_rows.find_erased(connection, feed)
    counts = arriving_rows.find_faults(connection, checks(feed), days)
    lines = arriving_rows.sound_lines(connection)
    entries = [_entry(deliveries[n], mine) for n, mine in lines.items()]
    ids = dict(zip(lines, ledger.record(connection, entries), strict=True))
    rows = arriving_rows.insert_sound(connection, feed, ids, days, bool(counts))
    quarantine.mark_replayed(connection, {deliveries[n].delivery_id: lines[n] for n in lines})
    return rows


def _entry(delivery: Incomplete, lines: Sequence[int]) -> Entry:
    """The replay's line in the ledger: the day, place and file of the delivery it completes."""
    return Entry(
        delivery.arrival,
        delivery.place,
        replay_sha256(delivery.sha256, lines),
        "loaded",
        rows_in=len(lines),
        rows_loaded=len(lines),
        replay_of=delivery.delivery_id,
    )


def replay_sha256(sha256: str, lines: Sequence[int]) -> str:
    """The content of a replay: the file it comes from, and which of its lines."""
    return hashlib.sha256(f"{sha256}:{','.join(map(str, lines))}".encode()).hexdigest()
