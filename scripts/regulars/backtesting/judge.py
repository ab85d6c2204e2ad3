"""Every model and every plain rule on one past, judged by what followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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
class Said:
    """A model's forecast, and its laws of net sales: None where nobody has spent anything, and of
    models that no night scores with."""

    forecast: Forecast
    sales: SalesDistribution | None


def judged(
    past: Past, models: Mapping[str, PurchaseModel], spend: SpendDistribution | None, reference: str
) -> list[Metric]:
    """Metrics of the models in their order, then of the rules; differences from `reference`.

    `spend` is the law of spend fitted with the models: None where nobody has spent anything.
    """
    outcomes = _outcomes(past)
    one = None if spend is None else expected_spend(spend, past)
    said = [_said(model, past, spend, one, outcomes) for model in models.values()]
    forecasts = [each.forecast for each in said]
    metrics = evaluate(forecasts + rules.forecasts(past), outcomes, reference)
    return metrics + [
        Metric(each.forecast.name, metric, value)
        for each, model in zip(said, models.values(), strict=True)
        for metric, value in (
            *_of_model(each.forecast, model, past, outcomes),
            *_variances(each.sales, past, spend, one),
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
        past.column("actual"), past.column("spend"), past.column("weight"), past.has_law
    )


def _said(
    model: PurchaseModel,
    past: Past,
    spend: SpendDistribution | None,
    one: Floats | None,
    outcomes: Outcomes,
) -> Said:
    by_history = model.expected_purchases(past.histories, past.days)
    expected = by_history[past.row_of]
    step, rows = past.law_step, outcomes.has_law
    histories, at = past.histories.iloc[::step], past.row_of[rows] // step
    law = count_scores(model, histories, by_history[::step], at, outcomes.actual[rows], past.days)
    chance = model.purchase_probability(past.histories, past.days)[past.row_of]
    if spend is None or one is None:
        return Said(Forecast(model.name, expected, expected, chance, law), None)
    if model.name not in ELIGIBLE:
        return Said(Forecast(model.name, expected, expected * one, chance, law), None)
    sales = sales_distribution(model, spend, histories, past.days)
    scores = sales.scores(at, one[rows], outcomes.spend[rows])
    return Said(Forecast(model.name, expected, expected * one, chance, law, scores), sales)


def _of_model(
    forecast: Forecast, model: PurchaseModel, past: Past, outcomes: Outcomes
) -> list[tuple[str, float]]:
    """What is drawn rather than compared: bands, tenths, PITs, and the weeks' mean error."""
    assert forecast.law is not None
    said, came, weight = forecast.expected, outcomes.actual, outcomes.weight
    found = list(by_frequency(said, came, past.column("frequency"), weight).items())
    for number, pair in enumerate(deciles(said, came, weight), start=1):
        found += zip((f"decile_expected_{number}", f"decile_actual_{number}"), pair, strict=True)
    for name, scores in (("pit", forecast.law), ("net_sales_pit", forecast.sales)):
        if scores is not None:
            shares = pit_deciles(scores.below, scores.upto, weight[outcomes.has_law])
            found += [(f"{name}_{number}", share) for number, share in enumerate(shares, start=1)]
    off = tracking_error(past, model)
    return found if off is None else [*found, ("tracking_error", off)]


def _variances(
    sales: SalesDistribution | None, past: Past, spend: SpendDistribution | None, one: Floats | None
) -> Iterator[tuple[str, float]]:
    """Of the totals, as far as customers differ independently of one another; where laws are
    judged on a part, as if the others were like it."""
    if sales is None or spend is None or one is None:
        return
    rows = past.has_law
    at, weight = past.row_of[rows] // past.law_step, past.column("weight")
    each = sales.sales_variance(spend, past.histories["frequency"].to_numpy()[:: past.law_step] + 1)
    among = float(np.sum(weight[rows]))
    for name, variance in (
        ("total_variance", sales.orders_variance[at]),
        ("net_sales_total_variance", one[rows] ** 2 * each[at]),
    ):
        yield name, float(np.sum(weight[rows] * variance)) * float(np.sum(weight)) / among
