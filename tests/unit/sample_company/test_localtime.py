from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from regulars.sample_company import localtime
from regulars.sample_company.columns import Cents, Dates, Ids, Stamps, Whole

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def test_offsets_agree_with_the_time_zone_database_for_thirty_years() -> None:
    start = int(datetime(2005, 1, 1, tzinfo=UTC).timestamp())
    instants = start + np.arange(0, 30 * 365 * localtime.DAY, 2_777 * 60)
    known = [
        datetime.fromtimestamp(t, AMSTERDAM).utcoffset().total_seconds() for t in instants.tolist()
    ]
    assert localtime.offset(instants).tolist() == known


def test_the_clock_changes_at_one_in_the_morning_utc() -> None:
    change = int(datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp())
    around = np.array([change - 1, change])
    assert localtime.offset(around).tolist() == [7200, 3600]
    assert Stamps(around).text(np.arange(2)).to_pylist() == [
        "2026-10-25T02:59:59+02:00",
        "2026-10-25T02:00:00+01:00",
    ]


def test_wall_times_come_back_as_the_same_wall_times() -> None:
    days = localtime.day_number(date(2026, 3, 20)) + np.arange(300)
    wall = days * localtime.DAY + 14 * localtime.HOUR
    instants = localtime.to_instant(wall)
    assert (instants + localtime.offset(instants) == wall).all()
    assert (localtime.local_day(instants) == days).all()


def test_the_hour_that_spring_skips_is_still_on_its_day() -> None:
    day = localtime.day_number(date(2026, 3, 29))
    skipped = np.array([day * localtime.DAY + 2 * localtime.HOUR + 1800])
    instant = localtime.to_instant(skipped)
    assert localtime.local_day(instant).tolist() == [day]
    assert Stamps(instant).text(np.array([0])).to_pylist() == ["2026-03-29T03:30:00+02:00"]


def test_columns_write_what_is_missing_as_nothing() -> None:
    rows = np.array([1, 0])
    missing = np.array([localtime.MISSING, 59])
    assert Cents(np.array([-1, 123_405])).text(rows).to_pylist() == ["1234.05", None]
    assert Whole(np.array([-1, 7])).text(rows).to_pylist() == ["7", None]
    assert Ids("C", np.array([-1, 42])).text(rows).to_pylist() == ["C0000042", None]
    assert Dates(missing).text(rows).to_pylist() == ["1970-03-01", None]
    assert Stamps(missing).text(rows).to_pylist() == ["1970-01-01T01:00:59+01:00", None]
