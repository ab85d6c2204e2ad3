"""What every model of purchases can be asked, and the part of it that is the same for all."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.clv._fitted_model import SAMPLE, FittedModel, flatness, slope_left
from regulars.clv._maximum_likelihood import Assessment, Objective
from regulars.clv.histories import Floats, Histories, read, read_compressed, sampled

DAYS_PER_YEAR = 365.25


def discount_rate(annual_rate: float, periods_per_year: float = DAYS_PER_YEAR) -> float:
    """Continuous discount δ per period: ln(1 + annual rate) / periods in a year."""
    if not annual_rate > 0:
        raise ValueError(f"annual_rate is {annual_rate}: an infinite horizon needs one above 0")
    return math.log1p(annual_rate) / periods_per_year


# somebody who has just bought for the first time
NEW = Histories(np.zeros(1), np.zeros(1), np.zeros(1), np.ones(1))


class PurchaseModel(FittedModel[Histories]):
    """A probability model of repeat purchases and drop-out.

    Everything is in the unit of time of the histories (frequency, recency, T[, weight]); `days`
    is that unit, days in production. An `annual_rate` of 0.10 discounts by 10% a year, which has
    `periods_per_year` such units.

    A question about histories is answered with a value for each row, in the order of the rows
    (`predictive_counts`: with a row for each), of customers one by one: weights do not count. It
    raises NotFitted before there are parameters, HistoryError for histories that `histories.read`
    refuses, and ValueError for `days` below 0 or a rate not above 0.
    """

    time_parameters: ClassVar[tuple[str, ...]]
    # given that a customer is active, the day of the last purchase says nothing more
    is_memoryless: ClassVar[bool] = True
    # which parameter a covariate of the rate, of drop-out (…) multiplies by e^(±coefficient·z)
    effects: ClassVar[Mapping[str, tuple[str, int]]] = {}

    # ---------- fit

    def _read(self, frame: pd.DataFrame) -> Histories:
        return read_compressed(frame)

    def _customers(self, data: Histories) -> float:
        return data.customers

    def _units(self, data: Histories) -> Mapping[str, float]:
        """Times in units of the mean age, or of 1 if that is less."""
        mean_age = float(np.sum(data.weight * data.age)) / data.customers
        return dict.fromkeys(self.time_parameters, max(mean_age, 1.0))

    def _draft(self, data: Histories, unit: Floats) -> Objective | None:
        return self._objective(sampled(data, SAMPLE), unit) if len(data) > 4 * SAMPLE else None

    def _explain(self, assessment: Assessment, data: Histories) -> list[str]:
        return (
            self._explain_bounds(assessment, data) + slope_left(assessment) + flatness(assessment)
        )

    # ---------- what a model supplies

    @abstractmethod
    def _explain_bounds(self, assessment: Assessment, data: Histories) -> list[str]:
        """What a parameter at its bound means, in plain words."""

    @abstractmethod
    def _alive(self, data: Histories) -> Floats:
        """P(active at T | history)."""

    @abstractmethod
    def _expected_if_active(self, data: Histories, days: float) -> Floats:
        """E[purchases in (T, T + days] | history, active at T]."""

    @abstractmethod
    def _purchase_if_active(self, data: Histories, days: float) -> Floats:
        """P(a purchase in (T, T + days] | history, active at T)."""

    @abstractmethod
    def _at_least_if_active(self, data: Histories, days: float, number: Floats) -> Floats:
        """P(`number` purchases or more in (T, T + days] | history, active at T), number ≥ 1, one
        for each history."""

    @abstractmethod
    def _discounted_if_active(self, data: Histories, rate: float) -> Floats:
        """∫₀^∞ e^(−rate·t) dE[X(t) | history, active at T]."""

    @abstractmethod
    def _simulated(self, draw: np.random.Generator, ages: Floats, days: float) -> pd.DataFrame:
        """A customer per age: the columns of `simulate`."""

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
        """∫₀^∞ e^(−δt) dE[X(t) | history]: all purchases to come, in today's purchases; δ is
        `discount_rate`'s."""
        data = read(histories)
        rate = discount_rate(annual_rate, periods_per_year)
        return self._alive(data) * self._discounted_if_active(data, rate)

    def expected_purchases_new(self, days: float | Floats) -> Floats:
        """E[repeat purchases in the first `days` after the first purchase] of a new customer;
        shape that of `days`, at least one-dimensional."""
        alive = self._alive(NEW)[0]
        horizons = np.atleast_1d(np.asarray(days, dtype=np.float64))
        return np.array([alive * self._expected_if_active(NEW, horizon(t))[0] for t in horizons])

    @abstractmethod
    def predictive_counts(self, histories: pd.DataFrame, days: float, up_to: int = 10) -> Floats:
        """P(X = 0 … up_to in (T, T + days] | history), shape (histories, up_to + 1)."""

    def purchase_probabilities(self, n: int | NDArray[np.integer], days: float) -> Floats:
        """P(n repeat purchases in the first `days`) of a new customer; shape that of `n`, at
        least one-dimensional."""
        counts = np.atleast_1d(np.asarray(n))
        if len(counts) == 0:
            return np.empty(0)
        if np.any(counts < 0) or np.any(counts != np.floor(counts)):
            raise ValueError("n counts purchases: whole numbers from 0")
        new = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [0.0]})
        probabilities = self.predictive_counts(new, days, int(counts.max()))[0]
        return probabilities[counts.astype(np.intp)]

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


def horizon(days: float) -> float:
    """`days` as they are; ValueError where they are no time to look ahead."""
    if not (math.isfinite(days) and days >= 0):
        raise ValueError(f"days is {days}: a horizon is finite and not negative")
    return float(days)


def whole_horizon(periods: float) -> int:
    """`horizon` of a model that counts periods."""
    if horizon(periods) != int(periods):
        raise ValueError(f"{periods} is no whole number of opportunities or renewals ahead")
    return int(periods)
