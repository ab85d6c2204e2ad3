"""Every model and every plain rule on one past, judged by what followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regulars.backtesting import rules
from regulars.backtesting.past import Past
from regulars.backtesting.series import tracking_error
from regulars.clv import GammaGamma, PurchaseModel
from regulars.clv.accuracy import by_frequency, deciles
from regulars.clv.histories import Floats
from regulars.clv.judging import Forecast, Metric, Outcomes, judge
from regulars.clv.laws import law_scores, pit_deciles


@dataclass(frozen=True)
class Spending:
    """Expected spend per purchase day of each cell, and what the fit had to say.

    expected is None where nobody has spent anything.
    """

    expected: Floats | None
    warnings: list[str]


def judged(past: Past, models: Mapping[str, PurchaseModel], reference: str) -> list[Metric]:
    """Metrics of the models in their order, then of the rules; differences from `reference`."""
    outcomes = _outcomes(past)
    spend = spending(past).expected
    forecasts = [_forecast(model, past, spend, outcomes) for model in models.values()]
    metrics = judge(forecasts + rules.forecasts(past), outcomes, reference)
    return metrics + [
        Metric(forecast.name, metric, value)
        for forecast, model in zip(forecasts, models.values(), strict=True)
        for metric, value in _of_model(forecast, model, past, outcomes)
    ]


def spending(past: Past) -> Spending:
    """Gamma-Gamma fitted at the origin, the first purchase included."""
    is_positive = past.column("monetary_value") > 0
    if not is_positive.any():
        return Spending(None, ["no purchase has a value: spend is ranked by expected purchases"])
    cells = past.cells[is_positive]
    spends = pd.DataFrame(
        {
            "purchase_days": cells["frequency"] + 1,
            "monetary_value": cells["monetary_value"],
            "weight": cells["weight"],
        }
    )
    model = GammaGamma().fit(spends)
    expected = np.full(len(is_positive), model.expected_spend_new())
    expected[is_positive] = model.expected_spend(spends)
    return Spending(expected, [f"Gamma-Gamma: {words}" for words in model.warnings])


def _outcomes(past: Past) -> Outcomes:
    return Outcomes(
        past.column("actual"),
        past.column("spend"),
        past.column("weight"),
        past.row_of % past.law_step == 0,
    )


def _forecast(
    model: PurchaseModel, past: Past, spend: Floats | None, outcomes: Outcomes
) -> Forecast:
    by_history = model.expected_purchases(past.histories, past.days)
    expected = by_history[past.row_of]
    step, rows = past.law_step, outcomes.has_law
    law = law_scores(
        model,
        past.histories.iloc[::step],
        by_history[::step],
        past.row_of[rows] // step,
        outcomes.actual[rows],
        past.days,
    )
    return Forecast(
        model.name,
        expected,
        expected if spend is None else expected * spend,
        model.purchase_probability(past.histories, past.days)[past.row_of],
        law,
    )


def _of_model(
    forecast: Forecast, model: PurchaseModel, past: Past, outcomes: Outcomes
) -> list[tuple[str, float]]:
    """What is drawn rather than compared: bands, tenths, the PIT, and the weeks' mean error."""
    assert forecast.law is not None
    said, came, weight = forecast.expected, outcomes.actual, outcomes.weight
    found = list(by_frequency(said, came, past.column("frequency"), weight).items())
    for number, pair in enumerate(deciles(said, came, weight), start=1):
        found += zip((f"decile_expected_{number}", f"decile_actual_{number}"), pair, strict=True)
    shares = pit_deciles(forecast.law, weight[outcomes.has_law])
    found += [(f"pit_{number}", share) for number, share in enumerate(shares, start=1)]
    off = tracking_error(past, model)
    return found if off is None else [*found, ("tracking_error", off)]
