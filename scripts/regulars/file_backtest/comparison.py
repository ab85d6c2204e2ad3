"""Every model and every plain rule, told the past of a file and judged by what followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from regulars import backtesting
from regulars.clv import NBD, BetaGeometric, GammaGamma, ModifiedBetaGeometric, ParetoNBD
from regulars.clv._purchase_model import PurchaseModel
from regulars.clv.accuracy import by_frequency
from regulars.clv.histories import Floats
from regulars.clv.judging import brier, crps, deciles, judge, top_decile_spend
from regulars.clv.summaries import purchase_days, summarise
from regulars.file_backtest.reading import FileError, Transactions
from regulars.report.sections import Pair

MODELS: tuple[type[PurchaseModel], ...] = (NBD, BetaGeometric, ModifiedBetaGeometric, ParetoNBD)
MOST_HISTORIES_FOR_CRPS = 20_000


@dataclass(frozen=True)
class Entry:
    """A model or rule with its metrics; parameters and words are the models' own."""

    name: str
    is_model: bool
    metrics: dict[str, float]
    params: dict[str, float] = field(default_factory=dict)
    log_likelihood: float | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Drawn:
    """What the page draws of the model with the lowest CRPS."""

    name: str
    by_frequency: list[Pair]
    deciles: list[Pair]
    tracking: list[Pair]


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


@dataclass(frozen=True)
class _Known:
    """customers: `summarise`'s frame; row_of: each one's row in the distinct `histories`."""

    customers: pd.DataFrame
    histories: pd.DataFrame
    row_of: np.ndarray
    days: float

    @property
    def weight(self) -> Floats:
        return np.ones(len(self.customers))

    @property
    def actual(self) -> Floats:
        return self.customers["holdout_purchases"].to_numpy(dtype=np.float64)

    @property
    def spent(self) -> Floats:
        return self.customers["holdout_value"].to_numpy(dtype=np.float64)


def compare(
    transactions: Transactions,
    calibration_end: date | None = None,
    holdout_end: date | None = None,
) -> Comparison:
    """Fit on what was known at `calibration_end`, judge until `holdout_end`.

    Defaults: the last day of the file, and the night's own cut (a year before it where there
    are two years, else a third of the window). Raises FileError where there is nothing to judge.
    """
    lines = transactions.lines
    cut = _cut(lines, calibration_end, holdout_end)
    customers = summarise(lines, calibration_end=cut.origin, holdout_end=cut.as_of)
    if customers.empty:
        raise FileError(f"nobody has bought anything by {cut.origin}: nothing can be fitted")
    known = _known(customers, float(cut.holdout_days))
    fits = [kind().fit(known.histories) for kind in MODELS]
    spend, spend_words = _expected_spend(customers)
    entries = [_judged_model(model, known, spend) for model in fits]
    best = min(range(len(fits)), key=lambda index: entries[index].metrics["crps"])
    days = purchase_days(lines, cut.as_of)
    return Comparison(
        cut.start, cut.origin, cut.as_of,
        _counts(transactions, customers, days, cut),
        entries + _judged_rules(known, lines, cut),
        _notes(transactions, known, cut) + spend_words,
        _drawn(fits[best], known, days, cut),
    )  # fmt: skip


# ---------- the cut


def _cut(lines: pd.DataFrame, origin: date | None, as_of: date | None) -> backtesting.Split:
    start, last = lines["date"].min().date(), lines["date"].max().date()
    as_of = as_of or last
    if origin is None:
        found = backtesting.split(start, as_of)
        if isinstance(found, str):
            raise FileError(f"{found} (--calibration-end sets another cut)")
        return found
    if not start <= origin < as_of:
        raise FileError(
            f"the file runs from {start} to {last}: the calibration must end between its first "
            f"day and the end of the hold-out, {as_of}"
        )
    return backtesting.Split(start, origin, as_of)


def _known(customers: pd.DataFrame, days: float) -> _Known:
    columns = ["T", "recency", "frequency"]
    grouped = customers.groupby(columns, sort=True)
    histories = grouped.size().rename("weight").reset_index()
    return _Known(customers, histories, grouped.ngroup().to_numpy(), days)


