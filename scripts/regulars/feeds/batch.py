"""Load a batch of deliveries of one feed in one transaction; each is accepted or refused alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice

import psycopg

from regulars import failpoints
from regulars.feeds import ledger, staged
from regulars.feeds.count import Survey, survey
from regulars.feeds.discover import Arrival
from regulars.feeds.ledger import Entry
from regulars.feeds.model import Feed
from regulars.feeds.parsing import Parser, open_parser
from regulars.feeds.refusal import FileRefused
from regulars.feeds.shapes import Checks, checks

QUARANTINE_AT_ONCE = 5_000
WRITE_AT_ONCE = 2**18


@dataclass
class Candidate:
    """A delivery on its way: what is known of it so far. `reason` set means refused."""

    ordinal: int
    arrival: Arrival
    survey: Survey | None = None
    parser: Parser | None = None
    reason: str | None = None
    revision: int = 0
    twin: Candidate | None = None  # the same content for the same day, earlier in this batch
    is_known_content: bool = False
    is_changing: bool = False
    faults: dict[int, int] = field(default_factory=dict)

    @property
    def is_redelivery(self) -> bool:
        return self.is_known_content or (self.twin is not None and self.twin.reason is None)

    @property
    def rows_quarantined(self) -> int:
        return sum(self.faults.values())


def load_batch(
    connection: psycopg.Connection,
    feed: Feed,
    arrivals: Sequence[Arrival],
    retry_refused: bool = False,
) -> list[Entry]:
    """Load new deliveries; returns what became of them, as the ledger now says. Commits.

    With retry_refused, what was refused before is read again, and one that is refused again
    gets no second line in the ledger.
    """
    candidates = [_survey(n, arrival) for n, arrival in enumerate(arrivals)]
    ledger.lock(connection, feed.table)
    known = ledger.identities(connection, [feed.table], and_refused=not retry_refused)
    candidates = [c for c in candidates if c.arrival.identity not in known]
    _classify(candidates, ledger.contents(connection, feed.table))
    to_read = [c for c in candidates if not (c.reason or c.is_known_content or c.twin)]
    rules = checks(feed)
    if to_read:
        staged.create(connection, feed)
        _copy(connection, feed, to_read)
        _judge(connection, rules, to_read)
    for candidate in candidates:
        if candidate.twin is not None and candidate.twin.reason:
            candidate.reason = candidate.twin.reason
    candidates = [c for c in candidates if not (c.is_changing or (c.twin and c.twin.is_changing))]
    if retry_refused:
        candidates = [c for c in candidates if not c.reason]
    entries = [_entry(candidate) for candidate in candidates]
    ids = dict(
        zip([c.ordinal for c in candidates], ledger.record(connection, entries), strict=True)
    )
    accepted = [c for c in to_read if not (c.reason or c.is_changing)]
    if accepted:
        _insert(connection, feed, rules, accepted, ids)
    failpoints.hit("load:before_commit")
    connection.commit()
    failpoints.hit("load:after_commit")
    return entries


def record_refusal(connection: psycopg.Connection, arrival: Arrival, reason: str) -> Entry:
    """Refuse a delivery that the warehouse itself could not take. Commits."""
    candidate = _survey(0, arrival)
    candidate.reason = candidate.reason or reason
    entry = _entry(candidate)
    ledger.lock(connection, arrival.feed.table)
    ledger.record(connection, [entry])
    failpoints.hit("load:before_commit")
    connection.commit()
    failpoints.hit("load:after_commit")
    return entry


def _survey(ordinal: int, arrival: Arrival) -> Candidate:
    """Read the bytes once: hash and count. File-level faults that need no parser show here."""
    candidate = Candidate(ordinal, arrival, reason=arrival.fault)
    if arrival.fault:
        return candidate
    delivery = arrival.feed.delivery
    try:
        candidate.survey = found = survey(arrival.file, delivery)
    except FileRefused as refusal:
        candidate.reason = str(refusal)
        return candidate
    promised = arrival.manifest_rows
    if found.is_empty and not (delivery.format == "jsonl" and promised == 0):
        candidate.reason = "it is empty, without even a header; deliver a header for no rows"
    elif promised is not None and promised != found.records:
        candidate.reason = (
            f"it holds {found.records} rows, its manifest says {promised}; deliver it again"
        )
    elif not found.records and delivery.empty == "refused":
        candidate.reason = "it holds no rows, and the feed is declared empty: refused"
    return candidate


def _classify(candidates: Sequence[Candidate], contents: ledger.Contents) -> None:
    """Tell re-deliveries from new content, and give new content its revision."""
    first: dict[tuple[object, str], Candidate] = {}
    for candidate in candidates:
        if candidate.reason or candidate.survey is None:
            continue
        key = (candidate.arrival.delivered_on, candidate.survey.sha256)
        if key in contents.hashes:
            candidate.is_known_content = True
            candidate.revision = candidate.arrival.revision
        elif key in first:
            candidate.twin = first[key]
            candidate.revision = candidate.arrival.revision
        else:
            first[key] = candidate
            candidate.revision = contents.next_revision(candidate.arrival)


def _copy(connection: psycopg.Connection, feed: Feed, candidates: Sequence[Candidate]) -> None:
    """Stream all candidates into `arriving` by one COPY; small files share a message."""
    waiting: list[str] = []
    size = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(staged.copy_statement(feed)) as copy,  # type: ignore[arg-type]
    ):
        for candidate in candidates:
            candidate.parser = parser = open_parser(feed, candidate.arrival.file, candidate.ordinal)
            try:
                for block in parser.copy_blocks():
                    waiting.append(block)
                    size += len(block)
                    if size > WRITE_AT_ONCE:
                        copy.write("".join(waiting))
                        waiting, size = [], 0
            except FileRefused as refusal:
                candidate.reason = str(refusal)
            _confirm(candidate)
        copy.write("".join(waiting))


def _confirm(candidate: Candidate) -> None:
    """The parser's count must be the independent one, and the file the one that was hashed."""
    assert candidate.survey is not None
    assert candidate.parser is not None
    arrival = candidate.arrival
    status = arrival.file.lstat()
    if (status.st_size, status.st_mtime_ns // 1000) != (
        arrival.size,
        round(arrival.modified_at.timestamp() * 1e6),
    ):
        candidate.is_changing = True
    parsed, counted = candidate.parser.tally.records, candidate.survey.records
    if candidate.reason is None and parsed != counted:
        candidate.reason = (
            f"its rows cannot be counted: {counted} by its line ends, {parsed} by its fields; "
            "look for quotes that are not closed"
        )


