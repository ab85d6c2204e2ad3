"""Tonight's backtest: fit on the past alone, then compare with what happened since.

The origin lies a year before the night once there are two years of data, and a third of the data
window before it until then. Both sides count purchase days of the customers known at the origin.
Whether an order qualifies is judged with tonight's knowledge (a refund delivered after the origin
has already taken it out).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql

from regulars import score_tables
from regulars.clv._purchase_model import PurchaseModel
from regulars.clv._quadrature import along_ages
from regulars.clv.accuracy import accuracy, by_frequency, past_rate
from regulars.clv.histories import Floats, Histories, read
from regulars.night import Night

YEAR = 365
SHORTEST_HOLDOUT_DAYS = 28
FEWEST_CUSTOMERS = 50
FEWEST_REPEATERS = 10


@dataclass(frozen=True)
class Split:
    """The data window cut at the origin: (start … origin] is known, (origin, as_of] is judged."""

    start: date
    origin: date
    as_of: date

    @property
    def holdout_days(self) -> int:
        return (self.as_of - self.origin).days


@dataclass(frozen=True)
class Known:
    """Customers at the origin: distinct (history, purchase days in the hold-out) with counts.

    repeats: repeat purchase days of them all on each day since the window began, to as_of
    """

    split: Split
    histories: pd.DataFrame  # frequency, recency, T, weight
    actual: Floats
    repeats: pd.DataFrame  # day, repeats


def split(start: date | None, as_of: date) -> Split | str:
    """Where to cut a window that began at `start`, or the reason why it is too short."""
    if start is None:
        return "no backtest: nobody has bought yet"
    window = (as_of - start).days
    # A whole year judges a seasonal company fairly; a part of one flatters or blames it.
    days = YEAR if window >= 2 * YEAR else min(YEAR, window // 3)
    if days < SHORTEST_HOLDOUT_DAYS:
        return (
            f"no backtest: {(as_of - start).days} days of data leave a hold-out of {days} days, "
            f"and {SHORTEST_HOLDOUT_DAYS} are needed"
        )
    return Split(start, as_of - timedelta(days=days), as_of)


def known_at_origin(connection: psycopg.Connection, night: Night, cut: Split) -> Known | str:
    """Histories and outcomes at the origin, or the reason why they are too few."""
    _collect_purchase_days(connection, night, cut)
    query = sql.SQL(
        """
        with histories as (
            select
                count(case when ordered_on <= {origin} then 1 end) - 1 as frequency,
                max(case when ordered_on <= {origin} then ordered_on end) - first_on as recency,
                {origin} - first_on as age,
                count(case when ordered_on > {origin} then 1 end) as actual
            from backtest_purchase_days
            group by customer_id, first_on
        )
        select frequency, recency, age, actual, count(*)
        from histories
        group by 1, 2, 3, 4
        order by 1, 2, 3, 4
        """
    ).format(origin=sql.Literal(cut.origin))
    rows = score_tables.read(connection, query, ("frequency", "recency", "T", "actual", "weight"))
    customers = rows["weight"].sum()
    repeaters = rows.loc[rows["frequency"] > 0, "weight"].sum()
    if customers < FEWEST_CUSTOMERS or repeaters < FEWEST_REPEATERS:
        return (
            f"no backtest: {customers:.0f} customers on {cut.origin}, {repeaters:.0f} of them "
            f"with a repeat; {FEWEST_CUSTOMERS} and {FEWEST_REPEATERS} are needed"
        )
    repeats = _repeats(connection, cut)
    return Known(cut, rows.drop(columns="actual"), rows["actual"].to_numpy(), repeats)


def judge(known: Known, model: PurchaseModel) -> list[tuple[str, str, float]]:
    """(model, metric, value) of the model at the origin and of the plain baselines."""
    days = known.split.holdout_days
    data = read(known.histories)
    forecasts = {
        model.name: model.expected_purchases(known.histories, days),
        "past_rate": past_rate(data, days),
        "all_zero": np.zeros(len(data)),
    }
    found = []
    for name, expected in forecasts.items():
        metrics = accuracy(expected, known.actual, data.weight)
        metrics |= by_frequency(expected, known.actual, data.frequency, data.weight)
        found += [(name, metric, value) for metric, value in metrics.items()]
    series = [
        *_buyers(model, known, data),
        *_by_week(known, model),
        *_tracking(known, model, data),
        ("horizon_days", float(days)),
    ]
    return found + [(model.name, *pair) for pair in series]


def _buyers(model: PurchaseModel, known: Known, data: Histories) -> list[tuple[str, float]]:
    """Did as many people buy as the purchase probabilities said, and the right ones (Brier)?"""
    chance = model.purchase_probability(known.histories, known.split.holdout_days)
    bought = np.minimum(known.actual, 1.0)
    return [
        ("expected_buyers", float(np.sum(data.weight * chance))),
        ("actual_buyers", float(np.sum(data.weight * bought))),
        ("brier", float(np.sum(data.weight * (chance - bought) ** 2)) / data.customers),
    ]


def _by_week(known: Known, model: PurchaseModel) -> list[tuple[str, float]]:
    """Cumulative purchases after each whole week of the hold-out, given all that was known."""
    cut = known.split
    ends: Floats = 7.0 * np.arange(1.0, cut.holdout_days // 7 + 1, dtype=np.float64)
    weight = known.histories["weight"].to_numpy()

    def expected(days: Floats) -> Floats:
        forecasts = (model.expected_purchases(known.histories, end) for end in days)
        return np.array([np.sum(weight * forecast) for forecast in forecasts])

    before = (cut.origin - cut.start).days
    repeats = _cumulative_repeats(known, np.append(before, before + ends))
    return _series("{}_by_week_{}", along_ages(expected, ends), repeats[1:] - repeats[0])


def _tracking(known: Known, model: PurchaseModel, data: Histories) -> list[tuple[str, float]]:
    """Cumulative repeat purchases at the end of each whole week since the window began.

    Expected: of the customers known at the origin as if nothing had been seen of them yet.
    """
    cut = known.split
    weeks = (cut.as_of - cut.start).days // 7
    ends = 7.0 * np.arange(1, weeks + 1, dtype=np.float64)
    ages, group = np.unique(data.age, return_inverse=True)
    customers = np.bincount(group, weights=data.weight)
    first_on = (cut.origin - cut.start).days - ages
    elapsed = np.maximum(ends[:, None] - first_on[None, :], 0.0)
    horizons, at = np.unique(elapsed, return_inverse=True)
    each = model.expected_purchases_new(horizons)[at].reshape(elapsed.shape)
    expected = (each * customers).sum(axis=1)
    actual = _cumulative_repeats(known, ends)
    return _series("tracking_{}_{}", expected, actual)


def _series(form: str, expected: Floats, actual: Floats) -> list[tuple[str, float]]:
    """Metrics of both sides, numbered from 1."""
    return [
        (form.format(side, number), float(value))
        for side, values in (("expected", expected), ("actual", actual))
        for number, value in enumerate(values, start=1)
    ]


def _cumulative_repeats(known: Known, ends: Floats) -> Floats:
    """Repeat purchases up to and including each day number in `ends`."""
    cumulative = np.concatenate([[0.0], np.cumsum(known.repeats["repeats"].to_numpy())])
    days = known.repeats["day"].to_numpy()
    return cumulative[np.searchsorted(days, ends, side="right")]


def _repeats(connection: psycopg.Connection, cut: Split) -> pd.DataFrame:
    query = sql.SQL(
        """
        select ordered_on - {start} as day, count(*)
        from backtest_purchase_days
        where ordered_on > first_on
        group by 1
        order by 1
        """
    ).format(start=sql.Literal(cut.start))
    return score_tables.read(connection, query, ("day", "repeats"))


def _collect_purchase_days(connection: psycopg.Connection, night: Night, cut: Split) -> None:
    """One pass over the orders, kept until the transaction ends: the purchase days of the scored
    customers who were known at the origin."""
    marts = night.schema("marts")
    connection.execute(
        sql.SQL(
            """
            create temporary table backtest_purchase_days on commit drop as
            select
                orders.customer_id,
                orders.ordered_on,
                customers.first_purchase_on as first_on
            from {orders} as orders
            inner join {customers} as customers on orders.customer_id = customers.customer_id
            where orders.is_qualifying and customers.first_purchase_on <= {origin}
            group by orders.customer_id, orders.ordered_on, customers.first_purchase_on
            """
        ).format(
            orders=sql.Identifier(marts, "fct_orders"),
            customers=sql.Identifier(marts, "customer_purchase_summaries"),
            origin=sql.Literal(cut.origin),
        )
    )
    connection.execute("analyze backtest_purchase_days")
