"""A lattice of histories, dense enough that distributions between its points follow by
cubics.

What happens to somebody who buys again depends smoothly on how much was bought (x), for how long
(T), and, where there is a rhythm, on how long ago the last time was. A distribution is therefore
computed
on a lattice of such histories, only where there are customers, and interpolated by cubics between
its points: the cost no longer follows the number of histories.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from regulars.clv.histories import Floats, Histories

_EACH_FREQUENCY = 16  # up to here every frequency is a point of its own
_FREQUENCY_STEP = 1.04
_AGE_STEP = 1.12
_SINCE_POINTS = 24
_STENCIL = 4  # nodes of an axis that a history's distribution is made of
_SHORTEST = 1e-6  # days: a history with repeats needs an age above zero
_CODE = 1 << 20  # no axis has as many points


@dataclass(frozen=True)
class Lattice:
    """Points around `histories`, and each history's place between them.

    points   frequency, recency, T of the points in use, in key order
    corners  a row per history, a column per point of its stencil: rows of `points`
    shares   weights of the corners, of the same shape, adding to one; some below zero
    is_near  the columns that are corners of the history's own cell
    """

    points: pd.DataFrame
    corners: np.ndarray
    shares: Floats
    is_near: np.ndarray

    def at(
        self, values: Floats, rows: slice | np.ndarray, level: np.ndarray | None = None
    ) -> Floats:
        """Values at the points, shape (points, …), interpolated to some of the histories; with
        `level` only that place of each row on the last axis. Never beyond the corners of a cell:
        a distribution that leaps between two points does not overshoot."""
        corners, shares = self.corners[rows], self.shares[rows]
        if level is not None:
            corners = corners * values.shape[-1] + level[:, None]
            values = np.moveaxis(values, -1, 1).reshape(-1, *values.shape[1:-1])
        # a frequency that is a node has no part beyond it: most of the stencil weighs nothing
        weighs = np.any(shares != 0, axis=0)
        total = _weighted(values, corners[:, weighs], shares[:, weighs])
        low = high = values[corners[:, 0]]  # the first is the own cell's
        for n in np.flatnonzero(self.is_near)[1:]:
            at_corner = values[corners[:, n]]
            low, high = np.minimum(low, at_corner), np.maximum(high, at_corner)
        return np.clip(total, low, high)


def _weighted(values: Floats, corners: np.ndarray, shares: Floats) -> Floats:
    """Sum of `shares` times the rows of `values` that `corners` names, a row per history."""
    starts = np.arange(len(corners) + 1) * corners.shape[1]
    flat = values.reshape(len(values), -1)
    each = sparse.csr_array(
        (shares.ravel(), corners.ravel(), starts), shape=(len(corners), len(values))
    )
    total: Floats = (each @ flat).reshape(len(corners), *values.shape[1:])
    return total


@dataclass(frozen=True)
class _Axis:
    """Nodes; of each history the places of its stencil, its own cell's two first, and weights."""

    nodes: Floats
    places: np.ndarray
    weights: Floats


def lattice(data: Histories, age_unit: float, is_memoryless: bool) -> Lattice:
    """The lattice around `data`; ages are spaced evenly in log(age_unit + T)."""
    axes = [_frequencies(data.frequency), _ages(data.age, age_unit)]
    if not is_memoryless:
        axes.append(_since(data))
    corners, shares, is_near = [], [], []
    for steps in itertools.product(range(_STENCIL), repeat=len(axes)):
        places = [axis.places[:, step] for axis, step in zip(axes, steps, strict=True)]
        corners.append(sum(place * _CODE**number for number, place in enumerate(places)))
        parts = [axis.weights[:, step] for axis, step in zip(axes, steps, strict=True)]
        shares.append(np.prod(parts, axis=0))
        is_near.append(all(step < 2 for step in steps))
    codes, at = np.unique(np.column_stack(corners), return_inverse=True)
    places = [codes // _CODE**number % _CODE for number in range(len(axes))]
    coordinates = [axis.nodes[place] for axis, place in zip(axes, places, strict=True)]
    return Lattice(
        _points(coordinates),
        at.reshape(len(data), -1),
        np.column_stack(shares),
        np.array(is_near),
    )


def _points(coordinates: list[Floats]) -> pd.DataFrame:
    frequency, age = coordinates[0], np.maximum(coordinates[1], _SHORTEST)
    since = coordinates[2] if len(coordinates) > 2 else np.zeros(len(age))
    recency = np.where(frequency > 0, np.maximum(age * (1 - since), _SHORTEST), 0.0)
    return pd.DataFrame({"frequency": frequency, "recency": recency, "T": age})


def _frequencies(frequency: Floats) -> _Axis:
    """Every whole number at first, then steps of 4%, rounded up; places by logarithm."""
    nodes = list(range(_EACH_FREQUENCY + 2))
    while nodes[-1] <= frequency.max(initial=0.0):
        nodes.append(int(np.ceil(nodes[-1] * _FREQUENCY_STEP)))
    points = np.array(nodes, dtype=np.float64)
    return _between(points, np.log1p(points), np.log1p(frequency))


def _ages(age: Floats, unit: float) -> _Axis:
    last = np.log1p(age.max(initial=0.0) / unit) / np.log(_AGE_STEP)
    logs = np.arange(max(np.floor(last) + 2, _STENCIL)) * np.log(_AGE_STEP)
    return _between(unit * np.expm1(logs), logs, np.log1p(age / unit))


def _since(data: Histories) -> _Axis:
    """The part of the age that lies after the last purchase; denser where it is short."""
    places = np.linspace(0.0, 1.0, _SINCE_POINTS)
    age = np.maximum(data.age, _SHORTEST)
    part = np.where(data.frequency > 0, (data.age - data.recency) / age, 0.0)
    return _between(places**4, places, np.clip(part, 0.0, 1.0) ** 0.25)


def _between(nodes: Floats, scale: Floats, values: Floats) -> _Axis:
    """Cubic interpolation (Lagrange) on the two nodes around each value, then the two beyond.

    A place that weighs nothing is the history's own: nobody asks for its distribution.
    """
    values = np.clip(values, scale[0], scale[-1])
    low = np.clip(np.searchsorted(scale, values, side="right") - 1, 0, len(scale) - 2)
    first = np.clip(low - 1, 0, len(scale) - _STENCIL)
    # the cell's own two first, whatever the stencil's start
    turn = (low - first)[:, None] + np.array([0, 1, 2, 3])
    places = first[:, None] + turn % _STENCIL
    weights = np.ones(places.shape)
    for n, m in itertools.permutations(range(_STENCIL), 2):
        weights[:, n] *= (values - scale[places[:, m]]) / (
            scale[places[:, n]] - scale[places[:, m]]
        )
    own = np.where(weights[:, 0] != 0, places[:, 0], places[:, 1])
    return _Axis(nodes, np.where(weights == 0, own[:, None], places), weights)
