"""The judge of forecasts: every metric, its error and its difference from a reference.

A row stands for `weight` customers with one forecast and one outcome, so that a million customers
are as many rows as they have different pasts and futures. Errors are those of a paired Poisson
bootstrap: each replicate draws every row's number of customers anew, the same for all forecasts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from regulars.clv.accuracy import Ties, midranks, top_share
from regulars.clv.count_scores import CountScores
from regulars.clv.histories import Floats
from regulars.clv.sales_distribution import SalesScores

REPLICATES = 200
# beyond so many rows a standard error is wanted to 7%, not 5%, for half of the time and memory
MANY_ROWS, FEWER_REPLICATES = 20_000, 100
SEED = 20_050_101
_BLOCK = 1_000_000  # weights ranked at a time

# metrics of which less is better, or that are read as they are; their order in a table
POINT = (
    "bias",
    "mae",
    "rmse",
    "msle",
    "crps",
    "brier",
    "coverage_90",
    "interval_score_90",
    "below_p90",
    "calibration_slope",
    "spearman",
    "gini",
    "top_decile_share",
    "top_decile_spend_share",
    "net_sales_bias",
    "net_sales_coverage_80",
    "net_sales_interval_score_80",
    "net_sales_below_p90",
)


@dataclass(frozen=True)
class Outcomes:
    """What happened to the customers of each row.

    actual     purchases in the hold-out
    spend      what they spent in it, each
    weight     customers
    is_scored  rows whose distributions are scored: all, or a part where there are very many
    """

    actual: Floats
    spend: Floats
    weight: Floats
    is_scored: NDArray[np.bool_]


@dataclass(frozen=True)
class Forecast:
    """What a model or a plain rule said.

    expected  purchases
    spend     what its order by spend goes by
    chance    of buying at all; None: nothing said
    counts    scores of its distribution, for the rows with `is_scored`; None: a number without a
              distribution, whose CRPS is the absolute error
    sales     scores of its distribution of net sales, for the same rows; `spend` then is money
    """

    name: str
    expected: Floats
    spend: Floats
    chance: Floats | None = None
    counts: CountScores | None = None
    sales: SalesScores | None = None

    @property
    def is_model(self) -> bool:
        return self.counts is not None


@dataclass(frozen=True)
class Metric:
    """A figure about `name`. difference is value less the reference's; errors are standard ones,
    None where nothing was drawn (totals, series) or the metric was not defined in every replicate.
    """

    name: str
    metric: str
    value: float
    standard_error: float | None = None
    difference: float | None = None
    difference_error: float | None = None


def evaluate(forecasts: Sequence[Forecast], outcomes: Outcomes, reference: str) -> list[Metric]:
    """All metrics of all forecasts; those not defined for one are left out."""
    measured = measures(forecasts, outcomes, replicates(outcomes.weight))
    by_forecast = {each.name: values for each, values in zip(forecasts, measured, strict=True)}
    base = by_forecast[reference]
    return [
        _metric(name, metric, values, None if name == reference else base.get(metric))
        for name, by_metric in by_forecast.items()
        for metric, values in by_metric.items()
        if np.isfinite(values[0])
    ]


def replicates(weight: Floats) -> Floats:
    """Row 0 is `weight`; the others are drawn around it, always the same ones."""
    draw = np.random.default_rng(SEED)
    times = FEWER_REPLICATES if len(weight) > MANY_ROWS else REPLICATES
    sets = np.empty((1 + times, len(weight)))
    sets[0], sets[1:] = weight, draw.poisson(weight, (times, len(weight)))
    return sets


def measure(forecast: Forecast, outcomes: Outcomes) -> dict[str, float]:
    """The metrics alone, without errors."""
    (metrics,) = measures([forecast], outcomes, outcomes.weight[None, :])
    return {name: float(values[0]) for name, values in metrics.items() if np.isfinite(values[0])}


def _metric(name: str, metric: str, values: Floats, base: Floats | None) -> Metric:
    value = float(values[0])
    if metric not in POINT:
        return Metric(name, metric, value)
    if base is None:
        return Metric(name, metric, value, _error(values))
    apart = values - base
    if not np.isfinite(apart[0]):
        return Metric(name, metric, value, _error(values))
    return Metric(
        name=name,
        metric=metric,
        value=value,
        standard_error=_error(values),
        difference=float(apart[0]),
        difference_error=_error(apart),
    )


def _error(values: Floats) -> float | None:
    drawn = values[1:]
    return float(np.std(drawn)) if np.isfinite(drawn).all() else None


# ---------- metrics for many sets of weights at once: an array over the rows of `weights`


def measures(
    forecasts: Sequence[Forecast], outcomes: Outcomes, weights: Floats
) -> list[dict[str, Floats]]:
    """Every metric of each forecast, for many sets of weights of shape (sets, rows); NaN where it
    is not defined."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return [
            _errors(forecast, outcomes, weights)
            | _of_buying(forecast, outcomes, weights)
            | _of_counts(forecast, outcomes, weights)
            | _of_sales(forecast, outcomes, weights)
            | of_order
            for forecast, of_order in zip(
                forecasts, _of_order(forecasts, outcomes, weights), strict=True
            )
        ]


