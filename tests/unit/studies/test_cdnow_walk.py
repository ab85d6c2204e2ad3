"""The walk through CDNOW shows what was printed, and docs/studies/cdnow.md what the walk shows."""

from __future__ import annotations

import re

import pytest

from studies.cdnow.__main__ import REPORT
from studies.cdnow.cdnow_findings import Findings, find
from studies.cdnow.cdnow_tables import figures, tables
from studies.cdnow.data import load, wheel_file
from studies.cdnow.drawings import drawn
from studies.cdnow.published import CUMULATIVE, PRINTED, as_printed
from studies.report import REPORTS, filled


@pytest.fixture(scope="module")
def found() -> Findings:
    path = wheel_file()
    if path is None:
        pytest.skip("no wheel of `lifetimes`, which carries CDNOW_sample.txt, is installed")
    return find(load(path))


def test_every_printed_figure_comes_out_to_its_last_digit(found: Findings) -> None:
    """Sources: studies.cdnow.published."""
    ours = [as_printed(figures(found, p.model)[p.name], p.text) for p in PRINTED]
    assert ours == [p.text for p in PRINTED]


def test_the_weeks_come_out_as_printed_to_a_few_parts_in_100_000(found: Findings) -> None:
    for week, text in CUMULATIVE.items():
        assert found.models["pareto_nbd"].tracking[week - 1] == pytest.approx(float(text), rel=6e-5)


def test_customers_of_every_frequency_are_expected_once(found: Findings) -> None:
    for each in found.models.values():
        assert each.counts.sum() == pytest.approx(len(found.data.histories))
        assert each.counts == pytest.approx(found.counts, rel=0.25)


def test_the_page_is_what_the_walk_prints(found: Findings) -> None:
    """Figures of the page; `make cdnow` writes them anew."""
    page = (REPORTS / REPORT).read_text(encoding="utf-8")
    assert filled(page, tables(found)) == page


def test_the_page_shows_every_drawing(found: Findings) -> None:
    shown = re.findall(r"images/cdnow/(\w+)\.svg", (REPORTS / REPORT).read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(drawn(found))
