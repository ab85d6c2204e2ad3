"""What no warehouse can go under: one COPY, one window pass, one group-by on the same server."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg

COPIED = ("customers", "products", "orders", "order_lines", "refunds")


def plain_copy(connection: psycopg.Connection, folder: Path) -> float:
    """COPY the good rows of every feed into plain typed tables. Returns seconds."""
    connection.execute("create schema if not exists floor")
    for feed in COPIED:
        connection.execute(f"drop table if exists floor.{feed}")
        columns = (folder / f"{feed}.csv").open().readline().strip()
        connection.execute(
            f"create table floor.{feed} as select {columns} from raw.{feed} with no data"
        )
    connection.commit()
    started = time.perf_counter()
    for feed in COPIED:
        _copy(connection, feed, folder / f"{feed}.csv")
        connection.commit()
    return time.perf_counter() - started


def build_floor(connection: psycopg.Connection, folder: Path) -> float:
    """COPY of orders and lines, a window pass over orders, a group-by over lines. Seconds."""
    for feed in ("orders", "order_lines"):
        connection.execute(f"truncate floor.{feed}")
    connection.execute("drop table if exists floor.sequenced, floor.summed")
    connection.commit()
    started = time.perf_counter()
    for feed in ("orders", "order_lines"):
        _copy(connection, feed, folder / f"{feed}.csv")
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
