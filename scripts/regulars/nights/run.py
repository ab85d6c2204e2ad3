"""Run a step of the live night, or all of them."""

from __future__ import annotations

import logging
import resource
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg

from regulars.engines import engine_of
from regulars.feeds import largest_amounts, raw_tables, switched_off, wiring
from regulars.night import Night
from regulars.nights import leftovers
from regulars.nights.counts import in_words
from regulars.nights.lock import NightRefused, only_one
from regulars.nights.steps import STEPS, Step
from regulars.private_files import make_missing
from regulars.project import list_definitions, variable_bounds
from regulars.publication.publish import link_current
from regulars.settings import Settings
from regulars.targets import destinations, places
from regulars.transform import TransformError, check_built
from regulars.warehouse import WarehouseError, live_night, refusal

LEAST_ADDRESS_SPACE = 2 * 2**30  # bytes
log = logging.getLogger(__name__)
OnStep = Callable[[str, dict[str, Any] | None], None]


def run_step(name: str, as_of: date, settings: Settings | None = None) -> dict[str, Any]:
    """Run one step of the live night.

    Raises NightRefused when another step is at work or the night lies before the published one,
    TransformError when the tables hold another night, WarehouseError when the database refuses.
    """
    settings = settings or Settings.from_env()
    _refuse_little_memory()
    night = Night(as_of)
    step = STEPS[name]
    is_first = name == next(iter(STEPS))
    if is_first:
        _check_project(settings)
        raw_tables.migrate(settings)
        switched_off.check(settings)
    else:
        raw_tables.bring_up_to_date(settings)
    make_missing(settings.home)  # before a tool makes it as wide as the process's mask
    with only_one(settings):
        if is_first:
            engine_of(settings).check(settings)
            leftovers.sweep(settings)
            link_current(settings)  # a killed publication may have left it behind
        _refuse_the_past(settings, night)
        if step.needs_tables:
            check_built(settings, night)  # the lock was free between two steps
        counts = _carried_out(name, step, settings, night)
    log.info("%s of %s: %s", name, as_of, in_words(counts) or "nothing new")
    return counts


def _check_project(settings: Settings) -> None:
    """Before hours of work, not after."""
    variable_bounds.check(settings.dbt_project)
    list_definitions.check(settings.dbt_project)
    wanted = list_definitions.load(settings.dbt_project)
    destinations.check(settings.dbt_project, wanted)
    places.load(settings.dbt_project, wanted)
    wiring.check(settings)


def _carried_out(name: str, step: Step, settings: Settings, night: Night) -> dict[str, Any]:
    """Its counts. Raises WarehouseError for what must not be shown, or says nothing, as it is."""
    try:
        return step.run(settings, night)
    except MemoryError:
        raise WarehouseError(
            f"{name}: this machine, or the limit this process runs under, has too little "
            "memory. Give it more (docs/studies/benchmarks.md says how much), or fewer "
            "REGULARS_DBT_THREADS; then run the night again."
        ) from None
    except psycopg.Error as error:
        # A driver's message can quote whole rows, and Airflow logs what is raised here.
        said = f"{name}: {refusal(error)}"
        if isinstance(error, psycopg.errors.NumericValueOutOfRange):
            said = f"{said} {largest_amounts.advice(settings)}"
        raise WarehouseError(said) from None
    except TransformError as error:
        if largest_amounts.OVERFLOW not in str(error):
            raise
        raise TransformError(f"{error}\n  {largest_amounts.advice(settings)}") from None


def run_night(
    settings: Settings, as_of: date, on_step: OnStep | None = None
) -> dict[str, dict[str, Any]]:
    """Run all steps in order. on_step(name, None) before, on_step(name, result) after each."""
    tell = on_step or (lambda name, result: None)
    results = {}
    for name in STEPS:
        tell(name, None)
        results[name] = run_step(name, as_of, settings)
        tell(name, results[name])
    return results


def _refuse_little_memory() -> None:
    """Linear algebra waits for ever for memory that a limit on the process never lets it have."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < LEAST_ADDRESS_SPACE:
        raise NightRefused(
            f"This process may use {limit // 2**20} MB of address space (ulimit -v); a night needs "
            f"{LEAST_ADDRESS_SPACE // 2**20} at least. Raise the limit, then run it again."
        )


def _refuse_the_past(settings: Settings, night: Night) -> None:
    """The live tables move forward only."""
    live = live_night(settings)
    if live and live > night.as_of:
        raise NightRefused(
            f"The night of {live} is published; {night.as_of} lies before it. "
            f"To see that night again: `regulars rebuild --as-of {night.as_of}`."
        )
