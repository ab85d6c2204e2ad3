"""What every model of purchases can be asked, and the part of it that is the same for all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.clv._maximum_likelihood import (
    Assessment,
    Objective,
    assess,
    maximise,
    rounded,
)
from regulars.clv.histories import Floats, Histories, compressed, read

DAYS_PER_YEAR = 365.25


def discount_rate(annual_rate: float, periods_per_year: float = DAYS_PER_YEAR) -> float:
    """Continuous discount δ per period: ln(1 + annual rate) / periods in a year."""
    if not annual_rate > 0:
        raise ValueError(f"annual_rate is {annual_rate}: an infinite horizon needs one above 0")
    return math.log1p(annual_rate) / periods_per_year


# somebody who has just bought for the first time
NEW = Histories(np.zeros(1), np.zeros(1), np.zeros(1), np.ones(1))


class NotFitted(RuntimeError):
    """A question to a model that has no parameters yet."""


@dataclass(frozen=True)
class Surface:
    """A likelihood to climb: objective and bounds in log-parameters less `shift`."""

    objective: Objective
    shift: Floats
    bounds: Floats


class PurchaseModel:
    """A probability model of repeat purchases and drop-out.

    Subclasses name their parameters (the papers' names) and supply the equations. Everything is
    in the unit of time of the histories; `days` is that unit, days in production.
    """

    name: ClassVar[str]
    parameter_names: ClassVar[tuple[str, ...]]
    time_parameters: ClassVar[tuple[str, ...]]
    bounds: ClassVar[Mapping[str, tuple[float, float]]]

    def __init__(self) -> None:
        self._params: dict[str, float] | None = None
        self._standard_errors: dict[str, float | None] | None = None
        self.log_likelihood: float | None = None
        self.converged: bool | None = None
        self.warnings: list[str] = []

    # ---------- parameters

    @classmethod
    def from_params(cls, **params: float) -> Self:
        """A model with given parameters, without a fit. All must be positive and finite."""
        if set(params) != set(cls.parameter_names):
            raise ValueError(f"{cls.__name__} takes {', '.join(cls.parameter_names)}")
        for name, value in params.items():
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{cls.__name__}: {name} = {value} is not positive and finite")
        model = cls()
        model._params = {name: float(params[name]) for name in cls.parameter_names}
        return model

    @property
    def params(self) -> dict[str, float]:
        if self._params is None:
            raise NotFitted(f"{type(self).__name__} has no parameters: fit it first")
        return dict(self._params)

    @property
    def standard_errors(self) -> dict[str, float | None]:
        """From the Hessian at the maximum; None for one the data do not pin down.

        They state the curvature of the likelihood only and are too small when it is skewed.
        """
        if self._standard_errors is None:
            raise NotFitted(f"{type(self).__name__} was not fitted: no standard errors")
        return dict(self._standard_errors)

    # ---------- fit

    def fit(self, histories: pd.DataFrame) -> Self:
        """Maximum likelihood on `histories` (frequency, recency, T[, weight]); returns self.

        Never raises for want of precision: `converged` and `warnings` say how it went. Raises
        HistoryError on input that cannot be used, and on no input.
        """
        return self.fit_distinct(compressed(read(histories)))

    def fit_distinct(self, data: Histories) -> Self:
        """`fit` on histories already checked, distinct and in key order."""
        surface = self._surface(data)
        theta = maximise(surface.objective, np.zeros(len(self.parameter_names)), surface.bounds)
        values = np.exp(theta + surface.shift).tolist()
        self._params = rounded(dict(zip(self.parameter_names, values, strict=True)))
        return self.assess_distinct(data, surface)

    def assess(self, histories: pd.DataFrame) -> Self:
        """Judge the present parameters on `histories`, as a fit judges its own; returns self.

        Sets log_likelihood, converged, warnings and standard_errors: what a fit said is said
        again, word for word, of parameters read back from a log.
        """
        return self.assess_distinct(compressed(read(histories)))

    def assess_distinct(self, data: Histories, surface: Surface | None = None) -> Self:
        """`assess` on histories already checked, distinct and in key order."""
        surface = surface or self._surface(data)
        theta = np.log(np.array(list(self.params.values()))) - surface.shift
        found = assess(surface.objective, theta, surface.bounds, data.customers)
        self.log_likelihood = surface.objective(theta)[0] * data.customers
        self.converged = found.converged
        self._standard_errors = standard_errors(self.params, found)
        self.warnings = self._explain_bounds(found, data) + self._explain_slope(found)
        return self

    def _surface(self, data: Histories) -> Surface:
        """The likelihood in log-parameters, times in units of the mean age."""
        is_time = np.array([name in self.time_parameters for name in self.parameter_names])
        shift = np.where(is_time, math.log(_time_unit(data)), 0.0)
        bounds = np.log(np.array([self.bounds[name] for name in self.parameter_names]))
        prepared, total = self._prepare(data), data.customers

        def objective(theta: Floats) -> tuple[float, Floats]:
            values = np.exp(theta + shift)
            value, gradient = self._log_likelihood(prepared, values)
            return value / total, gradient * values / total

        return Surface(objective, shift, bounds)

    def _explain_bounds(self, found: Assessment, data: Histories) -> list[str]:
        """What a parameter at its bound means, in plain words."""
        sides = zip(self.parameter_names, found.at_lower, found.at_upper, strict=True)
        return [
            f"{name} ran to its {'lower' if low else 'upper'} bound"
            for name, low, high in sides
            if low or high
        ]

    def _explain_slope(self, found: Assessment) -> list[str]:
        words = []
        if not found.converged:
            words.append(
                f"the fit stopped with a slope of {found.gradient_norm:.1e} per customer left: "
                "its parameters are not at the maximum"
            )
        if found.is_flat:
            words.append("the likelihood is flat in some direction: parameters are not unique")
        return words

    # ---------- what a model supplies

    def _prepare(self, data: Histories) -> object:
        """Whatever can be computed once per fit."""
        return data

    def _log_likelihood(self, prepared, values: Floats) -> tuple[float, Floats]:
        """Log-likelihood and its gradient by the parameters (not their logarithms)."""
        raise NotImplementedError

    def _alive(self, data: Histories) -> Floats:
        raise NotImplementedError

    def _expected_if_active(self, data: Histories, days: float) -> Floats:
        raise NotImplementedError

    def _purchase_if_active(self, data: Histories, days: float) -> Floats:
        raise NotImplementedError

    def _discounted_if_active(self, data: Histories, rate: float) -> Floats:
        raise NotImplementedError

    def _rate_if_active(self, data: Histories) -> Floats:
        """Purchases per day of a customer who is active: E[λ | history] = (r + x)/(α + T)."""
        params = self.params
        return (params["r"] + data.frequency) / (params["alpha"] + data.age)

    # ---------- questions

    def probability_alive(self, histories: pd.DataFrame) -> Floats:
        """P(still a customer at T | history)."""
        return self._alive(read(histories))

    def expected_purchases(self, histories: pd.DataFrame, days: float) -> Floats:
        """E[purchases in (T, T + days] | history], the chance of being gone included."""
        data = read(histories)
        return self._alive(data) * self._expected_if_active(data, horizon(days))

    def expected_purchases_if_active(self, histories: pd.DataFrame, days: float) -> Floats:
        """E[purchases in (T, T + days] | history, active at T]; drop-out goes on afterwards."""
        return self._expected_if_active(read(histories), horizon(days))

    def expected_purchases_if_kept(self, histories: pd.DataFrame, days: float) -> Floats:
        """The same with drop-out switched off: days · (r + x)/(α + T)."""
        return horizon(days) * self._rate_if_active(read(histories))

    def purchase_probability(self, histories: pd.DataFrame, days: float) -> Floats:
        """P(at least one purchase in (T, T + days] | history)."""
        data = read(histories)
        return self._alive(data) * self._purchase_if_active(data, horizon(days))

    def discounted_expected_purchases(
        self,
        histories: pd.DataFrame,
        annual_rate: float,
        periods_per_year: float = DAYS_PER_YEAR,
    ) -> Floats:
        """∫₀^∞ e^(−δt) dE[X(t) | history]: all purchases to come, in today's purchases."""
        data = read(histories)
        rate = discount_rate(annual_rate, periods_per_year)
        return self._alive(data) * self._discounted_if_active(data, rate)

    def expected_purchases_new(self, days: float | Floats) -> Floats:
        """E[repeat purchases in the first `days` after the first purchase] of a new customer."""
        alive = self._alive(NEW)[0]
        horizons = np.atleast_1d(np.asarray(days, dtype=np.float64))
        return np.array([alive * self._expected_if_active(NEW, horizon(t))[0] for t in horizons])

    def predictive_counts(self, histories: pd.DataFrame, days: float, up_to: int) -> Floats:
        """P(X = 0 … up_to in (T, T + days] | history), shape (histories, up_to + 1)."""
        raise NotImplementedError

    def purchase_probabilities(self, n: int | NDArray[np.integer], days: float) -> Floats:
        """P(n repeat purchases in the first `days`) of a new customer; shape that of `n`, at
        least one-dimensional."""
        counts = np.atleast_1d(np.asarray(n))
        if len(counts) == 0:
            return np.empty(0)
        if np.any(counts < 0) or np.any(counts != np.floor(counts)):
            raise ValueError("n counts purchases: whole numbers from 0")
        new = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [0.0]})
        law = self.predictive_counts(new, days, int(counts.max()))[0]
        return law[counts.astype(np.intp)]

    # ---------- simulation

    def simulate(self, ages: Floats, days: float, seed: int) -> pd.DataFrame:
        """A customer per age, drawn from the model's own story; equal seeds give equal customers.

        Columns: frequency, recency, T (the age), is_active at T, and later_purchases in
        (T, T + days].
        """
        lengths = np.atleast_1d(np.asarray(ages, dtype=np.float64))
        if not (np.isfinite(lengths) & (lengths >= 0)).all():
            raise ValueError("ages are finite and not negative")
        return self._simulated(np.random.default_rng(seed), lengths, horizon(days))

    def _simulated(self, draw: np.random.Generator, ages: Floats, days: float) -> pd.DataFrame:
        raise NotImplementedError


def _time_unit(data: Histories) -> float:
    """Mean age, or 1 if less: times are fitted in this unit, so that one start serves them all."""
    return max(float(np.sum(data.weight * data.age)) / data.customers, 1.0)


def horizon(days: float) -> float:
    if not (math.isfinite(days) and days >= 0):
        raise ValueError(f"days is {days}: a horizon is finite and not negative")
    return float(days)


def standard_errors(params: Mapping[str, float], found: Assessment) -> dict[str, float | None]:
    """θ·se(log θ): exact where the slope is zero."""
    errors: dict[str, float | None] = {}
    for index, (name, value) in enumerate(params.items()):
        variance = np.nan if found.covariance is None else found.covariance[index, index]
        errors[name] = value * math.sqrt(variance) if variance >= 0 else None
    return errors
