"""The receipt of an erasure: places, what was done there and to how many rows. No personal data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

import psycopg

from regulars.settings import Settings
from regulars.warehouse import connect


@dataclass(frozen=True)
class Line:
    """What was done in one place, to how many rows, lines or files; is_left: could not be done."""

    place: str
    what: str
    rows: int
    is_left: bool = False


@dataclass(frozen=True)
class Receipt:
    """One erasure. request_hash is keyed: only who knows a request's id can look its receipt up.

    status    open, removed (nothing can be queried any more) or closed (nor found in a file)
    close_by  the last night in which it may be unclosed
    """

    erasure_id: int
    request_hash: str
    as_of: date
    erased_by: str
    status: str
    close_by: date
    lines: tuple[Line, ...]


def keyed_hash(key: bytes, kind: str, word: str) -> str:
    """SHA-256 under the warehouse's key, in hex; the loader and dbt compute the same in SQL."""
    return hashlib.sha256(key + f"{kind}|{word}".encode()).hexdigest()


def key_of(connection: psycopg.Connection) -> bytes:
    row = connection.execute("select key from decisions.suppression_key").fetchone()
    assert row is not None, "the migration makes one"
    return bytes(row[0])


def add(connection: psycopg.Connection, erasure_id: int, lines: Iterable[Line]) -> None:
    """Add what was done; a resumed erasure adds to what it had counted before it was killed."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into decisions.erasure_lines (erasure_id, place, what, rows, is_left)
            values (%s, %s, %s, %s, %s)
            on conflict (erasure_id, place, what) do update
            set rows = erasure_lines.rows + excluded.rows
            """,
            [(erasure_id, *astuple(line)) for line in lines if line.rows],
        )


def receipts(settings: Settings) -> list[Receipt]:
    """All receipts, the first erasure first."""
    with connect(settings, "admin") as connection:
        lines: dict[int, list[Line]] = {}
        for erasure_id, *line in connection.execute(
            "select erasure_id, place, what, rows,"
            # an earlier version's warehouse does not say: what an upgrade makes of that
            " coalesce(cast(to_jsonb(l) ->> 'is_left' as boolean), false)"
            " from decisions.erasure_lines as l order by erasure_id, place, what"
        ):
            lines.setdefault(erasure_id, []).append(Line(*line))
        rows: list[tuple[Any, ...]] = connection.execute(
            "select erasure_id, request_hash, as_of, erased_by, status,"
            # an earlier version's warehouse has no deadlines yet: what an upgrade makes of that
            " coalesce(cast(to_jsonb(e) ->> 'close_by' as date), as_of)"
            " from decisions.erasures as e order by erasure_id"
        ).fetchall()
    return [
        Receipt(
            erasure_id, request_hash, as_of, by, status, close_by, tuple(lines.get(erasure_id, ()))
        )
        for erasure_id, request_hash, as_of, by, status, close_by in rows
    ]
