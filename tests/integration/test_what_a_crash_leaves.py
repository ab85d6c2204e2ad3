"""The server dies while a table is built: no byte of it outlives the next physical cleaning."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from regulars import warehouse
from regulars.erasure import orphaned_files, physical
from regulars.erasure.receipt import Line
from regulars.feeds import raw_tables
from regulars.settings import PROJECT, Settings
from regulars.warehouse import embedded

GONE = "QGone-1"
KINDS = ("table", "unlogged table", "temporary table")


@pytest.fixture(scope="module")
def crashed() -> Iterator[Settings]:
    """A server that was killed while somebody built a table of each kind, and was started again."""
    home = Path(tempfile.mkdtemp(prefix="regulars-crashed-"))
    settings = Settings(
        project=PROJECT, home=home, landing=home / "landing", lock_timeout_seconds=2
    )
    raw_tables.migrate(settings)
    building = warehouse.connect(settings, "admin")
    for n, kind in enumerate(KINDS):
        building.execute(f"create {kind} t{n} as select '{GONE}' as said".encode())
    with warehouse.connect(settings, "admin", autocommit=True) as connection:
        connection.execute("checkpoint")
    embedded._run("pg_ctl", "-D", str(embedded._data(settings)), "-m", "immediate", "-w", "stop")
    building.close()
    warehouse.start(settings)
    yield settings
    warehouse.stop(settings)
    shutil.rmtree(home)


def holding(settings: Settings) -> list[Path]:
    """Files of the server in which the erased one stands."""
    folder = embedded._data(settings)
    return [f for f in folder.rglob("*") if f.is_file() and GONE.encode() in f.read_bytes()]


def test_a_file_that_is_no_tables_goes_before_the_receipt_closes_and_no_other(
    crashed: Settings,
) -> None:
    in_tables = [file for file in holding(crashed) if file.parent.parent.name == "base"]
    assert in_tables, "the crash left nothing"
    with warehouse.connect(crashed, "admin", autocommit=True) as connection:
        known = connection.execute(
            "select pg_relation_filepath(oid) from pg_class where relkind in ('r', 'i', 't')"
        ).fetchall()
        found = {embedded._data(crashed) / path for path in orphaned_files.found(connection)}
    assert set(in_tables) <= found
    lines = physical.clean(crashed)
    assert holding(crashed) == []
    assert Line("database files", "files of no table deleted", len(found)) in lines
    assert len(known) > 100
    with warehouse.connect(crashed, "admin") as connection:  # each of them can still be read
        connection.execute("select count(*) from raw.deliveries, decisions.erasures")


def test_the_file_of_a_table_that_is_being_built_is_waited_for_and_left(crashed: Settings) -> None:
    physical.clean(crashed)  # what the crash left, where no test before has
    with warehouse.connect(crashed, "admin") as building:
        building.execute("create table still_being_built as select 'somebody' as said")
        with warehouse.connect(crashed, "admin", autocommit=True) as connection:
            connection.execute("checkpoint")
        with pytest.raises(physical.StaysOpen):
            physical.clean(crashed)
        building.commit()
        assert building.execute("select * from still_being_built").fetchone() == ("somebody",)
    assert Line("database files", "files of no table deleted", 0) in physical.clean(crashed)


def test_where_it_may_not_be_looked_or_deleted_the_receipt_says_so(
    crashed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = replace(crashed, warehouse_url="postgresql://elsewhere")
    assert orphaned_files.deleted(elsewhere, ["base/1/2"]) == [
        Line("database files", orphaned_files.LEFT, 1, is_left=True)
    ]

    def refused(_: psycopg.Connection) -> list[str]:
        raise psycopg.errors.InsufficientPrivilege

    monkeypatch.setattr(orphaned_files, "found", refused)
    assert Line("database files", orphaned_files.UNSEEN, 1, is_left=True) in physical.clean(crashed)
