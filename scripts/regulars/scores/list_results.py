"""What each list has earned, from `list_outcomes` to `scores.list_results`, what a contact is
therefore believed to change (`scores.list_effects`), and what it costs to keep a customer
(`scores.keep_against_win`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from regulars.night import Night
from regulars.project import list_definitions
from regulars.results.announced import verdict_of
from regulars.results.assigned import Assigned
from regulars.results.believed import Measured, believed, of_strata
from regulars.results.effect import Effect, effect_of
from regulars.results.shrunken import shrunken
from regulars.scores import list_programme, score_tables
from regulars.settings import Settings
from regulars.warehouse import connect

ALL = "all"
MEASURED = (
    "margin_per_head_treated",
    "margin_per_head_held_out",
    "lift",
    "lift_low",
    "lift_high",
    "smallest_detectable_lift",
    "detectable_on",
    "net_return",
)
LONGEST_WAIT = 3650  # days; nobody waits longer to see an effect


def measure(settings: Settings, night: Night) -> dict[str, object]:
    """Replace the three tables. Equal outcomes give equal rows: the draws are keyed by what they
    are about. Returns how many lists have a result."""
    assumed = assumed_effects(settings.dbt_project)
    results: list[Result] = []
    effects: list[dict[str, object]] = []
    programme = list_programme.Programme()
    with connect(settings, "transformer") as connection:
        score_tables.create(connection, night)
        for of_list in _outcomes(connection, night):
            of_one = list(results_of(of_list))
            results += of_one
            effects += effects_of(of_one, assumed, night.as_of)
            programme.add(of_list, in_buyers)
        beside = list_programme.row(
            programme, list_programme.newcomers(connection, night), night.as_of
        )
        for table, rows in (
            ("list_results", (result.row(night.as_of) for result in results)),
            ("list_effects", iter(effects)),
            ("keep_against_win", iter([beside])),
        ):
            score_tables.replace(connection, night, table, rows)
        connection.commit()
    return {"measured_lists": len({row.list_code for row in results if row.effect})}


def _outcomes(connection: psycopg.Connection, night: Night) -> Iterator[pd.DataFrame]:
    """The rows of `list_outcomes`, a frame a list."""
    table = sql.Identifier(night.schema("marts"), "list_outcomes")
    codes = sql.SQL("select distinct list_code from {} order by list_code").format(table)
    query = sql.SQL(
        "select * from {} where list_code = %s order by household_id, episode_no"
    ).format(table)
    for (code,) in connection.execute(codes).fetchall():
        with connection.cursor(row_factory=dict_row) as cursor:
            yield pd.DataFrame(cursor.execute(query, [code]).fetchall())


@dataclass(frozen=True)
class Result:
    """One row: a list, or its part of one month or stratum."""

    list_code: str
    period: str
    stratum: str
    of: pd.DataFrame
    effect: Effect | None
    shrunken_lift: float | None
    verdict: str | None

    @property
    def measured(self) -> Measured | None:
        return Measured(self.effect, value_at_stake(self.of)) if self.effect else None

    def row(self, as_of: date) -> dict[str, object]:
        """The table's columns by name."""
        outcomes = self.of
        is_treated = outcomes["arm"] == "treat"
        treated = int(outcomes.loc[is_treated, "people"].sum())
        contacts, cost = int(outcomes["contacts"].sum()), float(outcomes["cost"].sum())
        opt_outs = int(outcomes["opt_outs"].sum())
        return {
            "as_of": as_of,
            "list_code": self.list_code,
            "period": self.period,
            "stratum": self.stratum,
            "list_versions": versions_of(outcomes),
            "eligible": int(outcomes["people"].sum()),
            "treated": treated,
            "held_out": int(outcomes.loc[~is_treated, "people"].sum()),
            **_measured(self.effect, outcomes, treated, cost, as_of),
            "shrunken_lift": _money(self.shrunken_lift),
            "verdict": self.verdict,
            "contacts": contacts,
            "opt_outs_per_thousand": _money(1000 * opt_outs / contacts) if contacts else None,
            "complaints": int(outcomes["complaints"].sum()),
            "cost": _money(cost),
        }


def _measured(
    effect: Effect | None, of: pd.DataFrame, treated: int, cost: float, as_of: date
) -> dict[str, object]:
    """The columns that a list without a hold-out leaves null."""
    if effect is None:
        return dict.fromkeys(MEASURED)
    return {
        "margin_per_head_treated": _money(effect.mean_treated),
        "margin_per_head_held_out": _money(effect.mean_held_out),
        "lift": _money(effect.lift),
        "lift_low": _money(effect.low),
        "lift_high": _money(effect.high),
        "smallest_detectable_lift": _money(effect.smallest_detectable),
        "detectable_on": detectable_on(effect, of["entered_on"], as_of),
        "net_return": _money(effect.lift * treated - cost),
    }


def results_of(outcomes: pd.DataFrame) -> Iterator[Result]:
    """The whole list, its strata, its months; outcomes are those of one list."""
    code = str(outcomes["list_code"].iloc[0])
    whole = _effect(outcomes, code, ALL, ALL)
    lift = whole.lift if whole else None
    yield Result(code, ALL, ALL, outcomes, whole, lift, verdict_of(whole))
    yield from _strata(outcomes, code, whole)
    months = outcomes["entered_on"].map(lambda day: f"{day:%Y-%m}")
    for month, of_month in outcomes.groupby(months):
        effect = _effect(of_month, code, str(month), ALL)
        yield Result(code, str(month), ALL, of_month, effect, None, None)


