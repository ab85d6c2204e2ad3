"""Every model and every plain rule, told the past of a file and judged by what followed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from regulars.backtesting.candidates import CANDIDATES, fitted
from regulars.backtesting.evaluation import evaluate_models
from regulars.backtesting.origins import SHORTEST_HOLDOUT_DAYS, Split, TooShort, split
from regulars.backtesting.past import MOST_HISTORIES_SCORED, Past, as_cells
from regulars.backtesting.rules import RULES
from regulars.backtesting.series import tracking
from regulars.backtesting.spend_distribution import known_or_fitted
from regulars.clv import PurchaseModel, SpendDistribution
from regulars.clv.metrics import Metric
from regulars.clv.summaries import histories_of, purchase_days, with_outcomes
from regulars.file_backtest.errors import FileError
from regulars.file_backtest.peculiarities import dominating, outlying, spend_by_frequency
from regulars.file_backtest.reading import Transactions
from regulars.phrases import plural
from regulars.report.sections import Pair

REFERENCE = "past_spend"


@dataclass(frozen=True)
class Entry:
    """A model or rule with its metrics; parameters and words are the models' own.

    errors              standard errors of metrics, by the bootstrap
    against_past_spend  by metric, (difference from past spend, its standard error)
    """

    name: str
    is_model: bool
    metrics: dict[str, float]
    errors: dict[str, float] = field(default_factory=dict)
    against_past_spend: dict[str, tuple[float, float]] = field(default_factory=dict)
    params: dict[str, float] = field(default_factory=dict)
    log_likelihood: float | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Drawn:
    """What the page draws of the model with the lowest CRPS.

    pit: share of customers in each tenth of the randomised PIT.
    """

    name: str
    by_frequency: list[Pair]
    deciles: list[Pair]
    tracking: list[Pair]
    pit: list[float]


@dataclass(frozen=True)
class Comparison:
    start: date
    calibration_end: date
    holdout_end: date
    counts: dict[str, float]
    entries: list[Entry]
    notes: list[str]
    drawn: Drawn

    @property
    def holdout_days(self) -> int:
        return (self.holdout_end - self.calibration_end).days


def compare(
    transactions: Transactions,
    calibration_end: date | None = None,
    holdout_end: date | None = None,
) -> Comparison:
    """Fit on what was known at `calibration_end`, judge until `holdout_end`.

    Defaults: the last day of the file, and a year before it where there are two years, else a
    third of the window. Raises FileError where there is nothing to judge.
    """
    lines = transactions.lines
    cut = _cut(lines, calibration_end, holdout_end)
    known, days = purchase_days(lines, cut.origin), purchase_days(lines, cut.end)
    if known.empty:
        raise FileError(f"nobody has bought anything by {cut.origin}: nothing can be fitted")
    customers = with_outcomes(histories_of(known, cut.origin), days, cut.origin)
    past = _past(customers, known, days, cut)
    models = {name: fitted(name, past.histories) for name in CANDIDATES}
    spend = _spend(past)
    metrics = evaluate_models(past, models, spend, REFERENCE)
    entries = [_entry(name, models.get(name), metrics) for name in (*models, *RULES)]
    best = min(models, key=lambda name: round(_value(metrics, name, "crps"), 6))
    return Comparison(
        start=cut.start,
        calibration_end=cut.origin,
        holdout_end=cut.end,
        counts=_counts(transactions, customers, days, cut),
        entries=entries,
        notes=[
            *_of_file(transactions),
            *_notes(transactions, past, cut),
            *_of_spend(spend),
            *spend_by_frequency(customers),
        ],
        drawn=_drawn(models[best], past, next(e.metrics for e in entries if e.name == best)),
    )


# ---------- the cut


def _cut(lines: pd.DataFrame, origin: date | None, end: date | None) -> Split:
    start, last = lines["date"].min().date(), lines["date"].max().date()
    for what, day in (("calibration", origin), ("hold-out", end)):
        if day is not None and day > last:
            raise FileError(
                f"the {what} is to end on {day}, and the file ends on {last}: nothing is "
                "known of the days between, which would count as days without a purchase"
            )
    if origin is None and end is None:
        _refuse_outlying(lines)
    end = end or last
    if origin is None:
        try:
            return split(start, end)
        except TooShort as why:
            raise FileError(f"{why} (--calibration-end sets another cut)") from None
    if not start <= origin < end:
        raise FileError(
            f"the file runs from {start} to {last}: the calibration must end between its first "
            f"day and the end of the hold-out, {end}"
        )
    return Split(start, origin, end)


def _refuse_outlying(lines: pd.DataFrame) -> None:
    """A day far from all others would set the cut, and everything be judged on it alone."""
    for far in outlying(lines):
        raise FileError(
            f"{far.words}: correct the date, or say what to judge with --calibration-end and "
            "--holdout-end"
        )


def _past(customers: pd.DataFrame, known: pd.DataFrame, days: pd.DataFrame, cut: Split) -> Past:
    cells = as_cells(known_and_came(customers, known, cut))
    return Past(
        split=cut,
        cells=cells,
        repeats=_repeats(customers, days, cut),
        later_days=later_days(known),
        mean_log_gap=mean_log_gap_of(customers),
    )


def known_and_came(customers: pd.DataFrame, known: pd.DataFrame, cut: Split) -> pd.DataFrame:
    """FEATURES and OUTCOMES of each customer in `customers` (of `summarise`), from the purchase
    days `known` at the origin."""
    recent = _recent(customers, known, cut)
    return customers[["frequency", "recency", "T", "monetary_value"]].assign(
        recent_purchases=recent["size"],
        recent_value=recent["sum"],
        actual=customers["holdout_purchases"],
        spend=customers["holdout_value"],
    )


def mean_log_gap_of(customers: pd.DataFrame) -> float:
    """Mean logarithm of the days between two purchases of the same customer; 0 for none."""
    gaps = int(customers["frequency"].sum())
    return float(customers["log_gaps"].sum()) / gaps if gaps else 0.0


def later_days(known: pd.DataFrame) -> pd.DataFrame:
    """Distinct purchase days after a first one with what came before each, in key order."""
    by_customer = known.groupby("customer")["value"]
    before, spent = by_customer.cumcount(), by_customer.cumsum() - known["value"]
    days = pd.DataFrame({"days_before": before, "spent_before": spent, "value": known["value"]})
    is_later = (before > 0) & (spent > 0) & (days["value"] > 0)
    return days[is_later].groupby(list(days), sort=True).size().rename("weight").reset_index()


def _spend(past: Past) -> SpendDistribution | None:
    return None if past.spends.empty else known_or_fitted(None, past.later_days, past.spends)


def _of_spend(spend: SpendDistribution | None) -> list[str]:
    if spend is None:
        return ["no purchase has a value: spend is ranked by expected purchases"]
    return [f"Spend: {words}" for words in spend.warnings]


def _recent(customers: pd.DataFrame, known: pd.DataFrame, cut: Split) -> pd.DataFrame:
    """Purchase days and their value in as many days before the origin as are judged after it."""
    since = pd.Timestamp(cut.origin - timedelta(days=cut.holdout_days))
    recent = known[known["date"] > since].groupby("customer")["value"].agg(["size", "sum"])
    return recent.reindex(customers.index, fill_value=0)


def _repeats(customers: pd.DataFrame, days: pd.DataFrame, cut: Split) -> pd.DataFrame:
    first = days["customer"].map(customers["first_on"])
    repeats = days.loc[days["date"] > first, "date"]
    by_day = (repeats - pd.Timestamp(cut.start)).dt.days.value_counts().sort_index()
    return pd.DataFrame({"day": by_day.index, "repeats": by_day.to_numpy()})


def _counts(
    transactions: Transactions, customers: pd.DataFrame, days: pd.DataFrame, cut: Split
) -> dict[str, float]:
    later = days["date"] > pd.Timestamp(cut.origin)
    newcomers = ~days.loc[later, "customer"].isin(customers.index)
    return {
        "lines_in_file": transactions.lines_in_file,
        "lines": len(transactions.lines),
        "lines_without_customer": transactions.left_out,
        "return_lines": int((transactions.lines["value"] < 0).sum()),
        "customers": len(customers),
        "repeaters": int((customers["frequency"] > 0).sum()),
        "calibration_repeats": int(customers["frequency"].sum()),
        "holdout_purchases": int(customers["holdout_purchases"].sum()),
        "holdout_buyers": int((customers["holdout_purchases"] > 0).sum()),
        "newcomers_purchases_not_judged": int(newcomers.sum()),
    }


def _of_file(transactions: Transactions) -> list[str]:
    far = [
        f"{each.words}: a customer's age counts from there, if the date is not a mistake"
        for each in outlying(transactions.lines)
    ]
    return far + dominating(transactions.lines)


def _notes(transactions: Transactions, past: Past, cut: Split) -> list[str]:
    notes = []
    if transactions.left_out:
        notes.append(f"{plural(transactions.left_out, 'line')} without a customer left out")
    late = int((transactions.lines["date"] > pd.Timestamp(cut.end)).sum())
    if late:
        notes.append(f"{late:,} lines after {cut.end} were left out")
    if cut.holdout_days < SHORTEST_HOLDOUT_DAYS:
        notes.append(f"a hold-out of {cut.holdout_days} days says little")
    if past.is_too_small:
        notes.append(
            f"{past.customers:.0f} customers, {past.repeaters:.0f} of them with a repeat: too few "
            "to tell models apart"
        )
    if len(past.histories) > MOST_HISTORIES_SCORED:
        notes.append(
            "predictive distributions (CRPS, coverage, PIT) are scored on every "
            f"{past.scored_step}th history"
        )
    return notes


# ---------- entries


def _entry(name: str, model: PurchaseModel | None, metrics: Iterable[Metric]) -> Entry:
    own = [each for each in metrics if each.name == name]
    return Entry(
        name=name,
        is_model=model is not None,
        metrics={each.metric: each.value for each in own},
        errors={
            each.metric: each.standard_error for each in own if each.standard_error is not None
        },
        against_past_spend={
            each.metric: (each.difference, each.difference_error)
            for each in own
            if each.difference is not None and each.difference_error is not None
        },
        params=model.stored_params if model else {},
        log_likelihood=model.log_likelihood if model else None,
        warnings=list(model.warnings) if model else [],
    )


def _value(metrics: Iterable[Metric], name: str, metric: str) -> float:
    return next((m.value for m in metrics if (m.name, m.metric) == (name, metric)), np.inf)


def _drawn(model: PurchaseModel, past: Past, metrics: dict[str, float]) -> Drawn:
    weeks = tracking(past, model)
    return Drawn(
        name=model.name,
        by_frequency=_pairs(metrics, "{}_by_frequency_{}"),
        deciles=_pairs(metrics, "decile_{}_{}"),
        tracking=[Pair(week.number, week.expected, week.actual) for week in weeks],
        pit=[metrics[f"pit_{number}"] for number in range(1, 11)],
    )


def _pairs(metrics: dict[str, float], form: str) -> list[Pair]:
    return [
        Pair(n, metrics[form.format("expected", n)], metrics[form.format("actual", n)])
        for n in range(11)
        if form.format("actual", n) in metrics
    ]
