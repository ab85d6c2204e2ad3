"""BG/BB: purchases at discrete opportunities (a yearly appeal, an event, a weekly box).

Fader, Hardie, Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting,
Marketing Science 29(6) [1]. While active a customer buys at each opportunity with probability
p ~ Beta(α, β); before each one the customer leaves with probability θ ~ Beta(γ, δ). After x
purchases, the last at opportunity t_x of n, with i the opportunities lived through,

  L = [ B(α+x, β+n−x) B(γ, δ+n) + Σ over i = t_x … n−1 of B(α+x, β+i−x) B(γ+1, δ+i) ]
      / (B(α, β) B(γ, δ))                                                          [1] eq. 5

and given active at n, p ~ Beta(α+x, β+n−x) and θ ~ Beta(γ, δ+n) are independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import special

from regulars.clv import _quadrature
from regulars.clv._maximum_likelihood import Assessment
from regulars.clv._purchase_model import PurchaseModel, whole_horizon
from regulars.clv.histories import Floats, Histories, HistoryError, read


@dataclass(frozen=True)
class _Lives:
    """Every way in which a history can have come about, ways of one history side by side.

    row: the history; lived: opportunities lived through; is_active: still there after the last
    starts: where each history's ways begin
    """

    data: Histories
    row: np.ndarray
    lived: Floats
    is_active: np.ndarray
    starts: np.ndarray


class BetaGeometricBetaBinomial(PurchaseModel):
    """alpha, beta: chance of buying ~ Beta; gamma, delta: chance of leaving ~ Beta.

    T counts opportunities after the first purchase, recency is the number of the last one used;
    `days` and discounting are in opportunities too.
    """

    name: ClassVar[str] = "bg_bb"
    parameter_names: ClassVar[tuple[str, ...]] = ("alpha", "beta", "gamma", "delta")
    time_parameters: ClassVar[tuple[str, ...]] = ()
    bounds: ClassVar = dict.fromkeys(("alpha", "beta", "gamma", "delta"), (1e-4, 1e4))

    # ---------- likelihood

    def _prepare(self, data: Histories) -> _Lives:
        _check(data)
        ways = (data.age - data.recency).astype(np.intp) + 1
        starts = np.cumsum(ways) - ways
        row = np.repeat(np.arange(len(data)), ways)
        step = np.arange(len(row)) - starts[row]
        return _Lives(
            data=data,
            row=row,
            lived=data.recency[row] + step,
            is_active=step == ways[row] - 1,
            starts=starts,
        )

    def _log_likelihood(self, prepared: _Lives, values: Floats) -> tuple[float, Floats]:
        """[1] eq. 5 with gradient: the mean of each way's gradient, weighted by its chance."""
        alpha, beta, gamma, delta = values
        data, row = prepared.data, prepared.row
        ways = self._ways(prepared, values)
        log_either = _log_sums(ways, prepared)
        chance = np.exp(ways - log_either[row]) * data.weight[row]
        bought, skipped = alpha + data.frequency[row], beta + prepared.lived - data.frequency[row]
        left, stayed = gamma + ~prepared.is_active, delta + prepared.lived
        both, end = special.digamma(bought + skipped), special.digamma(left + stayed)
        total, base = np.sum(chance), special.digamma([alpha, beta, gamma, delta])
        log_base = special.betaln(alpha, beta) + special.betaln(gamma, delta)
        buying, leaving = special.digamma(alpha + beta), special.digamma(gamma + delta)
        gradient = np.array(
            [
                np.sum(chance * (special.digamma(bought) - both)) - total * (base[0] - buying),
                np.sum(chance * (special.digamma(skipped) - both)) - total * (base[1] - buying),
                np.sum(chance * (special.digamma(left) - end)) - total * (base[2] - leaving),
                np.sum(chance * (special.digamma(stayed) - end)) - total * (base[3] - leaving),
            ]
        )
        return float(np.sum(data.weight * (log_either - log_base))), gradient

    def _ways(self, lives: _Lives, values: Floats) -> Floats:
        """Logarithm of each term of L, less the common divisor."""
        alpha, beta, gamma, delta = values
        x = lives.data.frequency[lives.row]
        return special.betaln(alpha + x, beta + lives.lived - x) + special.betaln(
            gamma + ~lives.is_active, delta + lives.lived
        )

    def _explain_bounds(self, assessment: Assessment, data: Histories) -> list[str]:
        words = []
        _, _, gamma_low, delta_low = assessment.at_lower
        _, _, gamma_high, delta_high = assessment.at_upper
        if assessment.at_lower[:2].any() or assessment.at_upper[:2].any():
            words.append("the chance of buying is weakly identified: its spread stands at a bound")
        if gamma_low or (delta_high and not gamma_high):
            words.append(
                "drop-out is not identified: the data fit best when nobody ever leaves, so gamma "
                "and delta stand at a bound and expected purchases may be too high"
            )
        elif gamma_high or delta_low or delta_high:
            words.append(
                "drop-out is weakly identified: its spread between customers stands at a bound"
            )
        if np.all(data.frequency == 0):
            words.append("nobody has bought twice yet: nothing is known about a return")
        return words

    # ---------- given active after the last opportunity

    def _alive(self, data: Histories) -> Floats:
        """P(lived through all n opportunities); [1] prints the chance for n + 1, which is this
        times 1 − E[θ]."""
        lives = self._prepare(data)
        ways = self._ways(lives, np.array(list(self.params.values())))
        probability: Floats = np.exp(ways[lives.is_active] - _log_sums(ways, lives))
        return probability

    def _rate_if_active(self, data: Histories) -> Floats:
        """Purchases per opportunity of a customer who is active: E[p | history]."""
        p = self.params
        return (p["alpha"] + data.frequency) / (p["alpha"] + p["beta"] + data.age)

    def _expected_if_active(self, data: Histories, days: float) -> Floats:
        """E[p] · Σ over k = 1 … days of E[(1 − θ)^k]; [1] eq. 15 without its pole at γ = 1."""
        lengths, at = np.unique(data.age, return_inverse=True)
        stays = self._stays(lengths, whole_horizon(days))[:, 1:].sum(axis=1)
        return self._rate_if_active(data) * stays[at]

    def _stays(self, ages: Floats, count: int) -> Floats:
        """E[(1 − θ)^k | active at age] for k = 0 … count, shape (ages, count + 1)."""
        p = self.params
        after = np.arange(count)[None, :] + p["delta"] + ages[:, None]
        kept = np.cumprod(after / (after + p["gamma"]), axis=1)
        return np.concatenate([np.ones((len(ages), 1)), kept], axis=1)

    def _purchase_if_active(self, data: Histories, days: float) -> Floats:
        """Σ over k of P(still there at k, first purchase then): 1 − P(none) loses small ones."""
        p, ahead = self.params, whole_horizon(days)
        later = np.arange(ahead)[None, :]
        bought = (p["alpha"] + data.frequency)[:, None]
        skipped = (p["beta"] + data.age - data.frequency)[:, None] + later
        none = np.cumprod(skipped / (bought + skipped), axis=1)
        none_before = np.concatenate([np.ones((len(data), 1)), none[:, :-1]], axis=1)[:, :ahead]
        lengths, at = np.unique(data.age, return_inverse=True)
        stays = self._stays(lengths, ahead)[at, 1:]
        probability: Floats = np.sum(stays * none_before * bought / (bought + skipped), axis=1)
        return np.minimum(probability, 1.0)

    def _at_least_if_active(self, data: Histories, days: float, number: Floats) -> Floats:
        most = int(number.max(initial=1.0))
        fewer = np.cumsum(self._counts_if_active(data, whole_horizon(days), most - 1), axis=1)
        probability: Floats = 1 - fewer[np.arange(len(data)), number.astype(np.intp) - 1]
        return np.maximum(probability, 0.0)

    def _discounted_if_active(self, data: Histories, rate: float) -> Floats:
        """E[p] · Σ over k ≥ 1 of e^(−δk) E[(1 − θ)^k], the sum taken inside the mean over θ."""
        p = self.params
        lengths, at = np.unique(data.age, return_inverse=True)
        each = np.empty(len(lengths))
        for index, length in enumerate(lengths):
            leaving, weights = _quadrature.beta_nodes(p["gamma"], p["delta"] + float(length))
            # d(1−θ)/(1 − d(1−θ)) with d = e^(−δ), without cancellation where θ and δ are small
            each[index] = np.sum(weights * (1 - leaving) / (np.expm1(rate) + leaving))
        return self._rate_if_active(data) * each[at]

    # ---------- simulation and counts

    def _simulated(self, draw: np.random.Generator, ages: Floats, days: float) -> pd.DataFrame:
        p, ahead = self.params, whole_horizon(days)
        if np.any(ages != np.floor(ages)):
            raise ValueError("ages are not whole: BG/BB counts opportunities")
        chances = draw.beta(p["alpha"], p["beta"], len(ages))
        leaving = np.maximum(draw.beta(p["gamma"], p["delta"], len(ages)), 1e-15)
        lives = draw.geometric(leaving) - 1
        end = int(ages.max(initial=0.0)) + ahead
        number = np.arange(1, end + 1)[None, :]
        bought = draw.random((len(ages), end)) < chances[:, None]
        bought &= number <= lives[:, None]
        known = number <= ages[:, None]
        is_later = ~known & (number <= ages[:, None] + ahead)
        return pd.DataFrame(
            {
                "frequency": (bought & known).sum(axis=1),
                "recency": np.where(bought & known, number, 0).max(axis=1, initial=0).astype(float),
                "T": ages,
                "is_active": lives >= ages,
                "later_purchases": (bought & is_later).sum(axis=1),
            }
        )

    def _counts_if_active(self, data: Histories, days: int, up_to: int) -> Floats:
        """P(k = 0 … up_to purchases in the next `days` opportunities | active), [1] eq. 7."""
        p = self.params
        count = np.arange(up_to + 1.0)[None, :]
        bought = (p["alpha"] + data.frequency)[:, None]
        skipped = (p["beta"] + data.age - data.frequency)[:, None]
        lengths, at = np.unique(data.age, return_inverse=True)
        stays = self._stays(lengths, days)[at]
        chances = np.zeros((len(data), up_to + 1))
        for lived in range(days + 1):
            share = stays[:, lived] if lived == days else stays[:, lived] - stays[:, lived + 1]
            chances += share[:, None] * _beta_binomial(count, lived, bought, skipped)
        return chances

    def predictive_counts(self, histories: pd.DataFrame, days: float, up_to: int = 10) -> Floats:
        """P(X = 0 … up_to in the next `days` opportunities | history), a row per history."""
        data = read(histories)
        alive = self._alive(data)
        chances = alive[:, None] * self._counts_if_active(data, whole_horizon(days), up_to)
        chances[:, 0] += 1 - alive
        return chances


