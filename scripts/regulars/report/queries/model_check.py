"""The model check: what was fitted, and how it did on pasts it had not seen."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from psycopg import Connection

from regulars.backtesting.names import CHANNEL_EFFECT, COVARIATES, SERVICE_EFFECT
from regulars.night import Night
from regulars.report.model_words import of_channel, of_ranges, of_service, of_totals, verdict
from regulars.report.queries.ask import fetch
from regulars.report.sections import BacktestError, ModelCheck, ModelRun, OriginCheck, Pair

NAIVE = ("past_rate", "past_spend", "last_period", "all_zero")
SERIES = {
    "frequency": re.compile(r"^(expected|actual)_by_frequency_(\d+)$"),
    "week": re.compile(r"^tracking_(expected|actual)_(\d+)$"),
    "decile": re.compile(r"^decile_(expected|actual)_(\d+)$"),
}

RUNS = """
select *
from {marts}.model_runs
where fitted_on = as_of
order by is_champion desc, model
"""

PARAMETERS = """
select model, parameter, value, standard_error
from {scores}.model_parameters
where fitted_on = as_of
order by model, parameter
"""

BACKTESTS = """
select origin, holdout_days, model, metric, value, reference, difference, difference_error
from {marts}.model_backtests
order by origin desc, model, metric
"""

Metrics = Mapping[str, float]


def check(connection: Connection, night: Night) -> ModelCheck:
    """Runs with their parameters, and tonight's backtest beside the plain rules."""
    rows = fetch(connection, night, BACKTESTS)
    fits = fetch(connection, night, RUNS)
    champion = next((row for row in fits if row["is_champion"]), None)
    model = champion["model"] if champion else None
    at = by_origin(rows, model)
    latest = next(iter(at.values()), {})
    table = errors(rows)
    origins = tuple(origin_check(rows, origin, metrics) for origin, metrics in at.items())
    fitted = fetch(connection, night, PARAMETERS)
    return ModelCheck(
        runs=runs(fits, fitted),
        model=model,
        choice=champion["choice"] if champion else None,
        verdict=verdict(model, origins, table) if model else None,
        ranges=of_ranges(origins),
        totals=of_totals(origins),
        service=service(fitted),
        channels=channels(fitted),
        reference=rows[0]["reference"] if rows else None,
        horizon_days=rows[0]["holdout_days"] if rows else None,
        by_frequency=pairs(latest, "frequency"),
        by_week=pairs(latest, "week"),
        deciles=pairs(latest, "decile"),
        pit=tenths(latest, "pit"),
        sales_pit=tenths(latest, "net_sales_pit"),
        errors=table,
        origins=origins,
    )


def by_origin(rows: Iterable[Mapping[str, Any]], model: str | None) -> dict[date, dict[str, float]]:
    """The model's figures at each origin, the latest first."""
    metrics: dict[date, dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row["model"] == model:
            metrics[row["origin"]][row["metric"]] = float(row["value"])
    return dict(metrics)


def origin_check(rows: Iterable[Mapping[str, Any]], origin: date, metrics: Metrics) -> OriginCheck:
    days = next(row["holdout_days"] for row in rows if row["origin"] == origin)
    return OriginCheck(
        origin=origin,
        holdout_days=days,
        bias=metrics.get("bias"),
        slope=metrics.get("calibration_slope"),
        coverage=metrics.get("coverage_90"),
        tracking_error=metrics.get("tracking_error"),
        sales_coverage=metrics.get("net_sales_coverage_80"),
        sales_below_p90=metrics.get("net_sales_below_p90"),
        total_within=within(metrics, "total_within_80"),
        sales_total_within=within(metrics, "net_sales_total_within_80"),
    )


def within(metrics: Metrics, name: str) -> bool | None:
    return metrics[name] == 1 if name in metrics else None


def tenths(metrics: Metrics, name: str) -> tuple[float, ...]:
    return tuple(metrics[f"{name}_{n}"] for n in range(1, 11) if f"{name}_{n}" in metrics)


def pairs(values: Metrics, by: str) -> tuple[Pair, ...]:
    """Expected and actual at each frequency, week or tenth where both are known."""
    by_number: dict[int, dict[str, float]] = defaultdict(dict)
    for metric, value in values.items():
        match = SERIES[by].match(metric)
        if match:
            by_number[int(match[2])][match[1]] = value
    return tuple(
        Pair(at, both["expected"], both["actual"])
        for at, both in sorted(by_number.items())
        if len(both) == 2
    )


def errors(rows: Sequence[Mapping[str, Any]]) -> tuple[BacktestError, ...]:
    """One row per model or rule, means over the origins it was judged at, the models first."""
    metrics: dict[str, dict[str, list[Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        metrics[row["model"]][row["metric"]].append(row)
    rows_of_models = [
        BacktestError(
            model=model,
            bias=mean(each["bias"], "value"),
            rmse=mean(each["rmse"], "value"),
            mae=mean(each["mae"], "value"),
            crps=mean(each["crps"], "value"),
            spend_share=mean(each["top_decile_spend_share"], "value"),
            against=against(each["crps"]),
        )
        for model, each in metrics.items()
    ]
    last = float("inf")
    return tuple(
        sorted(
            (row for row in rows_of_models if row.rmse is not None),
            key=lambda row: (row.model in NAIVE, last if row.crps is None else row.crps, row.model),
        )
    )


def mean(rows: Sequence[Mapping[str, Any]], column: str) -> float | None:
    """None where one is unknown, or there is none."""
    values = [row[column] for row in rows]
    if not values or any(value is None for value in values):
        return None
    return float(sum(values)) / len(values)


def against(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float] | None:
    """Difference from the reference with its error, as if the origins were of one set of people."""
    by, error = mean(rows, "difference"), mean(rows, "difference_error")
    return None if by is None or error is None else (by, error)


def service(fitted: Iterable[Mapping[str, Any]]) -> str | None:
    """The effect of bad service in words; None where it was not measured."""
    for row in fitted:
        if (row["model"], row["parameter"]) == SERVICE_EFFECT and row["standard_error"] is not None:
            return of_service(float(row["value"]), float(row["standard_error"]))
    return None


def channels(fitted: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The effects of channels in words, by channel; those left out that were not identified."""
    effects_by_pair: dict[tuple[str, str], dict[str, tuple[float, float]]] = defaultdict(dict)
    for row in fitted:
        match = CHANNEL_EFFECT.fullmatch(row["parameter"])
        if row["model"] == COVARIATES and match and row["standard_error"] is not None:
            effect = float(row["value"]), float(row["standard_error"])
            effects_by_pair[match[2], match[3]][match[1]] = effect
    return tuple(
        of_channel(*pair, effects["rate"], effects["dropout"])
        for pair, effects in sorted(effects_by_pair.items())
        if len(effects) == 2
    )


def runs(
    fits: Iterable[Mapping[str, Any]], fitted: Iterable[Mapping[str, Any]]
) -> tuple[ModelRun, ...]:
    parameters: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in fitted:
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
        for row in fits
    )


def versions(text: str | None) -> str:
    """{"numpy": "2.4.6"} -> numpy 2.4.6"""
    if not text or not text.startswith("{"):
        return text or ""
    return ", ".join(f"{name} {version}" for name, version in sorted(json.loads(text).items()))


def sentences(text: str | None) -> tuple[str, ...]:
    """Warnings as they were written, one a line."""
    return tuple(line for line in map(str.strip, (text or "").splitlines()) if line)