def _errors(forecast: Forecast, outcomes: Outcomes, weights: Floats) -> dict[str, Floats]:
    expected, actual = forecast.expected, outcomes.actual
    mean = _means(
        {
            "expected": expected,
            "actual": actual,
            "absolute": np.abs(expected - actual),
            "square": (expected - actual) ** 2,
            "log_square": (np.log1p(expected) - np.log1p(actual)) ** 2,
            "expected_square": expected**2,
            "both": expected * actual,
        },
        weights,
    )
    customers = weights.sum(axis=1)
    spread = mean["expected_square"] - mean["expected"] ** 2
    spread[spread <= 1e-12 * mean["expected_square"]] = np.nan  # one forecast for everybody
    return {
        "customers": customers,
        "expected_total": mean["expected"] * customers,
        "actual_total": mean["actual"] * customers,
        "bias": mean["expected"] / np.where(mean["actual"] > 0, mean["actual"], np.nan) - 1,
        "mae": mean["absolute"],
        "rmse": np.sqrt(mean["square"]),
        "msle": mean["log_square"],
        "calibration_slope": (mean["both"] - mean["expected"] * mean["actual"]) / spread,
    }


def _of_buying(forecast: Forecast, outcomes: Outcomes, weights: Floats) -> dict[str, Floats]:
    """Did as many buy as the chances said, and the right ones?"""
    if forecast.chance is None:
        return {}
    bought = np.minimum(outcomes.actual, 1.0)
    squares = (forecast.chance - bought) ** 2
    mean = _means({"chance": forecast.chance, "bought": bought, "brier": squares}, weights)
    customers = weights.sum(axis=1)
    return {
        "expected_buyers": mean["chance"] * customers,
        "actual_buyers": mean["bought"] * customers,
        "brier": mean["brier"],
    }


def _of_counts(forecast: Forecast, outcomes: Outcomes, weights: Floats) -> dict[str, Floats]:
    rows, scores = outcomes.is_scored, forecast.counts
    actual, among = outcomes.actual[rows], _chosen(weights, rows)
    if scores is None:
        return _means({"crps": np.abs(forecast.expected[rows] - actual)}, among)
    metrics = _means(
        {
            "crps": scores.crps,
            "coverage_90": scores.covers(actual),
            "interval_score_90": scores.interval_score(actual),
        },
        among,
    )
    return metrics | _means({"below_p90": _share(actual <= scores.p90)}, among, scores.p90 > 0)


def _of_sales(forecast: Forecast, outcomes: Outcomes, weights: Floats) -> dict[str, Floats]:
    """Money: the total; the range of who bought at all; the unconditional P90 above zero."""
    rows, scores = outcomes.is_scored, forecast.sales
    if scores is None:
        return {}
    mean = _means({"expected": forecast.spend, "actual": outcomes.spend}, weights)
    customers = weights.sum(axis=1)
    spent, among = outcomes.spend[rows], _chosen(weights, rows)
    ranges = {
        "net_sales_coverage_80": scores.covers(spent),
        "net_sales_interval_score_80": scores.interval_score(spent),
    }
    return {
        "net_sales_expected_total": mean["expected"] * customers,
        "net_sales_actual_total": mean["actual"] * customers,
        "net_sales_bias": mean["expected"] / np.where(mean["actual"] > 0, mean["actual"], np.nan)
        - 1,
        **_means(ranges, among, outcomes.actual[rows] > 0),
        **_means({"net_sales_below_p90": _share(spent <= scores.p90)}, among, scores.p90 > 0),
    }


