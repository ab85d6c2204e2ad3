"""The side of lifetimes 0.11.3; see measured.py. As its documentation shows each task."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter
from lifetimes.utils import summary_data_from_transaction_data
from measured import Task, report

warnings.simplefilter("ignore")
TRUE_BG = {"r": 0.243, "alpha": 7 * 4.414, "a": 0.793, "b": 2.426}
TRUE_SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}


def _fit(kind: Any) -> Task:
    def task(file: str) -> tuple:
        data = pd.read_parquet(file)

        def work() -> Any:
            return kind(penalizer_coef=0.0).fit(data["frequency"], data["recency"], data["T"])

        return work, lambda fitter: {"params": dict(fitter.params_)}

    return task


def _true(fitter: Any, params: Mapping[str, float]) -> Any:
    fitter.params_ = pd.Series(params)
    return fitter


def _bg() -> BetaGeoFitter:
    """A fitter with the true parameters, as if it had been fitted."""
    fitter = BetaGeoFitter()
    fitter.params_ = pd.Series(TRUE_BG)
    fitter.predict = fitter.conditional_expected_number_of_purchases_up_to_time
    return fitter


def _score(file: str) -> tuple:
    data, fitter = pd.read_parquet(file), _bg()
    columns = [data[name] for name in ("frequency", "recency", "T")]

    def work() -> pd.Series:
        fitter.conditional_probability_alive(*columns)
        return fitter.conditional_expected_number_of_purchases_up_to_time(365, *columns)

    return work, lambda scores: {"mean": float(scores.mean())}


def _value(file: str) -> tuple:
    """Twelve months of value, undiscounted, by its own function."""
    data, fitter = pd.read_parquet(file), _bg()
    return lambda: _values(data, fitter, _true(GammaGammaFitter(), TRUE_SPEND)), lambda values: {
        "mean": float(values.mean())
    }


def _values(data: pd.DataFrame, fitter: BetaGeoFitter, spends: GammaGammaFitter) -> pd.Series:
    return spends.customer_lifetime_value(
        fitter,
        data["frequency"],
        data["recency"],
        data["T"],
        data["monetary_value"],
        time=12,
        freq="D",
        discount_rate=0.0,
    )


def _spend(file: str) -> tuple:
    data = pd.read_parquet(file)
    return lambda: _spend_fit(data), lambda fitter: {"params": dict(fitter.params_)}


def _spend_fit(data: pd.DataFrame) -> GammaGammaFitter:
    """Of all purchase days, as ours, so that likelihoods compare."""
    return GammaGammaFitter().fit(data["purchase_days"], data["monetary_value"])


def _summarised(file: str) -> pd.DataFrame:
    return summary_data_from_transaction_data(
        pd.read_parquet(file),
        "customer",
        "date",
        monetary_value_col="value",
        include_first_transaction=False,
    )


def _summaries(file: str) -> tuple:
    return lambda: _summarised(file), lambda rows: {"customers": len(rows)}


def _road(file: str) -> tuple:
    def work() -> pd.Series:
        data = _summarised(file)
        fitter = BetaGeoFitter().fit(data["frequency"], data["recency"], data["T"])
        repeaters = data[data["frequency"] > 0]
        spends = GammaGammaFitter().fit(repeaters["frequency"], repeaters["monetary_value"])
        return _values(data, fitter, spends)

    return work, lambda values: {"mean": float(values.mean())}


TASKS = {
    "bg_fit": _fit(BetaGeoFitter),
    "mbg_fit": _fit(ModifiedBetaGeoFitter),
    "pareto_fit": _fit(ParetoNBDFitter),
    "spend_fit": _spend,
    "bg_score": _score,
    "value": _value,
    "summaries": _summaries,
    "road": _road,
}

if __name__ == "__main__":
    # its Pareto/NBD begins at numbers from the global generator
    np.random.seed(int(sys.argv[3]))  # noqa: NPY002
    report(TASKS)
