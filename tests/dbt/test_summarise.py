"""Histories come out of SQL as they come out of pandas: two implementations, one answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd
import psycopg

from regulars.clv.summaries import summarise

CALL = """{{ summarise('transactions', 'who', 'bought_on', 'amount',
    "date '2026-03-01'", "date '2026-06-01'") }} order by 1"""
COLUMNS = [
    "first_on",
    "frequency",
    "recency",
    "T",
    "purchase_days",
    "monetary_value",
    "log_gaps",
    "holdout_purchases",
    "holdout_value",
]
START, CUT, END = date(2026, 1, 1), date(2026, 3, 1), date(2026, 6, 1)

BY_HAND = [
    ("pile", 0, 10), ("pile", 1, 5), ("pile", 2, -7), ("pile", 9, 4),
    ("all back", 0, 10), ("all back", 3, -10), ("all back", 5, 6),
    ("more than bought", 0, 10), ("more than bought", 4, -25), ("more than bought", 8, 3),
    ("free", 0, 0), ("free", 7, 0), ("free", 7, 5), ("free", 9, -5),
    ("same day", 2, 8), ("same day", 2, -3), ("same day", 2, -5), ("same day", 6, 1),
    ("late return", 10, 20), ("late return", 90, 9), ("late return", 100, -15),
    ("only returns", 5, -4), ("after the cut", 80, 5),
]  # fmt: skip


def lines(rows: list[tuple[str, int, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer", "day", "value"])
    return frame.assign(date=[START + timedelta(days=int(day)) for day in frame["day"]])


def at_random(seed: int, customers: int = 300) -> list[tuple[str, int, float]]:
    """Sales, free items and many returns, in cents, some of them larger than what was bought."""
    draw = np.random.default_rng(seed)
    sizes = draw.integers(1, 15, customers)
    return [
        (
            f"c{number}",
            int(draw.integers(0, 160)),
            float(draw.choice([0.0, *(draw.integers(-4000, 6000, 6) / 100)])),
        )
        for number, size in enumerate(sizes)
        for _ in range(size)
    ]


def test_sql_and_pandas_summarise_alike(
    render: Callable[[str], str], admin: psycopg.Connection
) -> None:
    frame = lines(BY_HAND + at_random(1) + at_random(2, 80))
    admin.execute("create table transactions (who text, bought_on date, amount numeric(12, 2))")
    with admin.cursor() as cursor:
        cursor.executemany(
            "insert into transactions values (%s, %s, %s)",
            frame[["customer", "date", "value"]].to_numpy().tolist(),
        )
    query = render(CALL)
    in_sql = pd.DataFrame(admin.execute(query.encode()).fetchall(), columns=["who", *COLUMNS])
    in_pandas = summarise(frame, calibration_end=CUT, holdout_end=END, known_until=END).sort_index()
    assert in_sql["who"].tolist() == in_pandas.index.tolist()
    assert len(in_sql) > 200
    assert in_sql["first_on"].tolist() == in_pandas["first_on"].dt.date.tolist()
    for column in COLUMNS[1:]:
        np.testing.assert_allclose(
            in_sql[column].astype(float), in_pandas[column], atol=2e-6, err_msg=column
        )
