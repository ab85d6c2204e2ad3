"""Published numbers of BG/BB: 11,104 donors, six yearly appeals.

BTYD  the walk-through of the R package BTYD on the donations of Fader, Hardie, Shang (2010); the
      22 cells lie in the wheel of `lifetimes`. It stops a little short of the maximum: its
      conditional values are met to five parts in 100,000.
"""

from __future__ import annotations

from importlib import metadata

import pandas as pd
import pytest

from regulars.clv import BetaGeometricBetaBinomial
from tests.golden.test_cdnow import one, printed


@pytest.fixture(scope="module")
def donors() -> pd.DataFrame:
    try:
        files = metadata.distribution("lifetimes").files or []
    except metadata.PackageNotFoundError:
        pytest.skip("the wheel `lifetimes`, which carries the donations, is not installed")
    path = next((file for file in files if file.name == "donations.csv"), None)
    if path is None:
        pytest.skip("this wheel of `lifetimes` has no donations.csv")
    return pd.read_csv(path.locate()).rename(columns={"periods": "T", "weights": "weight"})


@pytest.fixture(scope="module")
def fitted(donors) -> BetaGeometricBetaBinomial:
    return BetaGeometricBetaBinomial().fit(donors)


def test_the_fit_reaches_the_published_maximum(donors, fitted) -> None:
    assert donors["weight"].sum() == 11_104
    assert len(donors) == 22
    assert fitted.converged
    assert fitted.warnings == []
    for value, five, three in zip(
        fitted.params.values(),
        ("1.20352", ".74972", ".65672", "2.78344"),
        ("1.204", ".750", ".657", "2.783"),
        strict=True,
    ):
        printed(value, five)
        printed(value, three)
    printed(fitted.log_likelihood, "-33225.5813")


def test_expectations_are_the_published_ones(fitted) -> None:
    assert fitted.expected_purchases_new(10)[0] == pytest.approx(3.179805, rel=5e-5)
    for x, recency, published in ((0, 0, 0.1302169), (4, 5, 3.627858)):
        found = fitted.expected_purchases(one(x, recency, 6), 10)[0]
        assert found == pytest.approx(published, rel=5e-5)
