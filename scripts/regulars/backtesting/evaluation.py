"""Every model and every plain rule on one past, judged by what followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from regulars.backtesting import rules
from regulars.backtesting.champion import ELIGIBLE
from regulars.backtesting.past import Past
from regulars.backtesting.series import tracking_error
from regulars.clv import PurchaseModel, SpendDistribution
from regulars.clv.accuracy import by_frequency, deciles
from regulars.clv.count_scores import count_scores, pit_deciles
from regulars.clv.histories import Floats
from regulars.clv.metrics import Forecast, Metric, Outcomes, evaluate
from regulars.clv.sales_distribution import SalesDistribution, sales_distribution


@dataclass(frozen=True)
class ModelForecast:
    """A model's forecast, and its distributions of net sales: None where nobody has spent anything,
    and of models that no night scores with."""

    forecast: Forecast
    sales: SalesDistribution | None


def evaluate_models(
    past: Past, models: Mapping[str, PurchaseModel], spend: SpendDistribution | None, reference: str
) -> list[Metric]:
    """Metrics of the models in their order, then of the rules; differences from `reference`.

    `spend` is the distribution of spend fitted with the models: None where nobody has spent
    anything.
    """
    outcomes = _outcomes(past)
    per_purchase = None if spend is None else expected_spend(spend, past)
    of_models = [_forecast(model, past, spend, per_purchase, outcomes) for model in models.values()]
    forecasts = [each.forecast for each in of_models]
    metrics = evaluate(forecasts + rules.forecasts(past), outcomes, reference)
    return metrics + [
        Metric(each.forecast.name, metric, value)
        for each, model in zip(of_models, models.values(), strict=True)
        for metric, value in (
            *_of_model(each.forecast, model, past, outcomes),
            *_variances(each.sales, past, spend, per_purchase),
        )
    ]


def expected_spend(spend: SpendDistribution, past: Past) -> Floats:
    """Of one purchase day to come, for each cell; everybody's where nothing was ever paid."""
    is_positive = past.column("monetary_value") > 0
    expected = np.full(len(is_positive), spend.expected_spend_new())
    known = past.cells.loc[is_positive, ["monetary_value"]]
    known["purchase_days"] = past.cells.loc[is_positive, "frequency"] + 1
    expected[is_positive] = spend.expected_spend(known)
    return expected


def _outcomes(past: Past) -> Outcomes:
    return Outcomes(
        past.column("actual"), past.column("spend"), past.column("weight"), past.is_scored
    )


def _forecast(
    model: PurchaseModel,
    past: Past,
    spend: SpendDistribution | None,
    per_purchase: Floats | None,
    outcomes: Outcomes,
) -> ModelForecast:
    by_history = model.expected_purchases(past.histories, past.days)
    expected = by_history[past.row_of]
    step, rows = past.scored_step, outcomes.is_scored
    histories, at = past.histories.iloc[::step], past.row_of[rows] // step
    counts = count_scores(
        model, histories, by_history[::step], at, outcomes.actual[rows], past.days
    )
    chance = model.purchase_probability(past.histories, past.days)[past.row_of]
    forecast = Forecast(
        name=model.name, expected=expected, spend=expected, chance=chance, counts=counts
    )
    if spend is None or per_purchase is None:
        return ModelForecast(forecast, None)
    forecast = replace(forecast, spend=expected * per_purchase)
    if model.name not in ELIGIBLE:
        return ModelForecast(forecast, None)
    sales = sales_distribution(model, spend, histories, past.days)
    scores = sales.scores(at, per_purchase[rows], outcomes.spend[rows])
    return ModelForecast(replace(forecast, sales=scores), sales)


def _of_model(
    forecast: Forecast, model: PurchaseModel, past: Past, outcomes: Outcomes
) -> list[tuple[str, float]]:
    """What is drawn rather than compared: bands, tenths, PITs, and the weeks' mean error."""
    assert forecast.counts is not None
    expected, actual, weight = forecast.expected, outcomes.actual, outcomes.weight
    metrics = list(by_frequency(expected, actual, past.column("frequency"), weight).items())
    for number, pair in enumerate(deciles(expected, actual, weight), start=1):
        metrics += zip((f"decile_expected_{number}", f"decile_actual_{number}"), pair, strict=True)
    for name, scores in (("pit", forecast.counts), ("net_sales_pit", forecast.sales)):
        if scores is not None:
            shares = pit_deciles(scores.below, scores.upto, weight[outcomes.is_scored])
            metrics += [(f"{name}_{number}", share) for number, share in enumerate(shares, start=1)]
    off = tracking_error(past, model)
    return metrics if off is None else [*metrics, ("tracking_error", off)]


def _variances(
    sales: SalesDistribution | None,
    past: Past,
    spend: SpendDistribution | None,
    per_purchase: Floats | None,
) -> Iterator[tuple[str, float]]:
    """Of the totals, as far as customers differ independently of one another; where distributions
    are judged on a part, as if the others were like it."""
    if sales is None or spend is None or per_purchase is None:
        return
    rows = past.is_scored
    at, weight = past.row_of[rows] // past.scored_step, past.column("weight")
    each = sales.sales_variance(
        spend, past.histories["frequency"].to_numpy()[:: past.scored_step] + 1
    )
    among = float(np.sum(weight[rows]))
    for name, variance in (
        ("total_variance", sales.orders_variance[at]),
        ("net_sales_total_variance", per_purchase[rows] ** 2 * each[at]),
    ):
        yield name, float(np.sum(weight[rows] * variance)) * float(np.sum(weight)) / among
