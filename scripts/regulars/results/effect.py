"""What a contact changes a head: treated less held out, weighted by stratum, with its interval.

The outcome is first adjusted for what was known before, by one slope for both arms, fitted within
strata and arms; what it takes away averages zero in each stratum, so the lift means the same [1].
The interval is the studentised bootstrap [2] over households within strata: spend is so skewed that
Welch's covers too little.

[1] W. Lin, Agnostic notes on regression adjustments to experimental data, Ann. Appl. Stat. 7, 2013.
[2] B. Efron, R. Tibshirani, An Introduction to the Bootstrap, 1993, section 12.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.results.assigned import Assigned

LEAST_OF_AN_ARM = 8  # households of an arm in a stratum; fewer, and strata are taken together
RESAMPLES = 999
LARGEST_DRAWN = 500  # households; of more, mean and variance are drawn from their limit
LEVEL = 0.95
Z_95 = 1.959964  # z(.975)
Z_SUM = Z_95 + 0.841621  # a two-sided test at 5%, seen four times in five: + z(.80)


@dataclass(frozen=True)
class Effect:
    """treated, held_out    people
    mean_treated,
    mean_held_out         outcome a head, adjusted and weighted by stratum
    lift              their difference
    standard_error    of the lift
    low, high         95% interval; None with fewer than two households in an arm
    quantiles         2.5% and 97.5% of the studentised lift in resamples
    """

    treated: int
    held_out: int
    mean_treated: float
    mean_held_out: float
    lift: float
    standard_error: float
    low: float | None
    high: float | None
    quantiles: tuple[float, float] | None

    @property
    def smallest_detectable(self) -> float | None:
        """The lift that would be seen four times in five; None where nothing can be said."""
        return Z_SUM * self.standard_error if self.low is not None else None


def effect_of(assigned: Assigned, seed: int, resamples: int = RESAMPLES) -> Effect | None:
    """The lift of a list, or None while an arm is empty. Equal input and seed: equal result."""
    assigned = comparable(assigned)
    treated = assigned.is_treated
    if not treated.any() or treated.all():
        return None
    strata = taken_together(assigned)
    adjusted = assigned.outcome - adjustment(assigned, strata)
    cells = _cells(assigned, strata, adjusted)
    (mean_treated, mean_held_out), variance = _estimate(cells)
    lift, error = mean_treated - mean_held_out, float(np.sqrt(variance))
    quantiles = None
    if error > 0 and all(len(cell.outcome) > 1 for pair in cells for cell in pair):
        quantiles = _studentised(cells, np.random.default_rng(seed), resamples)
    return Effect(
        treated=int(assigned.people[treated].sum()),
        held_out=int(assigned.people[~treated].sum()),
        mean_treated=mean_treated,
        mean_held_out=mean_held_out,
        lift=lift,
        standard_error=error,
        low=lift - quantiles[1] * error if quantiles else None,
        high=lift - quantiles[0] * error if quantiles else None,
        quantiles=quantiles,
    )


def comparable(assigned: Assigned) -> Assigned:
    """Those of draws with two households or more in either arm, where shares differ."""
    if assigned.draw is None or len(np.unique(assigned.draw)) < 2:
        return assigned
    arms = [
        np.bincount(assigned.draw[assigned.is_treated == arm], minlength=assigned.draw.max() + 1)
        for arm in (0, 1)
    ]
    return assigned.where((np.minimum(*arms) > 1)[assigned.draw])


def taken_together(assigned: Assigned) -> np.ndarray:
    """The strata of each draw, those with too few households in an arm as one; if that is too
    small, it joins the largest. Never across draws: when more were held, people may have spent
    more, and the difference would look like an effect."""
    draw = np.zeros(len(assigned), int) if assigned.draw is None else assigned.draw
    codes = np.zeros(len(assigned), int)
    for code in np.unique(draw):
        rows = draw == code
        strata = _together(assigned.stratum[rows], assigned.is_treated[rows])
        codes[rows] = strata + codes.max() + 1
    return codes


def _together(codes: np.ndarray, is_treated: np.ndarray) -> np.ndarray:
    arms = [np.bincount(codes[is_treated == arm], minlength=codes.max() + 1) for arm in (0, 1)]
    smallest = np.minimum(*arms)
    is_small = smallest < LEAST_OF_AN_ARM
    if not is_small.any():
        return codes
    rest = is_small[codes]
    together = np.where(rest, len(smallest), codes)
    held_of_rest = [int((rest & (is_treated == arm)).sum()) for arm in (0, 1)]
    if min(held_of_rest) < LEAST_OF_AN_ARM and not is_small.all():
        together[rest] = np.argmax(np.where(is_small, -1, smallest))
    return together


def adjustment(assigned: Assigned, strata: np.ndarray) -> np.ndarray:
    """What the facts from before explain of each outcome, in sum zero a head within each stratum.

    Too few rows for the slopes, or facts without spread: nothing is adjusted.
    """
    facts, people = assigned.before, assigned.people
    if not facts.shape[1] or len(assigned) < 10 * (facts.shape[1] + 1):
        return np.zeros(len(assigned))
    cell = strata * 2 + assigned.is_treated
    outcome = _centred(assigned.outcome[:, None], people, cell).ravel()
    slopes, *_ = np.linalg.lstsq(_centred(facts, people, cell), outcome, rcond=1e-10)
    return _centred(facts, people, strata) @ slopes


def _centred(values: np.ndarray, people: np.ndarray, group: np.ndarray) -> np.ndarray:
    """(rows, p) less what the mean a head of the row's group makes of its people."""
    heads = np.maximum(np.bincount(group, weights=people), 1)
    means = [np.bincount(group, weights=column) / heads for column in values.T]
    return values - people[:, None] * np.stack(means, axis=1)[group]


