"""Load a batch of deliveries of one feed in one transaction; each is accepted or refused alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import psycopg

from regulars import failpoints
from regulars.feeds import arriving_rows, ledger, quarantine, seen_files, straight
from regulars.feeds.count import Survey, survey
from regulars.feeds.delivery_stages import (
    Changing,
    Checked,
    Identified,
    Parsed,
    Read,
    Refused,
    Repeated,
    Rewritten,
)
from regulars.feeds.discover import Arrival, stamp_of
from regulars.feeds.ledger import Entry, History
from regulars.feeds.model import Feed
from regulars.feeds.parser import CUT_OFF
from regulars.feeds.parsers_by_format import open_parser
from regulars.feeds.refusal import FileRefused
from regulars.feeds.shapes import Checks, checks

# A value that the checks let through and the engine refuses.
VALUE_REFUSED = ("22", "54")
WRITE_AT_ONCE = 2**18
FAULTS_TOLD = 3

Outcome = Checked | Repeated | Refused | Rewritten | Changing


def load_batch(
    connection: psycopg.Connection, feed: Feed, arrivals: Sequence[Arrival]
) -> list[Entry]:
    """Load new deliveries; returns what the ledger says of those it did not know. Commits."""
    read = [_read(ordinal, arrival) for ordinal, arrival in enumerate(arrivals)]
    ledger.lock(connection, feed.table)
    history = ledger.history(connection, feed.table)
    rules = checks(feed)
    rewritten = [r for r in read if isinstance(r, Read) and _is_rewritten(r, history)]
    fresh = [r for r in read if isinstance(r, Read) and r not in rewritten]
    new, repeated = identify(fresh, history)
    outcomes: list[Outcome] = [r for r in read if not isinstance(r, Read)]
    outcomes += [Rewritten(r.ordinal, r.arrival) for r in rewritten]
    outcomes += _check(connection, feed, rules, new)
    outcomes += _resolve(repeated, outcomes)
    entries, ids = _record(connection, outcomes, history)
    accepted = [o for o in outcomes if isinstance(o, Checked)]
    if accepted:
        _insert(connection, feed, rules, accepted, ids)
    _commit(connection)
    return entries


def record_refusal(connection: psycopg.Connection, arrival: Arrival, reason: str) -> list[Entry]:
    """Refuse a delivery that the warehouse itself could not take. Commits."""
    read = _read(0, arrival)
    outcome = Refused(0, arrival, reason, read.survey.sha256) if isinstance(read, Read) else read
    ledger.lock(connection, arrival.feed.table)
    history = ledger.history(connection, arrival.feed.table)
    entries, _ = _record(connection, [outcome], history)
    _commit(connection)
    return entries


def _commit(connection: psycopg.Connection) -> None:
    failpoints.hit("load:before_commit")
    connection.commit()
    failpoints.hit("load:after_commit")


# ---------- read and identify


def _read(ordinal: int, arrival: Arrival) -> Read | Refused | Changing:
    """Read the bytes once: hash and count. File-level faults that need no parser show here."""
    if arrival.fault:
        return Refused(ordinal, arrival, arrival.fault)
    try:
        counted = survey(arrival.file, arrival.feed.delivery)
    except FileRefused as refusal:
        return Refused(ordinal, arrival, str(refusal))
    except FileNotFoundError:
        return Changing(ordinal)
    except OSError as error:
        reason = f"it cannot be read ({error.strerror}); it is tried again by every run"
        return Refused(ordinal, arrival, reason, is_lasting=False)
    reason_not = _wrong_count(arrival, counted)
    if reason_not:
        return Refused(ordinal, arrival, reason_not, counted.sha256)
    return Read(ordinal, arrival, counted)


def _is_rewritten(read: Read, history: History) -> bool:
    return (read.arrival.path, read.survey.sha256) in history.rewritten


def _wrong_count(arrival: Arrival, counted: Survey) -> str | None:
    """Why a file with so many records is refused; None when it is not."""
    delivery, promised = arrival.feed.delivery, arrival.manifest_rows
    if counted.is_empty and not (delivery.format == "jsonl" and promised == 0):
        return "it is empty, without even a header; deliver a header for no rows"
    if promised is not None and promised != counted.records:
        return f"it holds {counted.records} rows, its manifest says {promised}; deliver it again"
    if not counted.records and delivery.empty == "refused":
        return "it holds no rows, and the feed is declared empty: refused"
    return None


def identify(read: Sequence[Read], history: History) -> tuple[list[Identified], list[Repeated]]:
    """Tell new content from what the ledger or an earlier file of the batch brought already."""
    new: dict[ledger.Identity, Identified] = {}
    repeated: list[Repeated] = []
    for file in read:
        sha256 = file.survey.sha256
        place = history.place(file.arrival, sha256)
        identity = (file.arrival.delivered_on, place, sha256)
        if identity in history.loaded:
            repeated.append(Repeated(file, place))
        elif identity in new:
            repeated.append(Repeated(file, place, new[identity].ordinal))
        else:
            new[identity] = Identified(file, place)
    return list(new.values()), repeated


def _resolve(repeated: Sequence[Repeated], outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """A repeat within the batch shares the fate of the file it repeats."""
    refused = {o.ordinal: o for o in outcomes if isinstance(o, Refused)}
    changing = {o.ordinal for o in outcomes if isinstance(o, Changing)}
    for file in repeated:
        ordinal, arrival, sha256 = file.read.ordinal, file.read.arrival, file.read.survey.sha256
        if file.original in refused:
            yield Refused(
                ordinal=ordinal,
                arrival=arrival,
                reason=refused[file.original].reason,
                sha256=sha256,
                place=file.place,
            )
        elif file.original in changing:
            yield Changing(ordinal)
        else:
            yield file


# ---------- parse and check


def _check(
    connection: psycopg.Connection, feed: Feed, rules: Checks, new: Sequence[Identified]
) -> list[Outcome]:
    """Parse new content and judge it: Checked, Refused or Changing."""
    if not new:
        return []
    arriving_rows.create(connection, feed)
    if len(new) == 1 and straight.is_open(new[0].arrival):
        accepted = _check_straight(connection, feed, rules, new[0])
        if accepted:
            return [accepted]
    parsed = _copy(connection, feed, new)
    arriving_rows.find_erased(connection, feed)
    sound = [p for p in parsed if isinstance(p, Parsed)]
    outcomes: list[Outcome] = [p for p in parsed if not isinstance(p, Parsed)]
    return outcomes + _judge(connection, rules, sound)


def _check_straight(
    connection: psycopg.Connection, feed: Feed, rules: Checks, delivery: Identified
) -> Checked | None:
    """The short way; None, and nothing is left of it, where the delivery has to go the long one."""
    try:
        with connection.transaction():
            sent = straight.copy(connection, feed, delivery, ledger.reserve(connection))
            with (
                connection.cursor() as cursor,
                cursor.copy(arriving_rows.copy_statement(feed)) as copy,  # type: ignore[arg-type]
            ):
                copy.write(sent.others)
            if not isinstance(_confirm(sent.parsed), Parsed):
                raise straight.LongWay
            arriving_rows.find_erased(connection, feed)
            (outcome,) = _judge(connection, rules, [sent.parsed])
            if not isinstance(outcome, Checked):
                raise straight.LongWay
            return replace(outcome, delivery_id=sent.delivery_id, rows_straight=sent.rows)
    except (straight.LongWay, FileRefused, OSError, StopIteration):
        return None
    except psycopg.Error as error:
        if (error.sqlstate or "").startswith(VALUE_REFUSED):
            return None
        raise


def _copy(
    connection: psycopg.Connection, feed: Feed, new: Sequence[Identified]
) -> list[Parsed | Refused | Changing]:
    """Stream all of them into `arriving` by one COPY; small files share a message."""
    waiting: list[str] = []
    size = 0
    parsed: list[Parsed | Refused | Changing] = []
    with (
        connection.cursor() as cursor,
        cursor.copy(arriving_rows.copy_statement(feed)) as copy,  # type: ignore[arg-type]
    ):
        for delivery in new:
            parser = open_parser(feed, delivery.arrival.file, delivery.ordinal)
            try:
                for block in parser.copy_blocks():
                    waiting.append(block)
                    size += len(block)
                    if size > WRITE_AT_ONCE:
                        copy.write("".join(waiting))
                        waiting, size = [], 0
            except FileRefused as refusal:
                parsed.append(_confirm(Parsed(delivery, parser), str(refusal)))
            except OSError:
                parsed.append(Changing(delivery.ordinal))
            else:
                parsed.append(_confirm(Parsed(delivery, parser)))
        copy.write("".join(waiting))
    return parsed


def _confirm(parsed: Parsed, refusal: str | None = None) -> Parsed | Refused | Changing:
    """The parser's count must be the independent one, and the file the one that was hashed."""
    if stamp_of(parsed.arrival.file) != parsed.arrival.stamp:
        return Changing(parsed.ordinal)
    rows, counted = parsed.parser.tally.records, parsed.records
    if refusal is None and rows != counted:
        refusal = (
            f"its rows cannot be counted: {counted} by its line ends, {rows} by its fields; "
            "look for quotes that are not closed"
        )
    return parsed if refusal is None else _refuse(parsed, refusal)


