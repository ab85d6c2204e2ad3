"""What the fits and the backtest see of the warehouse: distinct rows with counts, never a customer.

Tables of dbt's folder `marts/model_inputs`, under the names that the models give their columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd
import psycopg
from psycopg import sql
from psycopg.rows import class_row

from regulars.backtesting import spend_distribution
from regulars.backtesting.origins import Split
from regulars.backtesting.past import FEATURES, OUTCOMES, Past, mean_log_gap
from regulars.night import Night
from regulars.warehouse import frames

HISTORY = ("frequency", "recency_days", "customer_age_days")
CELL = (
    *HISTORY,
    "monetary_value",
    "recent_purchases",
    "recent_value",
    "actual_purchases",
    "actual_value",
)
LATER_DAY = ("days_before", "spent_before", "value")


@dataclass(frozen=True)
class Window:
    """The row of `backtest_window`: what the night's data leave for a backtest."""

    first_purchase_on: date | None
    last_purchase_on: date | None
    settled_days: int | None
    longest_holdout_days: int | None
    shortest_holdout_days: int
    holdout_days: int | None
    sampled_share: Decimal


@dataclass(frozen=True)
class ModelInputs:
    """The model inputs of one night, read one by one."""

    connection: psycopg.Connection
    night: Night

    def window(self) -> Window:
        names = sql.SQL(", ").join(map(sql.Identifier, Window.__dataclass_fields__))
        query = sql.SQL("select {} from {}").format(names, self._table("backtest_window"))
        with self.connection.cursor(row_factory=class_row(Window)) as cursor:
            row = cursor.execute(query).fetchone()
        assert row is not None, "the model builds one row whatever there is"
        return row

    def splits(self) -> list[Split]:
        """The night's cuts, the latest first."""
        query = sql.SQL("select starts_on, origin, ends_on from {} order by origin desc")
        rows = self.connection.execute(query.format(self._table("backtest_origins")))
        return [Split(*row) for row in rows]

    def histories(self) -> pd.DataFrame:
        """Distinct (frequency, recency, T) with the number of customers, in key order, and
        `log_gaps`, whose sum over customers is exact."""
        names = ("frequency", "recency", "T", "weight")
        rows = self._counted("purchase_histories", HISTORY, "customers", names)
        gaps = self._counted("purchase_gaps", ("gap_days",), "gaps", ("gap", "times"))
        return rows.assign(log_gaps=rows["frequency"] * mean_log_gap(gaps))

    def previous_histories(self) -> pd.DataFrame:
        """Distinct (frequency, recency, T) that last night's model is to score, in key order."""
        return self._distinct("previous_histories")

    def year_ago_histories(self) -> pd.DataFrame:
        """Distinct (frequency, recency, T) before the last twelve whole months, in key order."""
        return self._distinct("year_ago_histories")

    def _distinct(self, table: str) -> pd.DataFrame:
        query = sql.SQL("select {0} from {1} order by {0}").format(
            _list(HISTORY), self._table(table)
        )
        return frames.read(self.connection, query, ("frequency", "recency", "T"))

    def spends(self) -> pd.DataFrame:
        """Distinct positive (purchase_days, monetary_value) with counts, in key order."""
        keys = ("purchase_days", "monetary_value")
        return self._counted("purchase_day_means", keys, "customers", (*keys, "weight"))

    def later_days(self) -> pd.DataFrame:
        """Distinct purchase days after a first one, each with what came before it, in key order;
        of a sample where there are very many customers."""
        return self._counted("later_days", LATER_DAY, "purchase_days", spend_distribution.COLUMNS)

    def first_orders(self) -> pd.DataFrame:
        """Distinct histories with what is known of the first order, in key order, of a sample as
        above. Columns: frequency, recency, T, case_first, bad_first, channel, weight."""
        names = ("frequency", "recency", "T", "case_first", "bad_first", "channel", "weight")
        query = sql.SQL(
            "select {}, has_case, is_bad, channel, customers from {}"
            ' order by 1, 2, 3, 4, 5, channel collate "C"'
        ).format(_list(HISTORY), self._table("first_order_histories"))
        rows = self.connection.execute(query).fetchall()
        orders = pd.DataFrame(rows, columns=list(names))
        return orders.astype({name: "float64" for name in names if name != "channel"})

    def past(self, split: Split, share: Decimal) -> Past:
        """What was known of customers at an origin, and what they did afterwards."""
        names = (*FEATURES, *OUTCOMES, "weight")
        at = split.origin
        gaps = self._counted("backtest_gaps", ("gap_days",), "gaps", ("gap", "times"), at)
        return Past(
            split,
            cells=self._counted("backtest_cells", CELL, "customers", names, at),
            repeats=self._counted("backtest_repeats", ("day",), "repeats", ("day", "repeats"), at),
            later_days=self._counted(
                "backtest_later_days", LATER_DAY, "purchase_days", spend_distribution.COLUMNS, at
            ),
            mean_log_gap=mean_log_gap(gaps),
            share=float(share),
        )

    def _counted(
        self,
        table: str,
        keys: Sequence[str],
        count: str,
        names: Sequence[str],
        origin: date | None = None,
    ) -> pd.DataFrame:
        """Rows of a table in key order, at an origin or all, under the `names` of the models."""
        query = sql.SQL("select {}, {} from {} where {} order by {}").format(
            _list(keys),
            sql.Identifier(count),
            self._table(table),
            sql.SQL("origin = {}").format(origin) if origin else sql.SQL("true"),
            _list(keys),
        )
        return frames.read(self.connection, query, names)

    def _table(self, name: str) -> sql.Identifier:
        return sql.Identifier(self.night.schema("marts"), name)


def _list(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
