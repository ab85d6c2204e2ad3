"""Systems that delivered who must not be contacted, and are switched off now.

No model and no check reads a system that is off: what it said would be forgotten unsaid.
"""

from __future__ import annotations

import psycopg

from regulars.feeds import declarations
from regulars.feeds.declaration_checks import DeclarationError
from regulars.settings import Settings
from regulars.warehouse import connect


def check(settings: Settings) -> None:
    """Raise DeclarationError if raw holds rows of a system that is off which can forbid a
    contact."""
    forbidding = _forbidding(settings)
    with connect(settings, "loader") as connection:
        delivered = _delivered(connection, sorted(forbidding))
    for feed in delivered:
        system = forbidding[feed]
        raise DeclarationError(
            f"{system} is not among REGULARS_SYSTEMS, and what raw.{feed} holds of it can say who"
            f" must not be contacted. Name {system} there again; where it delivers no more, name"
            f" its feeds in REGULARS_FEEDS_OFF: what they said stays, and they are not overdue."
        )


def _forbidding(settings: Settings) -> dict[str, str]:
    """Feed -> system, of feeds that can forbid and that no system that is on loads."""
    loaded = {feed.table for feed in declarations.load(settings.dbt_project, settings.systems)}
    off = declarations.systems(settings.dbt_project) - set(settings.systems)
    return {
        feed.table: system
        for system in sorted(off)
        for feed in declarations.read_system(settings.dbt_project, system)
        if feed.delivery.forbids and feed.table not in loaded
    }


def _delivered(connection: psycopg.Connection, feeds: list[str]) -> list[str]:
    rows = connection.execute(
        "select distinct feed from raw.deliveries"
        " where feed = any(%s) and rows_loaded + rows_quarantined > 0 order by feed",
        [feeds],
    )
    return [feed for (feed,) in rows]