def _judge(connection: psycopg.Connection, rules: Checks, candidates: Sequence[Candidate]) -> None:
    """Find bad rows; refuse the deliveries that have too many of them."""
    sound = [c for c in candidates if not (c.reason or c.is_changing)]
    counts = staged.find_faults(
        connection, rules, {c.ordinal: c.arrival.delivered_on for c in sound}
    )
    for candidate in sound:
        candidate.faults = counts.get(candidate.ordinal, {})
        if _too_many(candidate):
            lines = staged.first_lines(connection, candidate.ordinal)
            candidate.reason = _limit_reason(candidate, rules, lines)


def _too_many(candidate: Candidate) -> bool:
    assert candidate.survey is not None
    delivery = candidate.arrival.feed.delivery
    bad, rows = candidate.rows_quarantined, candidate.survey.records
    return bad >= delivery.quarantine_floor_rows and (
        bad * 100 > delivery.quarantine_limit_pct * rows
    )


def _limit_reason(candidate: Candidate, rules: Checks, lines: list[int]) -> str:
    assert candidate.survey is not None
    limit = candidate.arrival.feed.delivery.quarantine_limit_pct
    worst = max(candidate.faults, key=lambda fault: (candidate.faults[fault], -fault))
    what = (
        "lines that cannot be parsed"
        if worst == staged.PARSER_FOUND_IT
        else rules.faults[worst].reason
    )
    return (
        f"{candidate.rows_quarantined} of {candidate.survey.records} rows are bad, more than "
        f"{limit:g}%: most often {what}; first in line {', '.join(map(str, lines))}. Correct the "
        "file or the declaration, then replay"
    )


