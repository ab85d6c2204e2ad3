"""What each list has earned: list_results, and since when it is being measured; what follows from
it for the programme."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from psycopg import Connection

from regulars.night import Night
from regulars.phrases import say
from regulars.report.queries.ask import fetch
from regulars.report.sections import Allocated, Earned, KeepAgainstWin, ListResult
from regulars.report.words import month, named

ALL = "all"
RESULTS = """
select * from {marts}.list_results
order by list_code collate "C", period collate "C" desc, stratum collate "C"
"""
ENTRIES = """
select list_code, min(entered_on) as since, min(closes_on) as settles_on
from decisions.effective_episodes
where as_of < %(on)s
group by list_code
"""
KEEP_AGAINST_WIN = "select * from {marts}.keep_against_win"
ALLOCATION = """
select allocation.*, definitions.name_in_words
from {lists}.contact_allocation as allocation
inner join {lists}.list_definitions as definitions
    on allocation.list_code = definitions.list_code
where allocation.people_by_priority > 0 or allocation.people_by_gain > 0
order by definitions.priority, allocation.list_code collate "C"
"""
FACTS = (
    "treated",
    "held_out",
    "lift",
    "lift_low",
    "lift_high",
    "shrunken_lift",
    "smallest_detectable_lift",
    "detectable_on",
    "verdict",
    "contacts",
    "opt_outs_per_thousand",
    "complaints",
    "cost",
    "net_return",
    "list_versions",
)


def results(connection: Connection, night: Night) -> dict[str, ListResult]:
    """By list: the whole, its tiers, its months, the latest first."""
    by_list: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in fetch(connection, night, RESULTS):
        by_list[row["list_code"]].append(row)
    entries = {row["list_code"]: row for row in fetch(connection, night, ENTRIES, on=night.as_of)}
    return {
        code: _result(by_list[code], entries.get(code, {}))
        for code in sorted(by_list.keys() | entries.keys())
    }


def _result(rows: list[dict[str, Any]], entry: dict[str, Any]) -> ListResult:
    whole = [row for row in rows if row["period"] == row["stratum"] == ALL]
    return ListResult(
        whole=_earned(whole[0], say("all of it")) if whole else None,
        tiers=tuple(
            _earned(row, named(row["stratum"]))
            for row in rows
            if row["period"] == ALL and row["stratum"] != ALL
        ),
        months=tuple(
            _earned(row, month(date.fromisoformat(f"{row['period']}-01")))
            for row in rows
            if row["period"] != ALL
        ),
        since=entry.get("since"),
        settles_on=entry.get("settles_on"),
    )


def _earned(row: dict[str, Any], part: str) -> Earned:
    return Earned(part=part, **{name: row[name] for name in FACTS})


def keep_against_win(connection: Connection, night: Night) -> KeepAgainstWin:
    """The night's row; one that says nothing where there is none."""
    rows = fetch(connection, night, KEEP_AGAINST_WIN)
    if not rows:
        return KeepAgainstWin()
    (row,) = rows
    return KeepAgainstWin(
        treated=row["treated"],
        held_out=row["held_out"],
        since=row["measured_since"],
        **{
            name: _interval(row, name)
            for name in ("kept", "cost_per_kept", "cost_per_won", "times")
        },
    )


def _interval(row: dict[str, Any], name: str) -> tuple[Any, Any, Any] | None:
    """The amount and both ends; None where it is not determinable."""
    if row[name] is None:
        return None
    return row[name], row[f"{name}_low"], row[f"{name}_high"]


def allocation(connection: Connection, night: Night) -> tuple[Allocated, ...]:
    """Marketing lists with anybody to contact, by priority."""
    return tuple(
        Allocated(
            name=row["name_in_words"],
            is_measured=row["is_effect_measured"],
            people=row["people_by_priority"],
            gain=row["gain_by_priority"],
            people_by_gain=row["people_by_gain"],
            gain_by_gain=row["gain_by_gain"],
        )
        for row in fetch(connection, night, ALLOCATION)
    )
