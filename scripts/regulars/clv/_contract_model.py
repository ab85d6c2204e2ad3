"""What models of contracts share: customers who renew until they do not, seen at whole periods.

A contract is `(periods, is_active)`: the period at whose end it was not renewed, or, while it
runs, the periods it has survived. A `weight` counts customers. Renewal chances differ between
customers, so those who stay look ever more loyal; S(t) is the share who survive t periods.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from regulars.clv._fitted_model import FittedModel, flatness, slope_left
from regulars.clv._maximum_likelihood import Assessment
from regulars.clv._purchase_model import discount_rate, horizon, whole_horizon
from regulars.clv.histories import WEIGHT, Floats, HistoryError, column, refuse

_FLAG = "say true or false of each contract"
_NOTHING_LEFT = 1e-16
_MOST_PERIODS = 1_000_000


@dataclass(frozen=True)
class Contracts:
    """Checked contracts as arrays of one length."""

    periods: Floats
    is_active: np.ndarray
    weight: Floats

    @property
    def customers(self) -> float:
        return float(np.sum(self.weight))


def read_contracts(frame: pd.DataFrame) -> Contracts:
    """Check `frame` (periods, is_active[, weight]); HistoryError names column and row."""
    periods, active = column(frame, "periods"), column(frame, "is_active")
    weight = column(frame, "weight") if "weight" in frame.columns else np.ones(len(frame))
    refuse(frame, "periods", periods != np.floor(periods), "is not whole", "count whole renewals")
    refuse(frame, "periods", periods < 0, "is negative", "count renewals from 0")
    refuse(frame, "is_active", ~np.isin(active, (0.0, 1.0)), "is not true or false", _FLAG)
    is_active = active == 1.0
    refuse(
        frame,
        "periods",
        (periods < 1) & ~is_active,
        "ended before its first period",
        "a contract that has ended was offered one renewal or more",
    )
    refuse(frame, "weight", weight <= 0, "is not positive", WEIGHT)
    return Contracts(periods, is_active, weight)


class ContractModel(FittedModel[Contracts]):
    """Survival by periods with chances of leaving that differ between customers.

    Fitted on contracts (periods, is_active[, weight]).
    """

    @abstractmethod
    def _clock(self, periods: Floats, values: Floats) -> tuple[Floats, Floats]:
        """u(t), the age that counts at t periods, and its slope by the third parameter."""

    # ---------- fit

    def _read(self, frame: pd.DataFrame) -> Contracts:
        return _distinct(read_contracts(frame))

    def _customers(self, data: Contracts) -> float:
        return data.customers

    def _explain(self, assessment: Assessment, data: Contracts) -> list[str]:
        words = []
        if data.is_active.all():
            words.append("nobody has left yet: nothing is known about leaving")
        elif not data.is_active.any():
            words.append("everybody has left: nothing is known beyond the last period seen")
        if (assessment.at_lower | assessment.at_upper).any():
            words.append(
                "leaving is weakly identified: its spread between customers stands at a bound"
            )
        return words + slope_left(assessment) + flatness(assessment)

    def _log_likelihood(self, prepared: Contracts, values: Floats) -> tuple[float, Floats]:
        """log S(t) of the active, log(S(t − 1) − S(t)) of those who left, with gradient."""
        data = prepared
        now, slope_now = self._log_survival(data.periods, values)
        earlier = np.where(data.is_active, data.periods, data.periods - 1)
        before, slope_before = self._log_survival(earlier, values)
        ratio = np.where(data.is_active, 0.0, np.exp(now - before))
        # whoever left has a chance above zero, however small: its logarithm is kept finite
        gone = np.maximum(np.where(data.is_active, 1.0, -np.expm1(now - before)), 1e-300)
        value = np.where(data.is_active, now, before + np.log(gone))
        slope = np.where(data.is_active, slope_now, (slope_before - ratio * slope_now) / gone)
        return float(np.sum(data.weight * value)), np.sum(data.weight * slope, axis=1)

    def _log_survival(self, periods: Floats, values: Floats) -> tuple[Floats, Floats]:
        """log S(t) = log B(α, β + u) − log B(α, β), and its slopes, a row per parameter."""
        alpha, beta = values[:2]
        age, by_third = self._clock(periods, values)
        value = special.betaln(alpha, beta + age) - special.betaln(alpha, beta)
        both, end = special.digamma(alpha + beta), special.digamma(alpha + beta + age)
        later = special.digamma(beta + age)
        slopes = [both - end, later - end - special.digamma(beta) + both]
        if len(values) > 2:
            slopes.append((later - end) * by_third)
        return value, np.array(slopes)

    # ---------- questions

    def survival(self, periods: float | Floats) -> Floats:
        """S(t) = B(α, β+u)/B(α, β), the share of new customers who survive that many periods;
        shape that of `periods`, at least one-dimensional.

        Fader, Hardie (2007), How to Project Customer Retention, with u = t; Fader, Hardie, Liu,
        Davin, Steenburgh (2018), "How to Project Customer Retention" Revisited, with u = t^c.
        """
        times = np.atleast_1d(np.asarray(periods, dtype=np.float64))
        if not (np.isfinite(times) & (times >= 0)).all():
            raise ValueError("periods are finite and not negative")
        return np.exp(self._log_survival(times, np.array(list(self.params.values())))[0])

    def retention_rate(self, periods: float | Floats) -> Floats:
        """S(t)/S(t − 1): share of those who reached period t who renew at its end."""
        times = np.atleast_1d(np.asarray(periods, dtype=np.float64))
        if not (np.isfinite(times) & (times >= 1)).all():
            raise ValueError("the first renewal is that of period 1")
        return self._kept(times - 1, times)

    def probability_kept(self, contracts: pd.DataFrame, periods: float) -> Floats:
        """P(active after that many more periods | history); 0 for contracts that have ended."""
        data = read_contracts(contracts)
        kept = self._kept(data.periods, data.periods + horizon(periods))
        return np.where(data.is_active, kept, 0.0)

    def expected_periods(self, contracts: pd.DataFrame, periods: int) -> Floats:
        """Expected renewals in the next `periods`, a whole number; 0 for contracts that have
        ended."""
        return self._ahead(contracts, 0.0, whole_horizon(periods))

    def discounted_expected_periods(
        self, contracts: pd.DataFrame, annual_rate: float, periods_per_year: float = 1.0
    ) -> Floats:
        """Expected residual lifetime in today's periods, infinite horizon, just before renewal.

        Fader, Hardie (2010), Customer-Base Valuation in a Contractual Setting, eq. 5: somebody in
        period n has renewed n − 1 times (`periods` = n − 1) and is about to renew, which counts
        in full; later renewals are discounted.
        """
        rate = discount_rate(annual_rate, periods_per_year)
        longest = min(math.ceil(-math.log(_NOTHING_LEFT) / rate), _MOST_PERIODS)
        return self._ahead(contracts, rate, longest) * math.exp(rate)

    def _ahead(self, contracts: pd.DataFrame, rate: float, last: int) -> Floats:
        """Σ over k = 1 … last of e^(−rate·k) S(t + k)/S(t)."""
        data = read_contracts(contracts)
        ages, at = np.unique(data.periods, return_inverse=True)
        steps = np.arange(1, last + 1.0)
        each = [float(np.sum(np.exp(-rate * steps) * self._kept(age, age + steps))) for age in ages]
        return np.where(data.is_active, np.array([*each, 0.0])[at], 0.0)

    def _kept(self, before: Floats | float, after: Floats) -> Floats:
        values = np.array(list(self.params.values()))
        earlier = self._log_survival(np.atleast_1d(np.asarray(before, dtype=float)), values)[0]
        # rounding may leave a difference just above zero
        return np.exp(np.minimum(self._log_survival(after, values)[0] - earlier, 0.0))

    def simulate(self, periods: Floats, seed: int) -> pd.DataFrame:
        """A contract per number of periods watched, drawn by S; equal seeds give equal ones."""
        watched = np.atleast_1d(np.asarray(periods, dtype=np.float64))
        chances = np.random.default_rng(seed).random(len(watched))
        curve = self.survival(np.arange(int(watched.max(initial=0.0)) + 1.0))
        ended = np.searchsorted(-curve, -chances, side="left").astype(np.float64)
        is_active = ended > watched
        return pd.DataFrame(
            {"periods": np.where(is_active, watched, ended), "is_active": is_active}
        )


def _distinct(data: Contracts) -> Contracts:
    """Distinct contracts in key order, weights added."""
    if len(data.periods) == 0:
        raise HistoryError("there are no contracts: nothing can be fitted")
    frame = pd.DataFrame(
        {"periods": data.periods, "is_active": data.is_active, "weight": data.weight}
    )
    frame = frame.sort_values(["periods", "is_active", "weight"])
    grouped = frame.groupby(["periods", "is_active"], as_index=False)["weight"].sum()
    return Contracts(
        grouped["periods"].to_numpy(dtype=np.float64),
        grouped["is_active"].to_numpy(dtype=bool),
        grouped["weight"].to_numpy(dtype=np.float64),
    )
