"""One step at a time in a warehouse."""

from __future__ import annotations

import hashlib
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
        connection.execute(
            "select set_config('lock_timeout', %s, true)", [f"{settings.lock_timeout_seconds}s"]
        )
        # It idles while the step works, however long that takes.
        connection.execute("set local idle_in_transaction_session_timeout = 0")
        try:
            # Without a parameter: one would leave a portal open, and with it a snapshot, so that
            # nothing deleted in the hours of the night could be cleaned away.
            connection.execute(
                sql.SQL("select pg_advisory_xact_lock({})").format(sql.Literal(lock))
            )
        except psycopg.errors.LockNotAvailable:
            raise NightRefused(busy) from None
        yield