@dataclass(frozen=True)
class _Cell:
    """The households of one arm in one stratum; share: of everybody assigned, in the stratum."""

    outcome: np.ndarray
    people: np.ndarray
    share: float


def _cells(
    assigned: Assigned, strata: np.ndarray, adjusted: np.ndarray
) -> list[tuple[_Cell, _Cell]]:
    """(treated, held_out) of each stratum."""
    everybody = assigned.people.sum()
    pairs = []
    for code in np.unique(strata):
        share = float(assigned.people[strata == code].sum() / everybody)
        treated, held_out = (
            (strata == code) & (assigned.is_treated == arm) for arm in (True, False)
        )
        pairs.append(
            (
                _Cell(adjusted[treated], assigned.people[treated], share),
                _Cell(adjusted[held_out], assigned.people[held_out], share),
            )
        )
    return pairs


def _estimate(cells: list[tuple[_Cell, _Cell]]) -> tuple[tuple[float, float], float]:
    """((mean treated, mean held_out), variance of their difference)."""
    means, variance = np.zeros(2), 0.0
    for pair in cells:
        for arm, cell in enumerate(pair):
            mean, residuals = _heads(cell)
            households = len(residuals)
            means[arm] += cell.share * mean
            if households > 1:
                spread = float(residuals @ residuals) / (households - 1) / households
                variance += cell.share**2 * spread
    return (float(means[0]), float(means[1])), variance


def _heads(cell: _Cell) -> tuple[float, np.ndarray]:
    """Mean a head, and what each household adds to its error: a ratio's linearised residuals."""
    heads = cell.people.sum()
    mean = float(cell.outcome.sum() / heads)
    return mean, (cell.outcome - mean * cell.people) * (len(cell.outcome) / heads)


def _studentised(
    cells: list[tuple[_Cell, _Cell]], rng: np.random.Generator, resamples: int
) -> tuple[float, float]:
    """2.5% and 97.5% quantile of (lift of a resample - lift) / its standard error.

    Either arm is drawn from the residuals of both in its stratum: a tenth of the people know too
    little of the rare large orders on which the lopsidedness of their mean depends.
    """
    lifts, variances = np.zeros(resamples), np.zeros(resamples)
    for pair in cells:
        pooled = np.concatenate([_heads(cell)[1] for cell in pair])
        for sign, cell in zip((1, -1), pair, strict=True):
            mean, variance = _drawn(pooled, len(cell.outcome), rng, resamples)
            lifts += sign * cell.share * mean
            variances += cell.share**2 * variance
    is_spread = variances > 0
    t = lifts[is_spread] / np.sqrt(variances[is_spread])
    low, high = np.quantile(t, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _drawn(
    pooled: np.ndarray, size: int, rng: np.random.Generator, resamples: int
) -> tuple[np.ndarray, np.ndarray]:
    """Means of `size` draws and their variances, `resamples` of them.

    Beyond `LARGEST_DRAWN` the two are drawn from their joint normal limit, which costs no memory.
    """
    if size <= LARGEST_DRAWN:
        sample = pooled[rng.integers(len(pooled), size=(resamples, size))]
        return sample.mean(axis=1), sample.var(axis=1, ddof=1) / size
    second, third, fourth = (float((pooled**power).mean()) for power in (2, 3, 4))
    mean = rng.normal(size=resamples) * np.sqrt(second / size)
    slope = third / second if second else 0.0
    left = max(fourth - second**2 - slope * third, 0.0)
    spread = second + slope * mean + rng.normal(size=resamples) * np.sqrt(left / size)
    return mean, np.maximum(spread, second / 10) / size
