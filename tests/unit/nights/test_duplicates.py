"""Looking for the cause of a failed build never hides that it failed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import psycopg
import pytest

from regulars.night import Night
from regulars.nights import duplicates
from regulars.settings import PROJECT, Settings
from regulars.warehouse import WarehouseError


@pytest.mark.parametrize(
    "error",
    [
        WarehouseError("the server is gone"),
        psycopg.OperationalError("lost"),
        psycopg.errors.UndefinedColumn("half built"),
    ],
)
def test_a_database_that_is_gone_or_half_built_adds_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception
) -> None:
    def gone(*where: object) -> None:
        raise error

    monkeypatch.setattr(duplicates, "connect", gone)
    settings = Settings(project=PROJECT, home=tmp_path, landing=tmp_path)
    assert duplicates.duplicate_keys(settings, Night(date(2026, 3, 16))) == []
