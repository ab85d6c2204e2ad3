"""What lists would be tonight if the project said otherwise: built beside the live ones, compared
with what is published, and thrown away. Nothing is saved and nobody is assigned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from regulars.engines import build_beside
from regulars.night import Night
from regulars.nights.lock import NightRefused, only_one
from regulars.project import list_definitions, variable_bounds
from regulars.project.located import Located
from regulars.project.variables import variables
from regulars.settings import Settings
from regulars.transform import check_built
from regulars.warehouse import connect, live_night

PREFIX = "plan_"
WHAT = ("tag:lists,+list_members", "tag:lists,+list_exclusions")


@dataclass(frozen=True)
class Size:
    """A list on one night: people in the file, held out, waiting for a place, left to a list that
    comes first; money in the reporting currency, the effect as measured or else as assumed."""

    people: int = 0
    held_out: int = 0
    waiting: int = 0
    on_other_list: int = 0
    contact_cost: Decimal = Decimal(0)
    offers_at_most: Decimal = Decimal(0)
    expected_effect: Decimal = Decimal(0)


@dataclass(frozen=True)
class Planned:
    """A list as it is published and as it would be. joins, leaves: people in the file."""

    list_code: str
    now: Size
    then: Size
    joins: int
    leaves: int

    @property
    def is_changed(self) -> bool:
        return self.now != self.then or bool(self.joins or self.leaves)


def plan(settings: Settings, changes: Mapping[str, Located]) -> list[Planned]:
    """Every list as published and as the project, with these changes, would make it.

    changes: list -> what is changed of its definition. Raises DeclarationError for what makes no
    sense, NightRefused before the first publication, TransformError if tables hold another night.
    """
    variable_bounds.check(settings.dbt_project)
    list_definitions.check(settings.dbt_project, changes)
    with only_one(settings):
        as_of = _published(settings)
        check_built(settings, Night(as_of), to_look=True)
        night = Night(as_of, PREFIX)
        try:
            _build(settings, night, list_definitions.for_dbt(settings.dbt_project, changes))
            return _compare(settings)
        finally:
            _drop(settings)


def _published(settings: Settings) -> date:
    as_of = live_night(settings)
    if as_of is None:
        raise NightRefused(
            "Nothing is published yet, so there is nothing to compare a plan with: run `regulars "
            "night --as-of DATE` first."
        )
    return as_of


def _build(settings: Settings, night: Night, lists: Mapping[str, object]) -> None:
    """The lists beside the live ones; all that they read is what the live night has built."""
    build_beside(
        settings, night, WHAT, "the plan", variables={"lists": lists}, reading=Night(night.as_of)
    )


def _drop(settings: Settings) -> None:
    with connect(settings, "transformer") as connection:
        connection.execute(f"drop schema if exists {PREFIX}lists cascade".encode())


SIZES = """
with members as (
    select
        members.list_code,
        count(*) filter (where arm = 'treat') as people,
        count(*) filter (where arm = 'hold') as held_out,
        sum(
            (%(costs)s ->> coalesce(details::jsonb ->> 'contact_channel', channel))::numeric
        ) filter (where arm = 'treat') as contact_cost,
        sum(offer_ceiling) filter (where arm = 'treat') as offers_at_most,
        sum(expected_effect) filter (where arm = 'treat') as expected_effect
    from {schema}.list_members as members
    inner join {schema}.list_definitions as definitions
        on members.list_code = definitions.list_code
    group by members.list_code
),

exclusions as (
    select
        list_code,
        count(*) filter (where reason_code = 'waiting_list') as waiting,
        count(*) filter (where reason_code = 'other_list') as on_other_list
    from {schema}.list_exclusions
    group by list_code
)

select
    definitions.list_code,
    coalesce(people, 0) as people,
    coalesce(held_out, 0) as held_out,
    coalesce(waiting, 0) as waiting,
    coalesce(on_other_list, 0) as on_other_list,
    coalesce(contact_cost, 0) as contact_cost,
    coalesce(offers_at_most, 0) as offers_at_most,
    round(coalesce(expected_effect, 0), 2) as expected_effect
from {schema}.list_definitions as definitions
left join members on definitions.list_code = members.list_code
left join exclusions on definitions.list_code = exclusions.list_code
order by definitions.priority, definitions.list_code
"""

MOVES = """
select
    coalesce(present.list_code, planned.list_code) as list_code,
    count(*) filter (where present.customer_id is null) as joins,
    count(*) filter (where planned.customer_id is null) as leaves
from (select * from lists.list_members where arm = 'treat') as present
full join (select * from plan_lists.list_members where arm = 'treat') as planned
    on
        present.list_code = planned.list_code
        and present.customer_id = planned.customer_id
group by 1
"""


def _compare(settings: Settings) -> list[Planned]:
    costs = variables(settings.dbt_project)["contact_costs"]
    with connect(settings, "transformer") as connection:
        now, then = (_sizes(connection, s, Jsonb(costs)) for s in ("lists", f"{PREFIX}lists"))
        moves = {row["list_code"]: row for row in _rows(connection, sql.SQL(MOVES))}
    return [
        Planned(
            list_code=code,
            now=now.get(code, Size()),
            then=then.get(code, Size()),
            joins=moves.get(code, {}).get("joins", 0),
            leaves=moves.get(code, {}).get("leaves", 0),
        )
        for code in [*then, *(code for code in now if code not in then)]
    ]


def _sizes(connection: Connection, schema: str, costs: Jsonb) -> dict[str, Size]:
    rows = _rows(connection, sql.SQL(SIZES).format(schema=sql.Identifier(schema)), {"costs": costs})
    return {
        row["list_code"]: Size(
            people=row["people"],
            held_out=row["held_out"],
            waiting=row["waiting"],
            on_other_list=row["on_other_list"],
            contact_cost=row["contact_cost"],
            offers_at_most=row["offers_at_most"],
            expected_effect=row["expected_effect"],
        )
        for row in rows
    }


def _rows(
    connection: Connection,
    query: sql.SQL | sql.Composed,
    asked: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, asked).fetchall()
