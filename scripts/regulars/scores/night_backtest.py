"""The night's backtest: every candidate at rolling origins, and the champion that follows.

Nothing is done twice: fits at an origin come from the decision log, and an origin whose past and
outcomes are what they were last night keeps last night's figures, read from where they stand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import psycopg

from regulars.backtesting import champion
from regulars.backtesting.candidates import (
    CANDIDATES,
    DEFAULT,
    fitted,
    is_of_its_own,
    restored,
)
from regulars.backtesting.evaluation import evaluate_models
from regulars.backtesting.origins import Split, too_short
from regulars.backtesting.past import FEWEST_CUSTOMERS, FEWEST_REPEATERS, Past
from regulars.backtesting.series import tracking
from regulars.backtesting.spend_distribution import data_of, known_or_fitted
from regulars.backtesting.totals import RangeRule, with_ranges
from regulars.clv import PurchaseModel, SpendDistribution
from regulars.clv.metrics import Metric
from regulars.night import Night
from regulars.scores import decision_log
from regulars.scores.backtest_results import stored
from regulars.scores.model_inputs import ModelInputs, Window

PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True)
class Runs:
    """What fits of this night are logged under."""

    night: Night
    digest: str
    run_id: str
    library_versions: str


@dataclass(frozen=True)
class Origin:
    """One origin's fits and figures.

    spend      None where nobody has spent anything
    reference  the model that differences are from;  digest  of all that the figures depend on
    """

    past: Past
    models: dict[str, PurchaseModel]
    spend: SpendDistribution | None
    metrics: list[Metric]
    reference: str
    digest: str

    @property
    def split(self) -> Split:
        return self.past.split

    @property
    def fits(self) -> dict[str, PurchaseModel | SpendDistribution]:
        """Everything that was fitted at the origin."""
        return {**self.models, **({SpendDistribution.name: self.spend} if self.spend else {})}


@dataclass(frozen=True)
class Backtest:
    """The latest origin first."""

    origins: list[Origin]
    remarks: list[str]
    choice: champion.Choice


def judge_candidates(
    connection: psycopg.Connection,
    runs: Runs,
    inputs: ModelInputs,
    window: Window,
    range_rule: RangeRule,
) -> Backtest:
    """Judge the candidates and choose. New fits and the choice are logged; the caller commits."""
    holder = decision_log.incumbent(connection, runs.night)
    incumbent = holder.model if holder else None
    reference = incumbent or DEFAULT
    splits = inputs.splits()
    remarks = [] if splits else [_no_origin(window)]
    origins = []
    for split in splits:
        past = inputs.past(split, window.sampled_share)
        if past.is_too_small:
            remarks.append(_too_small(past))
            continue
        origins.append(_origin(connection, runs, past, reference))
    choice = decision_log.champion(connection, runs.night, runs.digest)
    if choice is None:
        choice = champion.choose([origin.metrics for origin in origins], incumbent)
        decision_log.add_champion(connection, runs.night, runs.digest, choice)
    ranged = with_ranges(
        [origin.metrics for origin in origins],
        [origin.past.known_days for origin in origins],
        range_rule,
    )
    origins = [
        replace(origin, metrics=metrics) for origin, metrics in zip(origins, ranged, strict=True)
    ]
    if origins:
        origins[0] = _with_tracking(origins[0], choice.model)
    return Backtest(origins, remarks, choice)


def _no_origin(window: Window) -> str:
    """Why the night's data leave no origin."""
    if window.settled_days is None or window.longest_holdout_days is None:
        return "no backtest: nobody has bought yet"
    if window.holdout_days is None:
        return too_short(
            "days of settled data",
            window.settled_days,
            window.longest_holdout_days,
            window.shortest_holdout_days,
        )
    return (
        f"no backtest: no full hold-out of {window.holdout_days} days lies within "
        f"{window.settled_days} settled days"
    )


def _origin(connection: psycopg.Connection, runs: Runs, past: Past, reference: str) -> Origin:
    models, spend = _fits(connection, runs, past), _spend(connection, runs, past)
    base = reference if reference in models else DEFAULT
    digest = _figures_digest(past, base)
    metrics = stored(connection, runs.night, past.split.origin, digest)
    metrics = metrics or evaluate_models(past, models, spend, base)
    return Origin(
        past=past, models=models, spend=spend, metrics=metrics, reference=base, digest=digest
    )


def _fits(connection: psycopg.Connection, runs: Runs, past: Past) -> dict[str, PurchaseModel]:
    """Candidates on what was known at the origin, from the log where they are there."""
    histories, on = past.histories, past.split.origin
    digest = decision_log.digest_of(histories)
    known = decision_log.parameters(connection, on, digest)
    models = {
        name: restored(name, known[name], histories) if name in known else fitted(name, histories)
        for name in CANDIDATES
    }
    new = {name: model.stored_params for name, model in models.items() if name not in known}
    _log(connection, runs, on, digest, new)
    return {name: model for name, model in models.items() if is_of_its_own(model)}


def _spend(connection: psycopg.Connection, runs: Runs, past: Past) -> SpendDistribution | None:
    """The distribution of spend on what was known at the origin, from the log where it is there."""
    if past.spends.empty:
        return None
    on, digest = past.split.origin, decision_log.digest_of(data_of(past.later_days, past.spends))
    known = decision_log.parameters(connection, on, digest).get(SpendDistribution.name)
    distribution = known_or_fitted(known, past.later_days, past.spends)
    if known is None:
        new = {SpendDistribution.name: distribution.stored_params}
        _log(connection, runs, on, digest, new)
    return distribution


def _log(
    connection: psycopg.Connection,
    runs: Runs,
    origin: date,
    digest: str,
    fits: Mapping[str, Mapping[str, float]],
) -> None:
    """Add the fits at an origin to the decision log."""
    decision_log.add_parameters(
        connection,
        fitted_on=origin,
        digest=digest,
        fits=fits,
        run_id=runs.run_id,
        library_versions=runs.library_versions,
    )


def _with_tracking(origin: Origin, name: str) -> Origin:
    """The running totals that the report draws, for the champion alone."""
    if name not in origin.models:
        return origin
    return replace(origin, metrics=[*origin.metrics, *_tracked(origin.past, origin.models[name])])


def _tracked(past: Past, model: PurchaseModel) -> Iterator[Metric]:
    for week in tracking(past, model):
        yield Metric(model.name, f"tracking_expected_{week.number}", week.expected)
        yield Metric(model.name, f"tracking_actual_{week.number}", week.actual)


def _too_small(past: Past) -> str:
    return (
        f"no backtest at {past.split.origin}: {past.customers:.0f} customers, "
        f"{past.repeaters:.0f} of them with a repeat; {FEWEST_CUSTOMERS} and {FEWEST_REPEATERS} "
        "are needed"
    )


def _figures_digest(past: Past, reference: str) -> str:
    digest = hashlib.sha256(f"{past.split}|{past.mean_log_gap!r}|{reference}".encode())
    digest.update(_code_digest().encode())
    for frame in (past.cells, past.repeats, past.later_days):
        digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()


@cache
def _code_digest() -> str:
    """SHA-256 of the code that makes the figures: an upgrade makes them anew."""
    digest = hashlib.sha256()
    for folder in ("backtesting", "clv", "scores"):
        for file in sorted((PACKAGE / folder).glob("*.py")):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()
