"""What each list is: one row of dbt_project/seeds/list_definitions.csv.

The seeds are the only place where a threshold of a list lives. The bounds of each column stand
beside its description in dbt_project/seeds/_seeds.yml, so that this check and dbt's tests agree.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import yaml

from regulars.settings import Settings, SettingsError

DEFINITIONS = "list_definitions"
RULES = "campaign_rules"


class ListDefinitionError(SettingsError):
    """A list's definition makes no sense; names file, row, column, value and what is allowed."""


@dataclass(frozen=True)
class ListDefinition:
    """What the export needs to know of a list.

    list_class      marketing (consent, hold-out) or service (something is owed)
    channel         email, phone or post: the address a file row cannot do without
    purpose         of the consent that a marketing list needs
    extra_columns   columns of this list after the common ones
    """

    list_code: str
    list_version: int
    list_name: str
    list_class: str
    channel: str
    purpose: str
    extra_columns: tuple[str, ...]


def load(settings: Settings) -> list[ListDefinition]:
    """Every list, by code. Raises ListDefinitionError if a definition or rule makes no sense."""
    check(settings)
    rows = _rows(_seed(settings, DEFINITIONS))
    return sorted((_definition(row) for row in rows), key=lambda d: d.list_code)


def check(settings: Settings) -> dict[str, int]:
    """Check both seeds against their declared bounds. Returns how many rows each has."""
    declared = _declared(settings.dbt_project / "seeds" / "_seeds.yml")
    counts = {}
    for seed in (DEFINITIONS, RULES):
        path = _seed(settings, seed)
        rows = _rows(path)
        for row in rows:
            _check_row(path.name, row, declared[seed])
        counts[seed] = len(rows)
    if counts[RULES] != 1:
        raise ListDefinitionError(f"{RULES}.csv has {counts[RULES]} rows; it must have one.")
    _check_unique(_rows(_seed(settings, DEFINITIONS)))
    return counts


def _check_row(file: str, row: dict[str, str], columns: dict[str, dict[str, object]]) -> None:
    where = f"{file}, {row.get('list_code', 'line 2')}"
    if set(row) != set(columns):
        odd = ", ".join(sorted(set(row) ^ set(columns)))
        raise ListDefinitionError(f"{where}: columns do not match the declaration: {odd}.")
    for name, bounds in columns.items():
        _check_value(f"{where}: {name}", row[name], bounds)
    if row.get("class") == "service" and Decimal(row["holdout_share"]) != 0:
        raise ListDefinitionError(
            f"{where}: a service list has no hold-out; holdout_share must be 0."
        )


def _check_value(where: str, text: str, bounds: dict[str, object]) -> None:
    if text == "":
        if bounds.get("required", True):
            raise ListDefinitionError(f"{where} is empty.")
        return
    allowed = bounds.get("allowed")
    if isinstance(allowed, list) and text not in allowed:
        raise ListDefinitionError(f"{where} is '{text}'; use one of {', '.join(allowed)}.")
    if "min" in bounds:
        _check_number(where, text, bounds)


def _check_number(where: str, text: str, bounds: dict[str, object]) -> None:
    low, high = Decimal(str(bounds["min"])), Decimal(str(bounds["max"]))
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ListDefinitionError(f"{where} is '{text}', which is no number.") from None
    if not (value.is_finite() and low <= value <= high):
        raise ListDefinitionError(f"{where} is {text}; it must lie between {low} and {high}.")
    if bounds.get("whole") and value != int(value):
        raise ListDefinitionError(f"{where} is {text}; it must be a whole number.")


def _check_unique(rows: list[dict[str, str]]) -> None:
    codes = [row["list_code"] for row in rows]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise ListDefinitionError(f"{DEFINITIONS}.csv defines {', '.join(twice)} more than once.")
    taken = [row["priority"] for row in rows if row["class"] == "marketing"]
    if len(taken) != len(set(taken)):
        raise ListDefinitionError(
            f"{DEFINITIONS}.csv: two marketing lists have the same priority; a person on both "
            "could not be given to one of them."
        )


def _definition(row: dict[str, str]) -> ListDefinition:
    return ListDefinition(
        list_code=row["list_code"],
        list_version=int(row["list_version"]),
        list_name=row["list_name"],
        list_class=row["class"],
        channel=row["channel"],
        purpose=row["purpose"],
        extra_columns=tuple(row["extra_columns"].split()),
    )


def _seed(settings: Settings, name: str) -> Path:
    return settings.dbt_project / "seeds" / f"{name}.csv"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [{k: v or "" for k, v in row.items()} for row in csv.DictReader(stream)]


def _declared(path: Path) -> dict[str, dict[str, dict[str, object]]]:
    """Bounds by seed and column, from the `meta` beside each description."""
    seeds = yaml.safe_load(path.read_text(encoding="utf-8"))["seeds"]
    return {
        seed["name"]: {c["name"]: c.get("config", {}).get("meta", {}) for c in seed["columns"]}
        for seed in seeds
    }
