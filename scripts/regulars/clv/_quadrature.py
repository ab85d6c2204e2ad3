"""Expectations over Beta and Gamma distributions as weighted sums over fixed nodes.

Nodes are Gauss-Legendre points on panels of the logit (Beta) or logarithm (Gamma), where both
densities are analytic whatever their parameters. Weights are positive and add to one, so the
expectation of a probability is a probability, and nothing cancels or overflows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import special

from regulars.clv.histories import Floats

_PANEL_NODES, _PANEL_WEIGHTS = np.polynomial.legendre.leggauss(16)
_DROP = 44.0  # a log-density this far below its peak adds nothing to a double
_LOGIT_LOW, _LOGIT_HIGH = -60.0, 40.0


def panels(low: float, high: float, count: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on `count` equal panels of [low, high]: 16·count."""
    half = (high - low) / count / 2
    starts = low + 2 * half * np.arange(count)
    nodes = starts[:, None] + half * (1 + _PANEL_NODES)
    return nodes.ravel(), np.tile(half * _PANEL_WEIGHTS, count)


def _where_density_ends(log_density: Callable[[Any], Any], mode: float, limit: float) -> float:
    """Between `mode` and `limit`, where the log-density has dropped by _DROP (or the limit).

    Bisection by 64 points at a time, to the four-thousandth part of the range.
    """
    floor = log_density(mode) - _DROP
    inside, outside = mode, limit
    for _ in range(2):
        points = np.linspace(inside, outside, 65)
        is_inside = log_density(points) > floor
        last = 64 if is_inside.all() else int(np.argmin(is_inside)) - 1
        inside, outside = points[max(last, 0)], points[min(max(last, 0) + 1, 64)]
    return float(outside)


@lru_cache(maxsize=4096)
def beta_nodes(a: float, b: float, panel_count: int = 16) -> tuple[Floats, Floats]:
    """Nodes p and weights of Beta(a, b), each of length 16·panel_count + 2.

    What lies outside the panels (only for tiny a or b) becomes one node at either end.
    """

    def log_density(logit: Any) -> Any:
        return a * logit - (a + b) * np.logaddexp(0.0, logit)

    mode = np.clip(np.log(a) - np.log(b), _LOGIT_LOW + 1, _LOGIT_HIGH - 1)
    low = _where_density_ends(log_density, mode, _LOGIT_LOW)
    high = _where_density_ends(log_density, mode, _LOGIT_HIGH)
    logits, lengths = panels(low, high, panel_count)
    density = np.exp(log_density(logits) - log_density(mode)) * lengths
    below = special.betainc(a, b, special.expit(low))
    above = special.betainc(b, a, special.expit(-high))
    inside = density * ((1 - below - above) / density.sum())
    nodes = special.expit(np.concatenate([[low], logits, [high]]))
    return _frozen(nodes), _frozen(np.concatenate([[below], inside, [above]]))


@lru_cache(maxsize=4096)
def gamma_nodes(shape: float, panel_count: int = 7) -> tuple[Floats, Floats]:
    """Nodes and weights of Gamma(shape ≥ 1, rate 1), each of length 16·panel_count."""

    def log_density(logarithm: Any) -> Any:
        return shape * logarithm - np.exp(logarithm)

    mode = float(np.log(shape))
    low = _where_density_ends(log_density, mode, mode - 60.0)
    high = _where_density_ends(log_density, mode, mode + 10.0)
    logs, lengths = panels(low, high, panel_count)
    density = np.exp(log_density(logs) - log_density(mode)) * lengths
    return _frozen(np.exp(logs)), _frozen(density / density.sum())


def _frozen(values: Floats) -> Floats:
    """Read-only, because the cache hands the same array to everybody."""
    values.flags.writeable = False
    return values


def discounted_power(shape: float, rate: Floats) -> Floats:
    """∫₀^∞ e^(−rate·t) (1+t)^(−shape) dt, which is Tricomi's U(1, 2−shape, rate).

    Trapezoid in log t, where the integrand is analytic in a strip and dies at both ends.
    """
    rate = np.atleast_1d(np.asarray(rate, dtype=np.float64))
    low = np.log(1e-18 / (1 + rate + shape))
    high = np.log(45.0 / rate)
    fractions = np.linspace(0.0, 1.0, 321)
    logs = low[:, None] + (high - low)[:, None] * fractions
    times = np.exp(logs)
    values = times * np.exp(-rate[:, None] * times - shape * np.log1p(times))
    return values.sum(axis=1) * (high - low) / 320


def along_ages(function: Callable[[Floats], Floats], ages: Floats) -> Floats:
    """`function` at many positive `ages` or horizons, by Chebyshev in the log where it pays.

    For functions analytic in log age on a strip of half-width π/2 (all of a model's expectations
    are); the number of nodes follows from the range, for an error near rounding.
    """
    distinct, inverse = np.unique(ages, return_inverse=True)
    middle = (np.log(distinct[0]) + np.log(distinct[-1])) / 2
    half = (np.log(distinct[-1]) - np.log(distinct[0])) / 2
    if half == 0:
        return function(distinct)[inverse]
    ratio = np.pi / 2 / half
    count = int(np.ceil(36 / np.log(ratio + np.sqrt(1 + ratio * ratio)))) + 2
    if count >= len(distinct):
        return function(distinct)[inverse]
    angles = (2 * np.arange(count) + 1) * np.pi / (2 * count)
    nodes = np.cos(angles)
    at_nodes = function(np.exp(middle + half * nodes))
    signs = np.where(np.arange(count) % 2 == 0, 1.0, -1.0) * np.sin(angles)
    gaps = ((np.log(distinct) - middle) / half)[:, None] - nodes[None, :]
    is_node = gaps == 0
    shares = signs / np.where(is_node, 1.0, gaps)
    shares = np.where(is_node.any(axis=1)[:, None], is_node, shares)
    values = (shares * at_nodes).sum(axis=1) / shares.sum(axis=1)
    return values[inverse]
