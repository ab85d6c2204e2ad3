"""What the models say of the sample, computed with `regulars.clv` alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from regulars.clv import (
    BetaGeometric,
    GammaGamma,
    ModifiedBetaGeometric,
    ParetoNBD,
    PurchaseModel,
)
from regulars.clv.accuracy import LAST_BAND, by_frequency, deciles
from regulars.clv.gamma_gamma import weighted_correlation
from regulars.clv.histories import Floats
from studies.cdnow.data import HOLDOUT_WEEKS, LAST_WEEK, WEEK, Cdnow

MODELS: tuple[type[PurchaseModel], ...] = (BetaGeometric, ModifiedBetaGeometric, ParetoNBD)
# the customer of BTYD's walk-through: 26 repeats, the last after 216 days of 31 weeks
KNOWN = pd.DataFrame({"frequency": [26.0], "recency": [216 / 7], "T": [31.0]})
FIRST_CUSTOMERS = 10
BANDS = range(LAST_BAND + 1)
ANNUAL_RATE, WEEKS_PER_YEAR = 0.15, 52.0
SPEND_EDGES = np.linspace(0.0, 100.0, 21)  # dollars


@dataclass(frozen=True)
class ModelFindings:
    """One model of purchases.

    figures     by name: parameters, log_likelihood, and what published.PRINTED asks
    errors      standard errors of the parameters
    tracking    expected repeats by the end of week 1, 2 … LAST_WEEK, nothing having been seen
    counts      expected customers with 0, 1 … 6, 7 and more repeats in the calibration
    bands       expected purchases in the hold-out per customer, by those repeats
    tenths      (expected, actual) purchases per customer by tenth of the forecast
    """

    model: PurchaseModel
    figures: dict[str, float]
    errors: dict[str, float | None]
    tracking: Floats
    counts: Floats
    bands: Floats
    tenths: list[tuple[float, float]]
    holdout_total: float


@dataclass(frozen=True)
class SpendFindings:
    """Gamma-Gamma, and value.

    correlation  of the number of repeats with their mean spend
    seen, said   customers by mean spend between SPEND_EDGES: counted, and by the model
    tenths       (expected, actual) spend in the hold-out per customer by tenth of its forecast
    residual     by band of repeats: discounted purchases to come, spend a purchase, their product
    """

    figures: dict[str, float]
    correlation: float
    actual: Floats
    expected: Floats
    tenths: list[tuple[float, float]]
    residual: list[tuple[float, float, float]]


@dataclass(frozen=True)
class Findings:
    data: Cdnow
    counts: Floats
    bands: Floats
    models: dict[str, ModelFindings]
    spend: SpendFindings


def find(data: Cdnow) -> Findings:
    """Fit everything and ask everything."""
    models = {kind.name: _of_model(kind().fit(data.histories), data) for kind in MODELS}
    return Findings(
        data=data,
        counts=_counted(data.histories["frequency"].to_numpy(dtype=np.float64)),
        bands=_by_band(data, data.holdout["purchases"].to_numpy(dtype=np.float64)),
        models=models,
        spend=_of_spend(data, models[ParetoNBD.name].model),
    )


# ---------- purchases


def _of_model(model: PurchaseModel, data: Cdnow) -> ModelFindings:
    expected = model.expected_purchases(data.histories, HOLDOUT_WEEKS)
    actual = data.holdout["purchases"].to_numpy(dtype=np.float64)
    figures = model.params | {
        "log_likelihood": float(model.log_likelihood or np.nan),
        "new_in_52_weeks": float(model.expected_purchases_new(52.0)[0]),
        "known_in_52_weeks": float(model.expected_purchases(KNOWN, 52.0)[0]),
        "alive": float(model.probability_alive(KNOWN)[0]),
    }
    return ModelFindings(
        model=model,
        figures=figures,
        errors=dict(model.standard_errors),
        tracking=_tracking(model, data),
        counts=_expected_counts(model, data),
        bands=_by_band(data, expected),
        tenths=deciles(expected, actual, np.ones(len(actual))),
        holdout_total=float(np.sum(expected)),
    )


def _tracking(model: PurchaseModel, data: Cdnow) -> Floats:
    age = data.histories["T"].to_numpy()
    born = np.max(age) - age
    lived = np.maximum(np.arange(1, LAST_WEEK + 1)[:, None] - born, 0.0)
    times, place = np.unique(np.rint(lived * WEEK), return_inverse=True)  # whole days
    each: Floats = model.expected_purchases_new(times / WEEK)[place].reshape(lived.shape)
    return each.sum(axis=1)


def _expected_counts(model: PurchaseModel, data: Cdnow) -> Floats:
    """Customers with so many repeats, each of the age that they have."""
    ages, customers = np.unique(data.histories["T"].to_numpy(), return_counts=True)
    bands = np.arange(LAST_BAND)
    expected = np.zeros(LAST_BAND)
    for age, alike in zip(ages, customers, strict=True):
        expected += alike * model.purchase_probabilities(bands, float(age))
    return np.append(expected, len(data.histories) - np.sum(expected))


def _counted(frequency: Floats) -> Floats:
    band = np.minimum(frequency, LAST_BAND).astype(np.intp)
    return np.bincount(band, minlength=LAST_BAND + 1).astype(np.float64)


def _by_band(data: Cdnow, values: Floats) -> Floats:
    frequency = data.histories["frequency"].to_numpy(dtype=np.float64)
    bands = by_frequency(values, values, frequency, np.ones(len(values)))
    return np.array([bands[f"actual_by_frequency_{band}"] for band in BANDS])


# ---------- spend and value


def _of_spend(data: Cdnow, purchases: PurchaseModel) -> SpendFindings:
    model = GammaGamma().fit(data.spends)
    each = pd.Series(model.expected_spend(data.spends), index=data.spends.index)
    everybody = each.reindex(data.histories.index, fill_value=model.expected_spend_new())
    spend = np.asarray(everybody, dtype=np.float64)
    expected = purchases.expected_purchases(data.histories, HOLDOUT_WEEKS) * spend
    actual = data.holdout["spend"].to_numpy(dtype=np.float64)
    first = {f"customer_{n + 1}": float(spend[n]) for n in range(FIRST_CUSTOMERS)}
    return SpendFindings(
        figures=model.params | {"log_likelihood": float(model.log_likelihood or np.nan)} | first,
        correlation=weighted_correlation(data.spends) or 0.0,
        actual=np.histogram(data.spends["monetary_value"], SPEND_EDGES)[0].astype(np.float64),
        expected=_spread(model, data.spends),
        tenths=deciles(expected, actual, np.ones(len(actual))),
        residual=_residual(data, purchases, spend),
    )


def _spread(model: GammaGamma, spends: pd.DataFrame) -> Floats:
    """Customers whose mean spend lies between two edges: of n days it is γ/n times a beta-prime
    variable of shapes p·n and q (note 025, eq. 1a)."""
    p, q, gamma = model.params.values()
    customers_between = np.zeros(len(SPEND_EDGES) - 1)
    sizes = np.unique(spends["purchase_days"].to_numpy(), return_counts=True)
    for days, customers in zip(*sizes, strict=True):
        mean_spend = stats.betaprime(p * days, q, scale=gamma / days)
        customers_between += customers * np.diff(mean_spend.cdf(SPEND_EDGES))
    return customers_between


def _residual(data: Cdnow, model: PurchaseModel, spend: Floats) -> list[tuple[float, float, float]]:
    """DERT (infinite horizon), spend a purchase and residual value, means by band of repeats."""
    purchases = model.discounted_expected_purchases(data.histories, ANNUAL_RATE, WEEKS_PER_YEAR)
    columns = (purchases, spend, purchases * spend)
    bands = [_by_band(data, values) for values in columns]
    return [(float(a), float(b), float(c)) for a, b, c in zip(*bands, strict=True)]