def _strata(outcomes: pd.DataFrame, code: str, whole: Effect | None) -> Iterator[Result]:
    parts = [(str(name), part) for name, part in outcomes.groupby("stratum")]
    effects = {name: _effect(part, code, ALL, name) for name, part in parts}
    known = {name: e for name, e in effects.items() if e and e.standard_error > 0}
    drawn = shrunken(
        [e.lift for e in known.values()],
        [e.standard_error for e in known.values()],
        whole.lift if whole else 0.0,
    )
    towards = dict(zip(known, drawn, strict=True))
    for name, part in parts:
        # of a stratum that says nothing for itself, what the list says
        lift = towards.get(name, whole.lift if whole else None)
        yield Result(code, ALL, name, part, effects[name], lift, None)


def effects_of(
    results: Sequence[Result], assumed: Mapping[str, float], as_of: date
) -> Iterator[dict[str, object]]:
    """Rows of `list_effects`: one list's whole and its strata; none while it is not measured."""
    whole, *parts = (row for row in results if row.period == ALL)
    taken = assumed.get(whole.list_code, 0.0)
    of_list = believed(whole.measured, taken) if whole.measured else None
    if of_list is None:
        return
    strata = {part.stratum: part.measured for part in parts if part.measured}
    for stratum, effect in {ALL: of_list, **of_strata(strata, of_list)}.items():
        yield {
            "as_of": as_of,
            "list_code": whole.list_code,
            "stratum": stratum,
            "assumed_effect": taken,
            "effect": round(effect.share, 6),
            "measured_weight": round(effect.weight, 6),
        }


def versions_of(outcomes: pd.DataFrame) -> str | None:
    """The versions of the list's rules, '1, 3', as far as they were logged."""
    versions = sorted(set(outcomes["list_version"].dropna().astype(int)))
    return ", ".join(map(str, versions)) or None


def value_at_stake(outcomes: pd.DataFrame) -> float | None:
    """A head, of the episodes for which it was logged; None where it was for none."""
    told = outcomes[outcomes["value_at_stake"].notna()]
    people = float(told["people"].sum())
    return float(told["value_at_stake"].astype(float).sum()) / people if people else None


def assumed_effects(dbt_project: Path) -> dict[str, float]:
    """By list: the share of the value at stake that a contact is taken to win."""
    lists = list_definitions.for_dbt(dbt_project)
    return {
        code: float(of_list["definition"]["offer"]["assumed_effect"])
        for code, of_list in lists.items()
    }


def in_buyers(outcomes: pd.DataFrame) -> Effect | None:
    """The effect of one list in people who buy within the window, a head."""
    seed = _seed(str(outcomes["list_code"].iloc[0]), "buyers")
    return effect_of(assigned(outcomes, "buyers"), seed)


def _seed(*about: str) -> int:
    return int.from_bytes(hashlib.sha256("|".join(about).encode()).digest()[:8], "big")


def _effect(outcomes: pd.DataFrame, code: str, period: str, stratum: str) -> Effect | None:
    return effect_of(assigned(outcomes), _seed(code, period, stratum))


def assigned(outcomes: pd.DataFrame, outcome: str = "margin") -> Assigned:
    """The rows of `list_outcomes` of one list, a household's episodes in one arm, stratum and draw
    together: they are no independent witnesses. A predicted value that was not logged counts as
    the mean of those that were: it adjusts nothing. A share that was not logged is one of its
    own."""
    predicted = outcomes["predicted_value"].astype(float)
    predicted = predicted.fillna(predicted.mean() if predicted.notna().any() else 0.0)
    shares = outcomes["drawn_share"].astype(float).fillna(-1.0)
    with_predictions = outcomes.assign(predicted_value=predicted, drawn_share=shares)
    sums = [outcome, "margin_before", "predicted_value", "people"]
    with_predictions[sums] = with_predictions[sums].astype(float)
    households = (
        with_predictions.groupby(["household_id", "arm", "stratum", "drawn_share"])[sums]
        .sum()
        .reset_index()
    )
    return Assigned(
        is_treated=(households["arm"] == "treat").to_numpy(),
        stratum=pd.factorize(households["stratum"], sort=True)[0],
        outcome=households[outcome].to_numpy(),
        people=households["people"].to_numpy(),
        before=households[["margin_before", "predicted_value"]].to_numpy(),
        draw=pd.factorize(households["drawn_share"], sort=True)[0],
    )


def detectable_on(effect: Effect, entered_on: pd.Series, as_of: date) -> date | None:
    """When the lift as it stands would be seen four times in five, if entries go on as now."""
    smallest = effect.smallest_detectable
    if not smallest or not effect.lift:
        return None
    days = (max(entered_on) - min(entered_on)).days + 1
    wait = max(0.0, days * ((smallest / effect.lift) ** 2 - 1))
    return as_of + timedelta(days=int(np.ceil(wait))) if wait <= LONGEST_WAIT else None


def _money(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 2)
