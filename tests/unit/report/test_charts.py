"""Drawings put their marks where the numbers say."""

from __future__ import annotations

import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from regulars.report import charts, model_charts
from regulars.report.sections import Movement, Pair, SecondPurchasePoint, ValueBin
from tests.unit.report import made_up_nights as made_up

SVG = "{http://www.w3.org/2000/svg}"


def marks(drawing: str, tag: str, style: str | None = None) -> list[dict[str, str]]:
    found = [mark.attrib for mark in ElementTree.fromstring(drawing).iter(SVG + tag)]
    return [mark for mark in found if style is None or mark.get("class") == style]


def ends(drawing: str, style: str) -> tuple[float, float]:
    """The last point of a path."""
    x, y = re.findall(r"([\d.]+) ([\d.]+)", marks(drawing, "path", style)[0]["d"])[-1]
    return float(x), float(y)


@pytest.mark.parametrize(
    ("high", "ticks"),
    [
        (0, [0, 1]),
        (0.44, [0, 0.2, 0.4, 0.6]),
        (7, [0, 2, 4, 6, 8]),
        (1000, [0, 250, 500, 750, 1000]),
    ],
)
def test_ticks_are_round_and_cover_the_data(high, ticks):
    assert charts.nice_ticks(high) == pytest.approx(ticks)


def test_every_band_of_the_histogram_is_a_bar_and_losses_stand_apart():
    drawing = charts.value_histogram(made_up.value().bins, "EUR")
    assert len(marks(drawing, "rect", "bar")) == len(made_up.value().bins) - 1
    assert len(marks(drawing, "rect", "loss")) == 1


def test_bars_are_as_tall_as_their_counts():
    bins = (ValueBin(Decimal(0), Decimal(10), 25), ValueBin(Decimal(10), Decimal(20), 100))
    short, tall = marks(charts.value_histogram(bins, "EUR"), "rect", "bar")
    assert float(tall["height"]) == pytest.approx(4 * float(short["height"]))


def test_the_concentration_curve_ends_with_everybody_holding_everything():
    drawing = charts.concentration_curve(made_up.value().concentration, made_up.TIER_CUTS)
    assert ends(drawing, "curve") == (charts.WIDTH - charts.RIGHT, charts.TOP)


def test_equal_customers_make_the_concentration_an_even_spread():
    shares = [Decimal(i) for i in range(1, 101)]
    drawing = charts.concentration_curve(shares, made_up.TIER_CUTS)
    assert "the best 25% of people hold 25% of net value" in drawing


def test_the_second_purchase_curve_holds_its_value_between_events():
    points = (SecondPurchasePoint(10, 0.1), SecondPurchasePoint(100, 0.3))
    drawing = charts.second_purchase_curve(points, 10, 100)
    path = marks(drawing, "path", "curve")[0]["d"]
    heights = [y for _, y in re.findall(r"([\d.]+) ([\d.]+)", path)]
    assert heights[0] == heights[1]
    assert heights[2] == heights[3]
    assert len(marks(drawing, "rect", "window")) == 1


def test_the_nudge_window_never_leaves_the_drawing():
    points = (SecondPurchasePoint(10, 0.1), SecondPurchasePoint(100, 0.3))
    window = marks(charts.second_purchase_curve(points, 60, 400), "rect", "window")[0]
    assert float(window["x"]) + float(window["width"]) <= charts.WIDTH - charts.RIGHT


def test_a_perfect_forecast_puts_every_dot_in_its_ring():
    drawing = charts.expected_against_actual([Pair(k, k + 0.5, k + 0.5) for k in range(8)])
    dots, rings = marks(drawing, "circle", "actual"), marks(drawing, "circle", "expected")
    assert [dot["cy"] for dot in dots[:8]] == [ring["cy"] for ring in rings[:8]]
    assert "7+" in drawing


def test_tracking_shades_the_weeks_that_the_model_had_not_seen():
    pairs = [Pair(week, week * 2.0, week * 3.0) for week in range(1, 101)]
    shade = marks(charts.tracking(pairs, 350), "rect", "unseen-weeks")[0]
    across = charts.horizontal(100)
    assert float(shade["x"]) == pytest.approx(across(50), abs=0.1)
    assert marks(charts.tracking(pairs, None), "rect", "unseen-weeks") == []


def test_movement_fills_its_strip_in_proportion():
    strip = charts.movement_strip("save_our_best", Movement(entered=25, stayed=50, left=25))
    entered, stayed, left = marks(strip, "rect")
    assert (entered["class"], stayed["class"], left["class"]) == ("entered", "stayed", "left")
    assert float(stayed["x"]) == pytest.approx(75)
    assert float(stayed["width"]) == pytest.approx(148.5)


def test_words_in_a_drawing_are_escaped():
    drawing = charts.value_histogram(made_up.value().bins, "<b>")
    assert "<b>" not in drawing
    ElementTree.fromstring(drawing)


def test_a_true_law_ends_at_the_dashes():
    drawing = model_charts.purchases_pit_histogram([0.1] * 10)
    bars, even = marks(drawing, "rect", "bar"), marks(drawing, "line", "line-expected")[0]
    assert {bar["y"] for bar in bars} == {even["y1"]}
    assert len(bars) == 10


def test_tenths_stand_at_what_came_with_rings_at_what_was_said():
    pairs = [Pair(1, 2.0, 4.0), Pair(2, 1.0, 1.0)]
    drawing = model_charts.decile_chart(pairs)
    first, second = marks(drawing, "rect", "bar")
    rings = marks(drawing, "circle", "expected")
    assert float(first["height"]) == pytest.approx(4 * float(second["height"]))
    assert rings[1]["cy"] == second["y"]
    assert float(rings[0]["cy"]) > float(first["y"])


def test_the_bands_of_the_curve_are_the_cuts_of_the_nights_project():
    shares = [Decimal(n) for n in range(1, 101)]
    drawing = charts.concentration_curve(shares, {"best": 7, "basic": 100})
    assert "Best: best 0% to 7%" in drawing
    assert "Basic: best 7% to 100%" in drawing
    assert "Platinum" not in drawing
