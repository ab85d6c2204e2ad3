"""Distinct histories are the same whichever way they are found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.clv import histories as module
from regulars.clv.gamma_gamma import _in_key_order, read_spends
from regulars.clv.histories import HistoryError, compressed, distinct, read, read_compressed


@pytest.mark.parametrize("weight", [1.0, 2.5, "uneven"])
@pytest.mark.parametrize("unit", [1.0, 7.0, 1e-7], ids=["days", "weeks", "as large numbers"])
def test_distinct_histories_stand_in_key_order_with_all_their_customers(
    unit, weight, monkeypatch
) -> None:
    monkeypatch.setattr(module, "_BLOCK", 300)
    draw = np.random.default_rng(4)
    age = draw.integers(1, 30, 2_000)
    recency = np.where(draw.random(2_000) < 0.5, 0, draw.integers(1, 30, 2_000) % age)
    frame = pd.DataFrame(
        {
            "frequency": np.where(recency > 0, draw.integers(1, 4, 2_000), 0),
            "recency": recency / unit,
            "T": age / unit,
            "weight": draw.integers(1, 5, 2_000) * 1.0 if weight == "uneven" else weight,
        }
    )
    expected = frame.groupby(["frequency", "recency", "T"])["weight"].sum().reset_index()
    for found in (compressed(read(frame)), read_compressed(frame)):
        columns = (found.frequency, found.recency, found.age, found.weight)
        for name, got in zip(expected, columns, strict=True):
            assert got.dtype == np.float64
            np.testing.assert_array_equal(got, expected[name].to_numpy(dtype=float))


def test_wrong_rows_of_later_blocks_are_counted_with_the_others(monkeypatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", 2)
    frame = pd.DataFrame({"frequency": [0.0] * 5, "recency": [0.0] * 5, "T": [9, -2, 9, -4, 9]})
    with pytest.raises(HistoryError, match="column 'T' is negative for 2 customers: the first"):
        read_compressed(frame)
    with pytest.raises(HistoryError, match="there are no histories"):
        read_compressed(frame.iloc[:0])


@pytest.mark.parametrize(
    "times", [[3.0, 0.0, 3.0, 7.0], [0.5, 0.25, 0.5], [1e12, 2.0]], ids=["days", "parts", "far"]
)
def test_times_are_told_apart_whether_counted_or_sorted(times) -> None:
    found, at = distinct(np.array(times))
    assert found.tolist() == sorted(set(times))
    assert found[at].tolist() == times


@pytest.mark.parametrize("often", [3, 40_000], ids=["few", "more than a short number holds"])
def test_spends_of_one_weight_stand_in_the_order_of_all_others(often) -> None:
    draw = np.random.default_rng(11)
    count, mean = draw.integers(1, often, 500), draw.gamma(2.0, 20.0, 500).round(1) + 0.1
    found = _in_key_order(
        read_spends(pd.DataFrame({"purchase_days": count, "monetary_value": mean}))
    )
    order = np.lexsort((mean, count))
    np.testing.assert_array_equal(found.count, count[order])
    np.testing.assert_array_equal(found.mean, mean[order])
