"""Gamma-Gamma fitted on what a customer's next purchase day brought, given those before it.

Gamma-Gamma's expectation, (γ + n·m)·p/(q + p·n − 1), is an average of the customer's own mean and
everybody's: with k = (q − 1)/p and μ = γ/k it is (n·m + k·μ)/(n + k). Fitted on one mean per
customer, k follows from the shape of all means, and where single days vary more than a Gamma does
(mostly beans, now and then a machine) that shape is taken for a difference between customers: k is
too small, and whoever once bought dearly is expected to go on. Here k and μ are those that
predict every later day from the earlier ones best, by the Gamma quasi-likelihood
−Σ(ln e + z/e): it is right for the mean whatever the distribution of z is, as long as its spread
grows with its mean (Wedderburn 1974; McCullagh, Nelder 1989, ch. 9). p then is the maximum of the
likelihood of the same days given those before: beta-prime, with shapes p and q + p·n.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from scipy import special

from regulars.clv._fitted_model import slope_left
from regulars.clv._maximum_likelihood import Assessment, Objective, assess, maximise, rounded
from regulars.clv.gamma_gamma import SpendDistribution
from regulars.clv.histories import Floats, HistoryError, column, refuse

# k: how many days of one's own weigh as much as everybody's mean; μ in units of the mean day.
_MEAN_BOUNDS = np.log(np.array([[0.05, 100.0], [0.05, 20.0]]))
_MEAN_START = np.log([3.0, 1.0])
_DAY = "purchase day"
_SHAPE_BOUNDS = np.log(np.array([[1e-2, 1e3]]))


@dataclass(frozen=True)
class LaterDays:
    """Purchase days that were not a customer's first, `weight` of each, in key order.

    days, spent  purchase days before it, at least 1, and what they brought together
    value        what it brought
    """

    days: Floats
    spent: Floats
    value: Floats
    weight: Floats

    @property
    def size(self) -> float:
        return float(np.sum(self.weight))

    @property
    def mean(self) -> float:
        return float(np.sum(self.weight * self.value)) / self.size


def read_later_days(frame: pd.DataFrame) -> LaterDays:
    """Check `frame` (days_before, spent_before, value[, weight]); HistoryError where bad."""
    days, spent = column(frame, "days_before"), column(frame, "spent_before")
    value = column(frame, "value")
    weight = column(frame, "weight") if "weight" in frame.columns else np.ones(len(frame))
    refuse(frame, "days_before", days < 1, "is below 1", "leave first days out", _DAY)
    for name, values in (("spent_before", spent), ("value", value), ("weight", weight)):
        refuse(frame, name, values <= 0, "is not positive", "leave unpaid days out", _DAY)
    if len(days) == 0:
        raise HistoryError("there are no later purchase days: nothing can be fitted")
    order = np.lexsort((weight, value, spent, days))
    return LaterDays(days[order], spent[order], value[order], weight[order])


class NextSpend(SpendDistribution):
    """Gamma-Gamma whose p, q, gamma predict the next purchase day; every question is the same.

    Fitted on later purchase days (days_before, spent_before, value[, weight]). log_likelihood is
    theirs, each given the days before it.
    """

    def fit(self, frame: pd.DataFrame) -> Self:
        """k and μ by quasi-likelihood, then p by likelihood; returns self."""
        data = read_later_days(frame)
        k, mean = np.exp(maximise(_of_mean(data), _MEAN_START, _MEAN_BOUNDS))
        gamma = k * mean * data.mean
        (p,) = np.exp(maximise(_of_shape(data, k, gamma), np.zeros(1), _SHAPE_BOUNDS))
        self._params = rounded({"p": float(p), "q": float(1 + k * p), "gamma": float(gamma)})
        return self._judge(data)

    def assess(self, frame: pd.DataFrame) -> Self:
        """Judge the present parameters on `frame`, as a fit judges its own; returns self."""
        return self._judge(read_later_days(frame))

    def _judge(self, data: LaterDays) -> Self:
        p, q, gamma = self.params.values()
        k = (q - 1) / p
        theta = np.log([k, gamma / k / data.mean])
        mean = assess(_of_mean(data), theta, _MEAN_BOUNDS, data.size)
        shape_at = np.log([p])
        shape = assess(_of_shape(data, k, gamma), shape_at, _SHAPE_BOUNDS, data.size)
        self.log_likelihood = shape.value * data.size
        self.converged = mean.converged and shape.converged
        self._standard_errors = {"p": _error(shape, p), "q": None, "gamma": None}
        self.warnings = [*_words(mean, shape), *slope_left(mean), *slope_left(shape)]
        return self


def _of_mean(data: LaterDays) -> Objective:
    """Quasi-likelihood per day by (ln k, ln μ), μ in units of the mean day."""
    spent, value = data.spent / data.mean, data.value / data.mean
    share = data.weight / data.size

    def objective(theta: Floats) -> tuple[float, Floats]:
        k, mean = np.exp(theta)
        expected = (spent + k * mean) / (data.days + k)
        slope = share * (value / expected - 1) / expected
        by_k = slope * (mean - expected) / (data.days + k) * k
        by_mean = slope * k * mean / (data.days + k)
        quasi = -np.sum(share * (np.log(expected) + value / expected))
        return float(quasi), np.array([np.sum(by_k), np.sum(by_mean)])

    return objective


def _of_shape(data: LaterDays, k: float, gamma: float) -> Objective:
    """Log-likelihood per day, given the days before, by ln p; k and γ stand."""
    known, weight = gamma + data.spent, k + data.days
    share, total = data.weight / data.size, gamma + data.spent + data.value
    log_known, log_value, log_total = np.log(known), np.log(data.value), np.log(total)

    def objective(theta: Floats) -> tuple[float, Floats]:
        p = float(np.exp(theta[0]))
        q = 1 + p * weight
        terms = (
            special.gammaln(q + p)
            - special.gammaln(p)
            - special.gammaln(q)
            + q * log_known
            + (p - 1) * log_value
            - (q + p) * log_total
        )
        by_p = (
            (weight + 1) * (special.digamma(q + p) - log_total)
            - special.digamma(p)
            + log_value
            - weight * (special.digamma(q) - log_known)
        )
        return float(np.sum(share * terms)), np.array([p * np.sum(share * by_p)])

    return objective


def _error(assessment: Assessment, p: float) -> float | None:
    return (
        None if assessment.covariance is None else p * float(np.sqrt(assessment.covariance[0, 0]))
    )


def _words(mean: Assessment, shape: Assessment) -> list[str]:
    words = []
    if mean.at_upper[0]:
        words.append(
            "what customers spent so far says next to nothing of what they spend next: everybody "
            "is expected to spend about the same on a purchase day"
        )
    if mean.at_lower[0]:
        words.append(
            "a customer spends the same on every purchase day: own means are all that counts"
        )
    if shape.at_upper.any() or shape.at_lower.any():
        words.append("the spread of one day's spend stands at a bound")
    return words
