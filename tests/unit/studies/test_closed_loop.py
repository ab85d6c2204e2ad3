"""The study of the closed loop lives through the same company, whatever was sent."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.results.believed import Believed
from studies.closed_loop.__main__ import HISTORY, company, interval, lived
from studies.closed_loop.programme import HOLDOUT, WINDOW, Programme, true_effect

pytestmark = pytest.mark.slow
CUSTOMERS, WEEKS = 1_500, 4  # a month


@pytest.fixture(scope="module")
def untreated():
    return company(7, CUSTOMERS, WEEKS)


@pytest.fixture(scope="module")
def month(untreated):
    programme = Programme(untreated, "value", capacity=40)
    return programme, list(programme.live(HISTORY, WEEKS))


def test_without_lists_nothing_differs_from_the_company_left_alone(untreated) -> None:
    none = lived(untreated, "none", CUSTOMERS, WEEKS)
    assert (none.letters, none.opted_out, none.measurements) == (0, 0, ())
    assert lived(untreated, "none", CUSTOMERS, WEEKS).margin == none.margin


def test_about_one_in_five_is_held_out_and_nobody_is_asked_twice_in_a_fortnight(month) -> None:
    entries = month[0].entries
    assert np.mean(entries.is_treated) == pytest.approx(1 - HOLDOUT, abs=0.1)
    nights: dict[int, list[int]] = {}
    for who, night, treated in zip(
        entries.customer, entries.night, entries.is_treated, strict=True
    ):
        if treated:
            nights.setdefault(who, []).append(night)
    assert all(np.diff(sorted(each)).min(initial=99) >= 15 for each in nights.values())


def test_the_true_effect_of_a_list_that_was_not_sent_is_the_difference_it_makes(month) -> None:
    programme, _ = month
    effects = {code: true_effect(programme, code) for code in ("second_purchase", "save_our_best")}
    assert effects["second_purchase"] > 0 > effects["save_our_best"]  # as the simulator has it


def test_until_results_are_in_the_measured_programme_believes_the_assumption(untreated) -> None:
    programme = Programme(untreated, "measured", capacity=40)
    *_, last = programme.live(HISTORY, 2)
    assert programme.beliefs(last, HISTORY + 14) == {}
    assert programme.effects(last, HISTORY + WINDOW - 1) == {}


def test_a_list_that_is_believed_to_do_harm_gets_nobody(untreated, monkeypatch) -> None:
    programme = Programme(untreated, "measured", capacity=40)
    harm = (np.array([]), [Believed(share=-0.1, weight=0.9)])
    monkeypatch.setattr(programme, "beliefs", lambda ledger, night: {"save_our_best": harm})
    for _ in programme.live(HISTORY, 2):
        pass
    assert programme.entries.list_code
    assert "save_our_best" not in programme.entries.list_code


def test_differences_between_companies_have_students_interval() -> None:
    mean, low, high = interval([1.0, 2.0, 3.0])
    assert mean == 2.0
    assert (low, high) == (pytest.approx(2 - 2.484, abs=1e-3), pytest.approx(2 + 2.484, abs=1e-3))
