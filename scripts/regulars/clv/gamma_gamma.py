"""Gamma-Gamma: spend per purchase day.

Fader, Hardie (2013), The Gamma-Gamma Model of Monetary Value, brucehardie.com/notes/025; first in
Fader, Hardie, Lee (2005), RFM and CLV, Journal of Marketing Research 42(4). Spends are
Gamma(p, rate ν) with ν ~ Gamma(q, rate γ) per customer, whatever the frequency (an assumption:
`weighted_correlation` tells how far it holds).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from scipy import special

from regulars.clv._fitted_model import SAMPLE, FittedModel, NamedEstimates, slope_left
from regulars.clv._maximum_likelihood import Assessment, Objective
from regulars.clv.histories import (
    WEIGHT,
    Floats,
    HistoryError,
    column,
    is_one,
    refuse,
    sampled_rows,
    starts_of_runs,
)

_UNPAID = "leave customers without paid purchases out: nothing is known of their spend"


@dataclass(frozen=True)
class Spends:
    """Checked spends: n purchase days of mean value m, `weight` customers each."""

    count: Floats
    mean: Floats
    weight: Floats

    @property
    def customers(self) -> float:
        return float(np.sum(self.weight))


def read_spends(frame: pd.DataFrame) -> Spends:
    """Check `frame` (purchase_days, monetary_value[, weight]); HistoryError where bad."""
    count, mean = column(frame, "purchase_days"), column(frame, "monetary_value")
    weight = column(frame, "weight") if "weight" in frame.columns else np.ones(len(frame))
    refuse(frame, "purchase_days", count < 1, "is below 1", "the first purchase counts too")
    refuse(frame, "purchase_days", count != np.floor(count), "is not whole", "count whole days")
    refuse(frame, "monetary_value", mean <= 0, "is not positive", _UNPAID)
    refuse(frame, "weight", weight <= 0, "is not positive", WEIGHT)
    return Spends(count, mean, weight)


class SpendDistribution(NamedEstimates):
    """p: shape of one spend; q, gamma: its rate ν ~ Gamma(q, gamma) between customers."""

    name: ClassVar[str] = "gamma_gamma"
    parameter_names: ClassVar[tuple[str, ...]] = ("p", "q", "gamma")

    @classmethod
    def from_params(cls, **params: float) -> Self:
        """A model with given p, q, gamma; q above 1, or no mean spend exists."""
        if not params.get("q", 2.0) > 1:
            raise ValueError(f"{cls.__name__}: q = {params['q']} is not above 1")
        return super().from_params(**params)

    def expected_spend(self, spends: pd.DataFrame) -> Floats:
        """E[mean spend | n days of mean m] = p(γ + n·m)/(p·n + q − 1); note 025, eq. 5."""
        data = read_spends(spends)
        p, q, gamma = self.params.values()
        return p * (gamma + data.count * data.mean) / (p * data.count + q - 1)

    def expected_spend_new(self) -> float:
        """Mean spend of somebody never seen: p·γ/(q − 1)."""
        p, q, gamma = self.params.values()
        return p * gamma / (q - 1)


class GammaGamma(SpendDistribution, FittedModel[Spends]):
    """The distribution fitted on mean spends (purchase_days, monetary_value[, weight])."""

    # q stays above one in a fit: below it the mean spend of a customer base is infinite.
    bounds: ClassVar = {"p": (1e-2, 1e3), "q": (1.05, 1e3), "gamma": (1e-4, 1e4)}

    # ---------- fit

    def _read(self, frame: pd.DataFrame) -> Spends:
        return _in_key_order(read_spends(frame))

    def _customers(self, data: Spends) -> float:
        return data.customers

    def _units(self, data: Spends) -> Mapping[str, float]:
        """Money in units of the mean spend, or of 1 if that is less."""
        mean = float(np.sum(data.weight * data.mean)) / data.customers
        return {"gamma": max(mean, 1.0)}

    def _start(self) -> Floats:
        return np.log([2.0, 3.0, 1.0])

    def _prepare(self, data: Spends) -> _Prepared:
        return _Prepared.of(data)

    def _draft(self, data: Spends, unit: Floats) -> Objective | None:
        if len(data.count) <= 4 * SAMPLE:
            return None
        rows, weight = sampled_rows(data.weight, SAMPLE)
        return self._objective(replace(_rows(data, rows), weight=weight), unit)

    def _log_likelihood(self, prepared: _Prepared, values: Floats) -> tuple[float, Floats]:
        return prepared.log_likelihood(values)

    def _explain(self, assessment: Assessment, data: Spends) -> list[str]:
        words = []
        if assessment.at_lower[1]:
            words.append(
                "spend has so heavy a tail that the mean is hardly finite: q stands at its bound, "
                "and expected spends are dominated by a few customers"
            )
        if assessment.at_upper.any():
            words.append("spend hardly varies: its spread stands at a bound")
        if np.all(data.count == 1):
            words.append("nobody has two purchase days: variation within a customer is a guess")
        return words + slope_left(assessment)


@dataclass(frozen=True)
class _Prepared:
    """Sums that do not change during a fit; gamma functions are taken on distinct counts, whose
    rows stand together in key order."""

    data: Spends
    counts: Floats
    starts: np.ndarray
    count_weight: Floats
    log_mean_by_count: Floats

    @classmethod
    def of(cls, data: Spends) -> _Prepared:
        starts = starts_of_runs(data.count)
        weight, logs = data.weight, data.weight * np.log(data.mean)
        by_count = np.add.reduceat(weight, starts), np.add.reduceat(logs, starts)
        return cls(data, data.count[starts], starts, *by_count)

    def log_likelihood(self, values: Floats) -> tuple[float, Floats]:
        """Note 025, eq. 1a, with gradient by p, q, γ."""
        p, q, gamma = values
        n, weight, shape = self.counts, self.count_weight, p * self.counts
        total = gamma + self.data.count * self.data.mean
        log_total = np.add.reduceat(self.data.weight * np.log(total), self.starts)
        share = np.add.reduceat(self.data.weight / total, self.starts)
        constant = (
            special.gammaln(shape + q)
            - special.gammaln(shape)
            - special.gammaln(q)
            + q * np.log(gamma)
            + shape * np.log(n)
        )
        value = np.sum(
            weight * constant + (shape - 1) * self.log_mean_by_count - (shape + q) * log_total
        )
        both = special.digamma(shape + q)
        by_p = weight * (both - special.digamma(shape) + np.log(n))
        by_q = weight * (both - special.digamma(q) + np.log(gamma))
        gradient = np.array(
            [
                np.sum(n * (by_p + self.log_mean_by_count - log_total)),
                np.sum(by_q - log_total),
                np.sum(weight) * q / gamma - np.sum((shape + q) * share),
            ]
        )
        return float(value), gradient


def _in_key_order(data: Spends) -> Spends:
    if len(data.count) == 0:
        raise HistoryError("there are no spends: nothing can be fitted")
    if is_one(data.weight) and data.count.max() <= np.iinfo(np.int16).max:
        return _of_one_weight(data)
    return _rows(data, np.lexsort((data.weight, data.mean, data.count)))


def _of_one_weight(data: Spends) -> Spends:
    """The same order: small whole numbers are sorted by their digits, then means by themselves."""
    order = np.argsort(data.count.astype(np.int16), kind="stable")
    count, mean = data.count[order], data.mean[order]
    starts = starts_of_runs(count)
    for start, end in zip(starts, np.append(starts[1:], len(count)), strict=True):
        mean[start:end].sort()
    return Spends(count, mean, data.weight)


def _rows(data: Spends, rows: np.ndarray) -> Spends:
    return Spends(data.count[rows], data.mean[rows], data.weight[rows])


_CLEAR = 3.0  # standard errors from zero
_STRONG = 0.15  # a correlation below which a value is hardly moved


def spend_trend(spends: pd.DataFrame) -> str | None:
    """A sentence where spend per purchase day goes with their number; None where it does not.

    By the correlation of logarithms, which one dear customer does not make, and Fisher's z.
    """
    data = read_spends(spends)
    if len(data.count) == 0:
        return None
    correlation = _correlation(np.log(data.count), np.log(data.mean), data.weight)
    if correlation is None or data.customers <= 3:
        return None
    z = math.atanh(min(abs(correlation), 1 - 1e-12)) * math.sqrt(data.customers - 3)
    if z < _CLEAR or abs(correlation) < _STRONG:
        return None
    moves, wrong = ("rises", "low") if correlation > 0 else ("falls", "high")
    return (
        f"spend per purchase day {moves} with their number (correlation of logarithms "
        f"{correlation:+.2f}), which the model takes to be independent: expected spend of the most "
        f"frequent buyers may be too {wrong}"
    )


def weighted_correlation(spends: pd.DataFrame) -> float | None:
    """Pearson's correlation of purchase days with mean spend; None where either is constant."""
    data = read_spends(spends)
    return _correlation(data.count, data.mean, data.weight)


def _correlation(count: Floats, mean: Floats, weight: Floats) -> float | None:
    share = weight / np.sum(weight)
    count = count - np.sum(share * count)
    mean = mean - np.sum(share * mean)
    spread = math.sqrt(np.sum(share * count**2)) * math.sqrt(np.sum(share * mean**2))
    return float(np.sum(share * count * mean) / spread) if spread > 0 else None
