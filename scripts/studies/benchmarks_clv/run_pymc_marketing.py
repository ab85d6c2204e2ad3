"""The side of pymc-marketing 0.19.2; see measured.py. Its fits are MAP under default priors."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np
import pandas as pd
from measured import Task, report
from pymc_marketing import clv

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def _customers(file: str) -> pd.DataFrame:
    data = pd.read_parquet(file)
    return data.assign(customer_id=np.arange(len(data)))


def _fit(kind: Any) -> Task:
    def task(file: str) -> tuple:
        data = _customers(file)[["customer_id", "frequency", "recency", "T"]]

        def work() -> Any:
            model = kind(data=data)
            model.fit(method="map", progressbar=False)
            return model

        return work, lambda model: {"params": _params(model)}

    return task


def _params(model: Any) -> dict[str, float]:
    return {
        name: float(values.to_numpy().ravel()[0])
        for name, values in model.fit_result.data_vars.items()
        if values.size == 1
    }


def _spend(file: str) -> tuple:
    data = _customers(file)
    data = pd.DataFrame(
        {
            "customer_id": data["customer_id"],
            "frequency": data["purchase_days"],
            "monetary_value": data["monetary_value"],
        }
    )

    def work() -> Any:
        model = clv.GammaGammaModel(data=data)
        model.fit(method="map", progressbar=False)
        return model

    return work, lambda model: {"params": _params(model)}


TASKS = {
    "bg_fit": _fit(clv.BetaGeoModel),
    "mbg_fit": _fit(clv.ModifiedBetaGeoModel),
    "pareto_fit": _fit(clv.ParetoNBDModel),
    "spend_fit": _spend,
}

if __name__ == "__main__":
    report(TASKS)
