"""A node of dbt goes on with the connection of the one before, and with nothing else of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from multiprocessing import get_context
from types import SimpleNamespace
from typing import Any

import pytest
from dbt.adapters.postgres.connections import PostgresCredentials
from psycopg.conninfo import conninfo_to_dict

from regulars import warehouse
from regulars.engines.kept_connections import KeptConnections
from regulars.feeds import raw_tables
from regulars.settings import Settings

WHO = "select pg_backend_pid(), current_user"


@pytest.fixture(scope="module")
def settings(make_settings: Callable) -> Settings:
    settings: Settings = make_settings("kept_connections")
    raw_tables.migrate(settings)
    return settings


@pytest.fixture
def manager(settings: Settings) -> Iterator[KeptConnections]:
    parts = conninfo_to_dict(warehouse.url(settings, "transformer"))
    credentials = PostgresCredentials(
        host=str(parts["host"]),
        port=int(str(parts["port"])),
        user=str(parts["user"]),
        password=str(parts["password"]),
        database=str(parts["dbname"]),
        schema="main",
        role="regulars_builder",
    )
    profile: Any = SimpleNamespace(credentials=credentials)
    kept = KeptConnections(profile, get_context("spawn"))
    yield kept
    kept.cleanup_all()


def ask(manager: KeptConnections, node: str, *statements: str) -> tuple[Any, ...]:
    """What the last statement of a node answers; the node ends as dbt ends one."""
    manager.set_connection_name(node)
    try:
        manager.begin()
        cursor = [manager.add_query(each, auto_begin=False)[1] for each in statements][-1]
        return tuple(cursor.fetchone())
    finally:
        manager.release()


def test_the_next_node_has_the_session_and_the_role_of_the_one_before(
    manager: KeptConnections,
) -> None:
    first = ask(manager, "model.regulars.first", WHO)
    assert first[1] == "regulars_builder"
    assert ask(manager, "model.regulars.second", WHO) == first


def test_what_a_node_left_uncommitted_is_undone(
    manager: KeptConnections, settings: Settings
) -> None:
    pid, _ = ask(manager, "model.regulars.fails", "create temporary table half (a integer)", WHO)
    with warehouse.connect(settings, "admin") as admin:
        state = admin.execute("select state from pg_stat_activity where pid = %s", [pid])
        assert state.fetchone() == ("idle",)
    assert ask(manager, "test.regulars.next", "select to_regclass('pg_temp.half')") == (None,)


def test_what_is_no_node_s_is_closed_instead_of_waiting_for_the_run_to_end(
    manager: KeptConnections,
) -> None:
    pid, _ = ask(manager, "master", WHO)
    assert ask(manager, "master", WHO)[0] != pid


def test_a_node_after_a_broken_session_opens_another(
    manager: KeptConnections, settings: Settings
) -> None:
    pid, role = ask(manager, "model.regulars.first", WHO)
    with warehouse.connect(settings, "admin") as admin:
        admin.execute("select pg_terminate_backend(%s, 5000)", [pid])
    with pytest.raises(Exception, match=r"terminat|closed"):
        ask(manager, "model.regulars.falls", WHO)
    other, same_role = ask(manager, "test.regulars.next", WHO)
    assert other != pid
    assert same_role == role
