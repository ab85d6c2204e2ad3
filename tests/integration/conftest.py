"""What the gates' tests share: a database a module, and gates without their pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from regulars.feeds import raw_tables
from regulars.gates import validation
from regulars.settings import Settings
from tests.conftest import drop_database
from tests.integration.feed_shop import Shop


@pytest.fixture(scope="module")
def settings(make_settings: Callable, request: pytest.FixtureRequest) -> Settings:
    """Settings with a migrated database that the tests of a module share."""
    made: Settings = make_settings(request.module.__name__.rpartition(".")[2])
    raw_tables.migrate(made)
    return made


@pytest.fixture
def without_docs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Data docs are tested with the raw gate; elsewhere they would take a third of the time."""
    monkeypatch.setattr(validation, "_write_docs", lambda context, folder: None)


@pytest.fixture(scope="module")
def shop_settings(
    make_settings: Callable, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """One database for a module's tests: they empty it, which is quicker than a new one."""
    settings = make_settings("feeds", project=tmp_path_factory.mktemp("project"), systems=("shop",))
    Shop(settings)
    raw_tables.migrate(settings)
    yield settings
    drop_database(settings)


@pytest.fixture
def shop(shop_settings: Settings, tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(replace(shop_settings, landing=tmp_path / "landing"))
    yield shop
    shop.empty()
