"""A number that stands in dbt's settings and in Python is the same in both."""

from __future__ import annotations

import re
from statistics import NormalDist

import pytest
import yaml

from regulars.backtesting.totals import MISS, P90, PRETENDED
from regulars.settings import PROJECT


@pytest.fixture(scope="module")
def settings() -> dict:
    return yaml.safe_load((PROJECT / "dbt_project/dbt_project.yml").read_text())["vars"]


def test_past_totals_are_judged_by_tonights_rule(settings: dict) -> None:
    assert (settings["pretended_misses"], settings["pretended_miss"]) == (PRETENDED, MISS)


def test_totals_reach_as_far_tonight_as_in_the_past() -> None:
    tonight = (PROJECT / "dbt_project/models/marts/value/value_totals.sql").read_text()
    assert re.findall(r"([\d.]+) \* cast\(\s*sqrt\(", tonight) == [str(P90)]
    assert pytest.approx(NormalDist().inv_cdf(0.9), abs=5e-7) == P90
