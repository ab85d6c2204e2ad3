"""NBD: Ehrenberg (1959), The Pattern of Consumer Purchases, Applied Statistics 8(1).

Nobody ever leaves. It is the limit of every other model without drop-out, and a baseline.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import special

from regulars.clv._bg_family import explain_rate_bounds
from regulars.clv._maximum_likelihood import Assessment
from regulars.clv._purchase_model import PurchaseModel, horizon
from regulars.clv.histories import Floats, Histories, read


class NBD(PurchaseModel):
    """r, alpha: purchase rate ~ Gamma(r, alpha)."""

    name: ClassVar[str] = "nbd"
    parameter_names: ClassVar[tuple[str, ...]] = ("r", "alpha")
    time_parameters: ClassVar[tuple[str, ...]] = ("alpha",)
    effects: ClassVar = {"rate": ("alpha", -1)}
    bounds: ClassVar = {"r": (1e-4, 1e3), "alpha": (1e-4, 1e4)}

    def _log_likelihood(self, prepared: Histories, values: Floats) -> tuple[float, Floats]:
        """Poisson purchases at rate λ, seen with their times, λ integrated out."""
        r, alpha = values
        x, age, weight = prepared.frequency, prepared.age, prepared.weight
        log_ratio = np.log(alpha) - np.log(alpha + age)
        value = special.gammaln(r + x) - special.gammaln(r) - x * np.log(alpha + age)
        by_r = special.digamma(r + x) - special.digamma(r) + log_ratio
        by_alpha = r / alpha - (r + x) / (alpha + age)
        gradient = np.array([np.sum(weight * by_r), np.sum(weight * by_alpha)])
        return float(np.sum(weight * (value + r * log_ratio))), gradient

    def _explain_bounds(self, assessment: Assessment, data: Histories) -> list[str]:
        return explain_rate_bounds(assessment, data)

    def _alive(self, data: Histories) -> Floats:
        return np.ones(len(data))

    def _expected_if_active(self, data: Histories, days: float) -> Floats:
        return days * self._rate_if_active(data)

    def _purchase_if_active(self, data: Histories, days: float) -> Floats:
        p = self.params
        return -np.expm1(-(p["r"] + data.frequency) * np.log1p(days / (p["alpha"] + data.age)))

    def _at_least_if_active(self, data: Histories, days: float, number: Floats) -> Floats:
        p = self.params
        return rate_reaches(p["r"] + data.frequency, p["alpha"] + data.age, number, days)

    def _discounted_if_active(self, data: Histories, rate: float) -> Floats:
        return self._rate_if_active(data) / rate

    def _simulated(self, draw: np.random.Generator, ages: Floats, days: float) -> pd.DataFrame:
        p = self.params
        rates = draw.gamma(p["r"], 1 / p["alpha"], len(ages))
        return poisson_lives(draw, rates, np.full(len(ages), np.inf), ages, days)

    def predictive_counts(self, histories: pd.DataFrame, days: float, up_to: int = 10) -> Floats:
        """P(X = 0 … up_to in (T, T + days] | history), shape (histories, up_to + 1)."""
        data, p = read(histories), self.params
        shape, age = (p["r"] + data.frequency)[:, None], (p["alpha"] + data.age)[:, None]
        return negative_binomial(shape, age, np.arange(up_to + 1.0), horizon(days))


def poisson_lives(
    draw: np.random.Generator, rates: Floats, lives: Floats, ages: Floats, days: float
) -> pd.DataFrame:
    """Customers who buy at constant rates until they leave at the age `lives`."""
    seen = np.minimum(ages, lives)
    counts = draw.poisson(rates * seen)
    # the last of n uniform moments
    lasts = seen * draw.random(len(ages)) ** (1 / np.maximum(counts, 1))
    ahead = np.clip(lives - ages, 0.0, days)
    return pd.DataFrame(
        {
            "frequency": counts,
            "recency": np.where(counts > 0, lasts, 0.0),
            "T": ages,
            "is_active": lives > ages,
            "later_purchases": draw.poisson(rates * ahead),
        }
    )


def rate_reaches(r: Floats, alpha: Floats, number: Floats, days: float) -> Floats:
    """P(number or more purchases in `days`) at rate λ ~ Gamma(r, alpha): the last of them comes
    at a moment y with y/(alpha + y) ~ Beta(number, r)."""
    probability: Floats = special.betainc(number, r, days / (alpha + days))
    return probability


def negative_binomial(r: Floats, alpha: Floats, count: Floats, days: Floats | float) -> Floats:
    """P(count purchases in `days`) at rate λ ~ Gamma(r, alpha)."""
    logs = special.gammaln(r + count) - special.gammaln(r) - special.gammaln(count + 1)
    logs = logs - r * np.log1p(days / alpha) + special.xlogy(count, days / (alpha + days))
    return np.exp(logs)
