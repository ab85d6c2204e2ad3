"""Who waits for the night's lock."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from regulars import warehouse
from regulars.nights.lock import NightRefused, only_one
from regulars.settings import Settings


def hold(settings: Settings) -> str:
    with only_one(settings):
        return "held"


def test_who_waits_for_it_keeps_no_row_alive_that_an_erasure_must_clean_away(
    warehouse_settings: Settings,
) -> None:
    patient = replace(warehouse_settings, lock_timeout_seconds=30)
    with warehouse.connect(warehouse_settings, "admin", autocommit=True) as connection:
        with ThreadPoolExecutor() as pool, only_one(warehouse_settings):
            waiting = pool.submit(hold, patient)
            time.sleep(2)  # longer than a driver takes to prepare what is asked again and again
            seen = connection.execute(
                "select count(*) filter (where backend_xmin is not null), count(*)"
                " from pg_stat_activity where usename = 'regulars_transformer'"
                " and datname = current_database()"
            ).fetchone()
        assert seen == (0, 2)
        assert waiting.result() == "held"


def test_a_wait_has_an_end_and_a_sentence(warehouse_settings: Settings) -> None:
    hasty = replace(warehouse_settings, lock_timeout_seconds=1)
    with (
        only_one(warehouse_settings),
        pytest.raises(NightRefused, match="Another night is at work"),
        only_one(hasty),
    ):
        pass