def _refuse(parsed: Parsed, reason: str) -> Refused:
    sha256 = parsed.identified.read.survey.sha256
    return Refused(
        ordinal=parsed.ordinal,
        arrival=parsed.arrival,
        reason=reason,
        sha256=sha256,
        place=parsed.identified.place,
    )


def _judge(
    connection: psycopg.Connection, rules: Checks, parsed: Sequence[Parsed]
) -> list[Outcome]:
    """Find bad rows; refuse the deliveries that have too many of them."""
    days = {p.ordinal: p.arrival.delivered_on for p in parsed}
    counts = arriving_rows.find_faults(connection, rules, days)
    outcomes: list[Outcome] = []
    for delivery in parsed:
        faults = dict(counts.get(delivery.ordinal, {}))
        checked = Checked(delivery, faults, faults.pop(arriving_rows.ERASED, 0))
        if _is_cut_off(connection, checked):
            outcomes.append(_refuse(delivery, CUT_OFF))
        elif _has_too_many(checked):
            lines = arriving_rows.first_lines(connection, checked.ordinal)
            outcomes.append(_refuse(delivery, _limit_reason(checked, rules, lines)))
        else:
            outcomes.append(checked)
    return outcomes


def _is_cut_off(connection: psycopg.Connection, checked: Checked) -> bool:
    """Without its line end, a last line that is not sound was cut off within it."""
    line = checked.parsed.parser.tally.unended_line
    return line is not None and arriving_rows.has_fault(connection, checked.ordinal, line)