def _entry(candidate: Candidate) -> Entry:
    """What the ledger will say."""
    sha256 = candidate.survey.sha256 if candidate.survey else ""
    if candidate.reason:
        return Entry(
            candidate.arrival, candidate.revision, sha256, "refused", reason=candidate.reason
        )
    assert candidate.survey is not None
    rows = candidate.survey.records
    if candidate.is_redelivery:
        return Entry(
            candidate.arrival,
            candidate.revision,
            sha256,
            "redelivered",
            rows,
            rows_redelivered=rows,
        )
    assert candidate.parser is not None
    tally, bad = candidate.parser.tally, candidate.rows_quarantined
    return Entry(
        candidate.arrival,
        candidate.revision,
        sha256,
        "loaded",
        rows,
        rows_loaded=rows - bad,
        rows_quarantined=bad,
        drift=tally.drift,
        warnings=_warnings(candidate),
    )


def _warnings(candidate: Candidate) -> list[str]:
    assert candidate.parser is not None
    tally = candidate.parser.tally
    found = [f"optional column {name} is missing: null" for name in tally.missing]
    found += [f"column {name} is not declared: not loaded" for name in tally.drift]
    if candidate.revision != candidate.arrival.revision:
        found.append(f"other content than before for this day: revision {candidate.revision}")
    return found


def _insert(
    connection: psycopg.Connection,
    feed: Feed,
    rules: Checks,
    accepted: Sequence[Candidate],
    ids: dict[int, int],
) -> None:
    """Sound rows into raw, bad ones into quarantine."""
    mine = {c.ordinal: ids[c.ordinal] for c in accepted}
    has_faults = any(c.faults for c in accepted)
    loaded = staged.insert_sound(
        connection, feed, mine, {c.ordinal: c.arrival.delivered_on for c in accepted}, has_faults
    )
    expected = sum(c.survey.records - c.rows_quarantined for c in accepted if c.survey)
    if loaded != expected:
        raise AssertionError(f"{feed.label}: {loaded} rows inserted, {expected} expected")
    if not has_faults:
        return
    if any(staged.PARSER_FOUND_IT in c.faults for c in accepted):
        paths = {c.ordinal: c.arrival.path for c in accepted}
        staged.insert_parse_faults(connection, feed, mine, paths)
    _quarantine_values(connection, feed, rules, accepted, mine)


def _quarantine_values(
    connection: psycopg.Connection,
    feed: Feed,
    rules: Checks,
    accepted: Sequence[Candidate],
    ids: dict[int, int],
) -> None:
    """Bad values: the raw text is read again from the file, so that good rows need not carry it."""
    by_ordinal = {c.ordinal: c for c in accepted}
    found = staged.value_faults(connection, list(ids))
    rows = _quarantine_rows(feed, rules, by_ordinal, ids, found)
    while chunk := list(islice(rows, QUARANTINE_AT_ONCE)):
        with (
            connection.cursor() as cursor,
            cursor.copy(
                "copy raw.quarantine (delivery_id, feed, file, line, raw_text, rule, reason)"
                " from stdin"
            ) as copy,
        ):
            for row in chunk:
                copy.write_row(row)


def _quarantine_rows(
    feed: Feed,
    rules: Checks,
    candidates: dict[int, Candidate],
    ids: dict[int, int],
    found: Iterator[tuple[int, int, int]],
) -> Iterator[tuple[object, ...]]:
    for ordinal, faults in groupby(found, key=lambda row: row[0]):
        candidate = candidates[ordinal]
        assert candidate.parser is not None
        numbered = {line: rules.faults[fault] for _, line, fault in faults}
        texts = dict(candidate.parser.raw_texts(sorted(numbered)))
        for line, fault in numbered.items():
            yield (
                ids[ordinal],
                feed.table,
                candidate.arrival.path,
                line,
                texts[line],
                fault.rule,
                fault.reason,
            )
