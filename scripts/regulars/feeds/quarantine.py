"""Quarantined rows: count them, look at them, load them once the cause is corrected."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

import psycopg

from regulars import failpoints, warehouse
from regulars.feeds import declarations, ledger, staged
from regulars.feeds.count import survey
from regulars.feeds.discover import Arrival
from regulars.feeds.ledger import Entry
from regulars.feeds.load import LoadError, load_refused_again
from regulars.feeds.model import Feed
from regulars.feeds.parsing import open_parser
from regulars.feeds.refusal import FileRefused
from regulars.feeds.shapes import checks
from regulars.settings import Settings


@dataclass(frozen=True)
class RuleCount:
    """Rows of a feed in quarantine for one rule and reason, not replayed yet."""

    feed: str
    rule: str
    reason: str
    rows: int
    files: int
    last_delivered_on: date


@dataclass(frozen=True)
class QuarantinedRow:
    """A row as it was delivered. raw_text may hold personal data: show it, never log it."""

    feed: str
    file: str
    line: int
    rule: str
    reason: str
    raw_text: str


@dataclass(frozen=True)
class Quarantined:
    """A loaded delivery with rows in quarantine."""

    delivery_id: int
    delivered_on: date
    revision: int
    path: str
    size: int
    modified_at: datetime
    sha256: str
    lines: tuple[int, ...]


class Replayed(TypedDict):
    """What a replay achieved; paths are below the landing folder."""

    rows_replayed: int
    files_gone: list[str]
    files_accepted: list[str]


def list_counts(settings: Settings, feed: str | None = None) -> list[RuleCount]:
    """What is in quarantine, most rows first. Raises LoadError for a feed nobody declared."""
    _declared(settings, feed)
    with warehouse.connect(settings, "loader") as connection:
        rows = connection.execute(
            """
            select q.feed, q.rule, q.reason, count(*), count(distinct q.file), max(d.delivered_on)
            from raw.quarantine as q
            inner join raw.deliveries as d on q.delivery_id = d.delivery_id
            where q.replayed_at is null and (%(feed)s::text is null or q.feed = %(feed)s)
            group by 1, 2, 3
            order by 4 desc, 1, 2, 3
            """,
            {"feed": feed},
        )
        return [RuleCount(*row) for row in rows]


def show(settings: Settings, feed: str, limit: int = 20) -> list[QuarantinedRow]:
    """Rows of a feed in quarantine, the latest delivery first. Raises LoadError."""
    _declared(settings, feed)
    with warehouse.connect(settings, "loader") as connection:
        rows = connection.execute(
            """
            select feed, file, line, rule, reason, raw_text
            from raw.quarantine
            where replayed_at is null and feed = %s
            order by delivery_id desc, line
            limit %s
            """,
            [feed, limit],
        )
        return [QuarantinedRow(*row) for row in rows]


def replay(settings: Settings, feed: str | None = None) -> Replayed:
    """Check quarantined rows and refused files again, under the declaration as it is now.

    Rows that pass are loaded as an entry of their own in the ledger, so that nights published
    before do not see them; the file must still lie in the landing folder as it was. The caller
    holds the night lock. Returns counts and the files that are gone. Raises LoadError,
    DeclarationError.
    """
    feeds = _declared(settings, feed)
    rows = 0
    gone: list[str] = []
    for one in feeds:
        replayed, missing = _replay_feed(settings, one)
        rows += replayed
        gone += missing
    accepted = load_refused_again(settings, feeds)
    return {
        "rows_replayed": rows,
        "files_gone": gone,
        "files_accepted": [entry.arrival.path for entry in accepted],
    }


def _declared(settings: Settings, feed: str | None) -> list[Feed]:
    """The feed, or all. Raises LoadError when nobody declared it; the message says what is."""
    declared = declarations.load(settings.dbt_project, settings.systems)
    feeds = [f for f in declared if feed is None or f.table == feed]
    if not feeds:
        raise LoadError(
            f"No feed loads raw.{feed}. Declared: {', '.join(f.table for f in declared)}."
        )
    return feeds


def _replay_feed(settings: Settings, feed: Feed) -> tuple[int, list[str]]:
    """(rows loaded, files that are gone). A database error surfaces without its text."""
    state = None
    with warehouse.connect(settings, "loader") as connection:
        try:
            ledger.lock(connection, feed.table)
            found = _deliveries(connection, feed)
            present = [d for d in found if _is_unchanged(settings, feed, d)]
            rows = _replay_rows(connection, settings, feed, present) if present else 0
            failpoints.hit("load:before_commit")
            connection.commit()
            failpoints.hit("load:after_commit")
        except psycopg.Error as error:
            state = error.sqlstate or "unknown"
            connection.rollback()
    if state:
        raise LoadError(
            f"Replaying {feed.label}: the warehouse refused with SQLSTATE {state}. Nothing changed."
        )
    return rows, [d.path for d in found if d not in present]


def _deliveries(connection: psycopg.Connection, feed: Feed) -> list[Quarantined]:
    rows = connection.execute(
        """
        select
            d.delivery_id, d.delivered_on, d.revision, d.path, d.size, d.modified_at, d.sha256,
            array_agg(q.line order by q.line)
        from raw.quarantine as q
        inner join raw.deliveries as d on q.delivery_id = d.delivery_id
        where q.feed = %s and q.replayed_at is null and d.status = 'loaded'
        group by 1
        order by 1
        """,
        [feed.table],
    )
    return [
        Quarantined(delivery_id, delivered_on, revision, path, size, modified_at, sha256, tuple(q))
        for delivery_id, delivered_on, revision, path, size, modified_at, sha256, q in rows
    ]


def _is_unchanged(settings: Settings, feed: Feed, delivery: Quarantined) -> bool:
    file = settings.landing / delivery.path
    if file.is_symlink() or not file.is_file():
        return False
    try:
        return survey(file, feed.delivery).sha256 == delivery.sha256
    except FileRefused:
        return False


def _replay_rows(
    connection: psycopg.Connection,
    settings: Settings,
    feed: Feed,
    deliveries: Sequence[Quarantined],
) -> int:
    """Parse the files again, keep the quarantined lines, load those that pass now."""
    staged.create(connection, feed)
    with (
        connection.cursor() as cursor,
        cursor.copy(staged.copy_statement(feed)) as copy,  # type: ignore[arg-type]
    ):
        for ordinal, delivery in enumerate(deliveries):
            parser = open_parser(feed, settings.landing / delivery.path, ordinal)
            try:
                for block in parser.copy_blocks():
                    copy.write(block)
            except FileRefused as refusal:
                raise LoadError(f"Replaying {feed.label}, {delivery.path}: {refusal}.") from None
    staged.keep_lines(connection, {n: delivery.lines for n, delivery in enumerate(deliveries)})
    days = {n: delivery.delivered_on for n, delivery in enumerate(deliveries)}
    counts = staged.find_faults(connection, checks(feed), days)
    lines = staged.sound_lines(connection)
    entries = [_entry(settings, feed, deliveries[n], mine) for n, mine in lines.items()]
    ids = dict(zip(lines, ledger.record(connection, entries), strict=True))
    rows = staged.insert_sound(connection, feed, ids, days, bool(counts))
    staged.mark_replayed(connection, {deliveries[n].delivery_id: lines[n] for n in lines})
    return rows


def _entry(settings: Settings, feed: Feed, delivery: Quarantined, lines: Sequence[int]) -> Entry:
    """The replay's line in the ledger: the day, revision and file of the delivery it completes."""
    arrival = Arrival(
        feed,
        settings.landing / delivery.path,
        delivery.path,
        delivery.delivered_on,
        delivery.revision,
        delivery.size,
        delivery.modified_at,
    )
    return Entry(
        arrival,
        delivery.revision,
        replay_sha256(delivery.sha256, lines),
        "loaded",
        len(lines),
        rows_loaded=len(lines),
        replay_of=delivery.delivery_id,
    )


def replay_sha256(sha256: str, lines: Sequence[int]) -> str:
    """The content of a replay: the file it comes from, and which of its lines."""
    return hashlib.sha256(f"{sha256}:{','.join(map(str, lines))}".encode()).hexdigest()