def _beta_binomial(count: Floats, trials: int, a: Floats, b: Floats) -> Floats:
    """P(count of trials), the chance being Beta(a, b); 0 above the number of trials."""
    missed = np.maximum(trials - count, 0.0)
    logs = -np.log(trials + 1.0) - special.betaln(count + 1, missed + 1)
    logs = logs + special.betaln(a + count, b + missed) - special.betaln(a, b)
    return np.where(count <= trials, np.exp(logs), 0.0)


def _log_sums(ways: Floats, lives: _Lives) -> Floats:
    highest = np.maximum.reduceat(ways, lives.starts) if len(ways) else np.empty(0)
    sums = (
        np.add.reduceat(np.exp(ways - highest[lives.row]), lives.starts) if len(ways) else highest
    )
    log_sums: Floats = highest + np.log(sums)
    return log_sums


def _check(data: Histories) -> None:
    """Opportunities are whole, and nobody buys more than once at each."""
    remedy = "BG/BB counts opportunities: give times as whole numbers of them"
    for name, values in (("recency", data.recency), ("T", data.age)):
        _refuse(data, values != np.floor(values), f"column '{name}' is not whole", remedy)
    remedy = "one purchase an opportunity: count several as one"
    is_above = data.frequency > data.recency
    _refuse(data, is_above, "column 'frequency' is above recency", remedy)


def _refuse(data: Histories, bad: np.ndarray, why: str, remedy: str) -> None:
    if bad.any():
        raise HistoryError(f"{why} for {data.weight[bad].sum():,.0f} customers: {remedy}")