def _has_too_many(checked: Checked) -> bool:
    delivery = checked.arrival.feed.delivery
    bad = checked.rows_quarantined
    return bad >= delivery.quarantine_floor_rows and (
        bad * 100 > delivery.quarantine_limit_pct * checked.parsed.records
    )


def _limit_reason(checked: Checked, rules: Checks, first_lines: Mapping[int, int]) -> str:
    limit = checked.arrival.feed.delivery.quarantine_limit_pct
    faults = sorted(first_lines, key=lambda fault: (-checked.faults[fault], first_lines[fault]))
    told = [
        f"{_reason(fault, rules)} ({checked.faults[fault]}, first in line {first_lines[fault]})"
        for fault in faults[:FAULTS_TOLD]
    ]
    others = ["and others"] if len(faults) > FAULTS_TOLD else []
    return (
        f"{checked.rows_quarantined} of {checked.parsed.records} rows are bad, more than "
        f"{limit:g}%: {'; '.join([*told, *others])}. Correct the file or the declaration, then "
        "replay"
    )


def _reason(fault: int, rules: Checks) -> str:
    if fault == arriving_rows.PARSER_FOUND_IT:
        return "lines that cannot be parsed"
    return rules.faults[fault].reason


# ---------- record and insert


def _record(
    connection: psycopg.Connection, outcomes: Sequence[Outcome], history: History
) -> tuple[list[Entry], dict[int, int]]:
    """Write what the ledger does not have yet. Returns its entries, and ordinal -> delivery_id."""
    entries = {
        ordinal: entry for ordinal, entry in sorted(_entries(outcomes)) if not history.knows(entry)
    }
    ids = dict(zip(entries, ledger.record(connection, list(entries.values())), strict=True))
    seen_files.remember(connection, _read_for_good(outcomes))
    return list(entries.values()), ids


