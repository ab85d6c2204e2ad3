"""What dbt is told, whatever the engine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from regulars.carried import CARRIED_DIGITS
from regulars.look_alikes import LOOK_ALIKES
from regulars.national_numbers import CALLING_CODES
from regulars.night import Night
from regulars.plain_letters import PLAIN_LETTERS
from regulars.project import list_definitions, said_for_good
from regulars.project.variables import variables
from regulars.settings import Settings
from regulars.value_knots import KNOTS

ALL_DELIVERIES = 2**63 - 1
# What dbt would log of a database error can quote rows: we tell it ourselves.
QUIETLY = (
    "--quiet",
    "--log-level",
    "none",
    "--log-level-file",
    "none",
    "--no-use-colors",
    "--no-send-anonymous-usage-stats",
)

# Unit tests and the dear recomputations (tag oracle) belong to `make test`: the night runs what is
# cheap and decisive. No selectors of dbt's: it reads those of a package's user, not the package's.
NOT_TONIGHT = ("tag:oracle", "resource_type:unit_test")
LAYERS: Mapping[str, tuple[str, ...]] = {
    "before_scores": ("--exclude", "tag:after_scores", "tag:lists", *NOT_TONIGHT),
    "after_scores": ("--select", "tag:after_scores", "--exclude", "tag:lists", *NOT_TONIGHT),
    "lists": ("--select", "tag:lists", "--exclude", *NOT_TONIGHT),
}


def build(
    settings: Settings, night: Night, selection: Sequence[str], variables: Mapping[str, object]
) -> list[str]:
    """Arguments of `dbt build` for a selection, with `variables` beside the night's own."""
    return [*QUIETLY, "build", *selection, *_shared(settings, night, variables)]


def test(settings: Settings, night: Night, selection: Sequence[str]) -> list[str]:
    """Arguments of `dbt test` for a selection."""
    return [*QUIETLY, "test", *selection, *_shared(settings, night, {})]


def parse(settings: Settings, night: Night, variables: Mapping[str, object]) -> list[str]:
    """Arguments of `dbt parse` for the same project under the same variables."""
    return [*QUIETLY, "parse", *_shared(settings, night, variables)]


def _shared(settings: Settings, night: Night, variables: Mapping[str, object]) -> list[str]:
    return [
        "--vars",
        # YAML has no pairs of escapes for one letter
        json.dumps({**night_variables(settings, night), **variables}, ensure_ascii=False),
        "--project-dir",
        str(settings.dbt_project),
        "--profiles-dir",
        str(settings.product),
        "--target-path",
        str(target_folder(settings, night)),
        "--threads",
        str(settings.dbt_threads),
    ]


def night_variables(settings: Settings, night: Night) -> dict[str, object]:
    """Alike every night: another value of any of them makes dbt parse the whole project again."""
    return {
        **company_variables(settings),
        "schema_prefix": night.prefix,
        "last_delivery_id": night.last_delivery_id or ALL_DELIVERIES,
    }


def company_variables(settings: Settings) -> dict[str, object]:
    """What the models depend on of the company."""
    return {
        **variables(settings.dbt_project),
        said_for_good.FOR_GOOD: said_for_good.systems(settings.dbt_project),
        "systems": list(settings.systems),
        "feeds_off": sorted(settings.feeds_off),
        "company_timezone": settings.company_timezone,
        "reporting_currency": settings.reporting_currency,
        "lists": list_definitions.for_dbt(settings.dbt_project),
        "value_knots": list(KNOTS),
        "carried_digits": CARRIED_DIGITS,
        "look_alikes": LOOK_ALIKES,
        "plain_letters": PLAIN_LETTERS,
        "calling_codes": CALLING_CODES,
    }


def target_folder(settings: Settings, night: Night) -> Path:
    """Where dbt leaves its manifest for this night's prefix.

    Of each engine its own: dbt parses the whole project again where another one was last.
    """
    engine = "" if settings.engine == "postgres" else f"-{settings.engine}"
    return settings.home / "dbt" / f"{night.prefix.rstrip('_') or 'live'}{engine}"
