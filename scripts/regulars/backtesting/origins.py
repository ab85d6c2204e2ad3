"""Where to cut a window of data into what a model may know and what it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

YEAR = 365
SHORTEST_HOLDOUT_DAYS = 28


@dataclass(frozen=True)
class Split:
    """The data window cut at the origin: (start … origin] is known, (origin, end] is judged."""

    start: date
    origin: date
    end: date

    @property
    def holdout_days(self) -> int:
        return (self.end - self.origin).days


class TooShort(ValueError):
    """A window that leaves nothing to judge; the message says why there is no backtest."""


def split(start: date, end: date) -> Split:
    """One cut of a window: a year before the end once there are two years of data, and a third of
    the window until then. Raises TooShort."""
    window = (end - start).days
    # A whole year judges a seasonal company fairly; a part of one flatters or blames it.
    days = YEAR if window >= 2 * YEAR else min(YEAR, window // 3)
    if days < SHORTEST_HOLDOUT_DAYS:
        raise TooShort(too_short("days of data", window, days, SHORTEST_HOLDOUT_DAYS))
    return Split(start, end - timedelta(days=days), end)


def too_short(kind: str, window: int, days: int, needed: int) -> str:
    """Why there is no backtest: a window that leaves too short a hold-out."""
    return (
        f"no backtest: {max(window, 0)} {kind} leave a hold-out of {max(days, 0)} days, "
        f"and {needed} are needed"
    )
