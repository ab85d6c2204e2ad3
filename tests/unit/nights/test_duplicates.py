"""Looking for the cause of a failed build never hides that it failed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import psycopg
import pytest

from regulars import transform
from regulars.night import Night
from regulars.nights import duplicates, steps
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


def test_a_build_that_fails_says_which_keys_stand_twice_after_what_dbt_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = "till, orders: 3 keys (order_id) more than once; likely the staging model"

    def fails(*step: object) -> None:
        raise transform.TransformError("dbt failed in before_scores:\n  fct_orders: duplicate key")

    monkeypatch.setattr(transform, "build", fails)
    monkeypatch.setattr(duplicates, "duplicate_keys", lambda *night: [told])
    settings = Settings(project=PROJECT, home=tmp_path, landing=tmp_path)
    with pytest.raises(transform.TransformError) as failure:
        steps.transform(settings, Night(date(2026, 3, 16)))
    assert str(failure.value).splitlines() == [
        "dbt failed in before_scores:",
        "  fct_orders: duplicate key",
        f"  {told}",
    ]
