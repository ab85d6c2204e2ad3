"""Our side of each measurement; see measured.py."""

from __future__ import annotations

import numpy as np
import pandas as pd
from measured import Task, report

from regulars.clv import (
    BetaGeometric,
    GammaGamma,
    ModifiedBetaGeometric,
    ParetoNBD,
    PurchaseModel,
)
from regulars.clv.histories import read_compressed
from regulars.clv.summaries import summarise
from regulars.clv.value_distribution import value_distributions

TRUE_BG = {"r": 0.243, "alpha": 7 * 4.414, "a": 0.793, "b": 2.426}
TRUE_SPEND = {"p": 6.25, "q": 3.74, "gamma": 15.44}


def _fit(kind: type[PurchaseModel]) -> Task:
    def task(file: str) -> tuple:
        histories = pd.read_parquet(file)
        return lambda: kind().fit(histories), lambda model: {"params": model.params}

    return task


def _fit_of_distinct(file: str) -> tuple:
    """As the night fits: SQL has compressed the customers."""
    histories = read_compressed(pd.read_parquet(file))
    return lambda: BetaGeometric().fit_distinct(histories), lambda model: {"params": model.params}


def _score(file: str) -> tuple:
    histories = pd.read_parquet(file)
    model = BetaGeometric.from_params(**TRUE_BG)

    def work() -> tuple[np.ndarray, np.ndarray]:
        return model.probability_alive(histories), model.expected_purchases(histories, 365)

    return work, lambda scores: {"mean": float(scores[1].mean())}


def _distinct(file: str) -> tuple[pd.DataFrame, ModifiedBetaGeometric]:
    """What the night scores: a row per distinct history."""
    histories = read_compressed(pd.read_parquet(file))
    columns = {"frequency": histories.frequency, "recency": histories.recency, "T": histories.age}
    return pd.DataFrame(columns), ModifiedBetaGeometric.from_params(**TRUE_BG)


def _point_scores(file: str) -> tuple:
    """The night's six figures of each distinct history."""
    histories, model = _distinct(file)

    def work() -> np.ndarray:
        model.probability_alive(histories)
        model.purchase_probability(histories, 365)
        model.expected_purchases_if_active(histories, 365)
        model.expected_purchases_if_kept(histories, 365)
        model.discounted_expected_purchases(histories, 0.10)
        return model.expected_purchases(histories, 365)

    return work, lambda scores: {"mean": float(scores.mean())}


def _ranges(file: str) -> tuple:
    """The night's quantiles of orders and values of each distinct history, at all knots."""
    histories, model = _distinct(file)
    spends = GammaGamma.from_params(**TRUE_SPEND)

    def work() -> np.ndarray:
        found = value_distributions(model, spends, histories, 365).blocks()
        return np.concatenate([quantiles.orders_variance for _, quantiles in found])

    return work, lambda variances: {"mean": float(variances.mean())}


def _value(file: str) -> tuple:
    """Purchases of a year times spend, of each customer."""
    customers = pd.read_parquet(file)
    model, spends = BetaGeometric.from_params(**TRUE_BG), GammaGamma.from_params(**TRUE_SPEND)
    return lambda: _values(customers, model, spends), lambda values: {"mean": float(values.mean())}


def _values(customers: pd.DataFrame, model: BetaGeometric, spends: GammaGamma) -> np.ndarray:
    """Computed once for customers alike in frequency, recency and T."""
    key = ["frequency", "recency", "T"]
    alike = customers.groupby(key, sort=False)
    distinct = customers.loc[~customers.duplicated(key), key]
    expected = model.expected_purchases(distinct, 365)[alike.ngroup()]
    return expected * spends.expected_spend(customers)


def _spend(file: str) -> tuple:
    customers = pd.read_parquet(file)
    return lambda: GammaGamma().fit(customers), lambda model: {"params": model.params}


def _summaries(file: str) -> tuple:
    return lambda: summarise(pd.read_parquet(file)), lambda rows: {"customers": len(rows)}


def _road(file: str) -> tuple:
    """From orders to a value for each customer."""

    def work() -> np.ndarray:
        customers = summarise(pd.read_parquet(file))
        model = BetaGeometric().fit(customers)
        return _values(customers, model, GammaGamma().fit(customers))

    return work, lambda values: {"mean": float(values.mean())}


TASKS = {
    "bg_fit": _fit(BetaGeometric),
    "bg_distinct_fit": _fit_of_distinct,
    "mbg_fit": _fit(ModifiedBetaGeometric),
    "pareto_fit": _fit(ParetoNBD),
    "spend_fit": _spend,
    "bg_score": _score,
    "value": _value,
    "point_scores": _point_scores,
    "ranges": _ranges,
    "summaries": _summaries,
    "road": _road,
}

if __name__ == "__main__":
    report(TASKS)