def _of_order(
    forecasts: Sequence[Forecast], outcomes: Outcomes, weights: Floats
) -> list[dict[str, Floats]]:
    """Spearman, normalised Gini and shares of the best tenth, ties counted half or shared."""
    by_actual = Ties.of(outcomes.actual)
    ties = [(Ties.of(each.expected), Ties.of(each.spend)) for each in forecasts]
    names = ("spearman", "gini", "top_decile_share", "top_decile_spend_share")
    rows: list[list[Floats]] = [[] for _ in forecasts]
    for block in np.array_split(weights, -(-weights.size // _BLOCK)):
        if not len(block):
            continue
        order = _Order.of(by_actual, outcomes.actual, block)
        for (by_expected, by_spend), of_forecast in zip(ties, rows, strict=True):
            shares = (
                top_share(by_expected, outcomes.actual, block),
                top_share(by_spend, outcomes.spend, block),
            )
            of_forecast.append(np.stack([*order.of_forecast(by_expected), *shares]))
    return [
        dict(zip(names, np.concatenate(of_forecast, axis=1), strict=True)) for of_forecast in rows
    ]


@dataclass(frozen=True)
class _Order:
    """Outcomes and their mid-ranks for some sets of weights, each less its mean: found once for all
    forecasts.

    By mid-ranks: a Gini is a covariance of outcomes with their ranks (Lerman, Yitzhaki 1984).
    """

    weights: Floats
    ranks: Floats
    outcomes: Floats
    spread: Floats  # of the ranks
    best: Floats  # covariance of outcomes with their own ranks

    @classmethod
    def of(cls, by_actual: Ties, actual: Floats, weights: Floats) -> Self:
        ranks = _centred(midranks(by_actual, weights), weights)
        outcomes = _centred(np.broadcast_to(actual, weights.shape), weights)
        weighed = weights * ranks
        spread, best = ((weighed * other).sum(axis=1) for other in (ranks, outcomes))
        return cls(weights, ranks, outcomes, spread, best)

    def of_forecast(self, by_expected: Ties) -> tuple[Floats, Floats]:
        """Spearman's correlation, and the Gini of outcomes ordered by forecast ÷ the best
        possible."""
        ranks = _centred(midranks(by_expected, self.weights), self.weights)
        weighed = self.weights * ranks
        own, together, outcome = (
            (weighed * other).sum(axis=1) for other in (ranks, self.ranks, self.outcomes)
        )
        spread = own * self.spread
        spearman = together / np.sqrt(np.where(spread > 0, spread, np.nan))
        return spearman, outcome / np.where(self.best > 0, self.best, np.nan)


def _centred(values: Floats, weights: Floats) -> Floats:
    total = weights.sum(axis=1, keepdims=True)
    centred: Floats = values - (weights * values).sum(axis=1, keepdims=True) / total
    return centred


def _share(happened: NDArray[np.bool_]) -> Floats:
    return happened.astype(np.float64)


def _chosen(weights: Floats, rows: NDArray[np.bool_]) -> Floats:
    """The columns of these rows; all of them without a copy, which is large."""
    return weights if rows.all() else weights[:, rows]


def _means(
    columns: Mapping[str, Floats], weights: Floats, among: NDArray[np.bool_] | None = None
) -> dict[str, Floats]:
    """Weighted means, `among` some rows, summed in row order: no BLAS, whose order depends on its
    threads, and no copy of the weights. NaN where those rows weigh nothing."""
    counted = np.ones(weights.shape[1]) if among is None else _share(among)
    totals = np.einsum("bn,n->b", weights, counted)
    return {
        name: np.einsum("bn,n->b", weights, values * counted) / totals
        for name, values in columns.items()
    }
