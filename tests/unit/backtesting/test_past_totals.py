"""Past totals are held against the range that other dates would have given them."""

from __future__ import annotations

import pytest

from regulars.backtesting.totals import RangeRule, with_ranges
from regulars.clv.metrics import Metric

P90, PRETENDED, MISS = 1.281552, 2, 0.12
RULE = RangeRule(P90, PRETENDED, MISS)


def origin(expected: float, actual: float, variance: float, prefix: str = "") -> list[Metric]:
    figures = {"expected_total": expected, "actual_total": actual, "total_variance": variance}
    return [Metric("mbg_nbd", f"{prefix}{name}", value) for name, value in figures.items()]


def added(
    before: list[list[Metric]], known_days: list[float] | None = None
) -> list[dict[str, float]]:
    found = with_ranges(before, known_days or [700.0] * len(before), RULE)
    assert [metrics[: len(own)] for metrics, own in zip(found, before, strict=True)] == before
    return [
        {each.metric: each.value for each in metrics[len(own) :]}
        for metrics, own in zip(found, before, strict=True)
    ]


def test_a_total_is_judged_by_the_misses_of_the_other_origins_alone() -> None:
    """Misses of 30% and 40% are squares of .09 and .16; of this origin's own none counts."""
    found = added([origin(100, 150, 400), origin(100, 130, 0), origin(100, 60, 0)])
    squared = (0.09 + 0.16 + PRETENDED * MISS**2) / (2 + PRETENDED)
    reach = P90 * (400 + 100**2 * squared) ** 0.5
    assert found[0]["total_p10"] == pytest.approx(100 - reach)
    assert found[0]["total_p90"] == pytest.approx(100 + reach)
    assert 42 < reach < 43
    assert found[0]["total_within_80"] == 0
    better = added([origin(100, 142, 400), origin(100, 130, 0), origin(100, 60, 0)])
    assert better[0]["total_within_80"] == 1
    assert better[0]["total_p90"] == found[0]["total_p90"]


def test_a_miss_counts_the_less_the_less_was_known_then() -> None:
    found = added([origin(100, 100, 0), origin(100, 140, 0)], [800.0, 400.0])
    for place, share, miss in ((0, 0.5, 0.4), (1, 2.0, 0.0)):
        squared = (miss**2 * share + PRETENDED * MISS**2) / (1 + PRETENDED)
        assert found[place]["total_p90"] == pytest.approx(100 + P90 * 100 * squared**0.5)


def test_money_is_judged_by_the_misses_of_money() -> None:
    one = origin(100, 115, 0) + origin(5000, 5400, 0, "net_sales_")
    other = origin(100, 100, 0) + origin(5000, 5500, 0, "net_sales_")
    found = added([one, other])
    assert found[0]["total_within_80"] == 0
    assert found[0]["net_sales_total_within_80"] == 1
    squared = (0.1**2 + PRETENDED * MISS**2) / (1 + PRETENDED)
    assert found[0]["net_sales_total_p90"] == pytest.approx(5000 + P90 * 5000 * squared**0.5)


def test_one_origin_alone_and_a_plain_rule_have_no_range() -> None:
    assert added([origin(100, 110, 0)]) == [{}]
    rule = [Metric("all_zero", "expected_total", 0.0), Metric("all_zero", "actual_total", 5.0)]
    assert added([rule, rule]) == [{}, {}]
