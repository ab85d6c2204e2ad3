"""What a fit was made on is known by its digest: one that any version logged is found again."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest

from regulars.scores.decision_log import digest_of

DRAWN = np.random.default_rng(3).gamma(1, 10.0 ** np.arange(-9, 13), (500, 22)).ravel()
FRAMES = {
    "histories": pd.DataFrame({"frequency": [0.0, 3.0], "T": [12.0, 700.0], "weight": [8.0, 1.0]}),
    "one column of every size": pd.DataFrame({"value": DRAWN}),
    "nothing": pd.DataFrame({"frequency": [], "weight": []}, dtype="float64"),
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
def test_it_is_that_of_a_csv_file(frame: pd.DataFrame) -> None:
    file = frame.to_csv(index=False, float_format="%.9g")
    assert digest_of(frame) == hashlib.sha256(file.encode()).hexdigest()


def test_a_customer_more_is_another_input() -> None:
    frame = FRAMES["histories"]
    assert digest_of(frame) != digest_of(frame.assign(weight=[9.0, 1.0]))
