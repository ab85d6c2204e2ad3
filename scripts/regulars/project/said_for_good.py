"""Of which systems a night puts together only the last words that its deliveries name."""

from __future__ import annotations

from pathlib import Path

from regulars import own_project
from regulars.project.variables import variables

FOR_GOOD = "systems_that_say_for_good"


def systems(dbt_project: Path) -> list[str]:
    """Those of the variable. What the product says of its own systems holds for its models and its
    feeds: where a company has others in their place, not of that system."""
    *company, product = own_project.layers(dbt_project)
    said_of_its_own = own_project.variables(product)[FOR_GOOD]
    return [
        system
        for system in variables(dbt_project)[FOR_GOOD]
        if not (system in said_of_its_own and any(_has_other_words(own, system) for own in company))
    ]


def _has_other_words(company: Path, system: str) -> bool:
    """Wherever the model stands: dbt knows it by its name."""
    names = (f"stg_{system}__permission_events.*", f"_{system}__sources.*")
    return any(file for name in names for file in (company / "models").rglob(name))
