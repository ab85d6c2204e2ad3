"""The bridge as the report draws it, and in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from regulars.report.bridge import WORDS, largest, waterfall
from regulars.report.queries.bridges import bridge
from regulars.report.report_page import render
from regulars.report.sections import Bridge, BridgePart
from tests.unit.report import made_up_nights as made_up

BEFORE = date(2026, 10, 30)


def made(*parts: tuple[str, str], before: str = "1000") -> Bridge:
    found = tuple(BridgePart(name, Decimal(amount), 1) for name, amount in parts)
    now = Decimal(before) + sum(part.amount for part in found)
    return Bridge("company", BEFORE, Decimal(before), found, now)


ORDINARY = made(("time", "-30"), ("corrections", "-10"), ("purchases", "50"), ("refit", "-2.5"))


def test_each_bar_begins_where_the_one_before_it_ended() -> None:
    drawn = waterfall(made(("time", "-30"), ("corrections", "-10"), ("purchases", "60")))
    assert drawn.before == pytest.approx(200 / 3)
    assert [(bar.start, bar.width) for bar in drawn.bars] == [
        (pytest.approx(100 / 6), pytest.approx(50)),
        (0, pytest.approx(100 / 6)),
        (0, 100),
    ]
    assert [bar.is_loss for bar in drawn.bars] == [True, True, False]
    assert drawn.now == 100


def test_a_night_on_which_nothing_moved_is_drawn() -> None:
    drawn = waterfall(made())
    assert (drawn.before, drawn.now, drawn.bars) == (0, 0, ())
    assert largest(made()) is None


def test_what_moved_most_is_named_whatever_its_sign() -> None:
    assert largest(made(("purchases", "5"), ("time", "-6"))) == WORDS["time"]


def test_parts_that_moved_nobody_are_not_shown() -> None:
    columns = ("part", "amount", "customers", "previous_as_of")
    rows = [
        dict(zip(columns, row, strict=True))
        for row in [
            ("before", Decimal(10), 0, BEFORE),
            ("restated", Decimal(0), 0, BEFORE),
            ("time", Decimal(0), 2, BEFORE),
            ("purchases", Decimal(5), 1, BEFORE),
            ("now", Decimal(15), 3, BEFORE),
        ]
    ]
    found = bridge("company", rows)
    assert [part.name for part in found.parts] == ["time", "purchases"]
    assert (found.before, found.now, found.change) == (10, 15, 5)


def test_the_first_night_has_nothing_to_compare_with() -> None:
    assert "Nothing to compare with yet" in render(made_up.report(bridges=()))


def test_the_page_shows_every_part_to_the_cent_before_the_actions() -> None:
    page = render(made_up.report(bridges=(ORDINARY,)))
    section = page[page.index('id="bridge"') : page.index('id="today"')]
    shown = ["€1,000.00", "−€30.00", "−€10.00", "+€50.00", "−€2.50", "€1,007.50"]
    places = [section.index(f">{amount}<") for amount in shown]
    assert places == sorted(places)
    assert "what moved it most: “Purchases”." in section


def test_a_tiers_moves_stand_beside_what_its_people_changed() -> None:
    tier = made(("purchases", "5"), ("tier_moves", "-7"))
    page = render(made_up.report(bridges=(ORDINARY, tier)))
    assert ">+€5.00</td>" in page
    assert ">−€7.00</td>" in page
