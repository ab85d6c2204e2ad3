"""The model check: what was fitted, and how it did on a past it had not seen."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any

from psycopg import Connection

from regulars.night import Night
from regulars.report.queries.rows import fetch
from regulars.report.sections import BacktestError, ModelCheck, ModelRun, Pair

NAIVE = ("past_rate", "all_zero")
SERIES = {
    "frequency": re.compile(r"^(expected|actual)_by_frequency_(\d+)$"),
    "week": re.compile(r"^tracking_(expected|actual)_(\d+)$"),
}

RUNS = "select * from {marts}.model_runs order by model like '%%@%%', model desc"

PARAMETERS = """
select model, parameter, value
from {scores}.model_parameters
order by model, parameter
"""

BACKTESTS = "select model, metric, value from {marts}.model_backtests order by model, metric"


def check(connection: Connection, night: Night) -> ModelCheck:
    """Runs with their parameters, and tonight's backtest beside the naive rules."""
    metrics: dict[str, dict[str, float]] = defaultdict(dict)
    for row in fetch(connection, night, BACKTESTS):
        if row["value"] is not None:
            metrics[row["model"]][row["metric"]] = float(row["value"])
    model = backtested(metrics)
    own = metrics.get(model, {}) if model else {}
    horizon = own.get("horizon_days")
    return ModelCheck(
        runs=runs(connection, night),
        model=model,
        horizon_days=None if horizon is None else int(horizon),
        by_frequency=pairs(own, "frequency"),
        by_week=pairs(own, "week"),
        errors=errors(metrics),
    )


def backtested(metrics: dict[str, dict[str, float]]) -> str | None:
    """The model whose series are drawn: the one that was tracked; naive rules never are."""
    candidates = sorted(
        model
        for model, values in metrics.items()
        if model not in NAIVE and has_series(values, "week")
    )
    return candidates[0] if candidates else None


def has_series(values: dict[str, float], by: str) -> bool:
    return any(SERIES[by].match(metric) for metric in values)


def pairs(values: dict[str, float], by: str) -> tuple[Pair, ...]:
    """Expected and actual at each frequency or week where both are known."""
    found: dict[int, dict[str, float]] = defaultdict(dict)
    for metric, value in values.items():
        match = SERIES[by].match(metric)
        if match:
            found[int(match[2])][match[1]] = value
    return tuple(
        Pair(at, both["expected"], both["actual"])
        for at, both in sorted(found.items())
        if len(both) == 2
    )


def errors(metrics: dict[str, dict[str, float]]) -> tuple[BacktestError, ...]:
    """One row per model or rule that has any error measure, the models first."""
    rows = [
        BacktestError(model, values.get("bias"), values.get("rmse"), values.get("mae"))
        for model, values in metrics.items()
        if {"bias", "rmse", "mae"} & values.keys()
    ]
    return tuple(sorted(rows, key=lambda row: (row.model in NAIVE, row.model)))


def runs(connection: Connection, night: Night) -> tuple[ModelRun, ...]:
    parameters: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in fetch(connection, night, PARAMETERS):
        parameters[row["model"]][row["parameter"]] = row["value"]
    return tuple(
        ModelRun(
            model=row["model"],
            version=versions(row["library_versions"]),
            run_id=row["run_id"],
            log_likelihood=row["log_likelihood"],
            customers=row["customers"],
            histories=row["histories"],
            is_converged=row["converged"],
            warnings=sentences(row["warnings"]),
            parameters=parameters.get(row["model"], {}),
        )
        for row in fetch(connection, night, RUNS)
    )


def versions(text: str | None) -> str:
    """{"numpy": "2.4.6"} -> numpy 2.4.6"""
    if not text or not text.startswith("{"):
        return text or ""
    return ", ".join(f"{name} {version}" for name, version in sorted(json.loads(text).items()))


def sentences(text: str | None) -> tuple[str, ...]:
    """Warnings as they were written, one a line."""
    return tuple(line for line in map(str.strip, (text or "").splitlines()) if line)
