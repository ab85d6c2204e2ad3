"""Published numbers on the CDNOW sample, at the precision in which they were printed.

FHL  Fader, Hardie, Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2),
     and the spreadsheet that goes with it (brucehardie.com/notes/004)
N025 Fader, Hardie (2013), The Gamma-Gamma Model of Monetary Value, brucehardie.com/notes/025
BTYD the walk-through of the R package BTYD; its conditional expectations come from a truncated
     series and agree with the exact integral in the first four to five digits
PLUS the walk-through of the R package BTYDplus
MAX  the maximum, found independently with SciPy on the same data

Printed functions are tested at printed parameters, fits at the maximum: some published tables
stop short of it.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from regulars.clv import NBD, BetaGeometric, GammaGamma, ModifiedBetaGeometric, ParetoNBD
from regulars.clv.accuracy import Ties, by_frequency, past_rate, top_share
from regulars.clv.histories import read
from regulars.clv.metrics import Forecast, Outcomes, measure
from regulars.file_backtest.comparison import Entry, compare
from regulars.file_backtest.reading import Transactions
from tests.golden.conftest import CALIBRATION_END, purchase_days

FHL_PARAMS = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
MAXIMUM = {"r": 0.24259, "alpha": 4.4136, "a": 0.79292, "b": 2.42591}


def one(frequency: float, recency: float, age: float) -> pd.DataFrame:
    return pd.DataFrame({"frequency": [frequency], "recency": [recency], "T": [age]})


def printed(value: float, digits: str) -> None:
    """`value`, rounded as printed, reads `digits`."""
    places = len(digits.partition(".")[2])
    assert f"{value:.{places}f}" == (digits if digits[0] != "." else f"0{digits}")


# ---------- the data


def test_the_sample_is_the_published_one(cdnow) -> None:
    histories = cdnow.histories
    assert len(histories) == 2357
    assert (histories["frequency"] == 0).sum() == 1411
    assert histories["frequency"].sum() == 2457
    assert cdnow.holdout.sum() == 1882
    assert len(histories.drop_duplicates()) == 1016
    assert len(cdnow.spends) == 946


# ---------- fits


@pytest.mark.parametrize(
    ("model", "maximum", "likelihood", "published", "published_likelihood"),
    [
        (BetaGeometric, (".24259", "4.4136", ".79292", "2.42591"), "-9582.4292",
         (".243", "4.414", ".793", "2.426"), "-9582.4"),
        (ParetoNBD, (".55328", "10.57768", ".60624", "11.66873"), "-9594.9762",
         (".553", "10.578", ".606", "11.669"), "-9595.0"),
        (ModifiedBetaGeometric, (".52484", "6.18309", ".89136", "1.61400"), "-9582.1357",
         (".525", "6.183", ".891", "1.614"), "-9582.1"),
        (NBD, (".38477", "12.07202"), "-9763.6576", (".385", "12.072"), "-9763.7"),
    ],
)  # fmt: skip
def test_a_fit_reaches_the_published_maximum(
    fitted, model, maximum, likelihood, published, published_likelihood
) -> None:
    """MAX; FHL table 2 (BG/NBD, Pareto/NBD), PLUS (MBG/NBD)."""
    fit_found = fitted(model)
    assert fit_found.converged
    assert fit_found.warnings == []
    for value, five, three in zip(fit_found.params.values(), maximum, published, strict=True):
        printed(value, five)
        printed(value, three)
    printed(fit_found.log_likelihood, likelihood)
    printed(fit_found.log_likelihood, published_likelihood)


def test_gamma_gamma_reaches_the_published_maximum(cdnow) -> None:
    """N025, p. 4; MAX."""
    fit_found = GammaGamma().fit(cdnow.spends)
    assert fit_found.converged
    for name, five, two in (
        ("p", "6.24957", "6.25"),
        ("q", "3.74422", "3.74"),
        ("gamma", "15.44352", "15.44"),
    ):
        printed(fit_found.params[name], five)
        printed(fit_found.params[name], two)
    printed(fit_found.log_likelihood, "-4055.9177")


def test_standard_errors_of_bg_nbd_are_the_published_ones(cdnow, fitted) -> None:
    found = fitted(BetaGeometric).standard_errors
    for name, digits in {"r": ".0126", "alpha": ".378", "a": ".186", "b": ".705"}.items():
        printed(found[name], digits)


def test_standard_errors_of_pareto_nbd_are_the_published_ones(cdnow, fitted) -> None:
    """To 2e-4: second differences on either side."""
    found = fitted(ParetoNBD).standard_errors
    published = {"r": 0.0476264, "alpha": 0.8427222, "s": 0.1872594, "beta": 6.2105448}
    assert found == pytest.approx(published, rel=2e-4)


# ---------- functions


def test_expectations_of_bg_nbd_are_those_of_the_spreadsheet() -> None:
    """FHL spreadsheet: eq. 9 for new customers, eq. 10 for a known one."""
    model = BetaGeometric.from_params(**MAXIMUM)
    days = np.array([0.1429, 1, 3, 31.8571, 32])
    for value, digits in zip(
        model.expected_purchases_new(days),
        (".0078", ".0532", ".1506", "1.0405", "1.0437"),
        strict=True,
    ):
        printed(value, digits)
    printed(model.expected_purchases(one(2, 30.43, 38.86), 39)[0], "1.226")
    # the sheet's series is cut after 50 terms, and converges slowly at 78 weeks
    assert model.expected_purchases_new(78)[0] == pytest.approx(1.8576, abs=4e-4)


def test_counts_of_bg_nbd_are_the_published_ones() -> None:
    """FHL eq. 8."""
    model = BetaGeometric.from_params(**FHL_PARAMS)
    printed(model.predictive_counts(one(0, 0, 0), 39, 0)[0, 0], ".5737864")
    printed(model.purchase_probabilities(0, 39)[0], ".5737864")
    assert f"{model.purchase_probabilities(10, 2)[0]:.5e}" == "1.07869e-07"
    assert f"{model.predictive_counts(one(0, 0, 0), 2, 10)[0, 10]:.5e}" == "1.07869e-07"


def test_expectations_of_new_customers_are_the_published_ones(cdnow, fitted) -> None:
    """BTYD: E[X(52)]."""
    assert fitted(ParetoNBD).expected_purchases_new(52)[0] == pytest.approx(1.473434, abs=1e-6)
    assert fitted(BetaGeometric).expected_purchases_new(52)[0] == pytest.approx(1.444004, abs=1e-5)


@pytest.mark.parametrize(
    ("model", "expected", "alive"),
    [(ParetoNBD, 25.45647, 0.997874), (BetaGeometric, 25.75659, 0.9688523)],
)
def test_one_customer_of_the_walkthrough(fitted, model, expected, alive) -> None:
    """BTYD: customer 1516, 26 repeats, the last in week 30.857 (216 days) of 31."""
    fit_found, history = fitted(model), one(26, 216 / 7, 31)
    assert fit_found.expected_purchases(history, 52)[0] == pytest.approx(expected, rel=6e-5)
    assert fit_found.probability_alive(history)[0] == pytest.approx(alive, rel=3e-6)


def test_residual_value_of_pareto_nbd_is_the_published_one() -> None:
    """Fader, Hardie, Lee (2005), RFM and CLV: DERT at δ = .0027 a week."""
    model = ParetoNBD.from_params(r=0.5629966, alpha=12.559037, s=0.4081095, beta=10.5148048)
    annual_rate = np.expm1(0.0027 * 52)
    found = model.discounted_expected_purchases(one(7, 35, 77.86), annual_rate, 52)
    printed(found[0], "1.864183")


def test_cumulative_purchases_of_pareto_nbd_are_the_published_ones(cdnow, fitted) -> None:
    """BTYD: expected cumulative repeats after 20 to 25 weeks, to a few parts in 100,000."""
    model, ages = fitted(ParetoNBD), cdnow.histories["T"].to_numpy()
    born = ages.max() - ages
    published = (1308.856, 1385.275, 1459.923, 1532.906, 1604.320, 1674.253)
    for week, total in zip(range(20, 26), published, strict=True):
        expected = model.expected_purchases_new(np.maximum(week - born, 0)).sum()
        assert expected == pytest.approx(total, rel=6e-5)


@pytest.mark.parametrize(
    ("model", "published"),
    [
        (ParetoNBD, (".138", ".600", "1.196", "1.714", "2.399", "2.907", "3.819", "6.403")),
        (BetaGeometric, (".225", ".523", "1.044", "1.520", "2.164", "2.654", "3.504", "6.157")),
    ],
)
def test_holdout_means_by_frequency_are_the_published_ones(cdnow, fitted, model, published) -> None:
    """BTYD; FHL figure 4."""
    fit_found = fitted(model)
    found = by_frequency(
        fit_found.expected_purchases(cdnow.histories, 39),
        cdnow.holdout.to_numpy(dtype=float),
        cdnow.histories["frequency"].to_numpy(dtype=float),
        np.ones(len(cdnow.histories)),
    )
    actual = (".237", ".697", "1.393", "1.560", "2.532", "2.947", "3.862", "6.359")
    for band in range(8):
        assert found[f"expected_by_frequency_{band}"] == pytest.approx(
            float(published[band]), abs=1.1e-3
        )
        printed(found[f"actual_by_frequency_{band}"], actual[band])


def test_expected_spends_are_those_of_the_note(cdnow) -> None:
    """N025, table 2: E[M | m, x] of the first ten customers."""
    model = GammaGamma().fit(cdnow.spends)
    seen = pd.Series(model.expected_spend(cdnow.spends), index=cdnow.spends.index)
    first_ten = cdnow.histories.index[:10]
    expected = seen.reindex(first_ten, fill_value=model.expected_spend_new())
    printed_values = "24.65 18.91 35.17 35.17 35.17 71.46 18.91 35.17 27.28 35.17"
    assert " ".join(f"{value:.2f}" for value in expected) == printed_values


# ---------- hold-out accuracy


@pytest.mark.parametrize(
    ("name", "mae", "rmse", "bias", "rank", "top"),
    [
        ("past_rate", 1.024, 2.212, 0.557, 0.490, 0.458),
        ("nbd", 1.041, 1.860, 0.557, 0.454, 0.458),
        ("bg_nbd", 0.786, 1.608, -0.122, 0.449, 0.467),
        ("mbg_nbd", 0.765, 1.607, -0.162, 0.450, 0.475),
        ("pareto_nbd", 0.755, 1.603, -0.115, 0.460, 0.470),
    ],
)
def test_holdout_accuracy_is_the_known_one(cdnow, fitted, name, mae, rmse, bias, rank, top) -> None:
    """MAX: 39 weeks fitted, 39 weeks judged."""
    models = {m.name: m for m in (NBD, BetaGeometric, ModifiedBetaGeometric, ParetoNBD)}
    expected = (
        past_rate(read(cdnow.histories), 39)
        if name == "past_rate"
        else fitted(models[name]).expected_purchases(cdnow.histories, 39)
    )
    actual = cdnow.holdout.to_numpy(dtype=float)
    one = np.ones(len(actual))
    found = measure(Forecast(name, expected, expected), Outcomes(actual, one, one, one > 0))
    assert found["mae"] == pytest.approx(mae, abs=6e-4)
    assert found["rmse"] == pytest.approx(rmse, abs=6e-4)
    assert found["bias"] == pytest.approx(bias, abs=6e-4)
    assert found["spearman"] == pytest.approx(rank, abs=6e-4)
    assert found["top_decile_share"] == pytest.approx(top, abs=6e-3)


# ---------- the whole road, from a file of transactions


@pytest.fixture(scope="module")
def comparison() -> dict[str, Entry]:
    """Models and plain rules by name, from the transactions themselves, in days."""
    lines = purchase_days().rename(columns={"day": "date"})
    found = compare(Transactions(lines, 0), CALIBRATION_END.date(), date(1998, 6, 30))
    assert found.counts["calibration_repeats"] == 2457
    assert found.counts["holdout_purchases"] == 1882
    (note,) = found.notes
    assert note.startswith("spend per purchase day rises with their number (correlation")
    return {entry.name: entry for entry in found.entries}


@pytest.mark.parametrize(
    ("name", "mae", "rmse", "bias", "rank", "top"),
    [
        ("all_zero", 0.799, 2.206, -1.0, None, 0.10),
        ("past_rate", 1.024, 2.212, 0.557, 0.490, 0.458),
        ("nbd", 1.041, 1.860, 0.557, 0.454, 0.458),
        ("bg_nbd", 0.786, 1.608, -0.122, 0.449, 0.467),
        ("mbg_nbd", 0.765, 1.607, -0.162, 0.450, 0.475),
        ("pareto_nbd", 0.755, 1.603, -0.115, 0.460, 0.470),
    ],
)
def test_a_backtest_of_the_file_gives_the_known_table(
    comparison, name, mae, rmse, bias, rank, top
) -> None:
    """MAX. Shares to .6 of a point: ties are shared."""
    found = comparison[name].metrics
    assert found["mae"] == pytest.approx(mae, abs=6e-4)
    assert found["rmse"] == pytest.approx(rmse, abs=6e-4)
    assert found["bias"] == pytest.approx(bias, abs=6e-4)
    assert found.get("spearman") == (None if rank is None else pytest.approx(rank, abs=6e-4))
    assert found["top_decile_share"] == pytest.approx(top, abs=6e-3)


@pytest.mark.parametrize(
    ("name", "share"),
    [("nbd", 0.489), ("bg_nbd", 0.502), ("mbg_nbd", 0.502), ("pareto_nbd", 0.503)],
)
def test_the_best_tenths_spend_is_the_known_one(cdnow, fitted, comparison, name, share) -> None:
    """MAX, by Gamma-Gamma on means, to .6 of a point: the first purchase counts here. By the fit
    on next days, which the backtest uses, it is within a point."""
    days = purchase_days()
    known = days[days["day"] <= CALIBRATION_END].groupby("customer")["value"]
    spends = known.agg(purchase_days="size", monetary_value="mean")
    is_paid = spends["monetary_value"] > 0
    law = GammaGamma().fit(spends[is_paid])
    one = pd.Series(law.expected_spend_new(), index=spends.index)
    one[is_paid] = law.expected_spend(spends[is_paid])
    models = {m.name: m for m in (NBD, BetaGeometric, ModifiedBetaGeometric, ParetoNBD)}
    expected = fitted(models[name]).expected_purchases(cdnow.histories, 39)
    later = days[days["day"] > CALIBRATION_END].groupby("customer")["value"].sum()
    came = later.reindex(spends.index, fill_value=0).to_numpy()
    by_means = top_share(Ties.of(expected * one.to_numpy()), came, np.ones(len(came)))
    assert by_means == pytest.approx(share, abs=6e-3)
    assert comparison[name].metrics["top_decile_spend_share"] == pytest.approx(share, abs=1e-2)


def test_ranges_of_spend_hold_what_they_say(comparison) -> None:
    """No published figure: four in five buyers within P10 to P90, nine in ten below P90."""
    found = comparison["mbg_nbd"].metrics
    assert found["net_sales_coverage_80"] == pytest.approx(0.8, abs=0.02)
    assert found["net_sales_below_p90"] == pytest.approx(0.9, abs=0.02)
    plain = comparison["last_period"].metrics["net_sales_interval_score_80"]
    assert found["net_sales_interval_score_80"] < 0.75 * plain
    assert "net_sales_coverage_80" not in comparison["nbd"].metrics


@pytest.mark.parametrize(
    ("name", "score"),
    [("nbd", 0.6050), ("bg_nbd", 0.5110), ("mbg_nbd", 0.5108), ("pareto_nbd", 0.5108)],
)
def test_crps_is_the_known_one(comparison, name, score) -> None:
    """Known to .3%: exact sums here (checked against SciPy's NBD in the unit tests)."""
    assert comparison[name].metrics["crps"] == pytest.approx(score, rel=3e-3)


def test_differences_from_past_spend_come_with_their_errors(cdnow, comparison) -> None:
    """The error of a mean difference is known without a bootstrap: s / √n."""
    days = purchase_days()
    known = days[days["day"] <= CALIBRATION_END]
    spent = known.groupby("customer")["value"].sum()[cdnow.histories.index].to_numpy()
    rate = past_rate(read(cdnow.histories), 39)
    actual = cdnow.holdout.to_numpy(dtype=float)
    apart = actual - np.abs(spent * rate.sum() / spent.sum() - actual)
    difference, error = comparison["all_zero"].against_past_spend["mae"]
    assert difference == pytest.approx(apart.mean(), abs=1e-3)
    assert error == pytest.approx(apart.std() / np.sqrt(len(apart)), rel=0.12)
    assert comparison["past_spend"].against_past_spend == {}


def test_nobody_buys_with_a_rhythm(comparison) -> None:
    """PLUS: on CDNOW the regular model finds k = 1, and so MBG/NBD."""
    regular, memoryless = comparison["mbg_cnbd_k"], comparison["mbg_nbd"]
    assert regular.params == {"k": 1.0, **memoryless.params}
    assert regular.metrics == pytest.approx(memoryless.metrics, rel=1e-6)


def test_the_file_is_fitted_in_days_to_the_same_maximum(comparison, fitted) -> None:
    for model in (NBD, BetaGeometric, ModifiedBetaGeometric, ParetoNBD):
        in_weeks, in_days = fitted(model).params, comparison[model.name].params
        for name, value in in_weeks.items():
            factor = 7 if name in model.time_parameters else 1
            assert in_days[name] == pytest.approx(value * factor, rel=1e-5)
