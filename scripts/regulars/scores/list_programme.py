"""What keeping a customer costs beside winning one: the row of `scores.keep_against_win`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pandas as pd
import psycopg
from psycopg import sql

from regulars.night import Night
from regulars.results.effect import Effect
from regulars.results.keep_against_win import Cost, cost_of_one, kept, times, won

InBuyers = Callable[[pd.DataFrame], Effect | None]
NEWCOMERS = """
select sum(spend), coalesce(sum(newcomers), 0), coalesce(sum(became_customers), 0)
from {}.acquisition_costs
where channel = '(all)' and spend is not null and had_a_year
"""


@dataclass(frozen=True)
class Newcomers:
    """Of months whose spend is known: what was spent, how many came, how many bought again."""

    spend: float | None = None
    people: int = 0
    bought_again: int = 0


def newcomers(connection: psycopg.Connection, night: Night) -> Newcomers:
    """What `acquisition_costs` says of the months whose newcomers had a year to come back."""
    query = sql.SQL(NEWCOMERS).format(sql.Identifier(night.schema("marts")))
    row = connection.execute(query).fetchone()
    spend, people, bought_again = row or (None, 0, 0)
    return Newcomers(float(spend) if spend is not None else None, int(people), int(bought_again))


@dataclass
class Programme:
    """The lists that hold somebody out, together; gathered list by list, since rows of all of them
    at once would be too many to hold."""

    effects: list[Effect] = field(default_factory=list)
    cost: float = 0.0
    since: date | None = None

    def add(self, outcomes: pd.DataFrame, in_buyers: InBuyers) -> None:
        """Take in the rows of `list_outcomes` of one list, whose effect `in_buyers` measures."""
        if (effect := in_buyers(outcomes)) is None:
            return
        self.effects.append(effect)
        self.cost += float(outcomes["cost"].sum())
        first = min(outcomes["entered_on"])
        self.since = min(self.since or first, first)


def row(programme: Programme, came: Newcomers, as_of: date) -> dict[str, object]:
    """The table's columns by name."""
    keeping, winning = kept(programme.effects), won(came.people, came.bought_again)
    spend = came.spend or 0.0
    ratio = times(spend, winning, programme.cost, keeping)
    low, high = keeping.interval
    is_measured = bool(programme.effects)
    return {
        "as_of": as_of,
        "spend": _money(came.spend),
        "newcomers": came.people,
        "won": came.bought_again,
        **_cost("cost_per_won", cost_of_one(spend, winning)),
        "contact_cost": round(programme.cost, 2),
        "treated": sum(effect.treated for effect in programme.effects),
        "held_out": sum(effect.held_out for effect in programme.effects),
        "kept": _money(keeping.people) if is_measured else None,
        "kept_low": _money(low) if is_measured else None,
        "kept_high": _money(high) if is_measured else None,
        **_cost("cost_per_kept", cost_of_one(programme.cost, keeping)),
        **_cost("times", ratio, places=4),
        "verdict": "determinable" if ratio else "not determinable",
        "measured_since": programme.since,
    }


def _cost(name: str, cost: Cost | None, places: int = 2) -> dict[str, float | None]:
    if cost is None:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"))
    amounts = (cost.amount, cost.low, cost.high)
    names = (name, f"{name}_low", f"{name}_high")
    return {key: round(amount, places) for key, amount in zip(names, amounts, strict=True)}


def _money(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 2)
