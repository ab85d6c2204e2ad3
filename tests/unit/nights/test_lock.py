"""Who waits for the night's lock."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from regulars import warehouse
from regulars.nights.lock import only_one
from regulars.settings import Settings


def hold(settings: Settings) -> str:
    with only_one(settings):
        return "held"


WITH_A_SNAPSHOT = """
    select count(*) filter (where backend_xmin is not null), count(*)
    from pg_stat_activity
    where usename = 'regulars_transformer' and datname = current_database()
"""


def test_who_waits_for_it_keeps_no_row_alive_that_an_erasure_must_clean_away(
    warehouse_settings: Settings,
) -> None:
    patient = replace(warehouse_settings, lock_timeout_seconds=30)
    with warehouse.connect(warehouse_settings, "admin", autocommit=True) as connection:
        with ThreadPoolExecutor() as pool, only_one(warehouse_settings):
            waiting = pool.submit(hold, patient)
            time.sleep(1.5)  # longer than a driver takes to prepare what is asked again and again
            seen = set()
            for _ in range(5):  # it has one for as long as it asks
                seen.add(connection.execute(WITH_A_SNAPSHOT).fetchone())
                time.sleep(0.05)
        assert (0, 2) in seen
        assert waiting.result() == "held"
