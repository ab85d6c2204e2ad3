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
from regulars.clv._dropout_integral import integral
from regulars.clv._maximum_likelihood import Assessment
from regulars.clv._purchase_model import PurchaseModel, horizon
from regulars.clv._shared_integrals import SharedIntegrals
from regulars.clv.histories import Floats, Histories, added_up, read
from regulars.clv.nbd import negative_binomial, poisson_lives

_MOMENTS = np.polynomial.legendre.leggauss(64)  # of the moment of a purchase
_DROP = 32.0  # a log-density this far below its peak is left out


@dataclass(frozen=True)
class _Compressed:
    """Histories with their distinct frequencies, where gamma functions are taken, and the
    integrals that they share."""

    data: Histories
    shared: SharedIntegrals | None
    frequencies: Floats
    frequency_at: np.ndarray
    frequency_weight: Floats


class ParetoNBD(PurchaseModel):
    """r, alpha: purchase rate ~ Gamma(r, alpha); s, beta: hazard of leaving ~ Gamma(s, beta)."""

    name: ClassVar[str] = "pareto_nbd"
    parameter_names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    time_parameters: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    effects: ClassVar = {"rate": ("alpha", -1), "dropout": ("beta", -1)}
    bounds: ClassVar = {
        "r": (1e-4, 1e3),
        "alpha": (1e-4, 1e4),
        "s": (1e-4, 1e3),
        "beta": (1e-4, 1e4),
    }

    def _prepare(self, data: Histories) -> _Compressed:
        frequencies, at = np.unique(data.frequency, return_inverse=True)
        shared = SharedIntegrals.of(data)
        return _Compressed(
            data=data,
            shared=shared,
            frequencies=frequencies,
            frequency_at=at,
            frequency_weight=added_up(at, data.weight),
        )

    def _log_likelihood(self, prepared: _Compressed, values: Floats) -> tuple[float, Floats]:
        """The likelihood at the head of this file, which [1] derives, with gradient: what depends
        on x alone once per distinct x, the rest by `_active_or_gone`."""
        data, x, weight_x = prepared.data, prepared.frequencies, prepared.frequency_weight
        r, alpha, s, beta = values
        log_either, slopes = _active_or_gone(prepared, values)
        value = np.sum(data.weight * log_either)
        value += np.sum(weight_x * (special.gammaln(r + x) - special.gammaln(r)))
        value += data.customers * (r * np.log(alpha) + s * np.log(beta))
        gradient = np.array([np.sum(data.weight * slope) for slope in slopes])
        gradient[0] += np.sum(weight_x * (special.digamma(r + x) - special.digamma(r)))
        gradient += data.customers * np.array([np.log(alpha), r / alpha, np.log(beta), s / beta])
        return float(value), gradient

    def _explain_bounds(self, assessment: Assessment, data: Histories) -> list[str]:
        words = explain_rate_bounds(assessment, data)
        _, _, s_low, beta_low = assessment.at_lower
        _, _, s_high, beta_high = assessment.at_upper
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
        mean = integral(p["alpha"], p["beta"], p["r"] + x, p["s"] + 1, data.recency, data.age)
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
        mean = integral(alpha, beta, shape + 1, p["s"], zero, zero + days)
        logs = np.log(shape) + shape * np.log(alpha) + p["s"] * np.log(beta) + mean.log_value
        return np.minimum(np.exp(logs), 1.0)

    def _at_least_if_active(self, data: Histories, days: float, number: Floats) -> Floats:
        """E of (1 + y/β)^−s over the moment y ≤ t of the last of them: still active then."""
        p = self.params
        beta = p["beta"] + data.age
        ratio = (p["alpha"] + data.age) / beta
        return _stays_until(number, p["r"] + data.frequency, ratio, p["s"], days / beta)

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

    def predictive_counts(self, histories: pd.DataFrame, days: float, up_to: int = 10) -> Floats:
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
        chances = alive * (during.sum(axis=2) + to_the_end[:, :, 0])
        chances[:, 0] += 1 - alive[:, 0]
        return chances


def _stays_until(number: Floats, shape: Floats, ratio: Floats, s: float, end: Floats) -> Floats:
    """∫ over y ≤ end of the density of the last purchase's moment times (1 + y)^−s, β being 1.

    In z = log(y/ratio) the moment's distribution is logistic-like and analytic whatever its
    parameters; Gauss-Legendre over the part of z where its density is not negligible.
    """
    unit, lengths = _MOMENTS
    peak = np.minimum(np.log(number / shape), np.log(end / ratio))
    low = peak - _reach(number) - _far(shape)
    high = np.minimum(np.log(end / ratio), peak + _reach(shape) + _far(number))
    half = (high - low)[:, None] / 2
    z = low[:, None] + half * (1 + unit)
    logs = number[:, None] * z - (number + shape)[:, None] * np.logaddexp(0.0, z)
    logs -= special.betaln(number, shape)[:, None] + s * np.log1p(ratio[:, None] * np.exp(z))
    probability: Floats = (np.exp(logs) * lengths * half).sum(axis=1)
    return np.minimum(probability, 1.0)


def _reach(power: Floats) -> Floats:
    """How far a log-density that ends in a line of this slope goes until it has dropped."""
    return _DROP / power + np.minimum(1.0, np.sqrt(2 * _DROP / power))


def _far(power: Floats) -> Floats:
    """And how far beforehand, where the power of the other side still bends it."""
    return np.minimum(np.sqrt(2 * _DROP / power), 1 + np.log1p(2 * _DROP / power))


def _active_or_gone(prepared: _Compressed, values: Floats) -> tuple[Floats, list[Floats]]:
    """log[(α+T)^−(r+x) (β+T)^−s + s·A] of each history, and its slopes by each parameter."""
    data, (r, alpha, s, beta) = prepared.data, values
    shape = r + data.frequency
    log_age, log_beta_age = np.log(alpha + data.age), np.log(beta + data.age)
    mean = (
        integral(alpha, beta, shape, s + 1, data.recency, data.age)
        if prepared.shared is None
        else prepared.shared.integrals(alpha, beta, r, s + 1)
    )
    active = -shape * log_age - s * log_beta_age
    apart = np.log(s) + mean.log_value - active  # −∞ where recency = T: not gone
    rarer = np.exp(-np.abs(apart))
    gone = np.where(apart > 0, 1.0, rarer) / (1 + rarer)
    stayed = 1 - gone
    slopes = [
        -stayed * log_age - gone * mean.log_alpha_y,
        -shape * (stayed / (alpha + data.age) + gone * mean.inverse_alpha_y),
        -stayed * log_beta_age + gone * (1 / s - mean.log_beta_y),
        -stayed * s / (beta + data.age) - gone * (s + 1) * mean.inverse_beta_y,
    ]
    return active + np.maximum(apart, 0.0) + np.log(1 + rarer), slopes
