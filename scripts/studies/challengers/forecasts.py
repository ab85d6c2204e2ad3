"""Forecasts with their distributions: of a fitted model, and of a mean that somebody else has
found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import cast

import numpy as np
import pandas as pd
from scipy import optimize, stats

from regulars.backtesting.candidates import CANDIDATES
from regulars.clv import PurchaseModel
from regulars.clv.count_scores import CountScores, count_scores
from regulars.clv.histories import Floats
from regulars.clv.metrics import Forecast
from studies.challengers.windows import Window

CHAMPION = "mbg_nbd"
LEAST_MEAN = 1e-4


def candidates(window: Window) -> list[Forecast]:
    """The night's models, by the night's spend."""
    known = {CHAMPION: window.champion, "pareto_nbd": window.pareto}
    models = {
        name: known.get(name) or kind().fit(window.past.histories)
        for name, kind in CANDIDATES.items()
    }
    return [of_model(name, window, model) for name, model in models.items()]


@dataclass(frozen=True)
class Part:
    """Customers (places in the window) who follow one model, for `stretch` × the hold-out."""

    rows: np.ndarray
    model: PurchaseModel
    stretch: float = 1.0


def of_model(
    name: str, window: Window, model: PurchaseModel, stretch: Floats | None = None
) -> Forecast:
    """The model's distribution for `stretch` × the hold-out, a factor per customer (default 1):
    purchases come so many times as fast, and with them, in models with a coin, leaving."""
    factor = np.ones(len(window.who)) if stretch is None else stretch
    parts = [Part(np.flatnonzero(factor == v), model, float(v)) for v in np.unique(factor)]
    return of_parts(name, window, parts)


def of_parts(name: str, window: Window, parts: Iterable[Part]) -> Forecast:
    """The distributions of several models, each for its own customers; together they have all of
    them."""
    past, size = window.past, len(window.who)
    expected, chance = np.full(size, np.nan), np.full(size, np.nan)
    scores = {field.name: np.full(size, np.nan) for field in fields(CountScores)}
    for part in parts:
        rows, days = part.rows, past.days * part.stretch
        places, at = np.unique(past.row_of[rows], return_inverse=True)
        histories = past.histories.iloc[places]
        by_history = part.model.expected_purchases(histories, days)
        expected[rows] = by_history[at]
        chance[rows] = part.model.purchase_probability(histories, days)[at]
        actual = past.column("actual")[rows]
        scored = count_scores(part.model, histories, by_history, at, actual, days)
        for name_of, values in scores.items():
            values[rows] = getattr(scored, name_of)
    return Forecast(
        name=name,
        expected=expected,
        spend=expected * window.spend,
        chance=chance,
        counts=CountScores(**scores),
    )


def of_spend_on_means(window: Window) -> Forecast:
    """The champion, money by Gamma-Gamma fitted on means: only its order by spend differs."""
    champion = of_model("spend_on_means", window, window.champion)
    return replace(champion, spend=champion.expected * window.spend_on_means)


class Counts:
    """A distribution per customer: nothing with chance 1 − `chance`, else 1 + a negative binomial
    of size θ with which the mean comes out; or, without a `chance`, a plain negative binomial."""

    def __init__(self, size: float, is_hurdle: bool) -> None:
        self.size, self.is_hurdle = size, is_hurdle

    def predictive_counts(self, rows: pd.DataFrame, days: float, up_to: int) -> Floats:
        """P(X = 0 … up_to) per row of `mean` and `chance`."""
        mean, chance = rows["mean"].to_numpy()[:, None], rows["chance"].to_numpy()[:, None]
        count = np.arange(up_to + 1)[None, :]
        if not self.is_hurdle:
            return negative_binomial(count, mean, self.size)
        beyond = np.maximum(mean / chance - 1, LEAST_MEAN)
        bought = np.where(count > 0, negative_binomial(count - 1, beyond, self.size), 0.0)
        return np.where(count == 0, 1 - chance, chance * bought)


def negative_binomial(count: np.ndarray, mean: Floats, size: float) -> Floats:
    probability: Floats = stats.nbinom.pmf(count, size, size / (size + mean))
    return probability


def fitted_size(count: Floats, mean: Floats) -> float:
    """θ of negative binomials with these means, by maximum likelihood."""

    def loss(log_size: float) -> float:
        size = float(np.exp(log_size))
        return -float(np.sum(stats.nbinom.logpmf(count, size, size / (size + mean))))

    return float(np.exp(optimize.minimize_scalar(loss, bounds=(-4.0, 5.0), method="bounded").x))


def of_counts(
    name: str, window: Window, counts: Counts, mean: Floats, chance: Floats, spend: Floats
) -> Forecast:
    """A forecast whose distribution is `distribution`, a row per customer."""
    rows = pd.DataFrame({"mean": mean, "chance": chance})
    every = np.arange(len(mean))
    model = cast(PurchaseModel, counts)  # of a model, counts are all that is asked
    scores = count_scores(model, rows, mean, every, window.past.column("actual"), window.past.days)
    return Forecast(name=name, expected=mean, spend=spend, chance=chance, counts=scores)
