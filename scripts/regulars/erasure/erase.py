"""Erase people: whom, in which order, and how a killed erasure goes on.

open     whom it removes is written down, with the suppression; files are cleaned
removed  one transaction has taken them out of every table, and whom it removed is forgotten
closed   the database's own files are rewritten; the receipt is complete
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg

from regulars import failpoints
from regulars.erasure import landing, other_tables, physical, raw_rows, receipt, state_files
from regulars.erasure.erased_list import ErasedId, remember
from regulars.erasure.person import Person, find, of_identifiers
from regulars.erasure.receipt import Line, keyed_hash
from regulars.erasure.requests import Request, due, named
from regulars.erasure.stored_feeds import left_undeclared, stored_feeds
from regulars.erasure.together import AT_ONCE, Together, Told
from regulars.feeds.model import Feed
from regulars.project.variables import variables
from regulars.publication.publish import UNKNOWN_DIGEST, files_digest
from regulars.settings import Settings
from regulars.warehouse import connect

BY_NIGHT = "the night"


def erase(
    settings: Settings, as_of: date, *, request_id: str | None = None, by: str = BY_NIGHT
) -> dict[str, Any]:
    """Erase whoever is behind a request, or behind all that are due; go on with what was begun.

    The caller holds the night lock. Returns counts. Raises ErasureRefused, WarehouseError.
    """
    with connect(settings, "admin") as connection:
        wanted = _wanted(connection, settings, as_of, request_id)
    return carry_out(settings, wanted, as_of, by)


def carry_out(
    settings: Settings, requests: Sequence[Request], as_of: date, by: str
) -> dict[str, Any]:
    """Erase whoever is behind these requests, and whoever an interrupted erasure was about.

    Raises physical.StaysOpen once they are removed, with how many.
    """
    with connect(settings, "admin") as connection:
        feeds = stored_feeds(connection, settings)
        for request in requests:
            _open(connection, settings, feeds, request, as_of, by)
        opened = _open_ones(connection)
        _remove_all(connection, settings, feeds, opened)
        row = connection.execute(
            "select count(*) from decisions.erasures where status = 'removed'"
        ).fetchone()
        unclosed = row[0] if row else 0
    if unclosed:
        try:
            lines = physical.clean(settings)
        except physical.StaysOpen as stays_open:
            stays_open.people_erased = len(opened)
            raise
        failpoints.hit("erase:rewritten")
        _close(settings, lines)
    return {"people_erased": len(opened), "receipts_closed": unclosed}


def preview(settings: Settings, as_of: date, request_id: str | None = None) -> dict[str, Any]:
    """What `erase` would do, place by place; nothing is changed."""
    with connect(settings, "admin") as connection:
        feeds = stored_feeds(connection, settings)
        wanted = _wanted(connection, settings, as_of, request_id)
        people = {n: find(connection, feeds, one.customer_id) for n, one in enumerate(wanted)}
        of_files = landing.clean(connection, settings, feeds, people, is_dry=True)
        told = [line for mine in of_files.values() for line in mine]
        told += [line for _, line in state_files.clean(settings, people, is_dry=True)]
        for together in _in_turn(settings, people):
            told += [line for _, line in _from_tables(connection, feeds, together)]
        connection.rollback()
    lines: Counter[tuple[str, str, bool]] = Counter()
    for line in told:
        lines[line.place, line.what, line.is_left] += line.rows
    counted = [
        Line(place, what, rows, is_left)
        for (place, what, is_left), rows in sorted(lines.items())
        if rows
    ]
    return {"requests": len(wanted), "lines": [asdict(line) for line in counted]}


def _wanted(
    connection: psycopg.Connection, settings: Settings, as_of: date, request_id: str | None
) -> Sequence[Request]:
    if request_id is None:
        return due(connection, settings, as_of)
    return named(connection, request_id)


def _open(
    connection: psycopg.Connection,
    settings: Settings,
    feeds: tuple[Feed, ...],
    request: Request,
    as_of: date,
    by: str,
) -> None:
    """Write down whom it removes, and that they are never written to again. Commits."""
    key = receipt.key_of(connection)
    close_by = as_of + timedelta(days=settings.erasure_deadline_days)
    row = connection.execute(
        "insert into decisions.erasures (request_hash, as_of, erased_by, close_by, last_generation)"
        " select %s, %s, %s, %s, coalesce(max(generation), 0) from decisions.publications"
        " on conflict do nothing returning erasure_id",
        [keyed_hash(key, "request", request.request_id), as_of, by, close_by],
    ).fetchone()
    if row is None:
        connection.rollback()
        return
    person = find(connection, feeds, request.customer_id)
    ids = [keyed_hash(key, "id", word) for word in sorted(person.ids)]
    remember(settings, [ErasedId(word, as_of.isoformat(), by) for word in ids])
    _write_down(connection, key, row[0], person, as_of)
    connection.commit()
    failpoints.hit("erase:opened")


def _write_down(
    connection: psycopg.Connection, key: bytes, erasure_id: int, person: Person, as_of: date
) -> None:
    """Whom it removes, until it has; and for good, what is never written to again."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into pii.erasure_identifiers (erasure_id, kind, identifier)"
            " values (%s, %s, %s)",
            [(erasure_id, kind, word) for kind, word in sorted(person.identifiers())],
        )
        cursor.executemany(
            "insert into decisions.suppressions (kind, keyed_hash, erased_on)"
            " values (%s, %s, %s) on conflict do nothing",
            [(kind, keyed_hash(key, kind, word), as_of) for kind, word in person.suppressed],
        )