def _read_for_good(outcomes: Sequence[Outcome]) -> Iterator[tuple[Arrival, bool]]:
    for outcome in outcomes:
        if isinstance(outcome, Checked | Rewritten):
            yield outcome.arrival, False
        elif isinstance(outcome, Repeated):
            yield outcome.read.arrival, False
        elif isinstance(outcome, Refused) and outcome.is_lasting:
            yield outcome.arrival, True


def _entries(outcomes: Sequence[Outcome]) -> Iterator[tuple[int, Entry]]:
    for outcome in outcomes:
        if isinstance(outcome, Checked):
            yield outcome.ordinal, _loaded(outcome)
        elif isinstance(outcome, Repeated):
            yield outcome.read.ordinal, _redelivered(outcome)
        elif isinstance(outcome, Refused):
            yield (
                outcome.ordinal,
                Entry(
                    outcome.arrival,
                    outcome.place,
                    outcome.sha256,
                    "refused",
                    reason=outcome.reason,
                ),
            )


def _redelivered(repeated: Repeated) -> Entry:
    counted = repeated.read.survey
    return Entry(
        repeated.read.arrival,
        repeated.place,
        counted.sha256,
        "redelivered",
        rows_in=counted.records,
        rows_redelivered=counted.records,
    )


def _loaded(checked: Checked) -> Entry:
    identified, bad = checked.parsed.identified, checked.rows_quarantined
    is_unended = checked.parsed.parser.tally.unended_line is not None
    has_row_count = checked.arrival.manifest_rows is not None
    erased = checked.rows_erased
    return Entry(
        checked.arrival,
        identified.place,
        identified.read.survey.sha256,
        "loaded",
        rows_in=checked.parsed.records,
        rows_loaded=checked.parsed.records - bad - erased,
        rows_quarantined=bad,
        rows_erased=erased,
        drift=checked.parsed.parser.tally.drift,
        warnings=_warnings(checked),
        may_be_cut=is_unended and not has_row_count,
        has_row_count=has_row_count,
        delivery_id=checked.delivery_id,
        columns=checked.parsed.parser.tally.columns,
    )


def _warnings(checked: Checked) -> list[str]:
    tally, place = checked.parsed.parser.tally, checked.parsed.identified.place
    columns = checked.parsed.identified.arrival.feed.columns
    unmissed = {column.header for column in columns if column.is_header_optional}
    missed = [name for name in tally.missing if name not in unmissed]
    warnings = [f"optional column {name} is missing: null" for name in missed]
    warnings += [f"column {name} is not declared: not loaded" for name in tally.drift]
    warnings += tally.notes
    if tally.unended_line:
        warnings.append("its last line has no line end; the line is complete and loaded")
    if place.rewrite_no:
        warnings.append(
            f"other content than before in the same file: replaces it ({place.rewrite_no})"
        )
    return warnings


def _insert(
    connection: psycopg.Connection,
    feed: Feed,
    rules: Checks,
    accepted: Sequence[Checked],
    ids: Mapping[int, int],
) -> None:
    """Sound rows into raw, bad ones into quarantine."""
    mine = {c.ordinal: ids[c.ordinal] for c in accepted}
    has_faults = any(c.faults or c.rows_erased for c in accepted)
    days = {c.ordinal: c.arrival.delivered_on for c in accepted}
    loaded = arriving_rows.insert_sound(connection, feed, mine, days, has_faults)
    loaded += sum(c.rows_straight for c in accepted)
    expected = sum(c.parsed.records - c.rows_quarantined - c.rows_erased for c in accepted)
    if loaded != expected:
        raise AssertionError(f"{feed.label}: {loaded} rows inserted, {expected} expected")
    if not has_faults:
        return
    if any(arriving_rows.PARSER_FOUND_IT in c.faults for c in accepted):
        paths = {c.ordinal: c.arrival.path for c in accepted}
        quarantine.keep_unreadable(connection, feed, mine, paths)
    quarantine.keep_bad_values(connection, feed, rules, accepted, mine)
