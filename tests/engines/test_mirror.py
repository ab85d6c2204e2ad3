"""What the lake holds of a table is what PostgreSQL holds of it, each delivery written once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.engines.lake import mirror as mirror_module
from regulars.engines.lake.mirror import mirror

NAMES = [("raw", "things")]
TABLE = """
create table raw.things (
    _delivery_id bigint not null, name text, price numeric(28, 6), said_at timestamptz,
    said_on date, is_sold boolean, pieces integer, key bytea, tags text[]
)
"""
DELIVERED = """
insert into raw.deliveries
    (feed, delivered_on, sha256, path, size, modified_at, status, rows_in, rows_loaded)
values ('things', '2026-10-31', %s, 'things.csv', 1, '2026-10-31', 'loaded', 1, 1)
returning delivery_id
"""
ROW: dict[str, Any] = {
    "name": 'a "b",\n,c ',
    "price": Decimal("-9999999999999999999999.999999"),
    "said_at": datetime(2026, 10, 25, 1, 30, 0, 1, tzinfo=UTC),
    "said_on": date(1, 1, 1),
    "is_sold": True,
    "pieces": -(2**31),
    "key": b"\x00\xff",
    "tags": ["x"],
}


@pytest.fixture
def things(admin: psycopg.Connection) -> psycopg.Connection:
    admin.execute(TABLE)
    return admin


def deliver(connection: psycopg.Connection, sha256: str, **row: object) -> None:
    found = connection.execute(DELIVERED, [sha256]).fetchone()
    assert found
    columns = ["_delivery_id", *row]
    connection.execute(
        f"insert into raw.things ({', '.join(columns)})"  # type: ignore[arg-type]
        f" values ({', '.join(['%s'] * len(columns))})",
        [found[0], *row.values()],
    )


def mirrored(connection: psycopg.Connection, lake: Path) -> list[dict[str, Any]]:
    """All rows that an engine reads, by delivery."""
    folder = Path(mirror(connection, lake, NAMES)["raw"]["things"]["folder"])
    rows = [row for file in folder.glob("[!._]*") for row in pq.read_table(file).to_pylist()]
    return sorted(rows, key=lambda row: (row["_delivery_id"], row["name"] or ""))


def names(connection: psycopg.Connection, lake: Path) -> list[str | None]:
    return [row["name"] for row in mirrored(connection, lake)]


def files(lake: Path) -> dict[Path, int]:
    return {path: path.stat().st_ino for path in lake.rglob("*") if path.is_file()}


def test_every_value_comes_through_as_it_is(things: psycopg.Connection, tmp_path: Path) -> None:
    deliver(things, "a", **ROW)
    (row,) = mirrored(things, tmp_path)
    assert row == {"_delivery_id": row["_delivery_id"], **ROW, "key": "00ff", "tags": "{x}"}


def test_an_empty_text_is_not_unknown(things: psycopg.Connection, tmp_path: Path) -> None:
    deliver(things, "a", name="")
    deliver(things, "b", name=None)
    assert names(things, tmp_path) == ["", None]


def test_rows_are_whole_where_one_block_ends_and_the_next_begins(
    things: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror_module, "BLOCK", 256)
    expected = [f"{number:03d}\n{'x' * (number % 90)}" for number in range(500)]
    for name in expected:
        deliver(things, name[:3], name=name)
    assert names(things, tmp_path) == expected


def test_a_table_without_rows_is_a_table(things: psycopg.Connection, tmp_path: Path) -> None:
    assert mirrored(things, tmp_path) == []
    assert len(files(tmp_path)) == 1


def test_a_delivery_is_written_once(things: psycopg.Connection, tmp_path: Path) -> None:
    deliver(things, "a", name="first")
    assert names(things, tmp_path) == ["first"]
    before = files(tmp_path)
    deliver(things, "b", name="second")
    assert names(things, tmp_path) == ["first", "second"]
    assert files(tmp_path).items() > before.items()


def test_what_a_killed_mirror_left_is_not_read(things: psycopg.Connection, tmp_path: Path) -> None:
    """Killed between the last byte and the new name: the next mirror writes more deliveries."""
    deliver(things, "a", name="first")
    mirrored(things, tmp_path)
    (file,) = files(tmp_path)
    file.rename(file.with_name(f".{file.name}.unfinished"))
    deliver(things, "b", name="second")
    assert names(things, tmp_path) == ["first", "second"]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut in the middle": lambda content: content[: len(content) // 2],
    "cut to nothing": lambda content: b"",
    "its end lost": lambda content: content[:-300] + b"\xff" * 292 + content[-8:],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_file_that_the_disk_has_damaged_is_written_anew(
    things: psycopg.Connection, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    deliver(things, "a", name="first")
    mirrored(things, tmp_path)
    (file,) = files(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    deliver(things, "b", name="second")
    assert names(things, tmp_path) == ["first", "second"]


@pytest.mark.parametrize("name", ["their.parquet", "theirs"])  # Spark asks for no suffix
def test_a_file_of_somebody_elses_is_not_read(
    things: psycopg.Connection, tmp_path: Path, name: str
) -> None:
    deliver(things, "a", name="ours")
    folder = Path(mirror(things, tmp_path, NAMES)["raw"]["things"]["folder"])
    pq.write_table(pa.table({"name": ["theirs"]}), folder / name)
    assert names(things, tmp_path) == ["ours"]


@pytest.mark.parametrize("name", ["1-1 (copy).parquet", "0"])
def test_a_copy_of_a_file_is_not_read_for_more_deliveries(
    things: psycopg.Connection, tmp_path: Path, name: str
) -> None:
    deliver(things, "a", name="once")
    mirrored(things, tmp_path)
    (file,) = files(tmp_path)
    shutil.copy(file, file.with_name(name))
    assert names(things, tmp_path) == ["once"]
    assert [path.suffix for path in files(tmp_path)] == [".parquet"]  # which DuckDB reads alone


def test_nor_is_one_beside_a_table_that_was_not_delivered(
    admin: psycopg.Connection, tmp_path: Path
) -> None:
    admin.execute("create table raw.words as select 'ours' as word")
    words = [("raw", "words")]
    folder = Path(mirror(admin, tmp_path, words)["raw"]["words"]["folder"])
    pq.write_table(pa.table({"word": ["theirs"]}), folder / "their.parquet")
    mirror(admin, tmp_path, words)
    assert [path.name for path in folder.iterdir()] == ["all.parquet"]


def test_what_was_mirrored_before_a_restore_is_not_taken_for_what_came_after_it(
    things: psycopg.Connection, tmp_path: Path
) -> None:
    """A restored ledger gives its next numbers again, to other files."""
    deliver(things, "a", name="kept")
    mirrored(things, tmp_path)
    deliver(things, "b", name="lost with the restore")
    mirrored(things, tmp_path)
    things.execute("update raw.things set name = 'after it' where name like 'lost%'")
    things.execute("update raw.deliveries set sha256 = 'c' where sha256 = 'b'")
    assert names(things, tmp_path) == ["kept", "after it"]


def test_a_delivery_that_is_gone_from_the_ledger_is_gone_from_the_lake(
    things: psycopg.Connection, tmp_path: Path
) -> None:
    deliver(things, "a", name="gone")
    deliver(things, "b", name="kept")
    assert names(things, tmp_path) == ["gone", "kept"]
    things.execute("delete from raw.things where name = 'gone'")
    things.execute("delete from raw.deliveries where sha256 = 'a'")
    assert names(things, tmp_path) == ["kept"]