def _open_ones(connection: psycopg.Connection) -> list[int]:
    rows = connection.execute(
        "select erasure_id from decisions.erasures where status = 'open' order by erasure_id"
    ).fetchall()
    connection.commit()
    return [row[0] for row in rows]


def _remove_all(
    connection: psycopg.Connection,
    settings: Settings,
    feeds: tuple[Feed, ...],
    erasure_ids: Sequence[int],
) -> None:
    """Clean the files of all, each file read once; then the tables, each read once as well."""
    if not erasure_ids:
        return
    people = {erasure_id: _written_down(connection, erasure_id) for erasure_id in erasure_ids}
    lines = landing.clean(connection, settings, feeds, people, is_dry=False)
    failpoints.hit("erase:landing_rewritten")
    for erasure_id, line in state_files.clean(settings, people, is_dry=False):
        receipt.add(connection, erasure_id, [line])
        connection.commit()
    failpoints.hit("erase:files_rewritten")
    left = state_files.still_naming(settings, people)
    for erasure_id in erasure_ids:
        lines[erasure_id] += left[erasure_id]
    for together in _in_turn(settings, people):
        _remove(connection, settings, feeds, together, lines)


def _in_turn(settings: Settings, people: Mapping[int, Person]) -> Iterator[Together]:
    """A pseudonym each that nothing leads back from: drawn here, and written down nowhere else."""
    prefix = variables(settings.dbt_project)["pseudonym"]
    everybody = list(people)
    for first in range(0, len(everybody), AT_ONCE):
        now = everybody[first : first + AT_ONCE]
        yield Together(
            {one: people[one] for one in now}, {one: prefix + secrets.token_hex(8) for one in now}
        )


def _written_down(connection: psycopg.Connection, erasure_id: int) -> Person:
    return of_identifiers(
        connection.execute(
            "select kind, identifier from pii.erasure_identifiers where erasure_id = %s",
            [erasure_id],
        ).fetchall(),
        receipt.key_of(connection),
    )


def _remove(
    connection: psycopg.Connection,
    settings: Settings,
    feeds: tuple[Feed, ...],
    together: Together,
    of_files: Mapping[int, Sequence[Line]],
) -> None:
    """Clean every table in one transaction, which forgets them too, and completes their receipts by
    what was found of_files."""
    lines = {one: list(of_files[one]) for one in together.people}
    for one, line in _from_tables(connection, feeds, together):
        lines[one].append(line)
    _correct_digests(connection, settings)
    other_tables.forget_builds(connection)
    removed = [list(together.people)]
    connection.execute("delete from pii.erasure_identifiers where erasure_id = any(%s)", removed)
    connection.execute(
        "update decisions.erasures set status = 'removed' where erasure_id = any(%s)", removed
    )
    for one, mine in lines.items():
        receipt.add(connection, one, mine)
    physical.count_at_once(connection)
    failpoints.hit("erase:before_commit")
    connection.commit()
    failpoints.hit("erase:removed")


def _from_tables(
    connection: psycopg.Connection, feeds: tuple[Feed, ...], together: Together
) -> Iterator[Told]:
    yield from raw_rows.remove(connection, feeds, together)
    yield from left_undeclared(connection, feeds, together)
    yield from other_tables.remove(connection, together)


def _correct_digests(connection: psycopg.Connection, settings: Settings) -> None:
    """The log says of each generation that is kept what its files are now, or that nobody knows."""
    generations = connection.execute("select generation from decisions.publications").fetchall()
    for (generation,) in generations:
        folder = settings.generations / str(generation)
        if not (folder / "lists").is_dir():
            continue
        connection.execute(
            "update decisions.publications set files_digest = %s where generation = %s",
            [digest_of_all(folder), generation],
        )


def digest_of_all(folder: Path) -> str:
    """Unknown where a file was swept or cannot be read: others may have been rewritten."""
    lists = folder / "lists"
    try:
        if all((lists / name).is_file() for name in state_files.names_of(lists)):
            return files_digest(folder)
    except (OSError, ValueError, LookupError, TypeError):
        pass
    return UNKNOWN_DIGEST


def _close(settings: Settings, lines: Sequence[Line]) -> None:
    """Complete the receipts of everybody who is in no table any more."""
    with connect(settings, "admin") as connection:
        rows = connection.execute(
            "update decisions.erasures set status = 'closed' where status = 'removed'"
            " returning erasure_id"
        ).fetchall()
        for (erasure_id,) in rows:
            receipt.add(connection, erasure_id, lines)
