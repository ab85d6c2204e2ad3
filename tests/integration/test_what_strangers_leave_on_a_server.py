"""A prepared transaction or a replication slot that was left on a company's server keeps locks,
old rows or the write-ahead log: every wait for it ends, and says whose it is."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from regulars import warehouse
from regulars.commands import inspection
from regulars.erasure import physical
from regulars.feeds import raw_tables
from regulars.settings import Settings
from tests import server

ALLOWED = ("wal_level = replica", "max_wal_senders = 2", "max_prepared_transactions = 2")
PREPARED = "begin; {}; prepare transaction 'of a stranger'"
LEFT = {  # what is left -> how, and how it is ended
    "prepared transaction of a stranger": (
        PREPARED.format("lock table raw.orders in access share mode"),
        "rollback prepared 'of a stranger'",
    ),
    "replication slot stranger": (
        "select pg_create_physical_replication_slot('stranger', true)",
        "select pg_drop_replication_slot('stranger')",
    ),
}


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    """A server of its own, as companies have them: the embedded one has neither."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-strangers-"))
    made = replace(server.at(folder), database="company", lock_timeout_seconds=1)
    server.start(folder)
    for setting in ALLOWED:
        _administer(server.at(folder), f"alter system set {setting}")
    server.stop(folder)
    server.start(folder)
    raw_tables.migrate(made)
    yield made
    server.discard(folder)


@pytest.fixture(params=LEFT)
def stranger(request: pytest.FixtureRequest, settings: Settings) -> Iterator[str]:
    left, ended = LEFT[request.param]
    _administer(settings, *left.split("; "))
    yield request.param
    _administer(settings, ended)


def _administer(settings: Settings, *statements: str) -> None:
    with warehouse.connect(settings, "admin", autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def doctor(settings: Settings) -> dict:
    (found,) = (c for c in inspection.doctor(settings) if "left behind" in c["what"])
    return found


def test_a_receipt_stays_open_while_it_keeps_what_an_erasure_took_out(
    settings: Settings, stranger: str
) -> None:
    with pytest.raises(physical.StaysOpen):
        physical.clean(settings)
    assert stranger in physical.holders(settings)


def test_the_doctor_names_it_and_how_it_ends(settings: Settings, stranger: str) -> None:
    found = doctor(settings)
    assert not found["ok"]
    assert stranger in found["found"]
    assert re.search("rollback prepared|pg_drop_replication_slot", found["found"])


def test_once_it_has_ended_nothing_is_said_and_the_receipt_closes(settings: Settings) -> None:
    assert doctor(settings)["ok"]
    assert physical.clean(settings) > 0


def test_a_step_that_needs_its_lock_ends_and_says_who_names_the_holder(settings: Settings) -> None:
    left, ended = LEFT["prepared transaction of a stranger"]
    _administer(settings, *left.split("; "))
    try:
        with (
            warehouse.connect(settings, "admin") as connection,
            pytest.raises(psycopg.errors.LockNotAvailable) as refused,
        ):
            connection.execute("truncate raw.orders")
        assert "`regulars doctor` names" in warehouse.refusal(refused.value)
    finally:
        _administer(settings, ended)
