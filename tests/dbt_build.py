"""Parts of the dbt project built in front of hand-made tables."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.engines.postgres import run_dbt
from regulars.night import Night
from regulars.settings import Settings


def build_model_inputs(
    settings: Settings, night: Night, *, without: Sequence[str] = (), **variables: object
) -> None:
    """What scoring reads, from the marts as they stand; `without` models made by hand."""
    exclusion = ["--exclude", "list_outcomes", *without]  # read by results, not by a fit
    selection = ["--select", "tag:model_inputs", *exclusion, "--full-refresh"]
    run_dbt(
        settings, night, [*selection, "--exclude-resource-type", "unit_test"], "test", variables
    )
