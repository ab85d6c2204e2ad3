"""The integral over the moment of leaving that Pareto/NBD needs in place of a ₂F₁.

  A(p, q; low … high) = ∫ (α+y)^(−p) (β+y)^(−q) dy

By Gauss-Legendre in log(m + y), m the smaller of α and β: the integrand then has no singularity
nearer than π, on either side of α = β, and nothing cancels. Logarithms are of ratios near one and
need an absolute precision only, so plain `exp` and `log` do, which NumPy computes several at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.clv.histories import Floats

# Gauss-Legendre rules, and the longest interval (in log(m + y)) and deepest drop of the integrand
# (in logarithms) for which each is right to 2e-13; the last one serves the rest. Found by comparing
# with 80 nodes over p, q, α/β and intervals of all sizes.
_RULES = tuple(np.polynomial.legendre.leggauss(count) for count in (4, 8, 12, 16, 24))
_LENGTHS, _DROPS = (0.25, 1.0, 2.0, 3.0), (0.25, 4.0, 13.0, 20.0)
_DROP = 38.0  # the integrand is cut where it has fallen by e^−38
_BLOCK = 16_384  # nodes at a time: what is computed of them stays in the processor's cache


@dataclass(frozen=True)
class Integral:
    """log A with the means of four functions of y under its integrand, a row per history."""

    log_value: Floats
    log_alpha_y: Floats
    log_beta_y: Floats
    inverse_alpha_y: Floats
    inverse_beta_y: Floats


def integral(
    alpha: Floats | float, beta: Floats | float, p: Floats, q: float, low: Floats, high: Floats
) -> Integral:
    """A(p, q; low … high), a row per history; −∞ where low = high.

    alpha and beta may differ between rows, but the same one is the smaller in all.
    """
    columns = [
        np.broadcast_to(np.asarray(values, dtype=np.float64), p.shape)
        for values in (alpha, beta, p, q, low, high)
    ]
    near, far, p_near, p_far, low, high = columns
    is_swapped = bool(np.any(near > far))
    if is_swapped:
        near, far, p_near, p_far = far, near, p_far, p_near
    near, far = near + low, far + low
    length, drop = _length(near, far, p_near, p_far, high - low)
    rule = np.maximum(np.searchsorted(_LENGTHS, length), np.searchsorted(_DROPS, drop))
    terms = np.empty((5, len(low)))
    for number, (nodes, weights) in enumerate(_RULES):
        rows = np.flatnonzero(rule == number)
        step = _BLOCK // len(nodes)
        for start in range(0, len(rows), step):
            at = rows[start : start + step]
            terms[:, at] = _block(
                near[at], far[at], p_near[at], p_far[at], length[at], nodes, weights
            )
    value, log_near, log_far, inverse_near, inverse_far = terms
    if is_swapped:
        return Integral(
            log_value=value,
            log_alpha_y=log_far,
            log_beta_y=log_near,
            inverse_alpha_y=inverse_far,
            inverse_beta_y=inverse_near,
        )
    return Integral(
        log_value=value,
        log_alpha_y=log_near,
        log_beta_y=log_far,
        inverse_alpha_y=inverse_near,
        inverse_beta_y=inverse_far,
    )


def _block(
    near: Floats, far: Floats, p: Floats, q: Floats, length: Floats, nodes: Floats, weights: Floats
) -> Floats:
    """The five rows of an Integral, for one that begins at zero."""
    growth = ((1 + nodes) / 2)[:, None] * length  # log of (near + y)/near at the nodes
    near_ratio = np.exp(growth)
    far_ratio = (near * near_ratio + (far - near)) / far
    log_far = np.log(far_ratio)
    values = (weights / 2)[:, None] * np.exp((1 - p) * growth - q * log_far)
    total = values.sum(axis=0)
    log_near, log_far_start = np.log(near), np.log(far)
    with np.errstate(divide="ignore"):
        log_value = np.log(total * near) + np.log(length) - p * log_near - q * log_far_start
    return np.array(
        [
            log_value,
            log_near + np.einsum("ij,ij->j", values, growth) / total,
            log_far_start + np.einsum("ij,ij->j", values, log_far) / total,
            (values / near_ratio).sum(axis=0) / (near * total),
            (values / far_ratio).sum(axis=0) / (far * total),
        ]
    )


def _length(
    near: Floats, far: Floats, p: Floats, q: Floats, width: Floats
) -> tuple[Floats, Floats]:
    """Length of the interval in log(near + y), cut where the integrand has dropped by e^−38, and
    the logarithm of its drop.

    The drop is convex and rising there, so Newton's steps from the right never cut too early.
    """
    length = np.log1p(width / near)
    drop = p * length + q * np.log1p(width / far)
    long = np.flatnonzero(drop > _DROP)
    near, far, p, q, cut = near[long], far[long], p[long], q[long], length[long]
    for _ in range(4):
        risen = near * np.expm1(cut)
        excess = p * cut + q * np.log1p(risen / far) - _DROP
        slope = p + q * (near + risen) / (far + risen)
        cut = cut - np.maximum(excess, 0.0) / slope
    length[long] = cut
    return length, drop
