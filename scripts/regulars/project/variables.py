"""Variables of dbt_project.yml that Python needs too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from regulars import own_project

LAST_TIER = "basic"  # whoever is in none of the tiers that have a cut
BY_SYSTEM = "system_entities"


def variables(dbt_project: Path) -> dict[str, Any]:
    """What dbt's `var` gives: the product's, and the company's own over them.

    What systems supply is put together system by system; of every other variable the company's
    value is the whole.
    """
    values: dict[str, Any] = {}
    for layer in reversed(own_project.layers(dbt_project)):
        own = own_project.variables(layer)
        entities = {**(values.get(BY_SYSTEM) or {}), **(own.get(BY_SYSTEM) or {})}
        values |= {**own, BY_SYSTEM: entities}
    return values


def tier_cuts(dbt_project: Path) -> dict[str, int]:
    """Tiers, best first: each holds the best so many percent, the last everybody."""
    return {**variables(dbt_project)["value_tiers"], LAST_TIER: 100}


def lifecycles(dbt_project: Path) -> tuple[str, ...]:
    """States of customers from active to lost, then those of trial users in order of time."""
    trials = ("trial_new", "trial_open", "trial_due", "trial_late")
    return (*variables(dbt_project)["lifecycle_thresholds"], "lost", *trials)


def total_ranges(dbt_project: Path) -> dict[str, Any]:
    """How wide the ranges of totals are, tonight's and past ones: backtesting.totals.RangeRule."""
    values = variables(dbt_project)
    return {name: values[name] for name in ("total_reach", "pretended_misses", "pretended_miss")}


def language(dbt_project: Path) -> str:
    """Of the sentences on lists."""
    return str(variables(dbt_project)["language"])
