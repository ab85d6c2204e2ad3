"""The tables of schema `scores`: their columns, and how they are read and replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import pandas as pd
import psycopg
from psycopg import sql

from regulars.clv.next_order import SHARES
from regulars.clv.value_distribution import GIVEN_PURCHASE
from regulars.night import Night
from regulars.scores.history_text import text_blocks
from regulars.value_knots import KNOTS

Block = tuple[pd.DataFrame, pd.DataFrame]  # histories, and their scores row by row

_HISTORY = {
    "as_of": "date not null",
    "frequency": "integer not null",
    "recency_days": "integer not null",
    "customer_age_days": "integer not null",
}
# quantiles of value, each at the knots of cost; and of orders
AT_KNOTS = (*(f"given_purchase_{level}" for level in GIVEN_PURCHASE), "unconditional_p90")
OF_ORDERS = (*(f"orders_given_purchase_{level}" for level in GIVEN_PURCHASE), "orders_p90")
# days until the next order by which a share of those who order have
NEXT_ORDER = tuple(f"days_{level}" for level in SHARES)

# One night's contents, replaced as a whole; dbt reads them as sources.
COLUMNS: dict[str, dict[str, str]] = {
    "history_scores": {
        **_HISTORY,
        "probability_alive": "numeric(18,6) not null",
        "purchase_probability_12m": "numeric(18,6) not null",
        "expected_orders_12m": "numeric(18,6) not null",
        "expected_orders_if_active_12m": "numeric(18,6) not null",
        "expected_orders_if_kept_12m": "numeric(18,6) not null",
        "discounted_expected_orders": "numeric(18,6) not null",
    },
    "previous_scores": {**_HISTORY, "expected_orders_12m": "numeric(18,6) not null"},
    "year_ago_scores": {
        **_HISTORY,
        "probability_alive": "numeric(18,6) not null",
        "expected_orders_if_kept_12m": "numeric(18,6) not null",
    },
    "history_values": {
        **_HISTORY,
        **{
            f"{name}_knot_{knot}": "numeric(18,6) not null"
            for name in AT_KNOTS
            for knot in range(len(KNOTS))
        },
        **dict.fromkeys(OF_ORDERS, "integer not null"),
        "orders_variance": "numeric(18,6) not null",
    },
    "next_orders": {**_HISTORY, **dict.fromkeys(NEXT_ORDER, "integer not null")},
    "model_parameters": {
        "as_of": "date not null",
        "run_id": "text not null",
        "model": "text not null",
        "fitted_on": "date not null",
        "parameter": "text not null",
        "value": "numeric(24,8) not null",
        "standard_error": "numeric(24,8)",
    },
    "model_runs": {
        "as_of": "date not null",
        "run_id": "text not null",
        "model": "text not null",
        "fitted_on": "date not null",
        "is_champion": "boolean not null",
        "choice": "text",
        "log_likelihood": "numeric(24,4)",
        "customers": "bigint not null",
        "histories": "bigint not null",
        "converged": "boolean not null",
        "warnings": "text",
        "library_versions": "text not null",
        "first_purchase_on_min": "date",
        "last_purchase_on_max": "date",
    },
    "model_backtests": {
        "as_of": "date not null",
        "origin": "date not null",
        "holdout_days": "integer not null",
        "model": "text not null",
        "metric": "text not null",
        "value": "numeric(24,6) not null",
        "standard_error": "numeric(24,6)",
        "reference": "text not null",
        "difference": "numeric(24,6)",
        "difference_error": "numeric(24,6)",
        "input_digest": "text not null",
    },
    "list_results": {
        "as_of": "date not null",
        "list_code": "text not null",
        "period": "text not null",
        "stratum": "text not null",
        "list_versions": "text",
        "eligible": "integer not null",
        "treated": "integer not null",
        "held_out": "integer not null",
        "margin_per_head_treated": "numeric(14,2)",
        "margin_per_head_held_out": "numeric(14,2)",
        "lift": "numeric(14,2)",
        "lift_low": "numeric(14,2)",
        "lift_high": "numeric(14,2)",
        "shrunken_lift": "numeric(14,2)",
        "smallest_detectable_lift": "numeric(14,2)",
        "detectable_on": "date",
        "verdict": "text",
        "contacts": "integer not null",
        "opt_outs_per_thousand": "numeric(10,2)",
        "complaints": "integer not null",
        "cost": "numeric(14,2) not null",
        "net_return": "numeric(14,2)",
    },
    "list_effects": {
        "as_of": "date not null",
        "list_code": "text not null",
        "stratum": "text not null",
        "assumed_effect": "numeric(6,4) not null",
        "effect": "numeric(9,6) not null",
        "measured_weight": "numeric(9,6) not null",
    },
    "keep_against_win": {
        "as_of": "date not null",
        "spend": "numeric(18,2)",
        "newcomers": "integer not null",
        "won": "integer not null",
        "cost_per_won": "numeric(18,2)",
        "cost_per_won_low": "numeric(18,2)",
        "cost_per_won_high": "numeric(18,2)",
        "contact_cost": "numeric(18,2) not null",
        "treated": "integer not null",
        "held_out": "integer not null",
        "kept": "numeric(18,2)",
        "kept_low": "numeric(18,2)",
        "kept_high": "numeric(18,2)",
        "cost_per_kept": "numeric(18,2)",
        "cost_per_kept_low": "numeric(18,2)",
        "cost_per_kept_high": "numeric(18,2)",
        "times": "numeric(18,4)",
        "times_low": "numeric(18,4)",
        "times_high": "numeric(18,4)",
        "verdict": "text not null",
        "measured_since": "date",
    },
}
KEYS = {
    "history_scores": ("frequency", "recency_days", "customer_age_days"),
    "previous_scores": ("frequency", "recency_days", "customer_age_days"),
    "year_ago_scores": ("frequency", "recency_days", "customer_age_days"),
    "history_values": ("frequency", "recency_days", "customer_age_days"),
    "next_orders": ("frequency", "recency_days", "customer_age_days"),
    "model_parameters": ("model", "fitted_on", "parameter"),
    "model_runs": ("model", "fitted_on"),
    "model_backtests": ("origin", "model", "metric"),
    "list_results": ("list_code", "period", "stratum"),
    "list_effects": ("list_code", "stratum"),
    "keep_against_win": ("as_of",),
}


def create(connection: psycopg.Connection, night: Night) -> None:
    """Create the schema and its tables where they are missing.

    A table with other columns is of an earlier version: it holds one night, which is written anew,
    with its statistics; so autovacuum has nothing to do there.
    """
    schema = sql.Identifier(night.schema("scores"))
    connection.execute(sql.SQL("create schema if not exists {}").format(schema))
    for table, columns in COLUMNS.items():
        if _columns(connection, night, table) not in ([], list(columns)):
            connection.execute(sql.SQL("drop table {}.{}").format(schema, sql.Identifier(table)))
        lines = [
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
            for name, kind in columns.items()
        ]
        key = sql.SQL(", ").join(map(sql.Identifier, KEYS[table]))
        connection.execute(
            sql.SQL("create table if not exists {}.{} ({}, primary key ({}))").format(
                schema, sql.Identifier(table), sql.SQL(", ").join(lines), key
            )
        )
        connection.execute(
            sql.SQL("alter table {}.{} set (autovacuum_enabled = false)").format(
                schema, sql.Identifier(table)
            )
        )


def _columns(connection: psycopg.Connection, night: Night, table: str) -> list[str]:
    """Columns of the table as it stands, in order; none if there is no such table."""
    rows = connection.execute(
        "select column_name::text from information_schema.columns"
        " where table_schema = %s and table_name = %s order by ordinal_position",
        [night.schema("scores"), table],
    )
    return [row[0] for row in rows]


def replace(
    connection: psycopg.Connection, night: Night, table: str, rows: Iterable[Mapping[str, object]]
) -> None:
    """Put `rows`, a value per column, in the place of what the table holds. The caller commits."""
    with _written_anew(connection, night, table) as copy:
        for row in rows:
            copy.write_row([row[column] for column in COLUMNS[table]])


def replace_by_history(
    connection: psycopg.Connection,
    night: Night,
    table: str,
    histories: pd.DataFrame,
    scores: pd.DataFrame,
) -> None:
    """`replace` for the large tables, a row per history: as text in blocks, values to 6 places."""
    replace_in_blocks(connection, night, table, [(histories, scores)])


def replace_in_blocks(
    connection: psycopg.Connection, night: Night, table: str, blocks: Iterable[Block]
) -> None:
    """The same of histories and scores that are not held all at once."""
    with _written_anew(connection, night, table) as copy:
        for histories, scores in blocks:
            for text in text_blocks(night.as_of, histories, scores):
                copy.write(text)


@contextmanager
def _written_anew(
    connection: psycopg.Connection, night: Night, table: str
) -> Iterator[psycopg.Copy]:
    """A COPY into the emptied table, whose statistics are fresh afterwards.

    Nobody reads these tables while a night is scored, so they are truncated: deleted, last night's
    rows would be logged once more, and stay behind.
    """
    name = sql.Identifier(night.schema("scores"), table)
    columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS[table]))
    connection.execute(sql.SQL("truncate {}").format(name))
    with (
        connection.cursor() as cursor,
        cursor.copy(sql.SQL("copy {} ({}) from stdin").format(name, columns)) as copy,
    ):
        yield copy
    looked_up = sql.SQL(", ").join(map(sql.Identifier, _looked_up(table)))
    connection.execute(sql.SQL("analyze {} ({})").format(name, looked_up))


def _looked_up(table: str) -> Iterable[str]:
    """The columns by which rows are found. Those that a history is found for, four dozen of
    quantiles among them, are compared with nothing: their statistics cost half of the writing."""
    columns = COLUMNS[table]
    return _HISTORY if columns.keys() >= _HISTORY.keys() else columns
