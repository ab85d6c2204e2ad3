"""Generators write the tables of their reports, and leave the words around them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from studies import report
from studies.benchmarks.figures import UNFINISHED, Figures
from studies.benchmarks_clv import page as of_models
from studies.challengers import page as of_challengers
from studies.worlds import page as of_worlds

TABLE = re.compile(r"(<!-- table: \w+ -->\n).*?(<!-- end -->)", re.DOTALL)


def _bench() -> None:
    Figures(is_kept=True).finish()


WRITERS: dict[str, Callable[[], None]] = {
    "benchmarks.md": _bench,
    "benchmarks-clv.md": lambda: of_models.keep([], []),
    "challengers.md": lambda: of_challengers.write({}),
    "worlds.md": lambda: of_worlds.write([]),
}


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of docs/studies that the generators write to."""
    copy = tmp_path / "studies"
    shutil.copytree(report.REPORTS, copy, ignore=shutil.ignore_patterns("images"))
    monkeypatch.setattr(report, "REPORTS", copy)
    monkeypatch.setattr(of_worlds, "WORLDS", {})
    return copy


@pytest.mark.parametrize("name", WRITERS)
def test_a_generator_replaces_every_table_and_no_word(name: str, reports: Path) -> None:
    before = (reports / name).read_text()
    WRITERS[name]()
    after = (reports / name).read_text()
    assert TABLE.sub(r"\1\2", after) == TABLE.sub(r"\1\2", before)
    old, new = ([found[0] for found in TABLE.finditer(text)] for text in (before, after))
    assert old
    assert all(one != other for one, other in zip(old, new, strict=True))


def test_a_table_that_nobody_makes_is_an_error() -> None:
    with pytest.raises(KeyError, match="orders"):
        report.filled("<!-- table: orders -->\n<!-- end -->", {"nights": ""})


def test_a_run_that_is_cut_says_so_until_it_is_finished(reports: Path) -> None:
    figures = Figures(is_kept=True)
    figures.add("load", "< 5", "4")
    assert UNFINISHED in (reports / "benchmarks.md").read_text()
    figures.finish()
    assert UNFINISHED not in (reports / "benchmarks.md").read_text()
