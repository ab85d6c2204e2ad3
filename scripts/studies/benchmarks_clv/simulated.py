"""The set that everybody is measured on: BG/NBD purchases with Gamma-Gamma spends, by seed.

Fader, Hardie, Lee's parameters in weeks (.243, 4.414, .793, 2.426; 6.25, 3.74, 15.44), ages uniform
on 1 to 728 days, times rounded up to days. Orders of one day stay apart, as a shop has them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from regulars.clv.summaries import summarise

R, ALPHA, A, B = 0.243, 4.414, 0.793, 2.426
SHAPE, Q, GAMMA = 6.25, 3.74, 15.44
LONGEST = 728
BLOCK = 1_000_000  # customers drawn together, by a seed of their own
_ORDERS = pa.schema(
    [("customer", pa.int32()), ("date", pa.timestamp("s")), ("value", pa.float64())]
)
LAST_DAY = np.datetime64("2026-06-30")


def orders(customers: int, block: int = 0) -> pd.DataFrame:
    """customer, date, value: an order per row, in order of customers, up to a block of them."""
    draw = np.random.default_rng([20050215, block])
    ages = np.ceil(draw.uniform(0, LONGEST, customers))
    rates, chances = draw.gamma(R, 1 / (7 * ALPHA), customers), draw.beta(A, B, customers)
    who, at = np.arange(customers), np.zeros(customers)
    customer, moment = [who], [at]
    while len(who):
        at = at + draw.exponential(1 / np.maximum(rates[who], 1e-300))
        bought = at <= ages[who]
        who, at = who[bought], at[bought]
        customer.append(who)
        moment.append(at)
        stays = draw.random(len(who)) >= chances[who]  # the coin falls after each repeat purchase
        who, at = who[stays], at[stays]
    buyers = np.concatenate(customer).astype(np.int32)
    in_order = np.argsort(buyers, kind="stable")
    buyers = buyers[in_order]
    days = np.ceil(np.concatenate(moment)[in_order])
    levels = draw.gamma(Q, 1 / GAMMA, customers)
    spends = np.round(draw.gamma(SHAPE, 1.0, len(buyers)) / levels[buyers], 2) + 0.01
    dates = LAST_DAY + (days - ages[buyers]).astype("timedelta64[D]")
    return pd.DataFrame({"customer": buyers, "date": dates, "value": spends})


def write_orders(file: Path, customers: int) -> None:
    """The orders of that many customers, block after block."""
    with pq.ParquetWriter(file, _ORDERS) as writer:
        for start in range(0, customers, BLOCK):
            lines = orders(min(BLOCK, customers - start), start // BLOCK)
            lines["customer"] += start
            writer.write_table(pa.Table.from_pandas(lines, _ORDERS, preserve_index=False))


def write_customers(file: Path, customers: int) -> None:
    """A row per customer: frequency, recency, T, purchase_days, monetary_value."""
    parts = [
        summarise(orders(min(BLOCK, customers - start), start // BLOCK))
        for start in range(0, customers, BLOCK)
    ]
    columns = ["frequency", "recency", "T", "purchase_days", "monetary_value"]
    frame = pd.concat(parts, ignore_index=True)[columns]
    frame.astype(dict.fromkeys(columns[:4], "int32")).to_parquet(file)
