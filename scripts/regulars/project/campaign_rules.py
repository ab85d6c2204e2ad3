"""What holds for all lists: one row of dbt_project/seeds/campaign_rules.csv.

The bounds of each column stand beside its description in dbt_project/seeds/_seeds.yml, so that
this check and dbt's own test agree.
"""

from __future__ import annotations

import csv
from pathlib import Path

from regulars import own_project, yaml_text
from regulars.project.bounds import Bounds
from regulars.project.located import DeclarationError

SEED = "campaign_rules"


def check(dbt_project: Path) -> int:
    """How many rules there are. Raises DeclarationError if one lies outside its bounds."""
    path = own_project.find(dbt_project, f"seeds/{SEED}.csv")
    layer = own_project.layer_of(dbt_project, path)
    where = f"{path.relative_to(layer.parent)}, line 2"
    declared = _declared(own_project.layers(dbt_project)[-1] / "seeds" / "_seeds.yml")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if len(rows) != 1:
        raise DeclarationError(f"{SEED}.csv has {len(rows)} rows; it must have one.")
    if odd := sorted(map(str, set(rows[0]) ^ set(declared))):
        raise DeclarationError(f"{where}: columns do not match the declaration: {', '.join(odd)}.")
    for name, bounds in declared.items():
        if fault := bounds.fault(name, rows[0][name]):
            raise DeclarationError(f"{where}: {fault}")
    return len(declared)


def _declared(path: Path) -> dict[str, Bounds]:
    """Bounds by column, from the `meta` beside each description."""
    seeds = yaml_text.parsed(path.read_text(encoding="utf-8"))["seeds"]
    columns = next(seed["columns"] for seed in seeds if seed["name"] == SEED)
    return {c["name"]: Bounds.of(c.get("config", {}).get("meta", {})) for c in columns}
