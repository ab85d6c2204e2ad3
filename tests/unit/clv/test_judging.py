"""Metrics against their definitions, computed the long way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from regulars.clv import NBD, ModifiedBetaGeometric, ParetoNBD
from regulars.clv.judging import (
    brier,
    calibration_slope,
    crps,
    deciles,
    judge,
    normalised_gini,
    top_decile_spend,
)


def test_crps_of_nbd_is_the_sum_over_its_distribution() -> None:
    """Against SciPy's negative binomial, far beyond the last count computed."""
    model = NBD.from_params(r=0.4, alpha=12.0)
    histories = pd.DataFrame(
        {"frequency": [0, 30, 2], "recency": [0, 38.0, 9], "T": [39, 39.0, 10]}
    )
    row_of, actual = np.array([1, 0, 2, 1, 0, 0]), np.array([25.0, 0, 3, 90, 40, 1])
    expected = model.expected_purchases(histories, 39)
    found = crps(model, histories, expected, row_of, actual, 39)
    count = np.arange(4000)
    for row, outcome, score in zip(row_of, actual, found, strict=True):
        x, age = histories.loc[row, ["frequency", "T"]]
        law = stats.nbinom.cdf(count, 0.4 + x, (12 + age) / (12 + age + 39))
        assert score == pytest.approx(np.sum((law - (count >= outcome)) ** 2), rel=1e-4)


@pytest.mark.parametrize(
    "model",
    [
        ModifiedBetaGeometric.from_params(r=0.5, alpha=6, a=0.9, b=1.6),
        ParetoNBD.from_params(r=0.55, alpha=10.6, s=0.6, beta=11.7),
    ],
    ids=lambda model: model.name,
)
def test_crps_does_not_depend_on_how_histories_are_blocked(model) -> None:
    ages = np.linspace(10, 400, 600)
    histories = pd.DataFrame({"frequency": 1, "recency": ages / 2, "T": ages})
    expected = model.expected_purchases(histories, 90)
    row_of = np.arange(600)[::-1]
    actual = (row_of % 4).astype(float)
    together = crps(model, histories, expected, row_of, actual, 90)
    for customer in (0, 1, 299, 599):
        row = row_of[[customer]]
        alone = crps(
            model, histories.iloc[row], expected[row], np.zeros(1, int), actual[[customer]], 90
        )
        assert together[customer] == pytest.approx(alone[0], rel=1e-6)


def test_a_perfect_order_has_gini_one_and_the_reverse_minus_one() -> None:
    actual, one = np.array([0.0, 0, 1, 3, 9]), np.ones(5)
    assert normalised_gini(actual * 7 + 2, actual, one) == pytest.approx(1)
    assert normalised_gini(-actual, actual, one) == pytest.approx(-1)
    assert normalised_gini(np.ones(5), actual, one) == pytest.approx(0)
    assert normalised_gini(actual, np.ones(5), one) is None


def test_gini_is_twice_the_area_between_the_curve_and_the_diagonal() -> None:
    draw = np.random.default_rng(3)
    actual, forecast = draw.poisson(1.0, 400).astype(float), draw.random(400)

    def area(order: np.ndarray) -> float:
        curve = np.concatenate([[0], np.cumsum(actual[order])]) / actual.sum()
        return 1 - np.sum(curve[1:] + curve[:-1]) / 400

    # the best order of the outcomes themselves is the same whatever the order within ties
    expected = area(np.argsort(forecast)) / area(np.argsort(actual))
    assert normalised_gini(forecast, actual, np.ones(400)) == pytest.approx(expected)


def test_the_slope_is_that_of_a_regression() -> None:
    draw = np.random.default_rng(5)
    said = draw.gamma(1, 1, 300)
    came = draw.poisson(said / 2).astype(float)
    slope = calibration_slope(said, came, np.ones(300))
    assert slope == pytest.approx(np.polyfit(said, came, 1)[0])
    assert calibration_slope(np.ones(300), came, np.ones(300)) is None


def test_a_row_of_weight_two_is_two_customers() -> None:
    said, came = np.array([0.2, 1.5, 0.7]), np.array([0.0, 2.0, 1.0])
    weighted = judge(said, came, np.array([2.0, 1.0, 1.0]))
    repeated = judge(said[[0, 0, 1, 2]], came[[0, 0, 1, 2]], np.ones(4))
    assert weighted == pytest.approx(repeated)


def test_msle_and_brier_are_mean_squares() -> None:
    one = np.ones(2)
    found = judge(np.array([0.0, 1.0]), np.array([np.e - 1, 1.0]), one)
    assert found["msle"] == pytest.approx(0.5)
    assert brier(np.array([0.5, 1.0]), np.array([1.0, 0.0]), one) == pytest.approx(0.625)


def test_deciles_average_to_the_totals_and_share_ties() -> None:
    said, came = np.repeat([3.0, 1.0, 0.5], [4, 13, 8]), np.arange(25.0)
    found = deciles(said, came, np.ones(25))
    assert len(found) == 10
    assert np.mean(found, axis=0) == pytest.approx([said.mean(), came.mean()])
    assert found[0] == pytest.approx((3.0, came[:4].mean()))
    assert found[2] == found[5]


def test_spend_of_the_best_tenth_is_undefined_without_spend() -> None:
    said = np.arange(10.0)
    assert top_decile_spend(said, said, np.ones(10)) == pytest.approx(9 / 45)
    assert top_decile_spend(said, np.zeros(10), np.ones(10)) is None
