"""The scores gate holds tiers to the cuts of the project that the night runs on."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from expectations import scores
from regulars.gates.suites import GateContext


def context(folder: Path, tiers: str) -> GateContext:
    (folder / "dbt_project.yml").write_text(f"vars:\n  value_tiers: {tiers}\n", encoding="utf-8")
    return cast(GateContext, SimpleNamespace(settings=SimpleNamespace(dbt_project=folder)))


@pytest.mark.parametrize(
    ("tiers", "cuts"),
    [
        ("{gold: 5, silver: 20}", {"gold": 0.05, "silver": 0.2}),
        ("{best: 40}", {"best": 0.4}),
    ],
)
def test_tiers_are_those_of_the_nights_own_project(
    tmp_path: Path, tiers: str, cuts: dict[str, float]
) -> None:
    own = context(tmp_path, tiers)
    known = [
        each.value_set for each in scores._value_expectations(own) if hasattr(each, "value_set")
    ]
    crowded = [e.column for e in scores._total_expectations(own) if e.column.endswith("__crowding")]
    assert known == [[*cuts, "basic"]]
    assert crowded == [f"{tier}__crowding" for tier in cuts]


def test_a_tiers_share_counts_those_above_it(tmp_path: Path) -> None:
    cuts = scores._cuts(context(tmp_path, "{gold: 5, silver: 20}"))
    assert "in ('gold')" in scores._people_up_to("gold", cuts)
    assert "in ('gold', 'silver')" in scores._people_up_to("silver", cuts)
    assert "people * 0.2)" in scores._share_up_to("silver", cuts)
