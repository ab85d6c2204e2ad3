"""Pareto/NBD: Schmittlein, Morrison, Colombo (1987), Management Science 33(1).

Purchases at rate λ ~ Gamma(r, α) until a customer leaves, at any moment, with hazard
μ ~ Gamma(s, β). Written here without the hypergeometric function [1]: with

  A(p, q; from … to) = ∫ (α+y)^(−p) (β+y)^(−q) dy

the likelihood is Γ(r+x)/Γ(r) · α^r β^s · [(α+T)^−(r+x) (β+T)^−s + s·A(r+x, s+1; t_x … T)], and
given active, λ ~ Gamma(r+x, α+T) and μ ~ Gamma(s, β+T) are independent.

[1] Fader, Hardie (2005), A Note on Deriving the Pareto/NBD Model, brucehardie.com/notes/009.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import special

from regulars.clv import _quadrature
from regulars.clv._bg_family import explain_rate_bounds
from regulars.clv._maximum_likelihood import Assessment
from regulars.clv._purchase_model import PurchaseModel, horizon
from regulars.clv.histories import Floats, Histories, read
from regulars.clv.nbd import negative_binomial, poisson_lives

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_FRACTIONS, _SHARES = (1 + _NODES) / 2, _WEIGHTS / 2
_DROP = 38.0  # the integrand is cut where it has fallen by e^−38
_BLOCK = 20_000


@dataclass(frozen=True)
class _Integral:
    """log A with the means of four functions of y under its integrand, a row per history."""

    log_value: Floats
    log_alpha_y: Floats
    log_beta_y: Floats
    inverse_alpha_y: Floats
    inverse_beta_y: Floats


class ParetoNBD(PurchaseModel):
    """r, alpha: purchase rate ~ Gamma(r, alpha); s, beta: hazard of leaving ~ Gamma(s, beta)."""

    name: ClassVar[str] = "pareto_nbd"
    parameter_names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    time_parameters: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    bounds: ClassVar = {
        "r": (1e-4, 1e3),
        "alpha": (1e-4, 1e4),
        "s": (1e-4, 1e3),
        "beta": (1e-4, 1e4),
    }

    def _log_likelihood(self, prepared: Histories, values: Floats) -> tuple[float, Floats]:
        blocks = [
            self._block(_rows(prepared, start, start + _BLOCK), values)
            for start in range(0, len(prepared), _BLOCK)
        ]
        value = sum(block[0] for block in blocks)
        return value, np.sum([block[1] for block in blocks], axis=0)

    def _block(self, data: Histories, values: Floats) -> tuple[float, Floats]:
        r, alpha, s, beta = values
        x, weight = data.frequency, data.weight
        log_age, log_beta_age = np.log(alpha + data.age), np.log(beta + data.age)
        mean = integral(alpha, beta, r + x, np.full_like(x, s + 1), data.recency, data.age)
        active = -(r + x) * log_age - s * log_beta_age
        gone = special.expit(np.log(s) + mean.log_value - active)
        value = (
            special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) + s * np.log(beta)
            + np.logaddexp(active, np.log(s) + mean.log_value)
        )  # fmt: skip
        stayed = 1 - gone
        by_r = special.digamma(r + x) - special.digamma(r) + np.log(alpha)
        by_r += -stayed * log_age - gone * mean.log_alpha_y
        by_alpha = r / alpha - (r + x) * (stayed / (alpha + data.age) + gone * mean.inverse_alpha_y)
        by_s = np.log(beta) - stayed * log_beta_age + gone * (1 / s - mean.log_beta_y)
        by_beta = s / beta - stayed * s / (beta + data.age) - gone * (s + 1) * mean.inverse_beta_y
        gradient = np.array([np.sum(weight * by) for by in (by_r, by_alpha, by_s, by_beta)])
        return float(np.sum(weight * value)), gradient

    def _explain_bounds(self, found: Assessment, data: Histories) -> list[str]:
        words = explain_rate_bounds(found, data)
        _, _, s_low, beta_low = found.at_lower
        _, _, s_high, beta_high = found.at_upper
        if s_low or (beta_high and not s_high):
            words.append(
                "drop-out is not identified: the data fit best when nobody ever leaves, so s and "
                "beta stand at a bound and expected purchases may be too high"
            )
        elif s_high or beta_low or beta_high:
            words.append(
                "drop-out is weakly identified: its spread between customers stands at a bound"
            )
        return words

    # ---------- given active

    def _alive(self, data: Histories) -> Floats:
        p = self.params
        x = data.frequency
        mean = integral(
            p["alpha"], p["beta"], p["r"] + x, np.full_like(x, p["s"] + 1), data.recency, data.age
        )
        active = -(p["r"] + x) * np.log(p["alpha"] + data.age)
        active -= p["s"] * np.log(p["beta"] + data.age)
        return special.expit(active - np.log(p["s"]) - mean.log_value)

    def _expected_if_active(self, data: Histories, days: float) -> Floats:
        """E[λ] · E[(1 − e^(−μt))/μ]; s = 1 is a limit like any other."""
        p = self.params
        age = p["beta"] + data.age
        growth = np.log1p(days / age)
        return self._rate_if_active(data) * age * growth * special.exprel((1 - p["s"]) * growth)

    def _purchase_if_active(self, data: Histories, days: float) -> Floats:
        """∫₀^t E[λ e^(−λy)] E[e^(−μy)] dy: the first purchase at y, still active then."""
        p = self.params
        shape = p["r"] + data.frequency
        alpha, beta = p["alpha"] + data.age, p["beta"] + data.age
        zero = np.zeros(len(data))
        s = np.full(len(data), p["s"])
        mean = integral(alpha, beta, shape + 1, s, zero, zero + days)
        logs = np.log(shape) + shape * np.log(alpha) + s * np.log(beta) + mean.log_value
        return np.minimum(np.exp(logs), 1.0)

    def _discounted_if_active(self, data: Histories, rate: float) -> Floats:
        """E[λ] · ∫₀^∞ e^(−δu) E[e^(−μu)] du."""
        p = self.params
        ages, at = np.unique(p["beta"] + data.age, return_inverse=True)
        each = ages * _quadrature.discounted_power(p["s"], rate * ages)
        return self._rate_if_active(data) * each[at]

    def _simulated(self, draw: np.random.Generator, ages: Floats, days: float) -> pd.DataFrame:
        p = self.params
        rates = draw.gamma(p["r"], 1 / p["alpha"], len(ages))
        hazards = draw.gamma(p["s"], 1 / p["beta"], len(ages))
        lives = draw.exponential(1.0, len(ages)) / np.maximum(hazards, 1e-300)
        return poisson_lives(draw, rates, lives, ages, days)

    def predictive_counts(self, histories: pd.DataFrame, days: float, up_to: int) -> Floats:
        """P(X = 0 … up_to in (T, T + days] | history), shape (histories, up_to + 1).

        Purchases until leaving at y ≤ days, or until the end; the moment of leaving by quadrature.
        """
        data, p = read(histories), self.params
        days = horizon(days)
        shape = (p["r"] + data.frequency)[:, None, None]
        alpha, beta = ((p[name] + data.age)[:, None, None] for name in ("alpha", "beta"))
        counts = np.arange(up_to + 1.0)[None, :, None]
        unit, lengths = _quadrature.panels(0.0, 1.0, 6)
        growth = np.log1p(days / beta) * unit  # leaving at y, in log(1 + y/β)
        left = p["s"] * np.exp(-p["s"] * growth) * np.log1p(days / beta) * lengths
        during = negative_binomial(shape, alpha, counts, beta * np.expm1(growth)) * left
        to_the_end = np.exp(-p["s"] * np.log1p(days / beta)) * negative_binomial(
            shape, alpha, counts, days
        )
        alive = self._alive(data)[:, None]
        found = alive * (during.sum(axis=2) + to_the_end[:, :, 0])
        found[:, 0] += 1 - alive[:, 0]
        return found


def integral(
    alpha: Floats | float, beta: Floats | float, p: Floats, q: Floats, low: Floats, high: Floats
) -> _Integral:
    """A(p, q; low … high), a row per history; −∞ where low = high.

    Gauss-Legendre in log(m + y), m the smaller of α and β: the integrand then has no singularity
    nearer than π, on either side of α = β, and nothing cancels.
    """
    alpha, beta = np.broadcast_to(alpha, p.shape), np.broadcast_to(beta, p.shape)
    least = np.minimum(alpha, beta)
    start = least + low
    length = _length(alpha, beta, p, q, low, high)
    growth = length[:, None] * _FRACTIONS
    risen = start[:, None] * np.expm1(growth)  # y − low
    log_alpha_y = np.log1p(risen / (alpha + low)[:, None])
    log_beta_y = np.log1p(risen / (beta + low)[:, None])
    values = _SHARES * np.exp(growth - p[:, None] * log_alpha_y - q[:, None] * log_beta_y)
    total = values.sum(axis=1)
    values /= total[:, None]
    at_low = np.log(alpha + low), np.log(beta + low)
    with np.errstate(divide="ignore"):
        log_length = np.log(length)
    return _Integral(
        np.log(total * start) + log_length - p * at_low[0] - q * at_low[1],
        at_low[0] + (values * log_alpha_y).sum(axis=1),
        at_low[1] + (values * log_beta_y).sum(axis=1),
        (values / ((alpha + low)[:, None] + risen)).sum(axis=1),
        (values / ((beta + low)[:, None] + risen)).sum(axis=1),
    )


def _length(alpha: Floats, beta: Floats, p: Floats, q: Floats, low: Floats, high: Floats) -> Floats:
    """Length of the interval in log(m + y), cut where the integrand has dropped by e^−38.

    The drop is convex and rising there, so Newton's steps from the right never cut too early.
    """
    start = np.minimum(alpha, beta) + low
    length = np.log1p((high - low) / start)
    for _ in range(4):
        risen = start * np.expm1(length)
        a, b = risen / (alpha + low), risen / (beta + low)
        excess = p * np.log1p(a) + q * np.log1p(b) - _DROP
        slope = (start + risen) * (p / (alpha + low + risen) + q / (beta + low + risen))
        length = length - np.maximum(excess, 0.0) / slope
    return length


def _rows(data: Histories, start: int, end: int) -> Histories:
    columns = (data.frequency, data.recency, data.age, data.weight)
    return Histories(*(values[start:end] for values in columns))
