"""From `list_outcomes` to the rows of `list_results`."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from regulars.results.effect import effect_of
from regulars.scores.list_results import Result, assigned, detectable_on, results_of
from regulars.scores.score_tables import COLUMNS

AS_OF = date(2026, 10, 31)


def outcomes(rows: int = 600, lift: float = 6.0, seed: int = 1) -> pd.DataFrame:
    """A list over two months, one in five held, two tiers."""
    rng = np.random.default_rng(seed)
    is_treated = np.arange(rows) % 5 > 0
    return pd.DataFrame(
        {
            "list_code": "nudge",
            "household_id": [f"H{n}" for n in range(rows)],
            "episode_no": 1,
            "entered_on": [date(2026, 1 + n % 2, 1 + n % 28) for n in range(rows)],
            "list_version": [3 if n % 2 else None for n in range(rows)],
            "stratum": np.where(np.arange(rows) % 3 == 0, "gold", "basic"),
            "arm": np.where(is_treated, "treat", "hold"),
            "drawn_share": 0.2,
            "people": 1,
            "margin": rng.exponential(20, rows) + lift * is_treated,
            "buyers": (rng.random(rows) < 0.3 + 0.01 * lift * is_treated).astype(int),
            "value_at_stake": np.where(np.arange(rows) % 7 == 0, np.nan, 60.0),
            "margin_before": rng.exponential(20, rows),
            "predicted_value": np.where(np.arange(rows) % 7 == 0, np.nan, 10.0),
            "contacts": is_treated.astype(int),
            "opt_outs": ((np.arange(rows) % 50) == 1).astype(int),
            "complaints": 0,
            "cost": 0.5 * is_treated,
        }
    )


def test_a_result_says_by_which_versions_of_the_rules_its_people_were_assigned() -> None:
    two = outcomes().assign(list_version=[10 if n < 300 else 2 for n in range(600)])
    assert next(told(row)["list_versions"] for row in results_of(two)) == "2, 10"
    versions = {row.period: told(row)["list_versions"] for row in results_of(outcomes())}
    assert versions == {"all": "3", "2026-01": None, "2026-02": "3"}


def told(result: Result) -> dict[str, object]:
    row = result.row(AS_OF)
    assert set(row) == set(COLUMNS["list_results"])
    return row


def test_a_list_has_a_row_a_row_per_tier_and_a_row_per_month() -> None:
    rows = [(row.period, row.stratum) for row in results_of(outcomes())]
    assert rows == [
        ("all", "all"),
        ("all", "basic"),
        ("all", "gold"),
        ("2026-01", "all"),
        ("2026-02", "all"),
    ]


def test_people_contacts_and_money_add_up_over_tiers_and_months() -> None:
    whole, basic, gold, january, february = map(told, results_of(outcomes()))
    for name in ("eligible", "treated", "held_out", "contacts", "complaints", "cost"):
        assert whole[name] == pytest.approx(basic[name] + gold[name])  # type: ignore[operator]
        assert whole[name] == pytest.approx(january[name] + february[name])  # type: ignore[operator]
    assert (whole["eligible"], whole["treated"], whole["held_out"]) == (600, 480, 120)
    assert whole["opt_outs_per_thousand"] == pytest.approx(1000 * 12 / 480)
    assert whole["net_return"] == pytest.approx(float(str(whole["lift"])) * 480 - 240, abs=3)


def test_a_list_whose_effect_is_plain_is_announced_a_gain_and_the_opposite_a_harm() -> None:
    gain = told(next(results_of(outcomes(4_000, lift=12))))
    harm = told(next(results_of(outcomes(4_000, lift=-12))))
    assert (gain["verdict"], harm["verdict"]) == ("gain", "harm")
    assert gain["detectable_on"] == AS_OF


def test_a_service_list_holds_nobody_and_has_no_lift() -> None:
    everybody = outcomes()
    everybody["arm"] = "treat"
    row = told(next(results_of(everybody)))
    assert (row["held_out"], row["lift"], row["net_return"], row["detectable_on"]) == (
        0,
        None,
        None,
        None,
    )
    assert row["contacts"] == 480


def test_a_predicted_value_that_was_not_logged_adjusts_nothing() -> None:
    some = outcomes()
    some["predicted_value"] = None
    facts = assigned(some).before
    assert np.ptp(facts[:, 1]) == 0
    assert effect_of(assigned(some), 1) is not None


def test_the_same_outcomes_give_the_same_rows() -> None:
    one, two = ([told(row) for row in results_of(outcomes())] for _ in range(2))
    assert one == two


def test_a_lift_that_would_take_longer_than_ten_years_has_no_day() -> None:
    some = outcomes(lift=0.0)
    effect = effect_of(assigned(some), 1)
    assert effect is not None
    assert effect.smallest_detectable is not None
    ratio = effect.smallest_detectable / abs(effect.lift)
    found = detectable_on(effect, some["entered_on"], AS_OF)
    days = (date(2026, 2, 28) - date(2026, 1, 1)).days + 1
    assert (found is None) == (days * (ratio**2 - 1) > 3650)


def test_a_household_that_comes_again_is_no_second_witness() -> None:
    once = outcomes(300)
    again = pd.concat([once, once.assign(episode_no=2)], ignore_index=True)
    one, two = effect_of(assigned(once), 1), effect_of(assigned(again), 1)
    assert one is not None
    assert two is not None
    assert len(assigned(again)) == 300
    assert (two.treated, two.lift) == (2 * one.treated, pytest.approx(one.lift))
    assert two.standard_error == pytest.approx(one.standard_error)


@pytest.mark.parametrize("few", [40, 400])
def test_a_list_that_held_half_when_people_spent_more_has_no_effect_from_that(few: int) -> None:
    """Ten times as much in winter, when half were held; nobody spends more for being contacted."""
    number = np.arange(few + 2_000)
    is_winter = number < few
    once = outcomes(len(number)).assign(
        arm=np.where(number % np.where(is_winter, 2, 10) == 0, "hold", "treat"),
        margin=np.where(is_winter, 100.0, 10.0),
        drawn_share=np.where(is_winter, 0.5, 0.1),
        margin_before=0.0,
        predicted_value=0.0,
    )
    for row in results_of(once):
        if row.period == "all":
            assert row.effect is not None
            assert row.effect.lift == pytest.approx(0, abs=1e-9)


def test_a_share_that_was_not_logged_is_one_of_its_own() -> None:
    some = outcomes(300)
    unlogged = some.assign(drawn_share=None)
    assert len(assigned(unlogged)) == 300
    one, two = effect_of(assigned(some), 1), effect_of(assigned(unlogged), 1)
    assert one == two
