"""The night's lifetime-value step: fit or replay, score every distinct history, write back.

Python sees distinct histories with counts, never customers: its cost follows the number of
different histories.
"""

from __future__ import annotations

import pandas as pd
import psycopg

from regulars import failpoints
from regulars.backtesting import spend_distribution
from regulars.backtesting.candidates import fitted, restored
from regulars.backtesting.names import COVARIATES
from regulars.backtesting.totals import RangeRule
from regulars.clv import PurchaseModel, SpendDistribution
from regulars.night import Night
from regulars.project.variables import total_ranges
from regulars.runs import input_digest
from regulars.scores import (
    covariate_effects,
    decision_log,
    history_values,
    model_rows,
    next_orders,
    previous_scores,
    score_tables,
    year_ago_scores,
)
from regulars.scores import night_backtest as backtests
from regulars.scores.model_inputs import ModelInputs, Window
from regulars.scores.models_of_night import Run
from regulars.settings import Settings
from regulars.versions import as_json
from regulars.warehouse import connect

HORIZON_DAYS = 365
ANNUAL_RATE = 0.10
LIBRARIES = ("numpy", "scipy")


def score(settings: Settings, night: Night) -> dict[str, object]:
    """Score every distinct purchase history of the night and replace the scores tables.

    Parameters already logged for this night and input are replayed, never fitted anew. Returns
    counts, the model and its warnings.
    """
    with connect(settings, "transformer") as connection:
        inputs = ModelInputs(connection, night)
        window = inputs.window()
        run = _begin(connection, night, window)
        score_tables.create(connection, night)
        backtest = backtests.judge_candidates(
            connection, _runs(run), inputs, window, RangeRule(**total_ranges(settings.dbt_project))
        )
        for words in backtest.remarks:
            run.remark(backtest.choice.model, words)
        histories = inputs.histories()
        _fit_models(connection, run, inputs, histories, backtest.choice.model)
        connection.commit()
        failpoints.hit("score:parameters_logged")
        _write(connection, run, histories, backtest)
        champion = run.purchases.get(backtest.choice.model)
        year_ago_scores.replace(
            connection, night, inputs.year_ago_histories(), champion, HORIZON_DAYS
        )
        previous_scores.replace(connection, night, inputs.previous_histories(), HORIZON_DAYS)
        failpoints.hit("score:before_commit")
        connection.commit()
        failpoints.hit("score:after_commit")
    return _summary(run, histories, backtest)


def _begin(connection: psycopg.Connection, night: Night, window: Window) -> Run:
    digest = input_digest(connection, night)
    logged = decision_log.parameters(connection, night.as_of, digest)
    versions = decision_log.library_versions(connection, night.as_of, digest) or as_json(LIBRARIES)
    purchases = window.first_purchase_on, window.last_purchase_on
    return Run(
        night=night, digest=digest, logged=logged, library_versions=versions, window=purchases
    )


def _runs(run: Run) -> backtests.Runs:
    return backtests.Runs(run.night, run.digest, run.run_id, run.library_versions)


def _fit_models(
    connection: psycopg.Connection,
    run: Run,
    inputs: ModelInputs,
    histories: pd.DataFrame,
    champion: str,
) -> None:
    """The champion and Gamma-Gamma on everything known, the model of rhythm where that is another,
    and the effects of what first orders were like: from the log, or fitted and logged."""
    if histories.empty:
        run.remark(champion, "there are no purchase histories: nothing was fitted")
    else:
        _fit(run, champion, histories)
        if champion != next_orders.NAME:
            _fit(run, next_orders.NAME, next_orders.sampled(histories))
    spending = inputs.spends()
    if spending.empty:
        run.remark(SpendDistribution.name, "nobody has positive net sales: nothing was fitted")
    else:
        run.spend = spend_distribution.known_or_fitted(
            run.logged.get(SpendDistribution.name), inputs.later_days(), spending
        )
        run.sizes[SpendDistribution.name] = _size(spending)
    first_orders = covariate_effects.with_channels(inputs.first_orders())
    run.effects = covariate_effects.known_or_fitted(run.logged.get(COVARIATES), first_orders)
    run.sizes[COVARIATES] = _size(first_orders)
    new = {n: m.stored_params for n, m in run.models.items() if n not in run.logged}
    decision_log.add_parameters(
        connection,
        fitted_on=run.night.as_of,
        digest=run.digest,
        fits=new,
        run_id=run.run_id,
        library_versions=run.library_versions,
    )


def _fit(run: Run, name: str, histories: pd.DataFrame) -> None:
    known = run.logged.get(name)
    run.purchases[name] = restored(name, known, histories) if known else fitted(name, histories)
    run.sizes[name] = _size(histories)
    failpoints.hit("score:model_fitted")


def _size(data: pd.DataFrame) -> tuple[int, int]:
    return int(data["weight"].sum()), len(data)


def _write(
    connection: psycopg.Connection, run: Run, histories: pd.DataFrame, backtest: backtests.Backtest
) -> None:
    """Replace the scores tables, in the transaction that the caller commits."""
    night = run.night
    champion = run.purchases.get(backtest.choice.model)
    scores = _scores(champion, histories)
    score_tables.replace_by_history(connection, night, "history_scores", histories, scores)
    history_values.replace(connection, night, histories, champion, run.spend, HORIZON_DAYS)
    next_orders.replace(connection, night, histories, run.purchases.get(next_orders.NAME))
    rows = model_rows.parameters(run, backtest)
    score_tables.replace(connection, night, "model_parameters", rows)
    score_tables.replace(connection, night, "model_runs", model_rows.runs(run, backtest))
    score_tables.replace(connection, night, "model_backtests", model_rows.figures(night, backtest))


def _scores(model: PurchaseModel | None, histories: pd.DataFrame) -> pd.DataFrame:
    """The score columns in the order of the table, a row per history."""
    if model is None:
        return pd.DataFrame()
    return pd.DataFrame(
        {
            "probability_alive": model.probability_alive(histories),
            "purchase_probability_12m": model.purchase_probability(histories, HORIZON_DAYS),
            "expected_orders_12m": model.expected_purchases(histories, HORIZON_DAYS),
            "expected_orders_if_active_12m": model.expected_purchases_if_active(
                histories, HORIZON_DAYS
            ),
            "expected_orders_if_kept_12m": model.expected_purchases_if_kept(
                histories, HORIZON_DAYS
            ),
            "discounted_expected_orders": model.discounted_expected_purchases(
                histories, ANNUAL_RATE
            ),
        }
    )


def _summary(run: Run, histories: pd.DataFrame, backtest: backtests.Backtest) -> dict[str, object]:
    champion = backtest.choice.model
    names = sorted({*run.models, *run.remarks})
    return {
        "run_id": run.run_id,
        "model": champion,
        "choice": backtest.choice.reason,
        "customers": int(histories["weight"].sum()),
        "histories": len(histories),
        "is_replayed": champion in run.logged,
        "warnings": {name: run.words(name) for name in names},
    }
