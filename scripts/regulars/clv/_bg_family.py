"""The equations that BG/NBD and MBG/NBD share.

While active a customer buys at rate λ ~ Gamma(r, rate α); at each toss of a coin the customer
leaves with probability p ~ Beta(a, b). The coin is tossed after every repeat purchase, and in
MBG/NBD at time zero as well. With n the tosses so far (x or x + 1),

  L(history) = Γ(r+x)/Γ(r) · α^r · [ (α+T)^−(r+x) · B(a, b+n)/B(a, b)
                                   + (α+t_x)^−(r+x) · B(a+1, b+n−1)/B(a, b) ]     (second if n > 0)

and everything after T follows from two facts: given active, λ ~ Gamma(r+x, α+T) and
p ~ Beta(a, b+n) are independent, and E[X(t) | λ, p, active] = (1 − e^(−λpt))/p.

[1] Fader, Hardie, Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2).
[2] Batislam, Denizel, Filiztekin (2007), Empirical validation and comparison of models for
    customer base analysis, International Journal of Research in Marketing 24(3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import special

from regulars.clv import _quadrature
from regulars.clv._maximum_likelihood import Assessment
from regulars.clv._purchase_model import NEW, PurchaseModel, horizon
from regulars.clv.histories import (
    Floats,
    Histories,
    added_up,
    distinct,
    read,
    starts_of_runs,
)

_BLOCK = 32_768  # histories computed on together


@dataclass(frozen=True)
class _Compressed:
    """Distinct values, so that logarithms and gamma functions are taken once for each.

    weight_by_age and purchases_by_age: sums of weight and of weight·x at each distinct age
    """

    data: Histories
    frequencies: Floats
    frequency_at: np.ndarray
    frequency_weight: Floats
    ages: Floats
    age_at: np.ndarray
    weight_by_age: Floats
    purchases_by_age: Floats
    recencies: Floats
    recency_at: np.ndarray


class BGFamily(PurchaseModel):
    parameter_names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    time_parameters: ClassVar[tuple[str, ...]] = ("alpha",)
    effects: ClassVar = {"rate": ("alpha", -1), "dropout": ("a", 1), "staying": ("b", 1)}
    # Far outside what companies show, near enough that nothing computed from them overflows.
    bounds: ClassVar = {
        "r": (1e-4, 1e3),
        "alpha": (1e-4, 1e4),
        "a": (1e-4, 1e3),
        "b": (1e-4, 1e4),
    }
    tosses_at_zero: ClassVar[int]

    # ---------- likelihood

    def _prepare(self, data: Histories) -> _Compressed:
        starts = starts_of_runs(data.frequency)
        frequency_at = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(data)))
        ages, age_at = distinct(data.age)
        recencies, recency_at = distinct(data.recency)
        return _Compressed(
            data=data,
            frequencies=data.frequency[starts],
            frequency_at=frequency_at,
            frequency_weight=added_up(frequency_at, data.weight),
            ages=ages,
            age_at=age_at,
            weight_by_age=added_up(age_at, data.weight),
            purchases_by_age=added_up(age_at, data.weight * data.frequency),
            recencies=recencies,
            recency_at=recency_at,
        )

    def _log_likelihood(self, prepared: _Compressed, values: Floats) -> tuple[float, Floats]:
        """[1] eq. 6 and [2] eq. 4 with gradient; sums over distinct histories."""
        at = prepared
        r, alpha, a, b = values
        tosses = at.frequencies + self.tosses_at_zero
        log_age, log_recency = np.log(alpha + at.ages), np.log(alpha + at.recencies)
        gone = _sums_of_gone(at, r, log_age, log_recency, _log_odds_gone(a, b, tosses))
        constant, slopes = _slopes_of_constant(at.frequencies, tosses, values)
        shape_by_age = r * at.weight_by_age + at.purchases_by_age  # Σ weight·(r + x)
        value = np.sum(at.frequency_weight * constant) - np.sum(shape_by_age * log_age)
        gradient = np.sum(at.frequency_weight * slopes, axis=1)
        gradient[0] += gone.gap - np.sum(at.weight_by_age * log_age)
        gradient[1] += np.sum((gone.shape_by_age - shape_by_age) / (alpha + at.ages))
        gradient[1] -= np.sum(gone.shape_by_recency / (alpha + at.recencies))
        gradient[2:] += _slopes_of_odds(gone.by_frequency, tosses, a, b)
        return float(value + gone.log_either), gradient

    def _explain_bounds(self, assessment: Assessment, data: Histories) -> list[str]:
        words = explain_rate_bounds(assessment, data)
        _, _, a_low, b_low = assessment.at_lower
        _, _, a_high, b_high = assessment.at_upper
        if a_low or (b_high and not a_high):
            words.append(
                "drop-out is not identified: the data fit best when nobody ever leaves, so "
                "a and b stand at a bound, nearly everybody counts as active, and expected "
                "purchases may be too high"
            )
        elif a_high or b_low or b_high:
            words.append(
                "drop-out is weakly identified: its spread between customers stands at a bound "
                "(everybody alike, or all or nothing)"
            )
        return words

    # ---------- given active

    def _tosses(self, data: Histories) -> Floats:
        return data.frequency + self.tosses_at_zero

    def _alive(self, data: Histories) -> Floats:
        """[1] the ratio of the two terms of L; [2] eq. 9."""
        p = self.params
        gap = np.log(p["alpha"] + data.age) - np.log(p["alpha"] + data.recency)
        odds = _log_odds_gone(p["a"], p["b"], self._tosses(data)) + (p["r"] + data.frequency) * gap
        return special.expit(-odds)

    def _purchase_if_active(self, data: Histories, days: float) -> Floats:
        """The coin follows a purchase, so the first one waits on the rate alone."""
        p = self.params
        return -np.expm1(-(p["r"] + data.frequency) * np.log1p(days / (p["alpha"] + data.age)))

    def _at_least_if_active(self, data: Histories, days: float, number: Floats) -> Floats:
        """The rate reaches the number, and no coin before the last of them ended it."""
        p = self.params
        tosses = p["b"] + self._tosses(data)
        stays = special.betaln(p["a"], tosses + number - 1) - special.betaln(p["a"], tosses)
        age = p["alpha"] + data.age
        within = special.betainc(number, p["r"] + data.frequency, days / (age + days))
        probability: Floats = np.exp(stays) * within
        return probability

    def _expected_if_active(self, data: Histories, days: float) -> Floats:
        """E over p of (1 − (1 + p·t/(α+T))^−(r+x)) / p; [1] eq. 10 without its ₂F₁."""

        def given(shape: float, scaled_ages: Floats, nodes: Floats, weights: Floats) -> Floats:
            exponent = -shape * np.log1p(nodes * (days / scaled_ages)[:, None])
            return (-np.expm1(exponent) / nodes * weights).sum(axis=1)

        return self._over_dropout(data, given)

    def _discounted_if_active(self, data: Histories, rate: float) -> Floats:
        """E[λ/(δ + λp)], which is ∫₀^∞ e^(−δt) dE[X(t) | active].

        With λ = y/(α+T): (r+x) · E[1/(δ(α+T) + y·p)] over y ~ Gamma(r+x+1).
        """

        def given(shape: float, scaled_ages: Floats, nodes: Floats, weights: Floats) -> Floats:
            rates, rate_weights = _quadrature.gamma_nodes(shape + 1)
            gone_rates = rates[:, None] * nodes[None, :]
            joint = rate_weights[:, None] * weights[None, :]
            return np.array(
                [shape * np.sum(joint / (rate * age + gone_rates)) for age in scaled_ages]
            )

        return self._over_dropout(data, given)

    def _over_dropout(
        self, data: Histories, given: Callable[[float, Floats, Floats, Floats], Floats]
    ) -> Floats:
        """An expectation over p that depends on the history through x and T only.

        `given(r + x, α + T, nodes, weights)` is called once per x; ages are interpolated.
        """
        p = self.params
        scaled_ages = p["alpha"] + data.age
        frequencies, starts, order = _runs(data.frequency)
        result = np.empty(len(data))
        for frequency, start, end in zip(frequencies, starts, starts[1:], strict=False):
            rows = order[start:end]
            tosses = frequency + self.tosses_at_zero
            nodes, weights = _quadrature.beta_nodes(p["a"], p["b"] + float(tosses))
            shape = p["r"] + frequency

            def at(
                ages: Floats, shape: float = shape, nodes: Floats = nodes, weights: Floats = weights
            ) -> Floats:
                return given(shape, ages, nodes, weights)

            result[rows] = _quadrature.along_ages(at, scaled_ages[rows])
        return result

    def expected_purchases_new(self, days: float | Floats) -> Floats:
        """[1] eq. 9, [2] eq. 7: the expectation given active at the first purchase, for many days.

        Shape: that of `days`, at least one-dimensional.
        """
        p = self.params
        horizons = np.array([horizon(t) for t in np.atleast_1d(np.asarray(days, dtype=float))])
        nodes, weights = _quadrature.beta_nodes(p["a"], p["b"] + self.tosses_at_zero)
        exponent = -p["r"] * np.log1p(nodes * (horizons / p["alpha"])[:, None])
        given_active = (-np.expm1(exponent) / nodes * weights).sum(axis=1)
        return special.expit(-_log_odds_gone(p["a"], p["b"], self._tosses(NEW)))[0] * given_active

    # ---------- simulation and counts

    def _simulated(self, draw: np.random.Generator, ages: Floats, days: float) -> pd.DataFrame:
        """Purchases go on at a constant rate; all after the one that the coin ends are struck."""
        p = self.params
        rates = draw.gamma(p["r"], 1 / p["alpha"], len(ages))
        chances = np.maximum(draw.beta(p["a"], p["b"], len(ages)), 1e-15)
        last = draw.geometric(chances) - self.tosses_at_zero
        reached = draw.poisson(rates * ages)
        counts = np.minimum(reached, last)
        # the count-th of `reached` uniform moments
        shares = draw.beta(np.maximum(counts, 1), np.maximum(reached - counts + 1, 1))
        later = np.minimum(reached + draw.poisson(rates * days), last) - counts
        return pd.DataFrame(
            {
                "frequency": counts,
                "recency": np.where(counts > 0, ages * shares, 0.0),
                "T": ages,
                "is_active": reached < last,
                "later_purchases": later,
            }
        )

    def predictive_counts(self, histories: pd.DataFrame, days: float, up_to: int = 10) -> Floats:
        """P(X = 0 … up_to in (T, T + days] | history), shape (histories, up_to + 1).

        After T an active customer is a BG/NBD customer with the updated parameters ([1] eq. 8).
        """
        data = read(histories)
        p = self.params
        alive = self._alive(data)
        counts = count_probabilities(
            (p["r"] + data.frequency)[:, None],
            (p["alpha"] + data.age)[:, None],
            p["a"],
            (p["b"] + self._tosses(data))[:, None],
            np.arange(up_to + 1.0)[None, :],
            horizon(days),
        )
        counts *= alive[:, None]
        counts[:, 0] += 1 - alive
        return counts


def explain_rate_bounds(assessment: Assessment, data: Histories) -> list[str]:
    """What it means that r or alpha, the first two parameters, stand at a bound."""
    words = []
    r_low, alpha_low = assessment.at_lower[:2]
    r_high, alpha_high = assessment.at_upper[:2]
    if r_low or (alpha_high and not r_high):
        words.append(
            "the purchase rate is weakly identified: next to nobody bought again, and the rate "
            "stands at its lower bound"
        )
    elif r_high or alpha_low or alpha_high:
        words.append(
            "the purchase rate is weakly identified: customers look alike or buy without pause, "
            "and its spread stands at a bound"
        )
    if np.all(data.frequency == 0):
        words.append("nobody has bought twice yet: nothing is known about a return")
    return words


def count_probabilities(
    r: Floats, alpha: Floats, a: float, b: Floats, count: Floats, days: float
) -> Floats:
    """[1] eq. 8: still active after `count` purchases, or gone with the last of them."""
    share = days / (alpha + days)
    log_bought = (
        special.gammaln(r + count)
        - special.gammaln(r)
        - special.gammaln(count + 1)
        - r * np.log1p(days / alpha)
        + special.xlogy(count, share)
    )
    log_base = special.betaln(a, b)
    stayed = np.exp(log_bought + special.betaln(a, b + count) - log_base)
    last = b + np.maximum(count, 1.0) - 1  # B(a + 1, b) at zero, where it is not used
    left = np.exp(special.betaln(a + 1, last) - log_base)
    reached = special.betainc(np.maximum(count, 1.0), r, share)
    return stayed + np.where(count > 0, left * reached, 0.0)


def _log_odds_gone(a: float, b: float, tosses: Floats) -> Floats:
    """ln(a/(b+n−1)), the odds of having left at the last toss; −∞ when no coin was tossed."""
    odds = np.full_like(tosses, -np.inf)
    tossed = tosses > 0
    odds[tossed] = np.log(a) - np.log(b + tosses[tossed] - 1)
    return odds


def _slopes_of_constant(x: Floats, tosses: Floats, values: Floats) -> tuple[Floats, Floats]:
    """The factors of L that depend on x alone: their logarithm, and its slopes, a row each."""
    r, alpha, a, b = values
    value = (
        special.gammaln(r + x)
        - special.gammaln(r)
        + r * np.log(alpha)
        + special.betaln(a, b + tosses)
        - special.betaln(a, b)
    )
    by_r = special.digamma(r + x) - special.digamma(r) + np.log(alpha)
    by_a = special.digamma(a + b) - special.digamma(a + b + tosses)
    by_b = by_a + special.digamma(b + tosses) - special.digamma(b)
    return value, np.array([by_r, np.full_like(x, r / alpha), by_a, by_b])


@dataclass
class _Gone:
    """Sums over histories, each counted with its weight.

    log_either        log(1 + odds of having left)
    gap               chance of having left · log((α+T)/(α+t_x))
    by_frequency      chance of having left, per distinct frequency
    shape_by_age      chance of having left · (r+x), per distinct T
    shape_by_recency  the same per distinct t_x
    """

    log_either: float
    gap: float
    by_frequency: Floats
    shape_by_age: Floats
    shape_by_recency: Floats


def _sums_of_gone(
    at: _Compressed, r: float, log_age: Floats, log_recency: Floats, log_odds: Floats
) -> _Gone:
    """Block after block: what is computed on the way stays in the processor's cache."""
    frequencies, ages, recencies = (len(each) for each in (at.frequencies, at.ages, at.recencies))
    sums = _Gone(
        log_either=0.0,
        gap=0.0,
        by_frequency=np.zeros(frequencies),
        shape_by_age=np.zeros(ages),
        shape_by_recency=np.zeros(recencies),
    )
    for start in range(0, len(at.data), _BLOCK):
        rows = slice(start, start + _BLOCK)
        frequency, age, recency = at.frequency_at[rows], at.age_at[rows], at.recency_at[rows]
        gap = log_age[age] - log_recency[recency]
        shape = (r + at.frequencies)[frequency]
        log_either, gone = _softplus(shape * gap + log_odds[frequency])
        gone *= at.data.weight[rows]
        sums.log_either += float(np.sum(at.data.weight[rows] * log_either))
        sums.gap += float(np.sum(gone * gap))
        sums.by_frequency += added_up(frequency, gone, frequencies)
        sums.shape_by_age += added_up(age, gone * shape, ages)
        sums.shape_by_recency += added_up(recency, gone * shape, recencies)
    return sums


def _slopes_of_odds(gone: Floats, tosses: Floats, a: float, b: float) -> Floats:
    """By a and b, of the log-odds of having left; `gone` is a sum per number of tosses."""
    # where no coin was tossed nobody can be gone, and the divisor is only kept off zero
    divisor = np.where(tosses > 0, b + tosses - 1, 1.0)
    return np.array([np.sum(gone) / a, -np.sum(gone / divisor)])


def _softplus(odds: Floats) -> tuple[Floats, Floats]:
    """log(1 + e^odds) and its slope e^odds/(1 + e^odds), by one exponential."""
    small = np.exp(-np.abs(odds))
    larger = np.maximum(odds, 0.0)
    return larger + np.log1p(small), np.where(odds > 0, 1.0, small) / (1 + small)


def _runs(values: Floats) -> tuple[Floats, np.ndarray, np.ndarray]:
    """Distinct values, where each one's rows begin in `order` (with the end), and `order`."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(order)])
    return ordered[starts], np.append(starts, len(order)), order