def _counts(
    transactions: Transactions, customers: pd.DataFrame, days: pd.DataFrame, cut: backtesting.Split
) -> dict[str, float]:
    later = days["date"] > pd.Timestamp(cut.origin)
    newcomers = ~days.loc[later, "customer"].isin(customers.index)
    return {
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


def _notes(transactions: Transactions, known: _Known, cut: backtesting.Split) -> list[str]:
    notes = []
    if transactions.left_out:
        notes.append(f"{transactions.left_out:,} lines without a customer were left out")
    late = int((transactions.lines["date"] > pd.Timestamp(cut.as_of)).sum())
    if late:
        notes.append(f"{late:,} lines after {cut.as_of} were left out")
    last = transactions.lines["date"].max().date()
    if last < cut.as_of:
        notes.append(
            f"the file ends on {last}, before the hold-out does: models look too high by what "
            "is missing"
        )
    if cut.holdout_days < backtesting.SHORTEST_HOLDOUT_DAYS:
        notes.append(f"a hold-out of {cut.holdout_days} days says little")
    repeaters = int((known.customers["frequency"] > 0).sum())
    few_customers = len(known.customers) < backtesting.FEWEST_CUSTOMERS
    if few_customers or repeaters < backtesting.FEWEST_REPEATERS:
        notes.append(
            f"{len(known.customers)} customers, {repeaters} of them with a repeat: too few to "
            "tell models apart"
        )
    if len(known.histories) > MOST_HISTORIES_FOR_CRPS:
        step = _crps_step(known)
        notes.append(f"CRPS is computed on every {step}th distinct history")
    return notes


# ---------- models


def _judged_model(model: PurchaseModel, known: _Known, spend: Floats | None) -> Entry:
    by_history = model.expected_purchases(known.histories, known.days)
    expected = by_history[known.row_of]
    chance = model.purchase_probability(known.histories, known.days)[known.row_of]
    metrics = _judged(expected, expected if spend is None else expected * spend, known)
    metrics["brier"] = brier(chance, np.minimum(known.actual, 1.0), known.weight)
    metrics["crps"] = _crps(model, known, by_history)
    return Entry(
        model.name, True, metrics, model.params, model.log_likelihood, list(model.warnings)
    )


def _judged(expected: Floats, expected_spend: Floats, known: _Known) -> dict[str, float]:
    metrics = judge(expected, known.actual, known.weight)
    share = top_decile_spend(expected_spend, known.spent, known.weight)
    return metrics if share is None else metrics | {"top_decile_spend_share": share}


def _crps_step(known: _Known) -> int:
    return -(-len(known.histories) // MOST_HISTORIES_FOR_CRPS)


def _crps(model: PurchaseModel, known: _Known, by_history: Floats) -> float:
    step = _crps_step(known)
    chosen = known.row_of % step == 0
    histories = known.histories.iloc[::step]
    at, actual = known.row_of[chosen] // step, known.actual[chosen]
    scores = crps(model, histories, by_history[::step], at, actual, known.days)
    return float(np.mean(scores))


def _expected_spend(customers: pd.DataFrame) -> tuple[Floats | None, list[str]]:
    """Expected spend per purchase day of each customer; None where nobody has spent anything."""
    is_positive = (customers["monetary_value"] > 0).to_numpy()
    if not is_positive.any():
        return None, ["no purchase has a value: spend is ranked by expected purchases"]
    spends = customers.loc[is_positive, ["purchase_days", "monetary_value"]]
    model = GammaGamma().fit(spends)
    expected = np.full(len(customers), model.expected_spend_new())
    expected[is_positive] = model.expected_spend(spends)
    return expected, [f"Gamma-Gamma: {words}" for words in model.warnings]


# ---------- plain rules


def _judged_rules(known: _Known, lines: pd.DataFrame, cut: backtesting.Split) -> list[Entry]:
    forecasts = _rules(known, lines, cut)
    return [
        Entry(name, False, _judged(expected, spend, known) | _point_scores(name, expected, known))
        for name, (expected, spend) in forecasts.items()
    ]


def _rules(
    known: _Known, lines: pd.DataFrame, cut: backtesting.Split
) -> Mapping[str, tuple[Floats, Floats]]:
    """Expected purchases and expected spend by rule.

    past_rate    x/T goes on, at the customer's mean spend per purchase day
    past_spend   everybody's past rates together, shared out by what each has spent so far
    last_period  the purchases of as many days before the cut come again
    """
    customers = known.customers
    mean = customers["monetary_value"].to_numpy()
    age = np.maximum(customers["T"].to_numpy(dtype=np.float64), 1.0)
    rate = customers["frequency"].to_numpy() * known.days / age
    spent = mean * customers["purchase_days"].to_numpy()
    shared = spent * (rate.sum() / spent.sum()) if spent.sum() > 0 else rate
    last = _last_period(customers, lines, cut)
    zero = np.zeros(len(customers))
    return {
        "all_zero": (zero, zero),
        "past_rate": (rate, rate * mean),
        "past_spend": (shared, spent),
        "last_period": last,
    }


def _last_period(
    customers: pd.DataFrame, lines: pd.DataFrame, cut: backtesting.Split
) -> tuple[Floats, Floats]:
    days = purchase_days(lines, cut.origin)
    since = pd.Timestamp(cut.origin - timedelta(days=cut.holdout_days))
    recent = days[days["date"] > since].groupby("customer")["value"].agg(["size", "sum"])
    recent = recent.reindex(customers.index, fill_value=0)
    return recent["size"].to_numpy(dtype=np.float64), recent["sum"].to_numpy(dtype=np.float64)


def _point_scores(name: str, expected: Floats, known: _Known) -> dict[str, float]:
    """A number without a law: its CRPS is the absolute error, its chance of buying Poisson's.

    The last period says yes or no, past spend nothing about who buys at all.
    """
    found = {"crps": float(np.mean(np.abs(expected - known.actual)))}
    if name == "past_spend":
        return found
    chance = np.minimum(expected, 1.0) if name == "last_period" else -np.expm1(-expected)
    return found | {"brier": brier(chance, np.minimum(known.actual, 1.0), known.weight)}


# ---------- drawings


def _drawn(
    model: PurchaseModel, known: _Known, days: pd.DataFrame, cut: backtesting.Split
) -> Drawn:
    expected = model.expected_purchases(known.histories, known.days)[known.row_of]
    frequency = known.customers["frequency"].to_numpy(dtype=np.float64)
    bands = by_frequency(expected, known.actual, frequency, known.weight)
    numbers = sorted(int(name.rpartition("_")[2]) for name in bands if name.startswith("actual"))
    return Drawn(
        model.name,
        [
            Pair(n, bands[f"expected_by_frequency_{n}"], bands[f"actual_by_frequency_{n}"])
            for n in numbers
        ],
        [
            Pair(number, said, came)
            for number, (said, came) in enumerate(
                deciles(expected, known.actual, known.weight), start=1
            )
        ],
        _tracking(model, known, days, cut),
    )


def _tracking(
    model: PurchaseModel, known: _Known, days: pd.DataFrame, cut: backtesting.Split
) -> list[Pair]:
    """Cumulative repeats by week: expected as if nothing had been seen yet, and actual."""
    start = pd.Timestamp(cut.start)
    weeks = np.arange(1, (cut.as_of - cut.start).days // 7 + 1)
    births = (known.customers["first_on"] - start).dt.days.to_numpy()
    born, customers = np.unique(births, return_counts=True)
    elapsed = np.maximum(7.0 * weeks[:, None] - born[None, :], 0.0)
    horizons, at = np.unique(elapsed, return_inverse=True)
    each = model.expected_purchases_new(horizons)[at].reshape(elapsed.shape)
    expected = (each * customers).sum(axis=1)
    first = days["customer"].map(known.customers["first_on"])
    repeats = np.sort((days.loc[days["date"] > first, "date"] - start).dt.days.to_numpy())
    actual = np.searchsorted(repeats, 7 * weeks, side="right")
    pairs = zip(weeks, expected, actual, strict=True)
    return [Pair(int(week), float(said), float(came)) for week, said, came in pairs]
