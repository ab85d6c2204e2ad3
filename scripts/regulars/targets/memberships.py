"""Which lists an ad platform is about to forget: what was sent long ago and not again since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

NOTICE_DAYS = 30


@dataclass(frozen=True)
class Refresh:
    """list_code is to be sent to target before ends_on."""

    list_code: str
    target: str
    ends_on: date


def to_refresh(
    sent: Iterable[tuple[str, str, date]], membership_days: Mapping[str, int], as_of: date
) -> list[Refresh]:
    """sent: (list, target, day) of every copy; membership_days by target, 0 for never. Those whose
    last copy ends within NOTICE_DAYS, or has ended."""
    last: dict[tuple[str, str], date] = {}
    for list_code, target, day in sent:
        last[list_code, target] = max(day, last.get((list_code, target), day))
    ends = {
        key: day + timedelta(days=membership_days[key[1]])
        for key, day in last.items()
        if membership_days.get(key[1])
    }
    return [
        Refresh(list_code, target, end)
        for (list_code, target), end in sorted(ends.items())
        if end - timedelta(days=NOTICE_DAYS) <= as_of
    ]
