"""A stratum's effect drawn towards the list's, by how much each is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def shrunken(lifts: Sequence[float], errors: Sequence[float], whole: float) -> list[float]:
    """Precision-weighted means of each stratum's lift and the list's, in the strata's order.

    The list's weight is one over how much strata differ beyond chance (the moment estimator of
    DerSimonian and Laird, 1986); strata that differ no more than by chance get the list's.
    """
    lift, variance = np.asarray(lifts, float), np.asarray(errors, float) ** 2
    if len(lift) < 2 or (variance <= 0).any():
        return [whole] * len(lift)
    weight = 1 / variance
    mean = np.average(lift, weights=weight)
    excess = float((weight * (lift - mean) ** 2).sum()) - (len(lift) - 1)
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    between = max(0.0, excess / scale)
    if between == 0:
        return [whole] * len(lift)
    return [float(v) for v in (lift / variance + whole / between) / (1 / variance + 1 / between)]
