"""The estimator against what can be worked out by hand, and against lists whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.results.announced import TIGHTEST_AT, radius, sequence_of, verdict_of
from regulars.results.assigned import Assigned
from regulars.results.effect import adjustment, effect_of, taken_together
from regulars.results.shrunken import shrunken
from studies.list_results.outcome_worlds import World, drawn, true_lift


def some(
    treated: list[float],
    held: list[float],
    *,
    strata: list[int] | None = None,
    people: list[float] | None = None,
    before: np.ndarray | None = None,
) -> Assigned:
    n = len(treated) + len(held)
    return Assigned(
        np.array([True] * len(treated) + [False] * len(held)),
        np.array(strata or [0] * n),
        np.array([*treated, *held], float),
        np.array(people or [1.0] * n),
        np.zeros((n, 0)) if before is None else before,
    )


def test_without_facts_and_strata_it_is_the_difference_of_means_with_neymans_error() -> None:
    treated, held = [1.0, 2, 3, 4, 10], [0.0, 0, 1, 5]
    found = effect_of(some(treated, held), seed=1)
    assert found is not None
    assert (found.treated, found.held_out) == (5, 4)
    assert found.lift == pytest.approx(4.0 - 1.5)
    variance = np.var(treated, ddof=1) / 5 + np.var(held, ddof=1) / 4
    assert found.standard_error == pytest.approx(variance**0.5)


def test_strata_weigh_by_their_share_of_everybody_assigned() -> None:
    """The held are one in two in one stratum and one in five in the other."""
    treated = [10.0, 12] * 8 + [1.0, 3] * 20
    held = [8.0, 10] * 8 + [1.0, 3] * 5
    strata = [0] * 16 + [1] * 40 + [0] * 16 + [1] * 10
    found = effect_of(some(treated, held, strata=strata), seed=1)
    assert found is not None
    assert found.lift == pytest.approx((32 * 2.0 + 50 * 0.0) / 82)


def test_a_household_is_one_draw_however_many_live_in_it() -> None:
    """Means are a head; four people of one household are not four witnesses."""
    one = some([8.0, 2, 4], [2.0, 4, 3], people=[4.0, 1, 1, 1, 2, 1])
    found = effect_of(one, seed=1)
    assert found is not None
    assert (found.treated, found.held_out) == (6, 4)
    assert found.lift == pytest.approx(14 / 6 - 9 / 4)
    residuals = [
        np.array([8 - 4 * 14 / 6, 2 - 14 / 6, 4 - 14 / 6]),
        np.array([2, 4, 3]) - np.array([1, 2, 1]) * 9 / 4,
    ]
    variance = sum((r**2).sum() / h**2 * 3 / 2 for r, h in zip(residuals, (6, 4), strict=True))
    assert found.standard_error == pytest.approx(variance**0.5)


def test_what_is_adjusted_away_averages_zero_a_head_in_every_stratum() -> None:
    one = drawn(World("any", 0.1, 1.0), np.random.default_rng(3))
    taken = adjustment(one, one.stratum)
    assert np.std(taken) > 1
    for code in np.unique(one.stratum):
        assert taken[one.stratum == code].mean() == pytest.approx(0, abs=1e-9)


def test_a_fact_that_explains_everything_leaves_no_error() -> None:
    rng = np.random.default_rng(5)
    before = rng.exponential(10, size=(400, 1))
    treated = np.arange(400) % 10 > 0
    one = Assigned(
        treated, np.zeros(400, int), before[:, 0] * 2 + treated * 3, np.ones(400), before
    )
    found = effect_of(one, seed=1)
    assert found is not None
    assert found.lift == pytest.approx(3)
    assert found.standard_error == pytest.approx(0, abs=1e-9)


def test_strata_with_too_few_held_are_taken_together() -> None:
    strata = [0] * 100 + [1] * 5 + [2] * 6 + [0] * 20 + [1] * 5 + [2] * 6
    one = some([1.0] * 111, [0.0] * 31, strata=strata)
    codes = taken_together(one)
    assert len(np.unique(codes)) == 2
    assert len(np.unique(codes[np.array(strata) != 0])) == 1


@pytest.mark.parametrize(("treated", "held"), [([1.0, 2], []), ([], [1.0, 2]), ([], [])])
def test_an_empty_arm_has_no_effect(treated: list[float], held: list[float]) -> None:
    assert effect_of(some(treated, held), seed=1) is None


def test_one_held_household_has_no_interval() -> None:
    found = effect_of(some([1.0, 2, 3], [1.0]), seed=1)
    assert found is not None
    assert (found.low, found.smallest_detectable) == (None, None)
    assert verdict_of(found) == "not known"


def test_equal_input_and_seed_give_equal_intervals() -> None:
    one = drawn(World("any", 0.1, 1.0), np.random.default_rng(3))
    assert effect_of(one, seed=7) == effect_of(one, seed=7)
    assert effect_of(one, seed=7) != effect_of(one, seed=8)


@pytest.mark.parametrize("change", [0.0, -0.15])
def test_the_interval_covers_on_skewed_margins_where_welchs_would_not(change: float) -> None:
    """200 lists of 2,000 households; 91 to 99% is three standard errors about 95%."""
    world = World("any", change, 1.0)
    covered = 0
    for number in range(200):
        found = effect_of(drawn(world, np.random.default_rng([9, number])), number, resamples=299)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= true_lift(world) <= found.high
    assert 0.91 <= covered / 200 <= 0.99


def test_what_is_announced_is_wider_than_one_look_and_needs_fifty_held() -> None:
    one = drawn(World("any", 0.2, 1.0), np.random.default_rng(3))
    found = effect_of(one, seed=1)
    assert found is not None
    assert found.low is not None
    limits = sequence_of(found)
    assert limits is not None
    assert limits[0] < found.low
    early = one.where(np.arange(300))
    assert sequence_of(effect_of(early, seed=1)) is None  # type: ignore[arg-type]


def test_the_sequence_is_the_normal_mixtures_boundary() -> None:
    """At rho^2 n = 7.94 by hand: sqrt(8.94 / 7.94 * log(8.94 / 0.0025)) = 3.035."""
    assert radius(TIGHTEST_AT) == pytest.approx(3.035, abs=0.005)
    assert radius(50) > radius(200) > radius(TIGHTEST_AT)


@pytest.mark.parametrize(("change", "verdict"), [(0.8, "gain"), (-0.8, "harm"), (0.0, "not known")])
def test_a_large_gain_and_a_large_harm_are_announced(change: float, verdict: str) -> None:
    world = World("any", change, 1.0, households=8_000)
    assert verdict_of(effect_of(drawn(world, np.random.default_rng(4)), seed=1)) == verdict


def test_strata_are_drawn_to_the_list_the_more_the_less_is_known_of_them() -> None:
    lifts, errors = [10.0, -2.0, 2.0], [1.0, 1.0, 4.0]
    drawn_to = shrunken(lifts, errors, whole=2.0)
    assert 2 < drawn_to[0] < 10
    assert -2 < drawn_to[1] < 2
    assert drawn_to[2] == pytest.approx(2.0)
    assert abs(drawn_to[0] - 10) < abs(shrunken(lifts, [3.0, 1.0, 4.0], 2.0)[0] - 10)


def test_strata_that_differ_by_chance_alone_get_the_lists_effect() -> None:
    assert shrunken([1.0, 1.2], [5.0, 5.0], whole=1.1) == [1.1, 1.1]


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        Assigned(np.array([True]), np.zeros(2, int), np.zeros(2), np.ones(2), np.zeros((2, 0)))
