"""Where to cut a window of data into what a model may know and what it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

YEAR = 365
HORIZONS = (28, 56, 91, 182, YEAR)
SHORTEST_HOLDOUT_DAYS = HORIZONS[0]
QUARTERLY_FROM = 91  # shorter hold-outs are cut every four weeks
MOST_ORIGINS = 4
QUARTERS_DIFFER = 2  # days


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
        raise _too_short("days of data", window, days)
    return Split(start, end - timedelta(days=days), end)


def rolling(start: date | None, settled: date) -> list[Split]:
    """The night's cuts, the latest first, one at least. Raises TooShort.

    Hold-outs are of one length, end by `settled` and may overlap. Their origins are ends of
    calendar quarters, or Sundays four weeks apart where hold-outs are short: from one night to
    the next they are the same. What is known at an origin is at least nearly as long as the
    hold-out (a quarter has 90 to 92 days).
    """
    if start is None:
        raise TooShort("no backtest: nobody has bought yet")
    window = (settled - start).days
    most = YEAR if window >= 2 * YEAR else window // 3
    days = max((length for length in HORIZONS if length <= most), default=0)
    if not days:
        raise _too_short("days of settled data", window, most)
    ends = _quarter_ends if days >= QUARTERLY_FROM else _fourth_sundays
    held = timedelta(days=days)
    first = start + timedelta(days=days - QUARTERS_DIFFER)
    origins = [on for on in ends(settled - held) if on >= first]
    if not origins:
        raise TooShort(
            f"no backtest: no full hold-out of {days} days lies within {window} settled days"
        )
    return [Split(start, origin, origin + held) for origin in origins[:MOST_ORIGINS]]


def _too_short(kind: str, window: int, days: int) -> TooShort:
    return TooShort(
        f"no backtest: {max(window, 0)} {kind} leave a hold-out of {max(days, 0)} days, "
        f"and {SHORTEST_HOLDOUT_DAYS} are needed"
    )


def _quarter_ends(last: date) -> list[date]:
    """Ends of calendar quarters up to `last`, the latest first."""
    after = last + timedelta(days=1)
    quarters = after.year * 4 + (after.month - 1) // 3
    firsts = (quarters - step for step in range(MOST_ORIGINS))
    return [date(q // 4, q % 4 * 3 + 1, 1) - timedelta(days=1) for q in firsts]


def _fourth_sundays(last: date) -> list[date]:
    """Of one sequence of Sundays four weeks apart, those up to `last`, the latest first."""
    latest = last.toordinal() // 28 * 28
    return [date.fromordinal(latest - 28 * step) for step in range(MOST_ORIGINS)]
