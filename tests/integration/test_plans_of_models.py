"""What a night costs grows with what it reads, and not with its square."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from regulars import warehouse
from regulars.engines.dbt_command import target_folder
from regulars.gates.check import module_of
from regulars.gates.suites import GateContext, Publication
from regulars.night import Night
from regulars.settings import Settings
from tests.company import LAST_NIGHT

ASKED = re.compile(r"SubPlan (\d+)")
ASKED_ONCE = re.compile(r"hashed SubPlan (\d+)")
ASKED_OF_A_NIGHT = re.compile(r"generation = \(SubPlan (\d+)\)")  # the log has a row a night


@pytest.fixture(scope="module")
def connection(company: Settings) -> Iterator[psycopg.Connection]:
    with warehouse.connect(company, "admin") as connection:
        yield connection


@pytest.fixture(scope="module")
def queries(company: Settings) -> dict[str, str]:
    """What the last night asked for each model."""
    folder = target_folder(company, Night(LAST_NIGHT)) / "compiled" / "regulars" / "models"
    files = (file for file in folder.rglob("*.sql") if file.parent.suffix != ".yml")
    return {file.stem: file.read_text() for file in files}


def test_no_table_asks_again_for_each_row_what_could_be_joined(
    queries: dict[str, str], connection: psycopg.Connection
) -> None:
    asking = {name: _asked_for_each_row(connection, query) for name, query in queries.items()}
    assert len(asking) > 100
    assert [name for name, asked in asking.items() if asked] == []


def test_no_measure_of_the_lists_asks_again_for_each_member(
    company: Settings, connection: psycopg.Connection
) -> None:
    before = Publication(LAST_NIGHT - timedelta(days=1), 1, 1)
    context = GateContext(company, Night(LAST_NIGHT), connection, before)
    asking = {
        suite.name: _asked_for_each_row(connection, suite.query)
        for suite in module_of(company, "lists").suites(context)
    }
    assert asking == {"list members": set(), "list sizes": set(), "words": set()}


def test_the_rows_of_a_lists_file_are_found_without_reading_everybody(
    connection: psycopg.Connection,
) -> None:
    """Each list and each of its targets asks for them."""
    asked = "select * from pii.list_file_rows where list_code = 'save_our_best'"
    assert "list_file_rows" in _plan(connection, asked)
    assert "dim_customers" not in _plan(connection, asked)


def test_what_files_say_of_people_is_joined_once_without_statistics_too(
    company: Settings, queries: dict[str, str], connection: psycopg.Connection
) -> None:
    """Whom a night has just put on lists nobody has counted: a planner takes them for one."""
    with connection.transaction(force_rollback=True):
        connection.execute(
            "delete from pg_statistic using pg_class where pg_class.oid = starelid"
            " and relnamespace::regnamespace::text in ('lists', 'pii', 'intermediate')"
        )
        model = company.dbt_project / "models" / "marts" / "campaigns" / "list_people.sql"
        if "never_row_by_row()" in model.read_text():
            connection.execute("set local enable_nestloop = off")
        plan = _plan(connection, queries["list_people"])
    assert "Hash" in plan
    assert "Nested Loop" not in plan


def _asked_for_each_row(connection: psycopg.Connection, query: str) -> set[str]:
    """Numbers of the subqueries that a plan would carry out once a row."""
    plan = _plan(connection, query)
    few = {*ASKED_ONCE.findall(plan), *ASKED_OF_A_NIGHT.findall(plan)}
    return {*ASKED.findall(plan)} - few


def _plan(connection: psycopg.Connection, query: str) -> str:
    rows = connection.execute("explain " + query).fetchall()  # type: ignore[arg-type]
    return "\n".join(line for (line,) in rows)
