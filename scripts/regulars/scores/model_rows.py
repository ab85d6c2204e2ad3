"""What a night says of its models, as rows of model_runs, model_parameters and model_backtests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from regulars.clv import SpendDistribution
from regulars.night import Night
from regulars.scores.backtest import Backtest, Origin
from regulars.scores.backtest_results import row_values

if TYPE_CHECKING:
    from regulars.scores.run import Run

Row = tuple[object, ...]


def parameters(run: Run, backtest: Backtest) -> Iterator[Row]:
    """as_of, run_id, model, fitted_on, parameter, value, standard_error."""
    fits = [(run.night.as_of, run.models)]
    fits += [(origin.split.origin, {**origin.fits}) for origin in backtest.origins]
    for fitted_on, models in fits:
        for name, model in sorted(models.items()):
            errors = model.standard_errors
            for parameter, value in model.stored_params.items():
                error = errors.get(parameter)
                stored = repr(value), None if error is None else f"{error:.4g}"
                yield (run.night.as_of, run.run_id, name, fitted_on, parameter, *stored)


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
    return (
        run.night.as_of,
        run.run_id,
        name,
        run.night.as_of,
        is_champion,
        reason,
        None if likelihood is None else f"{likelihood:.4f}",
        customers,
        histories,
        bool(model and model.converged),
        "\n".join(run.words(name)) or None,
        run.library_versions,
        *run.window,
    )


def _run_at(run: Run, origin: Origin, name: str) -> Row:
    model, past = origin.fits[name], origin.past
    fitted_on = past.spends if name == SpendDistribution.name else past.histories
    return (
        run.night.as_of,
        run.run_id,
        name,
        past.split.origin,
        False,
        None,
        f"{model.log_likelihood:.4f}",
        int(fitted_on["weight"].sum()),
        len(fitted_on),
        bool(model.converged),
        "\n".join(model.warnings) or None,
        run.library_versions,
        past.split.start,
        past.split.origin,
    )


def figures(night: Night, backtest: Backtest) -> Iterator[Row]:
    """Every metric of every origin."""
    for origin in backtest.origins:
        for metric in origin.metrics:
            value, error, difference, difference_error = row_values(metric)
            yield (
                night.as_of,
                origin.split.origin,
                origin.split.holdout_days,
                metric.name,
                metric.metric,
                value,
                error,
                origin.reference,
                difference,
                difference_error,
                origin.digest,
            )
