"""What comes back from the lake has the contract's types, or does not come at all."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.engines.dbt_results import TransformError
from regulars.engines.lake.carry import carry

NODE: dict[str, Any] = {
    "schema": "marts",
    "alias": "things",
    "columns": {"price": {"data_type": "numeric(28, 2)"}, "pieces": {"data_type": "bigint"}},
}


@pytest.fixture
def things(admin: psycopg.Connection) -> psycopg.Connection:
    admin.execute("create schema if not exists marts")
    admin.execute("create table marts.things (price text)")
    admin.execute("insert into marts.things values ('of the night before')")
    return admin


def written(folder: Path, name: str, price: str) -> Path:
    table = pa.table({"price": pa.array([Decimal(price)], pa.decimal128(38, 6)), "pieces": [1]})
    pq.write_table(table, folder / name)
    return folder / name


def test_rows_of_all_files_come_back_as_the_contract_promises(
    things: psycopg.Connection, tmp_path: Path
) -> None:
    files = [written(tmp_path, "a.parquet", "1.250000"), written(tmp_path, "b.parquet", "2.000000")]
    assert carry(things, NODE, files) == 2
    found = things.execute("select price::text, pieces from marts.things order by 1").fetchall()
    assert found == [("1.25", 1), ("2.00", 1)]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "its end lost": lambda content: content[:-20],
    "its rows lost, and not its size": lambda content: content[:4] + b"\xff" * 100 + content[104:],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_file_that_is_damaged_is_told_and_changes_nothing(
    things: psycopg.Connection, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    whole, damaged = (written(tmp_path, name, "1.250000") for name in ("a.parquet", "b.parquet"))
    damaged.write_bytes(damage(damaged.read_bytes()))
    with (
        pytest.raises(TransformError, match=r"marts.things: .*lost.*Run the night again"),
        things.transaction(),
    ):
        carry(things, NODE, [whole, damaged])
    assert things.execute("select price from marts.things").fetchall() == [("of the night before",)]


def test_a_table_of_which_the_lake_has_no_file_is_told(things: psycopg.Connection) -> None:
    with pytest.raises(TransformError, match=r"marts.things: .*lost.*Run the night again"):
        carry(things, NODE, [])
