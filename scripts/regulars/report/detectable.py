"""The smallest effect a hold-out of tonight's size could show."""

from __future__ import annotations

from math import sqrt

from regulars.results.effect import Z_SUM


def smallest_detectable_lift(
    treated: int, held_out: int, response_rate: float | None
) -> float | None:
    """Difference in response rates visible at 80% power, as a share (0.09 is nine points).

    The usual two-sample normal approximation with the unprompted rate on both sides. None
    when an arm is empty, when the rate is unknown or certain, or when nothing below the
    whole remaining range could be seen.
    """
    if treated <= 0 or held_out <= 0 or response_rate is None or not 0 < response_rate < 1:
        return None
    spread = response_rate * (1 - response_rate)
    lift = Z_SUM * sqrt(spread * (1 / treated + 1 / held_out))
    return lift if lift < 1 - response_rate else None
