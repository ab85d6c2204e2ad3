"""Companies to judge on: their transactions, and where they are cut."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from regulars.sample_company import LAST_NIGHT, WORLDS, company
from regulars.sample_company.localtime import day_number
from studies.archives import is_there, unpack
from studies.cdnow.data import read_lines, wheel_file
from studies.challengers.first_orders import is_sale, sample_cases, sample_orders

SEED = 11
CUSTOMERS = 4_000
QUARTER, YEAR = 91, 364  # days: whole weeks, so that a year is four quarters
NIGHTS = 4 * YEAR
RETAIL = "online_retail.tar.xz"


@dataclass(frozen=True)
class Company:
    """Transactions, and the dates at which hold-outs of `days` begin.

    lines    customer, date, value (returns below zero)
    origins  where forecasts are judged
    earlier  these and dates before them: what can be learned from, once the hold-out has ended
    orders   customer, date, channel, in order of time; None where the files name no channel
    cases    service cases, as first_orders.sample_cases gives them; None where there are none
    """

    name: str
    lines: pd.DataFrame
    days: int
    origins: list[date]
    earlier: list[date]
    orders: pd.DataFrame | None = None
    cases: pd.DataFrame | None = None


def _cut(
    name: str, lines: pd.DataFrame, days: int, step: int, evaluated: int, least: int, end: date
) -> Company:
    """Hold-outs that begin every `step` days, the last of which ends at `end`; the last `evaluated`
    of them are evaluated, and those with `least` days of data before them can be learned from."""
    start = lines["date"].min().date()
    latest = end - timedelta(days=days)
    count = ((latest - start).days - least) // step + 1
    every = [latest - timedelta(days=step * back) for back in reversed(range(count))]
    return Company(name=name, lines=lines, days=days, origins=every[-evaluated:], earlier=every)


def cdnow() -> Company | None:
    """A quarter ahead, from nine origins four weeks apart: nobody new comes after the first."""
    path = wheel_file()
    if path is None:
        return None
    lines = read_lines(path)
    return _cut("cdnow", lines, QUARTER, 28, 9, QUARTER, date(1998, 6, 30))


def online_retail() -> Company | None:
    """Eight weeks ahead, from five origins two weeks apart."""
    if not is_there(RETAIL):
        return None
    with tempfile.TemporaryDirectory() as folder:
        files = sorted(unpack(RETAIL, Path(folder)).glob("*.csv"))
        rows = pd.concat([pd.read_csv(file, dtype=str) for file in files], ignore_index=True)
    rows = rows[rows["CustomerID"].notna()]
    lines = pd.DataFrame(
        {
            "customer": rows["CustomerID"],
            "date": pd.to_datetime(rows["InvoiceDate"]).dt.normalize(),
            "value": rows["Quantity"].astype(float) * rows["UnitPrice"].astype(float),
        }
    )
    cut = _cut("online_retail", lines, 56, 14, 5, 56, lines["date"].max().date())
    return replace(cut, orders=_from_where(rows, lines))


def _from_where(rows: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Home or abroad, in place of a channel, of which the file says nothing."""
    where = np.where(rows["Country"] == "United Kingdom", "home", "abroad")
    orders = lines[["customer", "date"]].assign(channel=where, at=rows["InvoiceDate"])
    return orders.sort_values("at", kind="stable").drop(columns="at")


def sample(world: str, days: int, customers: int = CUSTOMERS) -> Company:
    """Four years of a sample company, judged at four quarters' ends."""
    first_day = day_number(LAST_NIGHT) - NIGHTS + 1
    lived = company.live(SEED, WORLDS[world], customers, first_day, NIGHTS, look_ahead=0)
    lines = _sales(lived)
    name = f"{world}, {days} days"
    cut = _cut(name, lines, days, QUARTER, 4, 2 * QUARTER, LAST_NIGHT)
    return replace(cut, orders=sample_orders(lived), cases=sample_cases(lived))


def _sales(lived: company.Company) -> pd.DataFrame:
    """Lines sold and not cancelled, and what was refunded of them, up to the last night."""
    orders, lines, refunds = lived.orders, lived.lines, lived.refunds
    order = np.concatenate([lines.order, lines.order[refunds.line]])
    night = np.concatenate(
        [lived.night(orders.ordered_at)[lines.order], lived.night(refunds.refunded_at)]
    )
    cents = np.concatenate([lines.net, -refunds.amount])
    first = pd.Timestamp("1970-01-01") + pd.Timedelta(days=lived.first_day)
    rows = pd.DataFrame(
        {
            "customer": orders.customer[order],
            "date": first + pd.to_timedelta(night, unit="D"),
            "value": cents / 100,
        }
    )
    return rows[is_sale(lived)[order] & (night < lived.nights)].reset_index(drop=True)


YEAR_AHEAD = (
    "mbg_nbd",
    "pareto_nbd",
    "kettle_and_crane",
    "strong_autumn",
    "regular_buyers",
    "wholesale",
    "dear_customers",
    "bitter_service",
    "promotion_shock",
    "regime_change",
    "nobody_leaves",
)
QUARTER_AHEAD = ("mbg_nbd", "kettle_and_crane", "strong_autumn")
COMPANIES: dict[str, Callable[[], Company | None]] = {
    "cdnow": cdnow,
    "online_retail": online_retail,
    **{f"{world}-{YEAR}": partial(sample, world, YEAR) for world in YEAR_AHEAD},
    **{f"{world}-{QUARTER}": partial(sample, world, QUARTER) for world in QUARTER_AHEAD},
}
