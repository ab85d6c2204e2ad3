"""A server a worker, a fresh database for whoever asks, and one company built for all."""

from __future__ import annotations

import itertools
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.settings import PROJECT, Settings
from regulars.warehouse import migration
from tests import parsed, server
from tests.company import BuiltCompany, copy_of_company
from tests.schedule import longest_first
from tests.server import drop_database

# Without byte code every process would compile dbt, Great Expectations and Airflow anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

KEY = b"who is held out, on every machine"
_numbers = itertools.count(1)
SEED = "REGULARS_SCHEDULE_SEED"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    longest_first(items)


# ---------- seeds


@pytest.fixture
def seeds(record_property: Callable[[str, object], None]) -> Callable[[int], None]:
    """seeds(seed): a schedule was drawn by it. Told at the end of every run, passed or failed."""

    def drawn(seed: int) -> None:
        record_property(SEED, seed)
        print(f"{SEED}={seed}")

    return drawn


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    drawn = {
        (report.location[0], str(seed)): None
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport)
        for name, seed in report.user_properties
        if name == SEED
    }
    for file, seed in drawn:
        terminalreporter.write_line(f"{file}: {SEED}={seed}")


# ---------- servers and databases


@pytest.fixture(scope="session", autouse=True)
def known_keys() -> Iterator[None]:
    """A warehouse draws its keys; here all draw one, so that a test holds out the same people."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migration, "secrets", SimpleNamespace(token_bytes=lambda size: KEY[:size]))
        yield


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Outside pytest's own folder, which it closes to other users and empties at will."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-tests-"))
    server.start(folder)
    yield folder
    server.discard(folder)


@pytest.fixture(scope="session")
def make_settings(server_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable:
    """make_settings(name, **changes) -> Settings with a database and a home of its own."""

    def make(name: str, **changes: object) -> Settings:
        label = f"{re.sub('[^a-z0-9]+', '_', name.lower())[:40]}_{next(_numbers)}"
        home = tmp_path_factory.mktemp(label)
        base = Settings(
            project=PROJECT,
            home=home,
            landing=home / "landing",
            server=server_folder,
            database=label,
            dbt_threads=2,
            settle_seconds=0,
        )
        return replace(base, **changes)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def make_world(make_settings: Callable) -> Callable[[str], Settings]:
    """make_world(name) -> Settings with a home of its own and the database `world`, emptied.

    For whoever lets dbt build: it parses the project once a worker, not once a database. Only one
    world stands at a time; who wants to keep one renames its database.
    """

    def make(name: str) -> Settings:
        settings: Settings = make_settings(name, database=parsed.WORLD)
        drop_database(settings)
        parsed.hand_on(settings)
        raw_tables.migrate(settings)
        return settings

    return make


@pytest.fixture
def warehouse_settings(
    make_settings: Callable, request: pytest.FixtureRequest
) -> Iterator[Settings]:
    """Settings with a fresh, migrated database."""
    settings = make_settings(request.node.name)
    raw_tables.migrate(settings)
    yield settings
    drop_database(settings)


@pytest.fixture
def admin(warehouse_settings: Settings) -> Iterator[psycopg.Connection]:
    """An administrator's connection to the test's own database."""
    with warehouse.connect(warehouse_settings, "admin", autocommit=True) as connection:
        yield connection


# ---------- the company


@pytest.fixture(scope="session")
def companies() -> Iterator[BuiltCompany]:
    """This worker's copy of the company, built once for all workers and runs of the same code."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-company-"))
    copy = copy_of_company(folder)
    server.start(copy.server)
    yield copy
    copy.discard()


@pytest.fixture(scope="session")
def company(companies: BuiltCompany) -> Settings:
    """A small company whose last two nights were run; do not change it: clone it."""
    return companies.after


@pytest.fixture(scope="session")
def company_before(companies: BuiltCompany) -> Settings:
    """The same company before its last night; do not change it: clone it."""
    return companies.before


@pytest.fixture(scope="session")
def company_unpublished(companies: BuiltCompany) -> Settings:
    """The same company, its last night run but for `publish`; do not change it: clone it."""
    return companies.unpublished
