"""Which files are whole: a manifest counts their rows, or nobody wrote to them for a while."""

from __future__ import annotations

import time
from collections.abc import Sequence

from regulars.feeds.discover import Arrival, stamp_of


def split_by_wholeness(
    arrivals: Sequence[Arrival], pause_seconds: float
) -> tuple[list[Arrival], list[Arrival]]:
    """(whole files, files still being written). Waits for the youngest, at most pause_seconds.

    The clock decides only how long to wait: a file that changed is left for the next run.
    """
    now = time.time()
    ages = {a.path: now - a.changed_at.timestamp() for a in arrivals if a.manifest_rows is None}
    young = {path: age for path, age in ages.items() if age < pause_seconds}
    if young:
        time.sleep(pause_seconds - max(0, min(young.values())))
    partial = {a.path for a in arrivals if a.path in young and stamp_of(a.file) != a.stamp}
    return (
        [arrival for arrival in arrivals if arrival.path not in partial],
        [arrival for arrival in arrivals if arrival.path in partial],
    )
