"""Whoever needs a night's tables is told what stands there instead, and what to do."""

from __future__ import annotations

from datetime import date

import pytest

from regulars import transform, warehouse
from regulars.engines.dbt_results import TransformError
from regulars.night import Night
from regulars.settings import Settings

NIGHT = Night(date(2026, 10, 31))


def _built(settings: Settings, as_of: str, status: str) -> None:
    with warehouse.connect(settings, "admin") as connection:
        connection.execute(
            "insert into ops.builds (prefix, as_of, last_delivery_id, code_digest, status)"
            " values ('', %s, null, 'x', %s) on conflict (prefix) do update set"
            " as_of = excluded.as_of, status = excluded.status",
            [as_of, status],
        )


def test_each_state_is_told_as_what_it_is(warehouse_settings: Settings) -> None:
    with pytest.raises(TransformError, match=r"built anew.*Run the night of 2026-10-31"):
        transform.check_built(warehouse_settings, NIGHT)
    _built(warehouse_settings, "2026-10-31", "building")
    with pytest.raises(TransformError, match="a build of the night of 2026-10-31 that is not"):
        transform.check_built(warehouse_settings, NIGHT)
    _built(warehouse_settings, "2026-11-01", "built")
    with pytest.raises(TransformError, match="hold the night of 2026-11-01, not the night of"):
        transform.check_built(warehouse_settings, NIGHT)
    _built(warehouse_settings, "2026-10-31", "built")
    transform.check_built(warehouse_settings, NIGHT)
