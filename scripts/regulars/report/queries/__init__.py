"""SQL on a night's tables: every query counts or sums, so a page costs the same at any size."""

from __future__ import annotations

from psycopg import Connection

from regulars.gates import holds
from regulars.night import Night
from regulars.report.queries import (
    bridges,
    customers,
    deliveries,
    earned,
    excess,
    model_check,
    tonight,
)
from regulars.report.sections import Report
from regulars.settings import Settings


def read_report(connection: Connection, settings: Settings, night: Night) -> Report:
    """Everything the page says about a night, from its own marts and the decision log."""
    edition = tonight.edition(connection, settings, night)
    return Report(
        edition=edition,
        gates=tonight.gates(connection, settings, night),
        lists=tonight.lists(connection, night, earned.results(connection, night)),
        exclusions=tonight.exclusions(connection, night),
        value=customers.value(connection, night, settings.dbt_project),
        relationships=customers.relationships(connection, night),
        cohorts=tuple(customers.cohorts(connection, night, by) for by in ("first", "second")),
        paybacks=customers.paybacks(connection, night),
        model=model_check.check(connection, night),
        deliveries=deliveries.since(connection, settings, night, edition.previous_as_of),
        holds=holds.of_night(connection, night),
        excess_refunds=excess.largest(connection, night),
        bridges=bridges.bridges(connection, night, settings.dbt_project),
        keep_against_win=earned.keep_against_win(connection, night),
        allocation=earned.allocation(connection, night),
    )
