"""The physical cleaning rewrites tables in which an old row may lie, and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import LiteralString

import pytest
from psycopg.rows import scalar_row

from regulars import warehouse
from regulars.erasure import physical
from regulars.feeds import raw_tables
from regulars.settings import Settings
from tests.conftest import drop_database

GONE = "QGone-1"
# What leaves an old row in a table, after a row of somebody else's.
LEAVING: dict[str, tuple[LiteralString, ...]] = {
    "deleted": (f"insert into raw.deleted values ('{GONE}')", "delete from raw.deleted"),
    "updated": (f"insert into raw.updated values ('{GONE}')", "update raw.updated set said = 'x'"),
    "undone": (f"begin; insert into raw.undone values ('{GONE}'); rollback",),
    "swept": (f"begin; insert into raw.swept values ('{GONE}'); rollback", "vacuum raw.swept"),
}
FORGETTING: tuple[LiteralString, ...] = (
    "select pg_stat_reset()",
    "select pg_stat_reset_shared('wal')",  # as a crash does
    "delete from ops.last_cleaning",
)


@dataclass(frozen=True)
class Cleaned:
    settings: Settings
    before: dict[str, int]

    def do(self, *statements: LiteralString) -> None:
        """Each on a connection of its own, whose end has the server count what it did."""
        for statement in statements:
            with warehouse.connect(self.settings, "admin", autocommit=True) as connection:
                connection.execute(statement)

    def files(self) -> dict[str, int]:
        """Table -> number of its file."""
        with warehouse.connect(self.settings, "admin") as connection:
            rows = connection.execute(
                "select relname, relfilenode from pg_class where relkind = 'r'"
                " and relnamespace = 'raw'::regnamespace"
            )
            return dict(rows.fetchall())

    def bytes_of(self, table: str) -> bytes:
        with warehouse.connect(self.settings, "admin") as connection:
            read = "select pg_read_binary_file(pg_relation_filepath(%s::regclass))"
            cursor = connection.cursor(row_factory=scalar_row)
            return bytes(cursor.execute(read, [f"raw.{table}"]).fetchone() or b"")


@pytest.fixture(scope="module")
def cleaned(make_settings: Callable) -> Iterator[Cleaned]:
    """Cleaned once before, and then again."""
    settings = make_settings("in_proportion")
    raw_tables.migrate(settings)
    physical.clean(settings)
    made = Cleaned(settings, {})
    for table in ("untouched", *LEAVING):
        made.do(f"create table raw.{table} as select 'somebody else' as said")  # type: ignore
        made.do(*LEAVING.get(table, ()))
    made.do("checkpoint")
    made.before.update(made.files())
    assert all(GONE.encode() in made.bytes_of(table) for table in LEAVING), "nothing was left"
    physical.clean(settings)
    yield made
    drop_database(settings)


@pytest.mark.parametrize("table", LEAVING)
def test_an_old_row_is_in_no_byte_of_its_table_afterwards(cleaned: Cleaned, table: str) -> None:
    assert cleaned.files()[table] != cleaned.before[table]
    assert GONE.encode() not in cleaned.bytes_of(table)


def test_a_table_in_which_nothing_was_changed_or_deleted_is_left_as_it_is(cleaned: Cleaned) -> None:
    assert cleaned.files()["untouched"] == cleaned.before["untouched"]


def test_what_somebody_deletes_who_stays_connected_is_counted_at_once(cleaned: Cleaned) -> None:
    """The server tells others what a connection did when it has time, seconds later."""
    before = cleaned.files()
    cleaned.do("create table raw.connected as select 'somebody else' as said")
    with warehouse.connect(cleaned.settings, "admin") as connection:
        connection.execute("insert into raw.connected values ('x')")
        connection.commit()
        connection.execute("delete from raw.connected where said = 'x'")
        physical.count_at_once(connection)
        connection.commit()
        made = cleaned.files()["connected"]
        physical.clean(cleaned.settings)
        assert cleaned.files()["connected"] != made
    assert cleaned.files()["untouched"] == before["untouched"]


@pytest.mark.parametrize("forgetting", FORGETTING)
def test_where_the_server_may_have_forgotten_what_it_counted_every_table_is_rewritten(
    cleaned: Cleaned, forgetting: LiteralString
) -> None:
    cleaned.do("drop table if exists raw.made", "create table raw.made as select 'x' as said")
    physical.clean(cleaned.settings)
    before = cleaned.files()
    physical.clean(cleaned.settings)
    assert cleaned.files()["made"] == before["made"]
    cleaned.do(forgetting)
    physical.clean(cleaned.settings)
    assert cleaned.files()["made"] != before["made"]
