"""Were past totals within the ranges that would have been stated for them?

`value_totals` widens what customers vary by on their own with how far totals missed at the origins.
A square of a miss counts in proportion to the days of data that were known then, beside those known
where the range is for; and a few pretended misses count too, for origins are few. Each origin's
total is compared with the range that the misses at the *other* origins give it: the same rule, not
told the answer. Origins overlap, so the share within is a rough one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regulars.clv.metrics import Metric

PLACES = 6
PREFIXES = ("", "net_sales_")  # purchases, and money
Figures = Mapping[str, float]


@dataclass(frozen=True)
class RangeRule:
    """dbt's variables of the same names, which `value_totals` follows.

    total_reach       standard deviations from the middle to P10 and P90
    pretended_misses  so many misses of the size pretended_miss, a share, are taken to have happened
    """

    total_reach: float
    pretended_misses: int
    pretended_miss: float


def with_ranges(
    origins: Sequence[Sequence[Metric]], known_days: Sequence[float], rule: RangeRule
) -> list[list[Metric]]:
    """The metrics of each origin, and behind them total_p10, total_p90 and total_within_80 (1 or 0)
    of every model, of purchases and of net sales, where another origin judged it too. `known_days`
    of data were known at each."""
    with_own_ranges = []
    for place, metrics in enumerate(origins):
        others = [
            (each, days / known_days[place])
            for other, (each, days) in enumerate(zip(origins, known_days, strict=True))
            if other != place
        ]
        with_own_ranges.append([*metrics, *_ranges(metrics, others, rule)])
    return with_own_ranges


def _ranges(
    metrics: Sequence[Metric], others: Sequence[tuple[Sequence[Metric], float]], rule: RangeRule
) -> list[Metric]:
    """`others`: the metrics of each other origin, and its days of data beside this one's."""
    elsewhere = [(_by_model(each), share) for each, share in others]
    metrics_of_ranges = []
    for name, own in _by_model(metrics).items():
        for prefix in PREFIXES:
            squares = [
                miss**2 * share
                for figures, share in elsewhere
                if (miss := _miss(figures.get(name, {}), prefix)) is not None
            ]
            if squares and f"{prefix}total_variance" in own:
                metrics_of_ranges += _range(name, own, prefix, squares, rule)
    return metrics_of_ranges


def _range(
    name: str, own: Figures, prefix: str, squares: Sequence[float], rule: RangeRule
) -> list[Metric]:
    expected, actual = own[f"{prefix}expected_total"], own[f"{prefix}actual_total"]
    pretended = rule.pretended_misses
    squared = (sum(squares) + pretended * rule.pretended_miss**2) / (len(squares) + pretended)
    reach = rule.total_reach * math.sqrt(own[f"{prefix}total_variance"] + expected**2 * squared)
    figures = {
        "total_p10": expected - reach,
        "total_p90": expected + reach,
        "total_within_80": float(abs(actual - expected) <= reach),
    }
    return [Metric(name, f"{prefix}{metric}", value) for metric, value in figures.items()]


def _miss(figures: Figures, prefix: str) -> float | None:
    """Actual ÷ expected total, less one."""
    expected = figures.get(f"{prefix}expected_total", 0.0)
    return figures[f"{prefix}actual_total"] / expected - 1 if expected > 0 else None


def _by_model(metrics: Sequence[Metric]) -> dict[str, dict[str, float]]:
    """Rounded as stored, so that figures kept from another night give the same ranges."""
    by_model: dict[str, dict[str, float]] = {}
    for each in metrics:
        by_model.setdefault(each.name, {})[each.metric] = round(each.value, PLACES)
    return by_model
