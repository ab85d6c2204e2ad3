"""MBG/CNBD-k: MBG/NBD for customers with a rhythm.

Platzer, Reutterer (2016), Ticking Away the Moments, Marketing Science 35(5), for regularity;
Reutterer, Platzer, Schröder (2021), Leveraging purchase regularity, IJRM 38(1), for this model.
A purchase is every k-th tick of a clock of rate λ ~ Gamma(r, α): gaps are Erlang-k, and the larger
k, the more regular. k = 1 is MBG/NBD. With n = x + 1 tosses and j ticks since the last purchase,

  L = Γ(r+kx)/Γ(r) · α^r / B(a, b) · [ B(a+1, b+n−1) · (α+t_x)^−(r+kx)  +  B(a, b+n) ·
        Σ over j = 0 … k−1 of Γ(r+kx+j)/Γ(r+kx) · (T−t_x)^j/j! · (α+T)^−(r+kx+j) ]

times ∏ gap^(k−1)/Γ(k), which no parameter but k touches: for a given k histories still compress.
Given active and j, λ ~ Gamma(r+kx+j, α+T) and p ~ Beta(a, b+n) are independent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from scipy import special

from regulars.clv import _quadrature
from regulars.clv._bg_family import BGFamily
from regulars.clv._fitted_model import NotFitted
from regulars.clv._purchase_model import horizon
from regulars.clv.histories import Floats, Histories, HistoryError, column, read

LARGEST_K = 12
_EXACT = 256  # purchases ahead that are added one by one; beyond, sums become integrals
_GROWTH = 1.05
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_NEGLIGIBLE = 1e-13


class RegularModifiedBetaGeometric(BGFamily):
    """k: ticks per purchase; r, alpha: rate of ticks ~ Gamma; a, b: drop-out chance ~ Beta.

    Without a given k each fit tries 1, 2 … (to 12 at most) until the likelihood falls twice, and
    needs a column `log_gaps`, per customer the sum of the logarithms of the times between
    purchases. With that column the log-likelihood contains the gaps, and compares between values
    of k; without it, it does not.
    """

    name: ClassVar[str] = "mbg_cnbd_k"
    tosses_at_zero: ClassVar[int] = 1
    is_memoryless: ClassVar[bool] = False

    def __init__(self, k: int | None = None) -> None:
        super().__init__()
        if k is not None and (k != int(k) or not 1 <= k <= LARGEST_K):
            raise ValueError(f"k is {k}: a whole number from 1 to {LARGEST_K}")
        self.given_k = self.k = None if k is None else int(k)

    @classmethod
    def from_params(cls, **params: float) -> Self:
        """A model with given k, r, alpha, a, b."""
        if "k" not in params:
            raise ValueError(f"{cls.__name__} takes k, {', '.join(cls.parameter_names)}")
        others = {name: value for name, value in params.items() if name != "k"}
        model = super().from_params(**others)
        model.given_k = model.k = cls(params["k"]).k  # type: ignore[arg-type]
        return model

    @property
    def chosen(self) -> dict[str, float]:
        return {"k": float(self._ticks())}

    # ---------- fit

    def fit(self, histories: pd.DataFrame) -> Self:
        """Maximum likelihood for the given k, or for the best one; returns self."""
        if self.given_k is None:
            if "log_gaps" not in histories.columns:
                raise HistoryError("column 'log_gaps' is missing: give it, or a k")
            best = self._fit_of_best_k(histories)
            self.k = best.k
            return self._adopt(best)
        super().fit(histories)
        if "log_gaps" in histories.columns and self.log_likelihood is not None:
            self.log_likelihood += _gaps(histories, self.given_k)
        return self

    def assess(self, histories: pd.DataFrame) -> Self:
        """As every model's; with a column `log_gaps` the log-likelihood contains the gaps."""
        super().assess(histories)
        if "log_gaps" in histories.columns and self.log_likelihood is not None:
            self.log_likelihood += _gaps(histories, self._ticks())
        return self

    def _fit_of_best_k(self, histories: pd.DataFrame) -> Self:
        """The likelihood rises with k to one peak: two steps down in a row have left it behind."""
        fits: list[Self] = []
        for k in range(1, LARGEST_K + 1):
            fits.append(type(self)(k).fit(histories))
            last = [fitted.log_likelihood or -np.inf for fitted in fits[-3:]]
            if len(last) == 3 and last[0] > last[1] > last[2]:
                break
        return max(fits, key=lambda fitted: fitted.log_likelihood or -np.inf)

    def _ticks(self) -> int:
        if self.k is None:
            raise NotFitted(f"{type(self).__name__} has no k: give one, or fit it first")
        return self.k

    def _prepare(self, data: Histories) -> Histories:  # type: ignore[override]
        return data

    def _log_likelihood(  # type: ignore[override]
        self, prepared: Histories, values: Floats
    ) -> tuple[float, Floats]:
        """L at the head of this file (Reutterer, Platzer, Schröder 2021), the gaps apart, with
        gradient: the sum over j in logarithms, its slopes by each term's share of it."""
        r, alpha, a, b = values
        data, k = prepared, self._ticks()
        x, weight = data.frequency, data.weight
        n, shape, ticks = x + 1, r + k * x, np.arange(k)
        log_age, log_recency = np.log(alpha + data.age), np.log(alpha + data.recency)
        terms = _phase_terms(shape, log_age, data.age - data.recency, k)
        log_sum = special.logsumexp(terms, axis=1)
        share = np.exp(terms - log_sum[:, None])
        active = special.betaln(a, b + n) + log_sum
        gone = special.betaln(a + 1, b + n - 1) - shape * log_recency
        value = (
            special.gammaln(shape)
            - special.gammaln(r)
            + r * np.log(alpha)
            - special.betaln(a, b)
            + np.logaddexp(active, gone)
        )
        stays = special.expit(active - gone)
        mean_ticks = (share * ticks).sum(axis=1)
        grown = (share * special.digamma(shape[:, None] + ticks)).sum(axis=1)
        base, end = special.digamma(a + b), special.digamma(a + b + n)
        leaves = 1 - stays
        by_r = special.digamma(shape) * leaves + stays * grown - special.digamma(r)
        by_r += np.log(alpha) - stays * log_age - leaves * log_recency
        by_alpha = r / alpha - stays * (shape + mean_ticks) / (alpha + data.age)
        by_alpha -= leaves * shape / (alpha + data.recency)
        by_a = base - end + leaves / a
        by_b = base - end - special.digamma(b) + special.digamma(b + n) - leaves / (b + n - 1)
        gradient = np.array([np.sum(weight * by) for by in (by_r, by_alpha, by_a, by_b)])
        return float(np.sum(weight * value)), gradient

    # ---------- given active

    def _phases(self, data: Histories) -> tuple[Floats, Floats]:
        """log of the sum over ticks since the last purchase, and each tick's share of it."""
        p, k = self.params, self._ticks()
        shape = p["r"] + k * data.frequency
        log_age = np.log(p["alpha"] + data.age)
        terms = _phase_terms(shape, log_age, data.age - data.recency, k)
        total = special.logsumexp(terms, axis=1) if len(data) else np.empty(0)
        return total, np.exp(terms - total[:, None])

    def _alive(self, data: Histories) -> Floats:
        p, k = self.params, self._ticks()
        odds_gone = np.log(p["a"]) - np.log(p["b"] + data.frequency)
        shape = p["r"] + k * data.frequency
        gone = odds_gone - shape * np.log(p["alpha"] + data.recency)
        probability: Floats = special.expit(self._phases(data)[0] - gone)
        return probability

    def _reached(self, data: Histories, days: float | Floats) -> Callable[[float | Floats], Floats]:
        """m → P(the m-th purchase ahead would come within `days` | active), drop-out apart; m is
        one for all or one each."""
        p, k = self.params, self._ticks()
        ticks, share = np.arange(k)[None, :], self._phases(data)[1]
        shape = (p["r"] + k * data.frequency)[:, None] + ticks
        within = (days / (p["alpha"] + data.age + days))[:, None]

        def reached(number: float | Floats) -> Floats:
            last = np.atleast_1d(number)[:, None] * k - ticks
            chances = special.betainc(last, shape, within)
            total: Floats = (share * chances).sum(axis=1)
            return total

        return reached

    def _stay(self, data: Histories) -> Callable[[float | Floats], Floats]:
        """m → P(not left after m more purchases | active) = B(a, b'+m)/B(a, b')."""
        a, b = self.params["a"], self.params["b"] + self._tosses(data)
        base = special.betaln(a, b)
        return lambda number: np.exp(special.betaln(a, b + number) - base)

    def expected_purchases_new(self, days: float | Floats) -> Floats:
        """As of a history of age zero; the family's closed form is of memoryless gaps."""
        horizons = np.array([horizon(t) for t in np.atleast_1d(np.asarray(days, dtype=float))])
        zero = np.zeros(len(horizons))
        new = Histories(zero, zero, zero, np.ones(len(horizons)))
        return self._alive(new) * self._expected_if_active(new, horizons)

    def _expected_if_active(self, data: Histories, days: float | Floats) -> Floats:
        """Σ over m of P(not left before the m-th) · P(the m-th comes within `days`)."""
        reached, stay = self._reached(data, days), self._stay(data)
        return _summed(lambda number: stay(number - 1) * reached(number), len(data))

    def expected_purchases_if_kept(self, histories: pd.DataFrame, days: float) -> Floats:
        """The same with drop-out switched off."""
        data = read(histories)
        return _summed(self._reached(data, horizon(days)), len(data))

    def _purchase_if_active(self, data: Histories, days: float) -> Floats:
        return self.first_purchase_within(data, days)

    def first_purchase_within(self, data: Histories, days: float | Floats) -> Floats:
        """P(the next purchase comes within `days`, one for all or one each | active)."""
        return self._reached(data, days)(1)

    def _at_least_if_active(self, data: Histories, days: float, number: Floats) -> Floats:
        return self._stay(data)(number - 1) * self._reached(data, days)(number)

    def _discounted_if_active(self, data: Histories, rate: float) -> Floats:
        """E of g^(k−j)/(1 − (1−p)·g^k) with g = λ/(λ+δ), by quadrature over λ and p."""
        p, share = self.params, self._phases(data)[1]
        discounted = np.zeros(len(data))
        for index in range(len(data)):
            leaving, weights = _quadrature.beta_nodes(p["a"], p["b"] + data.frequency[index] + 1)
            for ticks in np.flatnonzero(share[index] > 0):
                discounted[index] += share[index, ticks] * self._discounted(
                    data, index, int(ticks), rate, leaving, weights
                )
        return discounted

    def _discounted(
        self, data: Histories, index: int, ticks: int, rate: float, leaving: Floats, weights: Floats
    ) -> float:
        """The mean over λ is taken of h(λ)/λ under a shape one higher, which is never below 1."""
        p, k = self.params, self._ticks()
        shape = float(p["r"] + k * data.frequency[index] + ticks)
        age = float(p["alpha"] + data.age[index])
        nodes, node_weights = _quadrature.gamma_nodes(shape + 1)
        rates = nodes / age
        waits = np.log1p(rate / rates)  # −log g
        ends = -np.expm1(-k * waits)  # 1 − g^k, without cancellation
        first = np.exp(-(k - ticks) * waits) / rates
        inner = (weights / (ends[:, None] + leaving * (1 - ends)[:, None])).sum(axis=1)
        return shape / age * float(np.sum(node_weights * first * inner))

    # ---------- simulation and counts

    def _simulated(self, draw: np.random.Generator, ages: Floats, days: float) -> pd.DataFrame:
        """Every k-th tick is a purchase until the coin ends it."""
        p, k = self.params, self._ticks()
        rates = draw.gamma(p["r"], 1 / p["alpha"], len(ages))
        last = draw.geometric(np.maximum(draw.beta(p["a"], p["b"], len(ages)), 1e-15)) - 1
        ticks = draw.poisson(rates * ages)
        counts = np.minimum(ticks // k, last)
        # the (k · count)-th of `ticks` uniform moments
        shares = draw.beta(np.maximum(k * counts, 1), np.maximum(ticks - k * counts + 1, 1))
        later = np.minimum((ticks + draw.poisson(rates * days)) // k, last) - counts
        return pd.DataFrame(
            {
                "frequency": counts,
                "recency": np.where(counts > 0, ages * shares, 0.0),
                "T": ages,
                "is_active": ticks // k < last,
                "later_purchases": later,
            }
        )

    def predictive_counts(self, histories: pd.DataFrame, days: float, up_to: int = 10) -> Floats:
        """P(X = 0 … up_to in (T, T + days] | history), shape (histories, up_to + 1)."""
        data = read(histories)
        reached, stay = self._reached(data, horizon(days)), self._stay(data)
        came = [np.ones(len(data)), *(reached(m) for m in range(1, up_to + 2))]
        stayed = [stay(m) for m in range(up_to + 1)]
        alive = self._alive(data)
        chances = np.empty((len(data), up_to + 1))
        for m in range(up_to + 1):
            left = (stayed[m - 1] - stayed[m]) * came[m] if m else 0.0
            chances[:, m] = alive * (stayed[m] * (came[m] - came[m + 1]) + left)
        chances[:, 0] += 1 - alive
        return chances


def _phase_terms(shape: Floats, log_age: Floats, since: Floats, k: int) -> Floats:
    """Logarithms of the terms over j = 0 … k−1 ticks since the last purchase, a column each."""
    ticks = np.arange(k, dtype=np.float64)[None, :]
    whole = shape[:, None]
    logs = special.gammaln(whole + ticks) - special.gammaln(whole) - special.gammaln(ticks + 1)
    terms: Floats = logs + special.xlogy(ticks, since[:, None]) - (whole + ticks) * log_age[:, None]
    return terms


def _summed(term: Callable[[float], Floats], rows: int) -> Floats:
    """Σ over m = 1, 2 … of a falling positive `term`: one by one, then by Gauss-Legendre on the
    midpoint rule's integral, over stretches that grow by a twentieth."""
    total = np.zeros(rows)
    if rows == 0:
        return total
    for number in range(1, _EXACT):
        each = term(float(number))
        total += each
        if np.all(each <= _NEGLIGIBLE * total):
            return total
    start = _EXACT - 0.5
    while start < 1e15:
        half = start * (_GROWTH - 1) / 2
        numbers = start + half * (1 + _NODES)
        stretch = sum(w * half * term(m) for m, w in zip(numbers, _WEIGHTS, strict=True))
        total += stretch
        if np.all(stretch <= _NEGLIGIBLE * total):
            break
        start += 2 * half
    return total


def _gaps(histories: pd.DataFrame, k: int) -> float:
    """log ∏ gap^(k−1)/Γ(k) over all customers."""
    data, logs = read(histories), column(histories, "log_gaps")
    purchases = float(np.sum(data.weight * data.frequency))
    return float((k - 1) * np.sum(data.weight * logs) - purchases * special.gammaln(k))
