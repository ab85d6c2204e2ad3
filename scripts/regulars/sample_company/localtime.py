"""Company-local time for arrays of instants, by the European rule for summer time.

Instants are int64 seconds since 1970 in UTC; wall times are the same count read off a local
clock. The rule is written out rather than looked up, so that bytes do not depend on the
time-zone data a machine happens to have.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np

DAY = 86_400
HOUR = 3_600
MISSING = np.iinfo(np.int64).min
_EPOCH = date(1970, 1, 1)
_YEARS = range(2000, 2051)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def to_date(number: int) -> date:
    """The date that many days after 1970-01-01."""
    return _EPOCH + timedelta(days=int(number))


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def _changes() -> tuple[np.ndarray, np.ndarray]:
    """Instants at which the clock changes, and the offset that holds from each on."""
    instants, offsets = [], []
    for year in _YEARS:
        for month, hours in ((3, 2), (10, 1)):
            sunday = _last_sunday(year, month)
            moment = datetime(sunday.year, sunday.month, sunday.day, 1, tzinfo=UTC)
            instants.append(int(moment.timestamp()))
            offsets.append(hours * HOUR)
    return np.array(instants, dtype=np.int64), np.array(offsets, dtype=np.int64)


_INSTANTS, _OFFSETS = _changes()


def offset(instants: np.ndarray) -> np.ndarray:
    """Seconds that local clocks are ahead of UTC at each instant."""
    place = np.searchsorted(_INSTANTS, instants, side="right") - 1
    return np.where(place >= 0, _OFFSETS[np.maximum(place, 0)], HOUR)


def to_instant(wall: np.ndarray) -> np.ndarray:
    """Instants of local wall times.

    The hour that spring skips is read as winter time, the one autumn repeats as its first.
    """
    summer = wall - 2 * HOUR
    return np.where(offset(summer) == 2 * HOUR, summer, wall - HOUR)


def local_day(instants: np.ndarray) -> np.ndarray:
    """Local date of each instant, in days since 1970-01-01."""
    return (instants + offset(instants)) // DAY
