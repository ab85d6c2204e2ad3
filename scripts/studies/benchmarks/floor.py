"""What no warehouse can go under: one COPY, one window pass, one group-by on the same server."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg

KEYS = {
    "customers": "customer_id",
    "products": "product_id",
    "orders": "order_id",
    "order_lines": "order_id, line_no",
    "refunds": "refund_id",
}


def plain_copy(connection: psycopg.Connection, folder: Path, *, with_key: bool = False) -> float:
    """COPY the good rows of every feed into plain typed tables. Returns seconds."""
    connection.execute("drop schema if exists floor cascade")
    connection.execute("create schema floor")
    for feed, key in KEYS.items():
        columns = (folder / f"{feed}.csv").open().readline().strip()
        connection.execute(
            f"create table floor.{feed} as select {columns} from raw.{feed} with no data"
        )
        if with_key:
            connection.execute(f"alter table floor.{feed} add primary key ({key})")
    connection.commit()
    started = time.perf_counter()
    for feed in KEYS:
        _copy(connection, feed, folder / f"{feed}.csv")
        connection.commit()
    return time.perf_counter() - started


def window_and_group(connection: psycopg.Connection) -> float:
    """One window pass over orders and one group-by over lines that plain_copy left. Seconds."""
    started = time.perf_counter()
    connection.execute(
        "create table floor.sequenced as select *, row_number() over ("
        "partition by customer_id order by ordered_at, order_id) as order_seq from floor.orders"
    )
    connection.execute(
        "create table floor.summed as select o.customer_id, count(*) as lines,"
        " sum(l.quantity * l.unit_price - l.discount) as net_sales"
        " from floor.order_lines as l inner join floor.orders as o on l.order_id = o.order_id"
        " group by o.customer_id"
    )
    connection.commit()
    return time.perf_counter() - started


def _copy(connection: psycopg.Connection, feed: str, file: Path) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy floor.{feed} from stdin (format csv, header)") as copy,
        file.open("rb") as stream,
    ):
        while block := stream.read(1 << 20):
            copy.write(block)
