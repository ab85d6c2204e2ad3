"""What is true of the company and no delivery says: for tests and benchmarks only."""

from __future__ import annotations

from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import regulars.sample_company.accounts as accounts
import regulars.sample_company.further_truth as further_truth
from regulars.sample_company.columns import Dates, Ids
from regulars.sample_company.company import LOOK_AHEAD_DAYS, SALE, Company
from regulars.sample_company.dirt.planting import Planted
from regulars.sample_company.dropout import Lifetime
from regulars.sample_company.localtime import MISSING


def customers(c: Company) -> pa.Table:
    """One row per customer. Rates per year; days that lie beyond the look-ahead are null.

    dropped_out_on is null while the customer lives; dropped_out_on_if_served_well is when they
    would have left had no case gone badly. *_next_365d count what follows the last night:
    orders of the customer's own (cancelled and returned ones too) and money for them in euros.
    purchase_days_* count days with an order that was not cancelled. margin_eur is what orders
    brought after refunds, goods and sending, service_cost_eur what cases cost (see `accounts`).
    """
    size = len(c.who)
    own = c.orders.order_type == SALE
    night = c.night(c.orders.ordered_at)
    net = c.lines.net * c.euros_per_unit[c.lines.order]
    value = np.bincount(c.lines.order, weights=net, minlength=len(night)) / 100
    past, next_year = own & (night < c.nights), own & (night >= c.nights)
    margin = accounts.order_margins(c) / 100
    case_cost = accounts.case_costs(c) / 100
    case_past = c.night(c.cases.opened_at) < c.nights
    index = np.arange(size)

    def count(mask: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        weighed = None if weights is None else weights[mask]
        return np.bincount(c.orders.customer[mask], weights=weighed, minlength=size)

    def served(mask: np.ndarray) -> np.ndarray:
        return np.bincount(c.cases.customer[mask], weights=case_cost[mask], minlength=size)

    return pa.table(
        {
            "customer_id": Ids("C", index + 1).text(index),
            "purchases_per_year": np.round(c.lives.rate * 365.25, 9),
            "dropout_rate": _per_year(c),
            "spend_factor": np.round(np.exp(c.level), 9),
            "dropped_out_on": _dates(c, c.lives.death),
            "dropped_out_on_if_served_well": _dates(c, c.lives.death_if_served_well),
            "bad_cases": c.lives.bad_cases,
            "is_prospect": np.isinf(c.who.first_purchase),
            "is_staff": c.who.is_staff,
            "orders": count(past),
            "spend_eur": np.round(count(past, value), 2),
            "is_alive_on_last_night": c.lives.death >= c.nights,
            "orders_next_365d": count(next_year),
            "spend_next_365d_eur": np.round(count(next_year, value), 2),
            "is_wholesale": c.lives.is_wholesale,
            "purchase_days": _purchase_days(c, past),
            "purchase_days_next_365d": _purchase_days(c, next_year),
            "margin_eur": np.round(count(night < c.nights, margin), 2),
            "margin_next_365d_eur": np.round(count(night >= c.nights, margin), 2),
            "service_cost_eur": np.round(served(case_past), 2),
            "service_cost_next_365d_eur": np.round(served(~case_past), 2),
        }
    )


def _purchase_days(c: Company, orders: np.ndarray) -> np.ndarray:
    """Days per customer with at least one of these orders that was not cancelled."""
    order = np.flatnonzero(orders & (c.orders.cancelled_at == MISSING))
    night = c.night(c.orders.ordered_at)[order]
    days = np.unique(c.orders.customer[order] * (c.nights + LOOK_AHEAD_DAYS + 1) + night)
    return np.bincount(days // (c.nights + LOOK_AHEAD_DAYS + 1), minlength=len(c.who))


def _per_year(c: Company) -> np.ndarray:
    """Drop-outs per year of life; for drop-out after purchases, the chance at each."""
    factor = 365.25 if isinstance(c.world.dropout, Lifetime) else 1.0
    return np.round(c.lives.dropout_rate * factor, 9)


def _dates(c: Company, day: np.ndarray) -> pa.Array:
    """Day fractions as dates, null beyond the look-ahead."""
    known = np.isfinite(day) & (day < c.nights + LOOK_AHEAD_DAYS)
    number = np.where(known, np.floor(np.where(known, day, 0)), 0).astype(np.int64) + c.first_day
    return Dates(np.where(known, number, MISSING)).text(np.arange(len(day))).cast(pa.date32())


def effects(c: Company) -> pa.Table:
    """The world's parameters, one row each, as text."""
    items = c.world.parameters()
    return pa.table({"parameter": list(items), "value": [str(v) for v in items.values()]})


def dirt(planted: list[Planted]) -> pa.Table:
    """One row per planted thing."""
    names = [f.name for f in fields(Planted)]
    columns = zip(*map(astuple, planted), strict=True) if planted else [[] for _ in names]
    types = [pa.int64() if name == "line" else pa.string() for name in names]
    return pa.table(
        {
            name: pa.array(list(cells), type=kind)
            for name, cells, kind in zip(names, columns, types, strict=True)
        }
    )


def write(seed: int, c: Company, planted: list[Planted], folder: Path) -> None:
    """Write the truth as Parquet files into a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"customers": customers(c), "effects": effects(c), "dirt": dirt(planted)}
    tables |= further_truth.tables(seed, c)
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
