"""Maximum likelihood from a fixed start: L-BFGS-B in log-parameters, then Newton steps.

Sums are `np.sum` over arrays in key order (pairwise, one thread, the same for the same input). A
BLAS dot product would be faster and is avoided: how it splits a sum depends on the number of
threads, and the last digits with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from regulars.clv.histories import Floats

# (log-likelihood, gradient by log-parameter), both per customer
Objective = Callable[[Floats], tuple[float, Floats]]

_HESSIAN_STEP = 1e-4
_FLAT = -1e-10  # curvature per customer that differences of gradients can tell from none
_CLIMBS = 4
_STEEP = 1e-5
_NEWTON_STEPS = 20
_SLOW = 0.3
_WORTH_A_HESSIAN = 1e-9
_GRADIENT_GOAL = 1e-14
_TOP = 1e-9  # slope at which a climb from a draft has arrived
_GRADIENT_CONVERGED = 1e-6  # rounding to 8 digits alone leaves some 1e-8
_AT_BOUND = 1e-4  # relative: more than rounding to 8 places moves a parameter
SIGNIFICANT_DIGITS = 8
DECIMAL_PLACES = 8


@dataclass(frozen=True)
class Assessment:
    """How parameters stand on the likelihood's surface.

    value            log-likelihood per customer
    gradient_norm    largest slope by a free log-parameter, per customer
    at_lower, at_upper  which parameters a bound holds, the likelihood rising beyond it
    covariance       of the free log-parameters (others NaN), for `customers` observations;
                     None when the surface is flat in some direction or nothing is free
    """

    value: float
    gradient_norm: float
    at_lower: np.ndarray
    at_upper: np.ndarray
    covariance: Floats | None

    @property
    def converged(self) -> bool:
        return self.gradient_norm <= _GRADIENT_CONVERGED

    @property
    def is_flat(self) -> bool:
        return self.covariance is None and not (self.at_lower | self.at_upper).all()


def maximise(
    objective: Objective, start: Floats, bounds: Floats, draft: Objective | None = None
) -> Floats:
    """Climb from `start` within `bounds` (shape (k, 2)), all in log-parameters.

    A `draft` is the objective of a sample: climbed first, it gives a start and a curvature from
    which a few Newton steps lead to the top of `objective`. Where they do not (a bound
    holds a parameter, whose slope then says little), the climb is made in full from the start: a
    draft changes how soon the maximum is found, not which.
    """
    if draft is not None:
        theta, free = _climb(draft, start, bounds)
        if free.all():
            curvature = _hessian(draft, theta, free)
            theta, slope = _newton(objective, theta, bounds, free, curvature)
            if slope <= _TOP:
                return theta
    theta = start
    for _ in range(_CLIMBS):  # a ridge ends a climb where Newton's steps cannot go on
        theta, free = _climb(objective, theta, bounds)
        theta, slope = _newton(objective, theta, bounds, free)
        if slope <= _GRADIENT_CONVERGED:
            break
    return theta


def _climb(objective: Objective, theta: Floats, bounds: Floats) -> tuple[Floats, np.ndarray]:
    """L-BFGS-B: where it ends, and which parameters no bound holds there."""

    def descent(theta: Floats) -> tuple[float, Floats]:
        value, gradient = objective(theta)
        return -value, -gradient

    for _ in range(_CLIMBS):  # a climb can end early on a crooked surface: begin again from there
        climb = optimize.minimize(
            descent,
            theta,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 500, "maxfun": 1000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 20},
        )
        theta = np.clip(climb.x, bounds[:, 0], bounds[:, 1])
        gradient = objective(theta)[1]
        at_lower, at_upper = _held(gradient, theta, bounds)
        if np.max(np.abs(gradient), where=~(at_lower | at_upper), initial=0.0) < _STEEP:
            break
    return theta, ~(at_lower | at_upper)


def assess(objective: Objective, theta: Floats, bounds: Floats, customers: float) -> Assessment:
    """Slope, bounds and curvature at `theta`: a function of the data and the parameters alone,
    so that parameters read back from a log are judged exactly as they were when fitted."""
    value, gradient = objective(theta)
    at_lower, at_upper = _held(gradient, theta, bounds)
    free = ~(at_lower | at_upper)
    norm = float(np.max(np.abs(gradient[free]))) if free.any() else 0.0
    covariance = _covariance(objective, theta, free, customers)
    return Assessment(
        value=value, gradient_norm=norm, at_lower=at_lower, at_upper=at_upper, covariance=covariance
    )


def _held(gradient: Floats, theta: Floats, bounds: Floats) -> tuple[np.ndarray, np.ndarray]:
    at_lower = (theta <= bounds[:, 0] + _AT_BOUND) & (gradient <= 0)
    at_upper = (theta >= bounds[:, 1] - _AT_BOUND) & (gradient >= 0)
    return at_lower, at_upper


def _newton(
    objective: Objective,
    theta: Floats,
    bounds: Floats,
    free: np.ndarray,
    hessian: Floats | None = None,
) -> tuple[Floats, float]:
    """Newton steps on the free parameters while the slope gets smaller; where, and what is left.

    A Hessian costs two gradients a free parameter and hardly moves here, so it is kept while it
    serves, and learns from each step.
    """
    if not free.any():
        return theta, 0.0
    gradient, is_fresh = objective(theta)[1][free], hessian is None
    if hessian is None:
        hessian = _hessian(objective, theta, free)
    for _ in range(_NEWTON_STEPS):
        norm = np.max(np.abs(gradient))
        step = _newton_step(hessian, gradient)
        if norm <= _GRADIENT_GOAL or step is None:
            break
        tried = theta.copy()
        tried[free] += step
        if np.any(tried < bounds[:, 0]) or np.any(tried > bounds[:, 1]):
            break
        tried_gradient = objective(tried)[1][free]
        hessian = _learned(hessian, step, tried_gradient - gradient)
        gain = np.max(np.abs(tried_gradient)) / norm
        if gain < 1:
            theta, gradient = tried, tried_gradient
        if gain > _SLOW and norm > _WORTH_A_HESSIAN and not is_fresh:
            hessian, is_fresh = _hessian(objective, theta, free), True
        elif gain >= 1:
            break
        else:
            is_fresh = False
    return theta, float(np.max(np.abs(gradient)))


def _learned(hessian: Floats, step: Floats, change: Floats) -> Floats:
    """The Hessian corrected (symmetrically, by rank 1) so that `step` explains the `change`."""
    missed = change - np.sum(hessian * step, axis=1)
    scale = np.sum(missed * step)
    if abs(scale) <= 1e-8 * np.sqrt(np.sum(missed**2) * np.sum(step**2)):
        return hessian
    return hessian + missed[:, None] * missed[None, :] / scale


def _newton_step(hessian: Floats, gradient: Floats) -> Floats | None:
    """−H⁻¹g when H is safely negative definite and the step is short, else None."""
    if not _is_negative_definite(hessian):
        return None
    step: Floats = -np.linalg.solve(hessian, gradient).astype(np.float64)
    return step if np.max(np.abs(step)) <= 1.0 else None


def _hessian(objective: Objective, theta: Floats, free: np.ndarray) -> Floats:
    """Second derivatives by the free log-parameters: central differences of the gradient."""
    where = np.flatnonzero(free)
    rows = []
    for index in where:
        above, below = theta.copy(), theta.copy()
        above[index] += _HESSIAN_STEP
        below[index] -= _HESSIAN_STEP
        difference = objective(above)[1][free] - objective(below)[1][free]
        rows.append(difference / (2 * _HESSIAN_STEP))
    square = np.array(rows)
    return (square + square.T) / 2


def _is_negative_definite(hessian: Floats) -> bool:
    return bool(np.isfinite(hessian).all() and np.linalg.eigvalsh(hessian)[-1] < _FLAT)


def _covariance(
    objective: Objective, theta: Floats, free: np.ndarray, customers: float
) -> Floats | None:
    if not free.any():
        return None
    hessian = _hessian(objective, theta, free)
    if not _is_negative_definite(hessian):
        return None
    covariance = np.full((len(theta), len(theta)), np.nan)
    covariance[np.ix_(free, free)] = np.linalg.inv(-hessian) / customers
    return covariance


def rounded(values: Mapping[str, float]) -> dict[str, float]:
    """Parameters as they are stored: 8 significant digits, and no more than 8 places.

    Rounding comes before scoring, so that scores can be reproduced from the stored parameters.
    """
    stored = {}
    for name, value in values.items():
        significant = float(f"{value:.{SIGNIFICANT_DIGITS - 1}e}")
        stored[name] = round(significant, DECIMAL_PLACES)
    return stored
