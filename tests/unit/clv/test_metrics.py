"""Metrics against their definitions, computed the long way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from regulars.clv import NBD, ModifiedBetaGeometric, ParetoNBD
from regulars.clv.accuracy import Ties, deciles, midranks, top_share
from regulars.clv.count_scores import count_scores, pit_deciles
from regulars.clv.metrics import Forecast, Metric, Outcomes, evaluate, measure, replicates


def outcomes(actual: np.ndarray, weight: np.ndarray | None = None) -> Outcomes:
    weight = np.ones(len(actual)) if weight is None else weight
    return Outcomes(actual, actual * 2, weight, np.ones(len(actual), dtype=bool))


def measured(said: np.ndarray, came: np.ndarray, weight: np.ndarray | None = None) -> dict:
    return measure(Forecast("it", said, said), outcomes(came, weight))


# ---------- laws


def test_a_law_of_nbd_is_scored_as_its_distribution_says() -> None:
    """Against SciPy's negative binomial, far beyond the last count computed."""
    model = NBD.from_params(r=0.4, alpha=12.0)
    histories = pd.DataFrame(
        {"frequency": [0, 30, 2], "recency": [0, 38.0, 9], "T": [39, 39.0, 10]}
    )
    row_of, actual = np.array([1, 0, 2, 1, 0, 0]), np.array([25.0, 0, 3, 90, 40, 1])
    expected = model.expected_purchases(histories, 39)
    found = count_scores(model, histories, expected, row_of, actual, 39)
    count = np.arange(4000)
    for at, (row, outcome) in enumerate(zip(row_of, actual, strict=True)):
        x, age = histories.loc[row, ["frequency", "T"]]
        law = stats.nbinom(0.4 + x, (12 + age) / (12 + age + 39))
        score = np.sum((law.cdf(count) - (count >= outcome)) ** 2)
        assert found.crps[at] == pytest.approx(score, rel=1e-4)
        assert found.below[at] == pytest.approx(law.cdf(outcome - 1), abs=1e-4)
        assert found.upto[at] == pytest.approx(law.cdf(outcome), abs=1e-4)
        assert (found.low[at], found.high[at]) == law.interval(0.9)
        assert found.p90[at] == law.ppf(0.9)


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
    together = count_scores(model, histories, expected, row_of, actual, 90).crps
    for customer in (0, 1, 299, 599):
        row = row_of[[customer]]
        alone = count_scores(
            model, histories.iloc[row], expected[row], np.zeros(1, int), actual[[customer]], 90
        )
        assert together[customer] == pytest.approx(alone.crps[0], rel=1e-6)


def test_the_interval_score_charges_width_and_misses() -> None:
    model = NBD.from_params(r=20.0, alpha=10.0)
    histories = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [0.0]})
    actual = np.array([0.0, 2.0, 9.0])
    found = count_scores(model, histories, np.array([2.0]), np.zeros(3, int), actual, 1.0)
    low, high = found.low[0], found.high[0]
    assert (low, high) == stats.nbinom(20, 10 / 11).interval(0.9)
    assert found.covers(actual).tolist() == [float(low == 0), 1.0, 0.0]
    assert found.interval_score(actual)[1] == high - low
    assert found.interval_score(actual)[2] == pytest.approx(high - low + 20 * (9 - high))


def test_a_true_law_fills_every_tenth_of_the_pit_and_a_wrong_one_does_not() -> None:
    true = ModifiedBetaGeometric.from_params(r=0.8, alpha=30, a=0.9, b=2.5)
    lives = true.simulate(np.full(4000, 300.0), 200, seed=4)
    histories = lives[["frequency", "recency", "T"]]
    actual, one = lives["later_purchases"].to_numpy(float), np.ones(4000)

    def tenths(model: ModifiedBetaGeometric) -> list[float]:
        expected = model.expected_purchases(histories, 200)
        found = count_scores(model, histories, expected, np.arange(4000), actual, 200)
        return pit_deciles(found.below, found.upto, one)

    assert tenths(true) == pytest.approx([0.1] * 10, abs=0.015)
    assert sum(tenths(true)) == pytest.approx(1)
    wrong = ModifiedBetaGeometric.from_params(r=0.8, alpha=30, a=0.9, b=25)
    assert tenths(wrong)[0] > 0.12


# ---------- order


def gini(said: np.ndarray, came: np.ndarray) -> float | None:
    return measured(said, came).get("gini")


def test_a_perfect_order_has_gini_one_and_the_reverse_minus_one() -> None:
    actual = np.array([0.0, 0, 1, 3, 9])
    assert gini(actual * 7 + 2, actual) == pytest.approx(1)
    assert gini(10 - actual, actual) == pytest.approx(-1)
    assert gini(np.ones(5), actual) == pytest.approx(0)
    assert gini(actual, np.ones(5)) is None


def test_gini_is_twice_the_area_between_the_curve_and_the_diagonal() -> None:
    draw = np.random.default_rng(3)
    actual, forecast = draw.poisson(1.0, 400).astype(float), draw.random(400)

    def area(order: np.ndarray) -> float:
        curve = np.concatenate([[0], np.cumsum(actual[order])]) / actual.sum()
        return 1 - np.sum(curve[1:] + curve[:-1]) / 400

    # the best order of the outcomes themselves is the same whatever the order within ties
    expected = area(np.argsort(forecast)) / area(np.argsort(actual))
    assert gini(forecast, actual) == pytest.approx(expected)


def test_spearman_is_that_of_scipy_ties_included() -> None:
    draw = np.random.default_rng(4)
    said, came = draw.integers(0, 9, 300).astype(float), draw.poisson(1.0, 300).astype(float)
    expected = stats.spearmanr(said, came).statistic
    assert measured(said, came)["spearman"] == pytest.approx(expected)
    assert "spearman" not in measured(np.ones(300), came)


