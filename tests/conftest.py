"""One embedded server for the test session; a fresh database for whoever asks."""

from __future__ import annotations

import itertools
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from regulars import warehouse
from regulars.feeds import schema
from regulars.settings import PROJECT, Settings

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Outside pytest's own folder, which it closes to other users and empties at will."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-tests-"))
    yield folder
    warehouse.stop(Settings(project=PROJECT, home=folder, landing=folder, server=folder))
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def make_settings(server_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable:
    """make_settings(name, **changes) -> Settings with a database and a home of its own."""

    def make(name: str, **changes: object) -> Settings:
        label = f"{re.sub('[^a-z0-9]+', '_', name.lower())[:40]}_{next(_numbers)}"
        home = tmp_path_factory.mktemp(label)
        base = Settings(
            project=PROJECT, home=home, landing=home / "landing", server=server_folder,
            database=label, dbt_threads=2, settle_seconds=0,
        )  # fmt: skip
        return replace(base, **changes)  # type: ignore[arg-type]

    return make


def drop_database(settings: Settings) -> None:
    """Give back the disk of a test's database."""
    admin = replace(settings, database="postgres")
    with warehouse.connect(admin, "admin", autocommit=True) as connection:
        connection.execute(
            sql.SQL("drop database if exists {} with (force)").format(
                sql.Identifier(settings.database)
            )
        )


@pytest.fixture
def warehouse_settings(
    make_settings: Callable, request: pytest.FixtureRequest
) -> Iterator[Settings]:
    """Settings with a fresh, migrated database."""
    settings = make_settings(request.node.name)
    schema.migrate(settings)
    yield settings
    drop_database(settings)


@pytest.fixture
def admin(warehouse_settings: Settings) -> Iterator[psycopg.Connection]:
    """An administrator's connection to the test's own database."""
    with warehouse.connect(warehouse_settings, "admin", autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def company(make_settings: Callable) -> Settings:
    """A small company whose last two nights were run; do not change it: clone it."""
    from datetime import timedelta

    from regulars.nights.run import run_night
    from tests.company import LAST_NIGHT, write_deliveries

    settings = make_settings("company")
    write_deliveries(settings.landing)
    run_night(settings, LAST_NIGHT - timedelta(days=1))
    run_night(settings, LAST_NIGHT)
    return settings
