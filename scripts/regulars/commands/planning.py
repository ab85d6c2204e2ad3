"""What `regulars lists plan` says: two lines a list, as it is and as it would be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import click

from regulars.commands.inspection import check_list
from regulars.nights.plan import Planned
from regulars.project import list_definitions, list_settings
from regulars.settings import Settings


def plan(settings: Settings, list_code: str | None, typed: Sequence[str]) -> list[Planned]:
    """Every list, now and then. Raises UsageError for a setting without a list."""
    from regulars.nights import plan as nightly

    if typed and list_code is None:
        raise click.UsageError("--set needs the list that it is about: plan save_our_best --set …")
    if list_code is None:
        return nightly.plan(settings, {})
    check_list(settings, list_code)
    definition = list_definitions.for_dbt(settings.dbt_project)[list_code]["definition"]
    change = list_settings.typed(typed, definition.get("thresholds") or {})
    return nightly.plan(settings, {list_code: change} if typed else {})


def rows(planned: Sequence[Planned], list_code: str | None) -> list[dict[str, object]]:
    """The list that was asked for and every other one that would change."""
    shown = [plan for plan in planned if plan.list_code == list_code or plan.is_changed]
    return [
        {"list_code": plan.list_code, "when": when, **asdict(size), **moves}
        for plan in shown
        for when, size, moves in (
            ("now", plan.now, {"joins": None, "leaves": None}),
            ("then", plan.then, {"joins": plan.joins, "leaves": plan.leaves}),
        )
    ]


def sentences(planned: Sequence[Planned], list_code: str | None) -> list[str]:
    """What the numbers mean, and that nothing was saved."""
    others = [plan.list_code for plan in planned if plan.is_changed and plan.list_code != list_code]
    overlap = (
        f"Other lists would change with it: {', '.join(others)}."
        if others
        else "No other list would change."
    )
    return [
        *([overlap] if list_code else [] if others else ["No list would change."]),
        "expected_effect is what contacts are expected to change before they are paid for, as "
        "measured or else as assumed. "
        "Nothing was saved.",
    ]
