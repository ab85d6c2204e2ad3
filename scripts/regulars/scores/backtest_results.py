"""Figures of the backtest as they stand in scores.model_backtests."""

from __future__ import annotations

from datetime import date

import psycopg
from psycopg import sql

from regulars.backtesting.totals import PLACES
from regulars.clv.metrics import Metric
from regulars.night import Night

# running totals, of whoever is champion tonight; ranges, which hang on all origins
DRAWN_ANEW = (
    r"tracking\_expected\_%",
    r"tracking\_actual\_%",
    r"%total\_p10",
    r"%total\_p90",
    r"%total\_within\_80",
)


def stored(connection: psycopg.Connection, night: Night, origin: date, digest: str) -> list[Metric]:
    """The figures left by an earlier night for this origin and digest; none if there are none."""
    rows = connection.execute(
        sql.SQL(
            "select model, metric, value, standard_error, difference, difference_error"
            " from {} where origin = %s and input_digest = %s"
            " and metric not like all(%s)"
            ' order by model collate "C", metric collate "C"'
        ).format(sql.Identifier(night.schema("scores"), "model_backtests")),
        [origin, digest, list(DRAWN_ANEW)],
    ).fetchall()
    return [Metric(*row[:2], *(None if v is None else float(v) for v in row[2:])) for row in rows]


def stored_values(metric: Metric) -> dict[str, str | None]:
    """value, standard_error, difference and difference_error as they are stored."""
    values = {
        "value": metric.value,
        "standard_error": metric.standard_error,
        "difference": metric.difference,
        "difference_error": metric.difference_error,
    }
    return {n: None if value is None else f"{value:.{PLACES}f}" for n, value in values.items()}
