"""Distinct histories are the same whichever way they are found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.clv.histories import compressed, read


@pytest.mark.parametrize("weight", [1.0, 2.5, "uneven"])
@pytest.mark.parametrize("unit", [1.0, 7.0, 1e-7], ids=["days", "weeks", "as large numbers"])
def test_distinct_histories_stand_in_key_order_with_all_their_customers(unit, weight) -> None:
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
    found = compressed(read(frame))
    expected = frame.groupby(["frequency", "recency", "T"])["weight"].sum().reset_index()
    columns = (found.frequency, found.recency, found.age, found.weight)
    for name, got in zip(expected, columns, strict=True):
        assert got.dtype == np.float64
        np.testing.assert_array_equal(got, expected[name].to_numpy(dtype=float))
