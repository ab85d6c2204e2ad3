"""Why the value is another than last night: the company's bridge, then each tier's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psycopg import Connection

from regulars.night import Night
from regulars.project.variables import tier_cuts
from regulars.report.queries.ask import fetch
from regulars.report.queries.customers import place
from regulars.report.sections import Bridge, BridgePart

COMPANY = "company"

PARTS = """
select scope, place, part, amount, customers, previous_as_of
from {marts}.value_bridge
order by scope collate "C", place
"""


def bridges(connection: Connection, night: Night, dbt_project: Path) -> tuple[Bridge, ...]:
    """The company's first, then tiers from the best on; none on the first night."""
    by_scope: dict[str, list[dict[str, Any]]] = {}
    for row in fetch(connection, night, PARTS):
        by_scope.setdefault(row["scope"], []).append(row)
    scopes = (COMPANY, *tier_cuts(dbt_project))
    return tuple(
        bridge(scope, by_scope[scope]) for scope in sorted(by_scope, key=lambda s: place(scopes, s))
    )


def bridge(scope: str, rows: list[dict[str, Any]]) -> Bridge:
    """Rows of one scope in order, from `before` to `now`; parts that moved nothing are left out."""
    first, *parts, last = rows
    return Bridge(
        scope=scope,
        previous_as_of=first["previous_as_of"],
        before=first["amount"],
        parts=tuple(
            BridgePart(row["part"], row["amount"], row["customers"])
            for row in parts
            if row["amount"] or row["customers"]
        ),
        now=last["amount"],
    )
