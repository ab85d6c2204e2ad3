"""Whoever reads while nights are published sees one of them: its rows, its day, its number."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta

import psycopg
import pytest

from regulars import warehouse
from regulars.night import Night
from regulars.publication.merging import merge
from regulars.publication.migration import migrate_published
from regulars.publication.published_tables import PublishedTable
from regulars.settings import Settings

FIRST = date(2026, 1, 1)
# Of generation g: everybody's row is another, one more row is, none is and the view says the day.
BUILT = {
    "chances": "select n as person, {g} as said from generate_series(1, 200) as n",
    "facts": "select n as person, ({g} + 200 - n) / 200 as said from generate_series(1, 200) as n",
    "exclusions": "select n as person, date '{day}' as as_of from generate_series(1, 200) as n",
}
TABLES = [
    PublishedTable("marts", "chances", ("person",), "Everybody's.", {}),
    PublishedTable("marts", "facts", ("person",), "Of whom a night touched.", {}),
    PublishedTable("marts", "exclusions", ("person",), "Said.", {}, read={"as_of": "live.as_of"}),
]
# Each says the number of the generation that it sees.
SAYS = (
    "select generation from published.live_generation",
    "select min(said) from published.chances",
    "select max(said) from published.chances",
    "select sum(said) from published.facts",
    f"select max(as_of) - date '{FIRST}' from published.exclusions",
)
AT_ONCE = f"select {', '.join(f'({query})' for query in SAYS)}"


def publish(settings: Settings, generation: int) -> None:
    """Build the tables of a generation, then publish them in one transaction."""
    day = FIRST + timedelta(days=generation)
    with warehouse.connect(settings, "admin") as connection:
        connection.execute("create schema if not exists marts")
        for name, query in BUILT.items():
            connection.execute(f"drop table if exists marts.{name}".encode())
            built = query.format(g=generation, day=day)
            connection.execute(f"create table marts.{name} as {built}".encode())
    night = Night(day)
    migrate_published(settings, night, TABLES)
    with warehouse.connect(settings, "admin") as connection:
        for table in TABLES:
            merge(connection, night, table)
        connection.execute(
            "insert into published.generation (generation, as_of, run_id) values (%s, %s, 'r')",
            [generation, day],
        )


@dataclass
class Reads:
    """How often each answer came, of single statements and of transactions."""

    answers: dict[str, Counter[tuple]] = field(
        default_factory=lambda: {"statement": Counter(), "transaction": Counter()}
    )
    is_over: bool = False

    @property
    def count(self) -> int:
        return sum(counted.total() for counted in self.answers.values())


def read_statements(settings: Settings, reads: Reads) -> None:
    with warehouse.connect(settings, "analyst", autocommit=True) as connection:
        while not reads.is_over:
            reads.answers["statement"][connection.execute(AT_ONCE).fetchone()] += 1  # type: ignore[index]


def read_transactions(settings: Settings, reads: Reads) -> None:
    with warehouse.connect(settings, "analyst") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        while not reads.is_over:
            reads.answers["transaction"][_answers(connection)] += 1
            connection.rollback()


def _answers(connection: psycopg.Connection) -> tuple:
    return tuple(connection.execute(query).fetchone()[0] for query in SAYS)  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("publications", "reads_in_all"),
    [
        pytest.param(10, 2_000, id="a few"),
        # what a race of one in tens of thousands needs to show
        pytest.param(200, 100_000, id="many", marks=[pytest.mark.slow, pytest.mark.timeout(0)]),
    ],
)
def test_no_read_is_of_two_generations(
    warehouse_settings: Settings, publications: int, reads_in_all: int
) -> None:
    publish(warehouse_settings, 0)
    reads = Reads()
    readers: tuple[Callable[[Settings, Reads], None], ...] = (read_statements, read_transactions)
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(reader, warehouse_settings, reads) for reader in readers]
        try:
            for generation in range(1, publications + 1):
                while reads.count < generation * reads_in_all / publications:
                    assert not any(reader.done() for reader in running)
                    time.sleep(0.001)
                publish(warehouse_settings, generation)
        finally:
            reads.is_over = True
        for reader in running:
            reader.result()
    assert reads.count >= reads_in_all
    for counted in reads.answers.values():
        assert [answer for answer in counted if len(set(answer)) > 1] == []
        assert len(counted) > publications / 2


def test_who_reads_on_for_two_nights_keeps_theirs_and_stops_nobody(
    warehouse_settings: Settings,
) -> None:
    publish(warehouse_settings, 0)
    with warehouse.connect(warehouse_settings, "analyst") as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert _answers(reader) == (0,) * 5
        publish(warehouse_settings, 1)
        publish(warehouse_settings, 2)
        assert _answers(reader) == (0,) * 5
        reader.rollback()
        assert _answers(reader) == (2,) * 5
