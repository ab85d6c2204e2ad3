"""What keeping a customer costs beside winning one."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from regulars.results.effect import Effect
from regulars.results.keep_against_win import Estimate, cost_of_one, fieller, kept, times, won


def effect(lift: float, error: float, treated: int) -> Effect:
    return Effect(treated, 100, 0.3 + lift, 0.3, lift, error, None, None, None)


def test_kept_are_the_people_of_all_lists_who_would_not_have_bought() -> None:
    both = kept([effect(0.05, 0.01, 1000), effect(-0.02, 0.02, 500)])
    assert both.people == pytest.approx(40)
    assert both.variance == pytest.approx(10**2 + 10**2)


def test_won_are_those_who_bought_again_with_the_binomials_variance() -> None:
    assert won(400, 100) == Estimate(100, pytest.approx(75.0))
    assert won(0, 0) == Estimate(0, 0)


def test_a_cost_has_the_interval_of_its_people_turned_over() -> None:
    cost = cost_of_one(1000, Estimate(100, 10.0**2))
    assert cost is not None
    assert cost.amount == 10
    assert (cost.low, cost.high) == (pytest.approx(1000 / 119.6, 1e-3), pytest.approx(12.437, 1e-3))


def test_nothing_is_determinable_while_the_interval_of_the_kept_holds_zero() -> None:
    unsure = Estimate(10, 6.0**2)
    assert cost_of_one(1000, unsure) is None
    assert times(5000, Estimate(100, 75), 1000, unsure) is None
    assert cost_of_one(1000, Estimate(-50, 1)) is None


def test_fiellers_interval_covers_the_true_ratio() -> None:
    # the denominator is 6 standard errors from zero: skewed, and the limits are far from even
    rng = np.random.default_rng(7)
    above = rng.normal(10, 1, 4000)
    below = rng.normal(6, 1, 4000)
    limits = [fieller(Estimate(a, 1), Estimate(b, 1)) for a, b in zip(above, below, strict=True)]
    cover = np.mean([low <= 10 / 6 <= high for low, high in limits])
    assert cover == pytest.approx(0.95, abs=0.011)


def test_a_ratio_to_what_may_be_zero_has_no_end() -> None:
    assert fieller(Estimate(10, 1), Estimate(1, 1)) == (-inf, inf)


def test_winning_is_so_many_times_as_dear_as_keeping() -> None:
    ratio = times(5000, Estimate(100, 0), 500, Estimate(50, 0))
    assert ratio is not None
    assert (ratio.amount, ratio.low, ratio.high) == (5, 5, 5)


def test_without_a_spend_nobody_says_what_winning_costs() -> None:
    assert times(0, Estimate(100, 0), 500, Estimate(50, 0)) is None
