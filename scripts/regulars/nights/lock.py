"""One step at a time in a warehouse."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from regulars.settings import Settings
from regulars.warehouse import connect

LOCK = 7_305_201_142  # any constant: one step at a time in a database
TARGETS = 7_305_201_143_000_000  # the first of the targets' locks
NIGHT = "Another night is at work in this warehouse. Wait for it, or see `regulars status`."


class NightRefused(RuntimeError):
    """A night cannot run now; the message says why and what to do."""


def lock_of(target: str) -> int:
    """Number of the lock under which one delivery at a time goes to a target."""
    return TARGETS + int.from_bytes(hashlib.sha256(target.encode()).digest()[:3], "big")


@contextmanager
def only_one(settings: Settings, lock: int = LOCK, busy: str = NIGHT) -> Iterator[None]:
    """Hold the night's lock of the warehouse, or another one; it goes with the connection, however
    that ends. Raises NightRefused with the words `busy` if it does not come free in time."""
    with connect(settings, "transformer") as connection:
        # It idles while the step works, however long that takes.
        connection.execute("set local idle_in_transaction_session_timeout = 0")
        _wait_for(connection, lock, settings.lock_timeout_seconds, busy)
        yield


def _wait_for(connection: psycopg.Connection, lock: int, seconds: int, busy: str) -> None:
    """Ask again and again: who waits inside the server has a snapshot, and nothing that an erasure
    deletes meanwhile could be cleaned away. So has, for hours, who leaves a portal open: the
    statement has no parameter and is never prepared. The clock decides how long to wait, and
    nothing else."""
    attempt = sql.SQL("select pg_try_advisory_xact_lock({})").format(sql.Literal(lock))
    until = time.monotonic() + seconds
    while connection.execute(attempt, prepare=False).fetchone() != (True,):
        if time.monotonic() > until:
            raise NightRefused(busy)
        time.sleep(0.2)
