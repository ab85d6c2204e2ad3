"""The tests' PostgreSQL: one server a worker, thrown away afterwards, so it need not be durable."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from psycopg import sql

from regulars import warehouse
from regulars.settings import PROJECT, Settings

KEPT = PROJECT / "build" / "tests"  # what outlives a run, until `make clean`
# What a server does so that a crash of the machine loses nothing.
DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")


def at(folder: Path) -> Settings:
    """Settings of the server in a folder, for who starts and stops it."""
    return Settings(
        project=PROJECT, home=folder, landing=folder, server=folder, database="postgres"
    )


def start(folder: Path) -> None:
    """Start a server that a crash of the machine may break."""
    with one_at_a_time("start"):  # the first one makes the account that all servers run as
        warehouse.start(at(folder))
    _configure(at(folder), "alter system set {} = off")


def stop(folder: Path) -> None:
    warehouse.stop(at(folder))


def discard(folder: Path) -> None:
    """Stop a server and delete all it holds."""
    stop(folder)
    shutil.rmtree(folder)


@contextmanager
def one_at_a_time(task: str) -> Iterator[None]:
    """Only one worker of this clone is inside with this task; the others wait."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{task}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def durable(settings: Settings) -> Iterator[None]:
    """Inside, the server keeps its promises as in production: for tests of what a kill leaves."""
    _configure(settings, "alter system reset {}")
    try:
        yield
    finally:
        _configure(settings, "alter system set {} = off")


def drop_database(settings: Settings) -> None:
    """Give back the disk of a test's database."""
    statement = sql.SQL("drop database if exists {} with (force)")
    with warehouse.connect(
        replace(settings, database="postgres"), "admin", autocommit=True
    ) as connection:
        connection.execute(statement.format(sql.Identifier(settings.database)))


def renamed(settings: Settings, name: str) -> Settings:
    """The same with its database under another name."""
    statement = sql.SQL("alter database {} rename to {}")
    with warehouse.connect(
        replace(settings, database="postgres"), "admin", autocommit=True
    ) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s",
            [settings.database],
        )
        connection.execute(
            statement.format(sql.Identifier(settings.database), sql.Identifier(name))
        )
    return replace(settings, database=name)


def _configure(settings: Settings, statement: str) -> None:
    with warehouse.connect(
        replace(settings, database="postgres"), "admin", autocommit=True
    ) as connection:
        for name in DURABILITY:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
        connection.execute("select pg_reload_conf()")