def test_midranks_of_many_weights_are_those_of_each() -> None:
    draw = np.random.default_rng(6)
    ties, weights = Ties.of(draw.integers(0, 5, 40).astype(float)), draw.random((3, 40))
    for row, together in zip(weights, midranks(ties, weights), strict=True):
        assert together == pytest.approx(midranks(ties, row))


def test_the_best_tenth_shares_its_border_and_is_undefined_without_anything_to_hold() -> None:
    said = np.arange(10.0)
    assert top_share(Ties.of(said), said, np.ones(10)) == pytest.approx(9 / 45)
    alike = Ties.of(np.ones(10))
    assert top_share(alike, said, np.ones(10)) == pytest.approx(0.1)
    assert np.isnan(top_share(alike, np.zeros(10), np.ones(10)))


# ---------- errors


def test_the_slope_is_that_of_a_regression() -> None:
    draw = np.random.default_rng(5)
    said = draw.gamma(1, 1, 300)
    came = draw.poisson(said / 2).astype(float)
    found = measured(said, came)
    assert found["calibration_slope"] == pytest.approx(np.polyfit(said, came, 1)[0])
    assert "calibration_slope" not in measured(np.full(300, 0.3), came)


def test_errors_are_means_of_what_was_missed() -> None:
    found = measured(np.array([0.0, 1.0, 3.0]), np.array([np.e - 1, 1.0, 1.0]))
    assert found["mae"] == pytest.approx((np.e - 1 + 0 + 2) / 3)
    assert found["rmse"] == pytest.approx(np.sqrt(((np.e - 1) ** 2 + 4) / 3))
    assert found["msle"] == pytest.approx((1 + np.log(2) ** 2) / 3)
    assert found["bias"] == pytest.approx(4 / (np.e + 1) - 1)
    assert found["crps"] == found["mae"]


def test_brier_is_the_mean_square_error_of_the_chance() -> None:
    said = np.array([1.0, 1.0])
    forecast = Forecast("it", said, said, chance=np.array([0.5, 1.0]))
    assert measure(forecast, outcomes(np.array([3.0, 0.0])))["brier"] == pytest.approx(0.625)


def test_a_row_of_weight_two_is_two_customers() -> None:
    said, came = np.array([0.2, 1.5, 0.7]), np.array([0.0, 2.0, 1.0])
    weighted = measured(said, came, np.array([2.0, 1.0, 1.0]))
    assert weighted == pytest.approx(measured(said[[0, 0, 1, 2]], came[[0, 0, 1, 2]]))


def test_deciles_average_to_the_totals_and_share_ties() -> None:
    said, came = np.repeat([3.0, 1.0, 0.5], [4, 13, 8]), np.arange(25.0)
    found = deciles(said, came, np.ones(25))
    assert len(found) == 10
    assert np.mean(found, axis=0) == pytest.approx([said.mean(), came.mean()])
    assert found[0] == pytest.approx((3.0, came[:4].mean()))
    assert found[2] == found[5]


# ---------- the bootstrap


def found(metrics: list[Metric], name: str, metric: str) -> Metric:
    return next(m for m in metrics if (m.name, m.metric) == (name, metric))


def test_bootstrap_errors_are_those_of_a_mean_and_of_a_paired_difference() -> None:
    """Known without drawing: s / √n. 200 replicates know it to 5%; twice that is allowed."""
    draw = np.random.default_rng(8)
    came = draw.poisson(1.0, 2000).astype(float)
    one, other = draw.gamma(1, 1, 2000), draw.gamma(1, 1, 2000)
    forecasts = [Forecast("one", one, one), Forecast("other", other, other)]
    metrics = evaluate(forecasts, outcomes(came), "one")
    errors = np.abs(one - came), np.abs(other - came)
    assert found(metrics, "one", "mae").standard_error == pytest.approx(
        errors[0].std() / np.sqrt(2000), rel=0.12
    )
    against = found(metrics, "other", "mae")
    assert against.difference == pytest.approx(errors[1].mean() - errors[0].mean())
    assert against.difference_error == pytest.approx(
        (errors[1] - errors[0]).std() / np.sqrt(2000), rel=0.12
    )
    assert found(metrics, "one", "mae").difference is None


def test_customers_alike_in_one_row_have_the_error_of_customers_in_many() -> None:
    draw = np.random.default_rng(9)
    said = draw.integers(1, 4, 3000).astype(float)
    came = draw.poisson(said / 2).astype(float)
    pairs, weight = np.unique(np.stack([said, came]), axis=1, return_counts=True)
    in_rows = evaluate(
        [Forecast("it", pairs[0], pairs[0])], outcomes(pairs[1], weight.astype(float)), "it"
    )
    each = evaluate([Forecast("it", said, said)], outcomes(came), "it")
    for metric in ("rmse", "spearman", "gini", "calibration_slope", "top_decile_share"):
        one, many = found(in_rows, "it", metric), found(each, "it", metric)
        assert one.value == pytest.approx(many.value)
        assert one.standard_error == pytest.approx(many.standard_error, rel=0.25)


def test_many_rows_are_drawn_half_as_often() -> None:
    assert len(replicates(np.ones(20_000))) == 201
    assert len(replicates(np.ones(20_001))) == 101


def test_replicates_are_always_the_same_and_begin_with_the_truth() -> None:
    weight = np.array([1.0, 5.0, 2.0])
    assert (replicates(weight) == replicates(weight)).all()
    assert replicates(weight)[0].tolist() == weight.tolist()
    assert replicates(weight)[1:].mean(axis=0) == pytest.approx(weight, rel=0.2)
