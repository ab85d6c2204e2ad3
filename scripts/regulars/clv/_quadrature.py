"""Expectations over Beta and Gamma laws as weighted sums over fixed nodes.

Nodes are Gauss-Legendre points on panels of the logit (Beta) or logarithm (Gamma), where both
densities are analytic whatever their parameters. Weights are positive and add to one, so the
expectation of a probability is a probability, and nothing cancels or overflows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from regulars.clv.histories import Floats

_PANEL_NODES, _PANEL_WEIGHTS = np.polynomial.legendre.leggauss(16)
_DROP = 44.0  # a log-density this far below its peak adds nothing to a double
_LOGIT_LOW, _LOGIT_HIGH = -60.0, 40.0
_BISECTIONS = 60


def panels(low: Floats, high: Floats, count: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on `count` equal panels of [low, high]: (n, 16·count)."""
    edges = np.arange(count) / count
    width = (high - low)[:, None]
    start = low[:, None] + width * edges[None, :]
    half = width / count / 2
    nodes = start[:, :, None] + half[:, :, None] * (1 + _PANEL_NODES)
    weights = np.broadcast_to(half[:, :, None] * _PANEL_WEIGHTS, nodes.shape)
    return nodes.reshape(len(low), -1), weights.reshape(len(low), -1)


def _where_density_ends(
    log_density: Callable[[Floats], Floats], mode: Floats, limit: float
) -> Floats:
    """Between `mode` and `limit`, where the log-density has dropped by _DROP (or the limit)."""
    peak = log_density(mode)
    inside, outside = mode.copy(), np.full_like(mode, limit)
    for _ in range(_BISECTIONS):
        middle = (inside + outside) / 2
        is_inside = log_density(middle) > peak - _DROP
        inside = np.where(is_inside, middle, inside)
        outside = np.where(is_inside, outside, middle)
    return outside


def beta_nodes(a: float, b: Floats, panel_count: int = 16) -> tuple[Floats, Floats]:
    """Nodes p and weights of Beta(a, b[i]), shape (len(b), 16·panel_count + 2).

    What lies outside the panels (only for tiny a or b) becomes one node at either end.
    """
    b = np.asarray(b, dtype=np.float64)

    def log_density(logit: Floats) -> Floats:
        return a * logit - (a + b) * np.logaddexp(0.0, logit)

    mode = np.clip(np.log(a) - np.log(b), _LOGIT_LOW + 1, _LOGIT_HIGH - 1)
    low = _where_density_ends(log_density, mode, _LOGIT_LOW)
    high = _where_density_ends(log_density, mode, _LOGIT_HIGH)
    logits, lengths = panels(low, high, panel_count)
    peak = log_density(mode)[:, None]
    density = np.exp(a * logits - (a + b)[:, None] * np.logaddexp(0.0, logits) - peak) * lengths
    below = special.betainc(a, b, special.expit(low))
    above = special.betainc(b, a, special.expit(-high))
    scale = (1 - below - above) / density.sum(axis=1)
    nodes = np.column_stack([special.expit(low), special.expit(logits), special.expit(high)])
    return nodes, np.column_stack([below, density * scale[:, None], above])


def gamma_nodes(shape: float, panel_count: int = 7) -> tuple[Floats, Floats]:
    """Nodes and weights of Gamma(shape ≥ 1, rate 1), each of length 16·panel_count."""
    at = np.array([shape])

    def log_density(logarithm: Floats) -> Floats:
        return at * logarithm - np.exp(logarithm)

    mode = np.log(at)
    low = _where_density_ends(log_density, mode, float(mode[0]) - 60.0)
    high = _where_density_ends(log_density, mode, float(mode[0]) + 10.0)
    logs, lengths = panels(low, high, panel_count)
    density = np.exp(shape * logs - np.exp(logs) - log_density(mode)) * lengths
    return np.exp(logs[0]), density[0] / density.sum()


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
