"""What a night says of its models, as rows of model_runs, model_parameters and model_backtests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from regulars.clv import SpendDistribution
from regulars.night import Night
from regulars.scores.backtest_results import stored_values
from regulars.scores.night_backtest import Backtest, Origin

if TYPE_CHECKING:
    from regulars.scores.models_of_night import Run

Row = dict[str, object]  # column -> value


def parameters(run: Run, backtest: Backtest) -> Iterator[Row]:
    """Every parameter of the night's models, and of the fits at the origins."""
    fits = [(run.night.as_of, run.models)]
    fits += [(origin.split.origin, {**origin.fits}) for origin in backtest.origins]
    for fitted_on, models in fits:
        for name, model in sorted(models.items()):
            for parameter, value in model.stored_params.items():
                error = model.standard_errors.get(parameter)
                yield {
                    "as_of": run.night.as_of,
                    "run_id": run.run_id,
                    "model": name,
                    "fitted_on": fitted_on,
                    "parameter": parameter,
                    "value": repr(value),
                    "standard_error": None if error is None else f"{error:.4g}",
                }


def runs(run: Run, backtest: Backtest) -> Iterator[Row]:
    """A row per model of the night, fitted or not, and per fit at an origin."""
    choice = backtest.choice
    for name in sorted({choice.model, SpendDistribution.name, *run.models}):
        is_champion = name == choice.model
        yield _run(run, name, choice.reason if is_champion else None, is_champion)
    for origin in backtest.origins:
        for name in sorted(origin.fits):
            yield _run_at(run, origin, name)


def _run(run: Run, name: str, reason: str | None, is_champion: bool) -> Row:
    """Warnings are separated by line breaks."""
    model = run.models.get(name)
    customers, histories = run.sizes.get(name, (0, 0))
    likelihood = model.log_likelihood if model else None
    first_on, last_on = run.window
    return {
        "as_of": run.night.as_of,
        "run_id": run.run_id,
        "model": name,
        "fitted_on": run.night.as_of,
        "is_champion": is_champion,
        "choice": reason,
        "log_likelihood": None if likelihood is None else f"{likelihood:.4f}",
        "customers": customers,
        "histories": histories,
        "converged": bool(model and model.converged),
        "warnings": "\n".join(run.words(name)) or None,
        "library_versions": run.library_versions,
        "first_purchase_on_min": first_on,
        "last_purchase_on_max": last_on,
    }


def _run_at(run: Run, origin: Origin, name: str) -> Row:
    model, past = origin.fits[name], origin.past
    data = past.spends if name == SpendDistribution.name else past.histories
    return {
        "as_of": run.night.as_of,
        "run_id": run.run_id,
        "model": name,
        "fitted_on": past.split.origin,
        "is_champion": False,
        "choice": None,
        "log_likelihood": f"{model.log_likelihood:.4f}",
        "customers": int(data["weight"].sum()),
        "histories": len(data),
        "converged": bool(model.converged),
        "warnings": "\n".join(model.warnings) or None,
        "library_versions": run.library_versions,
        "first_purchase_on_min": past.split.start,
        "last_purchase_on_max": past.split.origin,
    }


def figures(night: Night, backtest: Backtest) -> Iterator[Row]:
    """Every metric of every origin."""
    for origin in backtest.origins:
        for metric in origin.metrics:
            yield {
                "as_of": night.as_of,
                "origin": origin.split.origin,
                "holdout_days": origin.split.holdout_days,
                "model": metric.name,
                "metric": metric.metric,
                "reference": origin.reference,
                "input_digest": origin.digest,
                **stored_values(metric),
            }
