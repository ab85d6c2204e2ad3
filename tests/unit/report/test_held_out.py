"""Who is held out of a list, in the words of its card."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from regulars.report.held_out import held_out
from regulars.report.sections import TonightsList

AS_OF = date(2026, 10, 31)
LIST = TonightsList(
    "win_back",
    "marketing",
    "Win back",
    people=388,
    held_out=388,
    response_rate=0.5,
    outcome_days=120,
)
SMALL = replace(
    LIST, people=12, held_out=5, entries_a_year=120.33, holdout_share=0.4155, is_learning=True
)


def test_what_tonights_hold_out_shows_has_the_day_on_which_it_is_settled() -> None:
    assert (
        held_out(LIST, AS_OF)
        == "388 of the 776; shows a lift of 10.1 points or more by 28 February 2027 (estimate)"
    )


def test_a_small_list_says_that_it_learns_and_what_a_year_will_show_by_when() -> None:
    assert held_out(SMALL, AS_OF) == (
        "5 of the 17; the list is small and learns: 42% of who newly enters;"
        " too few to show an effect yet;"
        " with 120 entering in a year, 25.9 points or more by 28 February 2028"
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"entries_a_year": 0.0}, "0 enter in a year, too few for any effect to show"),
        ({"entries_a_year": 8.02}, "8 enter in a year, too few for any effect to show"),
        ({"list_class": "service"}, "nobody: it is owed to each of them"),
        ({"list_class": "suppression"}, "nobody: it is no contact"),
    ],
)
def test_a_list_that_can_show_nothing_says_so(changes: dict, said: str) -> None:
    assert held_out(replace(SMALL, **changes), AS_OF).endswith(said)


def test_a_list_without_a_pace_says_nothing_of_a_year() -> None:
    assert "year" not in held_out(replace(SMALL, entries_a_year=None), AS_OF)
