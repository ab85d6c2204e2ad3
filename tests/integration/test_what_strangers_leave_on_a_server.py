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
from regulars.warehouse.older_readers import wait_for_older_readers
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
    assert physical.clean(settings)[0].rows > 0


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


@pytest.fixture
def unseeing(settings: Settings) -> Iterator[Settings]:
    """An administrator who is shown other roles' connections without their snapshots."""
    _administer(settings, "create role unseeing login password 'pw'")
    place = warehouse.url(settings, "admin").rpartition("@")[2]
    yield replace(
        settings, warehouse_url=f"postgresql://unseeing:pw@{place}", server=settings.server_folder
    )
    _administer(settings, "drop role unseeing")


def test_who_may_not_see_who_reads_takes_nobody_in_sight_for_no_fact(unseeing: Settings) -> None:
    with pytest.raises(physical.StaysOpen, match="grant pg_read_all_stats"):
        physical.clean(unseeing)
    assert "grant pg_read_all_stats" in str(physical.holders(unseeing))
    with (
        warehouse.connect(unseeing, "admin") as connection,
        pytest.raises(
            warehouse.WarehouseError, match=r"another type, and .* may not see who reads"
        ),
    ):
        wait_for_older_readers(connection, 1)


def test_the_doctor_says_who_may_not_see_who_reads(settings: Settings, unseeing: Settings) -> None:
    found = {
        who: check["found"]
        for who, asked in (("superuser", settings), ("unseeing", unseeing))
        for check in inspection.doctor(asked)
        if check["what"] == "an administrator who sees who reads"
    }
    assert found["superuser"] == "they do"
    assert "grant pg_read_all_stats" in found["unseeing"]
