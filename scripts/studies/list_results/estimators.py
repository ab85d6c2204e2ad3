"""The usual ways to an interval, beside ours. Each: a list and a generator to (low, high)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from regulars.results.assigned import Assigned
from regulars.results.effect import effect_of

Interval = tuple[float, float]
RESAMPLES = 499


def ours(one: Assigned, rng: np.random.Generator) -> Interval:
    found = effect_of(one, int(rng.integers(2**32)), RESAMPLES)
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


def welch(one: Assigned, rng: np.random.Generator) -> Interval:
    del rng
    result = stats.ttest_ind(
        one.outcome[one.is_treated], one.outcome[~one.is_treated], equal_var=False
    ).confidence_interval()
    return float(result.low), float(result.high)


def stratified(one: Assigned, rng: np.random.Generator) -> Interval:
    """Weighted by stratum, normal quantiles."""
    del rng
    lift = variance = 0.0
    for code in np.unique(one.stratum):
        here = one.stratum == code
        arms = [one.outcome[here & (one.is_treated == arm)] for arm in (True, False)]
        share = here.mean()
        lift += share * (arms[0].mean() - arms[1].mean())
        variance += share**2 * sum(arm.var(ddof=1) / len(arm) for arm in arms)
    return lift - 1.96 * variance**0.5, lift + 1.96 * variance**0.5


def cuped(one: Assigned, rng: np.random.Generator) -> Interval:
    """One covariate, the margin before; Welch on what is left."""
    del rng
    before = one.before[:, 0] - one.before[:, 0].mean()
    slope = before @ one.outcome / (before @ before)
    left = one.outcome - slope * before
    result = stats.ttest_ind(
        left[one.is_treated], left[~one.is_treated], equal_var=False
    ).confidence_interval()
    return float(result.low), float(result.high)


def lin(one: Assigned, rng: np.random.Generator) -> Interval:
    """Regression with interactions, HC2 errors, normal quantiles."""
    del rng
    dummies = np.stack([one.stratum == code for code in np.unique(one.stratum)[1:]], axis=1)
    facts = np.column_stack([one.before, dummies])
    facts = facts - facts.mean(axis=0)
    arm = one.is_treated.astype(float)[:, None]
    x = np.column_stack([np.ones(len(arm)), arm, facts, facts * arm])
    inverse = np.linalg.pinv(x.T @ x)
    beta = inverse @ x.T @ one.outcome
    left = one.outcome - x @ beta
    leverage = np.einsum("ij,jk,ik->i", x, inverse, x)
    meat = (x * (left**2 / np.maximum(1 - leverage, 1e-9))[:, None]).T @ x
    error = np.sqrt((inverse @ meat @ inverse)[1, 1])
    return float(beta[1] - 1.96 * error), float(beta[1] + 1.96 * error)


def percentile_bootstrap(one: Assigned, rng: np.random.Generator) -> Interval:
    """Of the plain difference; the mean of the large arm is drawn from its normal limit."""
    treated, held = (one.outcome[one.is_treated == arm] for arm in (True, False))
    of_treated = rng.normal(treated.mean(), treated.std() / len(treated) ** 0.5, RESAMPLES)
    of_held = held[rng.integers(len(held), size=(RESAMPLES, len(held)))].mean(axis=1)
    low, high = np.quantile(of_treated - of_held, [0.025, 0.975])
    return float(low), float(high)


ESTIMATORS: dict[str, Callable[[Assigned, np.random.Generator], Interval]] = {
    "regulars": ours,
    "Welch": welch,
    "stratified, normal": stratified,
    "CUPED, Welch": cuped,
    "Lin, HC2": lin,
    "percentile bootstrap": percentile_bootstrap,
}
