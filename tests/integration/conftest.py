"""What the gates' tests share: a database a module, and gates without their pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from regulars.feeds import schema
from regulars.gates import judge
from regulars.settings import Settings


@pytest.fixture(scope="module")
def settings(make_settings: Callable, request: pytest.FixtureRequest) -> Settings:
    """Settings with a migrated database that the tests of a module share."""
    made: Settings = make_settings(request.module.__name__.rpartition(".")[2])
    schema.migrate(made)
    return made


@pytest.fixture
def without_docs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Data docs are tested with the raw gate; elsewhere they would take a third of the time."""
    monkeypatch.setattr(judge, "_write_docs", lambda context, folder: None)
