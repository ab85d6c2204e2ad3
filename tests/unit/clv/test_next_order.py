"""The next order is expected when those with such a history make it, or not at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.clv import RegularModifiedBetaGeometric
from regulars.clv.next_order import WIDEST_WINDOW, next_order_days

MODEL = RegularModifiedBetaGeometric.from_params(k=4, r=2.0, alpha=30.0, a=0.5, b=6.0)


def frame(*rows: tuple[float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["frequency", "recency", "T"])


def lives(customers: int, age: float) -> tuple[pd.DataFrame, np.ndarray]:
    """Histories at `age` by drawing every gap and tossing every coin, and the wait for the next
    purchase (inf for those who have left)."""
    draw = np.random.default_rng(4)
    rows, waits = [], []
    for _ in range(customers):
        rate, leave = draw.gamma(2.0, 1 / 30.0), draw.beta(0.5, 6.0)
        moments = [0.0]
        while moments[-1] <= age and draw.random() >= leave:
            moments.append(moments[-1] + draw.gamma(4.0) / rate)
        before = [moment for moment in moments if moment <= age]
        rows.append((len(before) - 1, before[-1], age))
        waits.append(moments[-1] - age if moments[-1] > age else np.inf)
    return frame(*rows), np.array(waits)


def test_three_in_five_of_those_who_order_do_so_within_the_window() -> None:
    histories, waits = lives(8000, age=500.0)
    days = next_order_days(MODEL, histories)
    judged = (days["p50"].notna() & (waits <= 365)).to_numpy()
    assert judged.sum() > 2000
    came, said = waits[judged], days[judged]
    assert np.mean(came <= said["p50"]) == pytest.approx(0.5, abs=0.04)
    inside = (came > said["p20"] - 1) & (came <= said["p80"])
    # whole days: a window of days 3 to 5 has room for a little more
    assert np.mean(inside) == pytest.approx(0.62, abs=0.04)


def test_the_longer_ago_the_last_order_the_sooner_the_next() -> None:
    recent, due = next_order_days(MODEL, frame((5, 200, 200), (5, 200, 230)))["p50"]
    assert due < recent
    assert recent == pytest.approx(200 / 5, abs=8)


@pytest.mark.parametrize(
    ("k", "history"),
    [
        (1, (5, 200, 210)),
        (4, (1, 40, 60)),
        (4, (0, 0, 30)),
        (2, (2, 3, 300)),
        (4, (20, 200, 700)),
    ],
    ids=["memoryless", "one gap", "no gap", "far beyond their rhythm", "gone, most likely"],
)
def test_no_rhythm_no_date(k: int, history: tuple[float, float, float]) -> None:
    model = RegularModifiedBetaGeometric.from_params(k=k, r=2.0, alpha=30.0, a=0.5, b=6.0)
    assert next_order_days(model, frame(history)).isna().all(axis=None)


def test_days_are_whole_in_order_and_within_the_year() -> None:
    ages = np.random.default_rng(1).uniform(1, 2000, 400)
    histories = MODEL.simulate(ages, 365, seed=2)
    days = next_order_days(MODEL, histories).dropna()
    assert len(days) > 50
    assert (days == np.floor(days)).all(axis=None)
    assert ((days["p20"] >= 1) & (days["p80"] <= 365)).all()
    assert (days["p20"] <= days["p50"]).all()
    assert (days["p50"] <= days["p80"]).all()
    own_gap = (histories["recency"] / histories["frequency"]).loc[days.index]
    assert (days["p80"] - days["p20"] <= WIDEST_WINDOW * own_gap).all()
