"""Cells that a spreadsheet shows as they are and never runs."""

from __future__ import annotations

from regulars.targets.forms import flatten, guard, plain

__all__ = ["cell", "flatten", "guard"]


def cell(value: object) -> str:
    """Any value of a list row as text for a spreadsheet: null empty, text flat and guarded."""
    return guard(flatten(value)) if isinstance(value, str) else plain(value)
