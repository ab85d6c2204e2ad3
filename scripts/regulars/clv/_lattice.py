"""A lattice of histories, dense enough that distributions between its points follow by straight
lines.

What happens to somebody who buys again depends smoothly on how much was bought (x), for how long
(T), and, where there is a rhythm, on how long ago the last time was. A distribution is therefore
computed on a lattice of such histories, only where there are customers, and interpolated linearly
between its points: the cost no longer follows the number of histories.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regulars.clv.histories import Floats, Histories

_EACH_FREQUENCY = 16  # up to here every frequency is a point of its own
_FREQUENCY_STEP = 1.05
_AGE_STEP = 1.08
_SINCE_POINTS = 32
_SHORTEST = 1e-6  # days: a history with repeats needs an age above zero
_CODE = 1 << 20  # no axis has as many points


@dataclass(frozen=True)
class Lattice:
    """Points around `histories`, and each history's place between them.

    points   frequency, recency, T of the points in use, in key order
    corners  a row per history, a column per corner of its cell: rows of `points`
    shares   weights of the corners, of the same shape, adding to one
    """

    points: pd.DataFrame
    corners: np.ndarray
    shares: Floats

    def at(self, values: Floats, rows: slice) -> Floats:
        """Values at the points, shape (points, …), interpolated to some of the histories."""
        trailing = (1,) * (values.ndim - 1)
        total = np.zeros((self.corners[rows].shape[0], *values.shape[1:]))
        for corner, share in zip(self.corners[rows].T, self.shares[rows].T, strict=True):
            total += values[corner] * share.reshape(-1, *trailing)
        return total


def lattice(data: Histories, age_unit: float, is_memoryless: bool) -> Lattice:
    """The lattice around `data`; ages are spaced evenly in log(age_unit + T)."""
    axes = [_frequencies(data.frequency), _ages(data.age, age_unit)]
    if not is_memoryless:
        axes.append(_since(data))
    lows = [low for _, low, _ in axes]
    corners, shares = [], []
    for steps in itertools.product((0, 1), repeat=len(axes)):
        places = [low + step for low, step in zip(lows, steps, strict=True)]
        corners.append(sum(place * _CODE**axis for axis, place in enumerate(places)))
        parts = [part if step else 1 - part for (_, _, part), step in zip(axes, steps, strict=True)]
        shares.append(np.prod(parts, axis=0))
    codes, at = np.unique(np.column_stack(corners), return_inverse=True)
    places = [codes // _CODE**axis % _CODE for axis in range(len(axes))]
    coordinates = [nodes[place] for (nodes, _, _), place in zip(axes, places, strict=True)]
    return Lattice(_points(coordinates), at.reshape(len(data), -1), np.column_stack(shares))


def _points(coordinates: list[Floats]) -> pd.DataFrame:
    frequency, age = coordinates[0], np.maximum(coordinates[1], _SHORTEST)
    since = coordinates[2] if len(coordinates) > 2 else np.zeros(len(age))
    recency = np.where(frequency > 0, np.maximum(age * (1 - since), _SHORTEST), 0.0)
    return pd.DataFrame({"frequency": frequency, "recency": recency, "T": age})


def _frequencies(frequency: Floats) -> tuple[Floats, np.ndarray, Floats]:
    """Every whole number at first, then steps of 5%, rounded up; places by logarithm."""
    nodes = list(range(_EACH_FREQUENCY + 2))
    while nodes[-1] <= frequency.max(initial=0.0):
        nodes.append(int(np.ceil(nodes[-1] * _FREQUENCY_STEP)))
    points = np.array(nodes, dtype=np.float64)
    return points, *_between(np.log1p(points), np.log1p(frequency))


def _ages(age: Floats, unit: float) -> tuple[Floats, np.ndarray, Floats]:
    last = np.log1p(age.max(initial=0.0) / unit) / np.log(_AGE_STEP)
    logs = np.arange(np.floor(last) + 2) * np.log(_AGE_STEP)
    return unit * np.expm1(logs), *_between(logs, np.log1p(age / unit))


def _since(data: Histories) -> tuple[Floats, np.ndarray, Floats]:
    """The part of the age that lies after the last purchase; denser where it is short."""
    nodes = np.linspace(0.0, 1.0, _SINCE_POINTS) ** 4
    age = np.maximum(data.age, _SHORTEST)
    part = np.where(data.frequency > 0, (data.age - data.recency) / age, 0.0)
    return nodes, *_between(nodes, part)


def _between(nodes: Floats, values: Floats) -> tuple[np.ndarray, Floats]:
    """The node at or below each value, and how far on the way to the next it lies."""
    low = np.clip(np.searchsorted(nodes, values, side="right") - 1, 0, len(nodes) - 2)
    part: Floats = (values - nodes[low]) / (nodes[low + 1] - nodes[low])
    return low, np.clip(part, 0.0, 1.0)
