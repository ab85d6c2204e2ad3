"""A company that builds one night on an engine and the next on another: no night depends on where
the one before it was built, and each engine rebuilds what the other has published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from regulars.nights.rebuild import rebuild
from regulars.nights.run import run_night
from regulars.settings import Settings
from tests.company import LAST_NIGHT, clone
from tests.engines.whole_nights import assert_same_published
from tests.server import drop_database

# Three nights and two rebuilds: five minutes.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

NEXT_NIGHT = LAST_NIGHT + timedelta(days=1)


@pytest.fixture(scope="module")
def on_postgres(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Each night of the company on PostgreSQL."""
    settings = clone(company, "on_postgres", tmp_path_factory.mktemp("on_postgres") / "home")
    yield settings
    drop_database(settings)


@pytest.fixture(scope="module")
def in_turn(
    company_before: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """The first night on PostgreSQL, the second on DuckDB."""
    settings = clone(company_before, "in_turn", tmp_path_factory.mktemp("in_turn") / "home")
    run_night(replace(settings, engine="duckdb"), LAST_NIGHT)
    yield settings
    drop_database(settings)


@pytest.mark.parametrize(
    ("built_on", "rebuilt_on"), [("in_turn", "postgres"), ("on_postgres", "duckdb")]
)
def test_an_engine_rebuilds_a_night_that_another_has_built(
    built_on: str, rebuilt_on: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    settings = request.getfixturevalue(built_on)
    assert rebuild(replace(settings, engine=rebuilt_on), LAST_NIGHT, tmp_path)["is_identical"]


def test_a_night_of_postgres_after_one_of_another_engine_is_as_if_there_were_none(
    in_turn: Settings, on_postgres: Settings
) -> None:
    for settings in (in_turn, on_postgres):
        run_night(settings, NEXT_NIGHT)
    assert_same_published(in_turn, on_postgres)
