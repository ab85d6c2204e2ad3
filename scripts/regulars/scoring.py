"""The night's lifetime-value step: fit or replay, score every distinct history, write back.

Python sees distinct histories with counts, never customers: its cost follows the number of
different histories.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pandas as pd
import psycopg
from psycopg import sql

from regulars import backtesting, failpoints, score_tables, value_scores
from regulars.clv import GammaGamma, ModifiedBetaGeometric
from regulars.night import Night, input_digest, run_id
from regulars.settings import Settings
from regulars.versions import as_json
from regulars.warehouse import connect

HORIZON_DAYS = 365
ANNUAL_RATE = 0.10
LIBRARIES = ("numpy", "scipy")
NIGHTLY = ModifiedBetaGeometric.name
AT_ORIGIN = f"{NIGHTLY}@origin"

Fitted = ModifiedBetaGeometric | GammaGamma


@dataclass
class Run:
    """One night's models and what is said of them.

    origin  last day that the backtest's fit may know
    logged  parameters of this (as_of, input) found in the decision log: model -> name -> value
    """

    night: Night
    digest: str
    logged: dict[str, dict[str, float]]
    library_versions: str
    window: tuple[date | None, date | None]
    models: dict[str, Fitted] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    origin: date | None = None

    @property
    def run_id(self) -> str:
        return run_id(self.night.as_of, self.digest)

    def settle(self, name: str, kind: Callable[[], Fitted], data: pd.DataFrame) -> Fitted:
        """Parameters from the log where they are there, else by a fit on `data`."""
        if name in self.logged:
            model = type(kind()).from_params(**self.logged[name]).assess(data)
        else:
            model = kind().fit(data)
        self.models[name] = model
        self.sizes[name] = (int(data["weight"].sum()), len(data))
        return model

    def remark(self, name: str, words: str) -> None:
        self.remarks.setdefault(name, []).append(words)


def score(settings: Settings, night: Night) -> dict[str, object]:
    """Score every distinct purchase history of the night and replace the scores tables.

    Parameters already logged for this night and input are replayed, never fitted anew. Returns
    counts, the model and its warnings.
    """
    with connect(settings, "transformer") as connection:
        run = _begin(connection, night)
        histories = _histories(connection, night)
        known = _backtest_data(connection, run)
        _settle_models(connection, run, histories, known)
        _log_parameters(connection, run)
        connection.commit()
        failpoints.hit("score:parameters_logged")
        _write(connection, run, histories, known)
        failpoints.hit("score:before_commit")
        connection.commit()
        failpoints.hit("score:after_commit")
    return _summary(run, histories)


def _begin(connection: psycopg.Connection, night: Night) -> Run:
    digest = input_digest(connection, night)
    rows = connection.execute(
        "select model, parameter, value, library_versions from decisions.parameters"
        ' where as_of = %s and input_digest = %s order by model collate "C"',
        [night.as_of, digest],
    ).fetchall()
    logged: dict[str, dict[str, float]] = {}
    for model, parameter, value, _ in rows:
        logged.setdefault(model, {})[parameter] = float(value)
    versions = rows[0][3] if rows else as_json(LIBRARIES)
    return Run(night, digest, logged, versions, _window(connection, night))


def _window(connection: psycopg.Connection, night: Night) -> tuple[date | None, date | None]:
    table = sql.Identifier(night.schema("marts"), "customer_purchase_summaries")
    row = connection.execute(
        sql.SQL("select min(first_purchase_on), max(last_purchase_on) from {}").format(table)
    ).fetchone()
    return row or (None, None)


def _histories(connection: psycopg.Connection, night: Night) -> pd.DataFrame:
    """Distinct (frequency, recency, T) with the number of customers, in key order."""
    query = sql.SQL(
        "select frequency, recency_days, customer_age_days, customers from {} order by 1, 2, 3"
    ).format(sql.Identifier(night.schema("intermediate"), "int_purchase_histories"))
    return score_tables.read(connection, query, ("frequency", "recency", "T", "weight"))


def _spends(connection: psycopg.Connection, night: Night) -> pd.DataFrame:
    """Distinct positive (purchase_days, monetary_value) with counts, in key order."""
    query = sql.SQL(
        "select purchase_days, monetary_value, count(*) from {}"
        " where monetary_value > 0 group by 1, 2 order by 1, 2"
    ).format(sql.Identifier(night.schema("marts"), "customer_purchase_summaries"))
    return score_tables.read(connection, query, ("purchase_days", "monetary_value", "weight"))


def _backtest_data(connection: psycopg.Connection, run: Run) -> backtesting.Known | None:
    cut = backtesting.split(run.window[0], run.night.as_of)
    if isinstance(cut, str):
        run.remark(NIGHTLY, cut)
        return None
    known = backtesting.known_at_origin(connection, run.night, cut)
    if isinstance(known, str):
        run.remark(NIGHTLY, known)
        return None
    run.origin = cut.origin
    return known


def _settle_models(
    connection: psycopg.Connection,
    run: Run,
    histories: pd.DataFrame,
    known: backtesting.Known | None,
) -> None:
    if histories.empty:
        run.remark(NIGHTLY, "there are no purchase histories: nothing was fitted")
    else:
        run.settle(NIGHTLY, ModifiedBetaGeometric, histories)
    spends = _spends(connection, run.night)
    if spends.empty:
        run.remark(GammaGamma.name, "nobody has positive net sales: nothing was fitted")
    else:
        run.settle(GammaGamma.name, GammaGamma, spends)
    if known is not None:
        run.settle(AT_ORIGIN, ModifiedBetaGeometric, known.histories)


def _log_parameters(connection: psycopg.Connection, run: Run) -> None:
    """Append what was fitted tonight to the decision log: later runs of this night replay it."""
    rows = [
        (run.night.as_of, run.digest, name, parameter, repr(value), run.run_id,
         run.library_versions)
        for name, model in sorted(run.models.items())
        if name not in run.logged
        for parameter, value in model.params.items()
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into decisions.parameters (as_of, input_digest, model, parameter, value,"
            " run_id, library_versions) values (%s, %s, %s, %s, %s, %s, %s)"
            " on conflict do nothing",
            rows,
        )


def _write(
    connection: psycopg.Connection,
    run: Run,
    histories: pd.DataFrame,
    known: backtesting.Known | None,
) -> None:
    """Replace the scores tables, in the transaction that the caller commits."""
    night = run.night
    score_tables.create(connection, night)
    scores = _scores(run.models.get(NIGHTLY), histories)
    score_tables.replace_history_scores(connection, night, histories, scores)
    value_scores.replace(
        connection, night, histories,
        run.models.get(NIGHTLY), run.models.get(GammaGamma.name), HORIZON_DAYS,
    )  # fmt: skip
    score_tables.replace(connection, night, "model_parameters", _parameter_rows(run))
    score_tables.replace(connection, night, "model_runs", _run_rows(run))
    metrics = []
    if known is not None:
        model = run.models[AT_ORIGIN]
        assert isinstance(model, ModifiedBetaGeometric)
        metrics = backtesting.judge(known, model)
    rows = [(night.as_of, model, metric, f"{value:.6f}") for model, metric, value in metrics]
    score_tables.replace(connection, night, "model_backtests", rows)


def _scores(model: Fitted | None, histories: pd.DataFrame) -> pd.DataFrame:
    """The score columns in the order of the table, a row per history."""
    if not isinstance(model, ModifiedBetaGeometric):
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


def _parameter_rows(run: Run) -> list[tuple]:
    return [
        (run.night.as_of, run.run_id, name, parameter, repr(value))
        for name, model in sorted(run.models.items())
        for parameter, value in model.params.items()
    ]


def _run_rows(run: Run) -> list[tuple]:
    """A row per model, fitted or not; warnings are separated by line breaks."""
    names = sorted({NIGHTLY, GammaGamma.name, *run.models})
    return [_run_row(run, name) for name in names]


def _run_row(run: Run, name: str) -> tuple:
    model = run.models.get(name)
    customers, histories = run.sizes.get(name, (0, 0))
    warnings = [*(model.warnings if model else []), *run.remarks.get(name, [])]
    return (
        run.night.as_of,
        run.run_id,
        name,
        f"{model.log_likelihood:.4f}" if model else None,
        customers,
        histories,
        bool(model and model.converged),
        "\n".join(warnings) or None,
        run.library_versions,
        run.window[0],
        run.origin if name == AT_ORIGIN else run.window[1],
    )


def _summary(run: Run, histories: pd.DataFrame) -> dict[str, object]:
    return {
        "run_id": run.run_id,
        "model": NIGHTLY,
        "customers": int(histories["weight"].sum()),
        "histories": len(histories),
        "is_replayed": NIGHTLY in run.logged,
        "warnings": {
            name: [*(model.warnings), *run.remarks.get(name, [])]
            for name, model in sorted(run.models.items())
        }
        | {name: words for name, words in run.remarks.items() if name not in run.models},
    }
