"""A large company's deliveries for measuring: realistic in shape and size, plain in content.

One bulk delivery and one night with 1/700 of the orders. One row in a hundred is bad, and kept
apart, so that a plain COPY can load the same good rows.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

BULK_NIGHT = date(2026, 10, 28)
SMALL_NIGHT = BULK_NIGHT + timedelta(days=1)  # an ordinary night: at a month's end months are told
DAYS = 700
BAD_SHARE = 0.01
PRODUCTS = 200


@dataclass(frozen=True)
class Written:
    """Where a bulk delivery lies, where its good rows alone lie, and how many there are."""

    delivered: Path
    good_only: Path
    rows: dict[str, int]


def written(landing: Path) -> Written:
    """What `write` left in a landing folder, to be read by another process."""
    good = landing.parent / "good"
    rows = json.loads((good / "rows.json").read_text())
    return Written(landing / "house" / BULK_NIGHT.isoformat(), good, rows)


def write(
    landing: Path, customers: int, seed: int = 5, *, of_one: int = 0, products: int = PRODUCTS
) -> None:
    """Write deliveries of about 3 orders a customer under landing/house.

    of_one: orders that one customer has besides. products: 1 stands in every order.
    """
    rng = np.random.default_rng(seed)
    orders = _orders(rng, customers, of_one)
    frames = {
        "customers": _customers(rng, customers),
        "products": _products(rng),
        "orders": orders,
        "order_lines": _lines(rng, orders, products),
        "refunds": _refunds(rng, orders),
    }
    delivered = landing / "house" / BULK_NIGHT.isoformat()
    good = landing.parent / "good"
    small = landing / "house" / SMALL_NIGHT.isoformat()
    for folder in (delivered, good, small):
        folder.mkdir(parents=True, exist_ok=True)
    rows = {}
    for feed, frame in frames.items():
        late = frame["day"].to_numpy() == DAYS if "day" in frame else np.zeros(len(frame), bool)
        bulk = frame.loc[~late].drop(columns="day", errors="ignore")
        rows[feed] = len(bulk)
        bulk.to_csv(good / f"{feed}.csv", index=False)
        shutil.copyfile(good / f"{feed}.csv", delivered / f"{feed}.csv")
        _bad_rows(rng, feed, bulk).to_csv(
            delivered / f"{feed}.csv", mode="a", header=False, index=False
        )
        if late.any():
            frame.loc[late].drop(columns="day").to_csv(small / f"{feed}.csv", index=False)
    for folder in (delivered, small):  # nobody said anything about consent: a valid zero
        (folder / "consents.csv").write_text("customer_id,channel,purpose,changed_at,is_granted\n")
    (good / "rows.json").write_text(json.dumps(rows))


def _bad_rows(rng: np.random.Generator, feed: str, frame: pd.DataFrame) -> pd.DataFrame:
    """One bad row for a hundred good ones of the two large feeds; none for the others."""
    column = {"orders": "ordered_at", "order_lines": "unit_price"}.get(feed)
    if column is None:
        return frame.head(0)
    bad = frame.sample(frac=BAD_SHARE, random_state=int(rng.integers(2**31))).copy()
    bad["order_id"] = "bad-" + bad["order_id"]
    bad[column] = "1.234,56"
    return bad


def _timestamps(days: np.ndarray) -> np.ndarray:
    first = np.datetime64(SMALL_NIGHT - timedelta(days=DAYS), "D")
    return np.char.add(np.datetime_as_string(first + days, unit="D"), "T10:00:00+00:00")


def _orders(rng: np.random.Generator, customers: int, of_one: int) -> pd.DataFrame:
    """Pareto/NBD lives over 700 days; a customer's first order falls uniformly, as do all those
    that customer 0 has besides."""
    born = rng.integers(1, DAYS + 1, customers)
    rate = rng.gamma(0.55, 1 / 75.0, customers)
    alive = rng.exponential(1 / rng.gamma(0.6, 1 / 82.0, customers))
    exposure = np.minimum(DAYS - born, alive)
    repeats = np.minimum(rng.poisson(rate * exposure * 1.5), 200)
    owner = np.repeat(np.arange(customers), repeats)
    later = born[owner] + np.ceil(rng.random(len(owner)) * exposure[owner]).astype(int)
    customer = np.concatenate([np.arange(customers), owner, np.zeros(of_one, int)])
    besides = rng.integers(1, DAYS + 1, of_one)
    day = np.minimum(np.concatenate([born, later, besides]), DAYS)
    at = _timestamps(day)
    return pd.DataFrame(
        {
            "order_id": pd.Series(np.arange(len(day))).map("O{:08d}".format),
            "customer_id": pd.Series(customer).map("C{:07d}".format),
            "ordered_at": at,
            "status": "delivered",
            "order_type": "sale",
            "currency": "EUR",
            "shipping_cost": "4.95",
            "payment_fee": "0.60",
            "channel": "web",
            "delivered_at": at,
            "updated_at": at,
            "day": day,
        }
    )


def _lines(rng: np.random.Generator, orders: pd.DataFrame, products: int) -> pd.DataFrame:
    count = len(orders)
    return pd.DataFrame(
        {
            "order_id": orders["order_id"],
            "line_no": 1,
            "product_id": pd.Series(rng.integers(0, products, count)).map("P{:03d}".format),
            "quantity": rng.integers(1, 4, count),
            "unit_price": np.round(rng.lognormal(3.2, 0.6, count), 2),
            "discount": 0,
            "updated_at": orders["updated_at"],
            "day": orders["day"],
        }
    )


def _refunds(rng: np.random.Generator, orders: pd.DataFrame) -> pd.DataFrame:
    some = orders.sample(frac=0.05, random_state=int(rng.integers(2**31)))
    return pd.DataFrame(
        {
            "refund_id": "R" + some["order_id"],
            "order_id": some["order_id"],
            "line_no": 1,
            "refunded_at": some["updated_at"],
            "quantity": 1,
            "amount": 1,
            "is_restocked": "false",
            "reason": "changed_mind",
            "handling_cost": 2,
            "updated_at": some["updated_at"],
            "day": some["day"],
        }
    )


def _customers(rng: np.random.Generator, customers: int) -> pd.DataFrame:
    number = pd.Series(np.arange(customers))
    name: Callable[[int], str] = "C{:07d}".format
    return pd.DataFrame(
        {
            "customer_id": number.map(name),
            "email": number.map("c{:07d}@example.com".format),
            "phone": "",
            "first_name": "Robin",
            "last_name": "Example",
            "birth_date": "1980-05-17",
            "anniversary": "",
            "language": rng.choice(["nl", "de", "en"], customers),
            "country": "NL",
            "timezone": "Europe/Amsterdam",
            "preferred_channel": "email",
            "is_staff": "false",
            "created_at": "2024-01-01T00:00:00+00:00",
            "updated_at": "2024-01-01T00:00:00+00:00",
        }
    )


def _products(rng: np.random.Generator) -> pd.DataFrame:
    number = pd.Series(np.arange(PRODUCTS))
    return pd.DataFrame(
        {
            "product_id": number.map("P{:03d}".format),
            "name": number.map("Product {}".format),
            "category": rng.choice(["machines", "beans", "parts", "accessories"], PRODUCTS),
            "unit_cost": np.round(rng.lognormal(2.4, 0.4, PRODUCTS), 2),
            "list_price": np.round(rng.lognormal(3.2, 0.4, PRODUCTS), 2),
            "warranty_months": 24,
            "expected_life_months": 60,
            "service_interval_months": 12,
            "updated_at": "2024-01-01T00:00:00+00:00",
        }
    )
