"""What a contact is believed to change: the assumption, then what was measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from regulars.results.believed import LEAST_DOUBT, Measured, believed, of_strata
from regulars.results.effect import Effect

ASSUMED = 0.1


def measured(
    lift: float, error: float, held_out: int = 200, at_stake: float | None = 100
) -> Measured:
    return Measured(
        Effect(
            treated=1800,
            held_out=held_out,
            mean_treated=30 + lift,
            mean_held_out=30,
            lift=lift,
            standard_error=error,
            low=lift - 2 * error,
            high=lift + 2 * error,
            quantiles=(-2.0, 2.0),
        ),
        at_stake,
    )


def test_a_measured_lift_and_the_assumption_weigh_by_their_precision() -> None:
    # 5 of 100 at stake is 0.05 ± 0.10, as uncertain as the assumed 0.10: they meet half-way
    one = believed(measured(lift=5, error=10), ASSUMED)
    assert one is not None
    assert (one.share, one.weight) == (pytest.approx(0.075), pytest.approx(0.5))


def test_what_is_known_well_leaves_nothing_of_the_assumption() -> None:
    one = believed(measured(lift=-8, error=0.01), ASSUMED)
    assert one is not None
    assert one.share == pytest.approx(-0.08, abs=1e-5)


def test_until_enough_are_held_out_nothing_is_believed_but_the_assumption() -> None:
    assert believed(measured(5, 1, held_out=49), ASSUMED) is None
    assert believed(measured(5, 1, held_out=50), ASSUMED) is not None


@pytest.mark.parametrize("at_stake", [None, 0.0])
def test_a_lift_is_a_share_of_nothing_where_nobody_knows_what_was_at_stake(
    at_stake: float | None,
) -> None:
    assert believed(measured(5, 1, at_stake=at_stake), ASSUMED) is None


def test_an_assumption_of_nothing_can_be_unlearnt() -> None:
    one = believed(measured(lift=5, error=100 * LEAST_DOUBT), 0.0)
    assert one is not None
    assert one.share == pytest.approx(0.025)


def test_a_tier_is_drawn_towards_the_list_and_one_that_says_nothing_has_the_lists() -> None:
    whole = believed(measured(10, 1), ASSUMED)
    assert whole is not None
    silent = replace(measured(3, 1), at_stake=None)
    shares = of_strata(
        {"gold": measured(40, 5), "basic": measured(-20, 5), "no history": silent}, whole
    )
    assert 0.1 < shares["gold"].share < 0.4
    assert -0.2 < shares["basic"].share < 0.1
    assert shares["no history"].share == whole.share


def test_tiers_that_differ_by_chance_alone_have_what_the_list_has() -> None:
    whole = believed(measured(10, 1), ASSUMED)
    assert whole is not None
    shares = of_strata({"gold": measured(11, 5), "basic": measured(9, 5)}, whole)
    assert {one.share for one in shares.values()} == {whole.share}
