"""The first screen: which night, which gates, tonight's lists and who was left out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from psycopg import Connection

from regulars.gates.approvals import approved_gates
from regulars.gates.data_docs import docs_folder
from regulars.gates.gate_names import GATES
from regulars.night import Night
from regulars.phrases import told
from regulars.report.queries.ask import fetch
from regulars.report.sections import (
    Edition,
    Exclusion,
    Gate,
    ListResult,
    Movement,
    Reason,
    TonightsList,
)
from regulars.report.words import NUMBER, day_of_year, general_reason
from regulars.runs import input_digest, run_id
from regulars.settings import Settings

TOP_REASONS = 3
# A reason that fewer people share says too much about them.
FEWEST_SHARING = 3


def edition(connection: Connection, settings: Settings, night: Night) -> Edition:
    """The night this page is about. A live page belongs to the generation about to be made."""
    return Edition(
        company=settings.company_name,
        as_of=night.as_of,
        currency=settings.reporting_currency,
        run_id=run_id(night.as_of, input_digest(connection, night)),
        generation=generation(connection, night),
        previous_as_of=previous_as_of(connection, night),
    )


def generation(connection: Connection, night: Night) -> int | None:
    """The next generation; for a rebuild the one that the night was published as."""
    if night.prefix:
        query = (
            "select generation as number from decisions.effective_publications where as_of = %(on)s"
        )
    else:
        query = "select coalesce(max(generation), 0) + 1 as number from decisions.publications"
    rows = fetch(connection, night, query, on=night.as_of)
    return rows[0]["number"] if rows else None


def previous_as_of(connection: Connection, night: Night) -> date | None:
    rows = fetch(
        connection,
        night,
        "select max(as_of) as as_of from decisions.effective_publications where as_of < %(on)s",
        on=night.as_of,
    )
    previous: date | None = rows[0]["as_of"]
    return previous


def gates(connection: Connection, settings: Settings, night: Night) -> tuple[Gate, ...]:
    """How each gate was passed. One that left no data docs was not run."""
    approved = approved_gates(connection, night)
    folder = docs_folder(settings, night)
    return tuple(Gate(name, outcome(name in approved, (folder / name).is_dir())) for name in GATES)


def outcome(is_approved: bool, was_run: bool) -> str:
    if not was_run:
        return "not_run"
    return "approved" if is_approved else "passed"


# In the order in which they matter, whatever their class.
# A row is a TonightsList, by the names of its fields.
LISTS = """
with members as (
    select
        list_code,
        count(*) filter (where arm = 'treat') as people,
        count(*) filter (where arm = 'hold') as held_out,
        sum(value_at_stake) filter (where arm = 'treat') as at_stake_amount,
        sum(expected_effect) filter (where arm = 'treat') as effect_amount,
        avg(response_probability) as response_rate,
        max(valid_until) as valid_until
    from {lists}.list_members
    group by list_code
),

waiting as (
    select list_code, count(*) as people
    from {lists}.list_exclusions
    where reason_code = 'waiting_list'
    group by list_code
)

select
    definitions.list_code as code,
    definitions.class as list_class,
    definitions.name_in_words as name,
    definitions.purpose_in_words as purpose,
    definitions.who_in_words as who,
    definitions.success_in_words as success,
    definitions.say_in_words as say,
    definitions.do_not_say_in_words as do_not_say,
    definitions.owner,
    definitions.verb_in_words as verb,
    definitions.money_in_words as money,
    coalesce(members.people, 0) as people,
    coalesce(members.held_out, 0) as held_out,
    definitions.outcome_window_days + definitions.refunds_settle_days as outcome_days,
    cast(learning.entries_a_year as float8) as entries_a_year,
    cast(learning.holdout_share as float8) as holdout_share,
    coalesce(learning.is_learning, false) as is_learning,
    coalesce(waiting.people, 0) as waiting,
    definitions.capacity,
    members.at_stake_amount,
    definitions.assumed_effect,
    effects.measured_weight,
    members.effect_amount,
    cast(members.response_rate as float8) as response_rate,
    members.valid_until,
    withheld.reason as withheld,
    coalesce(withheld.is_off, false) as is_off,
    definitions.cadence,
    schedules.next_on
from {lists}.list_definitions as definitions
left join {lists}.list_learning as learning on definitions.list_code = learning.list_code
left join {lists}.list_schedules as schedules on definitions.list_code = schedules.list_code
left join {lists}.withheld_lists as withheld on definitions.list_code = withheld.list_code
left join waiting on definitions.list_code = waiting.list_code
left join members on definitions.list_code = members.list_code
left join {marts}.list_effects as effects
    on definitions.list_code = effects.list_code and effects.stratum = 'all'
order by definitions.priority, definitions.class, definitions.list_code
"""

TIERS = """
select members.list_code, coalesce(customer_values.value_tier, 'no tier yet') as tier,
    count(*) as people
from {lists}.list_members as members
left join {marts}.customer_lifetime_values as customer_values
    on members.customer_id = customer_values.customer_id
where members.arm = 'treat'
group by 1, 2
"""

MOVEMENTS = """
select list_code, movement, count(*) as people
from {lists}.list_movements
group by list_code, movement
"""

# Sentences that differ in their numbers only come back as one: its numbers where all agree, an
# ellipsis where they do not. A day of the year always differs.
REASONS = """
with sentences as (
    select
        members.list_code,
        members.customer_id,
        reasons.place,
        regexp_replace(reasons.sentence, %(day)s, '…', 'gi') as sentence
    from {lists}.list_members as members
    cross join lateral (
        values (1, members.reason_1), (2, members.reason_2), (3, members.reason_3)
    ) as reasons (place, sentence)
    where members.arm = 'treat' and reasons.sentence is not null
),

patterns as (
    select sentences.*, regexp_replace(sentence, %(number)s, '#', 'g') as pattern
    from sentences
),

numbers as (
    select
        patterns.list_code,
        patterns.pattern,
        found.position,
        case when min(found.number[1]) = max(found.number[1]) then min(found.number[1]) end
            as number
    from patterns
    cross join lateral regexp_matches(patterns.sentence, %(number)s, 'g')
        with ordinality as found (number, position)
    group by patterns.list_code, patterns.pattern, found.position
),

shared as (
    select list_code, pattern, array_agg(number order by position) as numbers
    from numbers
    group by list_code, pattern
)

select
    patterns.list_code,
    patterns.pattern,
    coalesce(shared.numbers, array[]::text[]) as numbers,
    count(*) as people
from patterns
left join shared
    on patterns.list_code = shared.list_code and patterns.pattern = shared.pattern
group by patterns.list_code, patterns.pattern, shared.numbers
having count(*) >= %(fewest)s
"""


def lists(
    connection: Connection, night: Night, results: Mapping[str, ListResult] | None = None
) -> tuple[TonightsList, ...]:
    """Tonight's lists, the ones to act on first in front."""
    movements = movements_by_list(connection, night)
    tiers = tiers_by_list(connection, night)
    reasons = reasons_by_list(
        fetch(connection, night, REASONS, day=day_of_year(), number=NUMBER, fewest=FEWEST_SHARING)
    )
    return tuple(
        TonightsList(
            **row | {"owner": told(row["owner"])},
            movement=movements.get(row["code"]),
            reasons=reasons.get(row["code"], ()),
            tiers=tiers.get(row["code"], {}),
            result=(results or {}).get(row["code"]),
        )
        for row in fetch(connection, night, LISTS)
    )


def tiers_by_list(connection: Connection, night: Night) -> dict[str, dict[str, int]]:
    """By list and tier, how many are in the file."""
    by_list: dict[str, dict[str, int]] = defaultdict(dict)
    for row in fetch(connection, night, TIERS):
        by_list[row["list_code"]][row["tier"]] = row["people"]
    return by_list


def movements_by_list(connection: Connection, night: Night) -> dict[str, Movement]:
    """Movement per list; nothing on the first night, when everybody would have entered."""
    if previous_as_of(connection, night) is None:
        return {}
    counted: dict[str, Counter] = defaultdict(Counter)
    for row in fetch(connection, night, MOVEMENTS):
        counted[row["list_code"]][row["movement"]] += row["people"]
    return {
        code: Movement(moves["entered"], moves["stayed"], moves["left"])
        for code, moves in counted.items()
    }


def reasons_by_list(rows: list[dict[str, Any]]) -> dict[str, tuple[Reason, ...]]:
    """The commonest reasons per list, without what differs from person to person."""
    by_list: dict[str, list[Reason]] = defaultdict(list)
    for row in rows:
        text = general_reason(row["pattern"], row["numbers"])
        by_list[row["list_code"]].append(Reason(text, row["people"]))
    return {
        code: tuple(sorted(reasons, key=lambda reason: (-reason.people, reason.text))[:TOP_REASONS])
        for code, reasons in by_list.items()
    }


# As said of many: the sentences of list_exclusions carry each person's own dates and numbers.
EXCLUSIONS = """
select exclusions.list_code, reasons.in_general as reason, count(*) as people
from {lists}.list_exclusions as exclusions
inner join {lists}.exclusion_reasons as reasons on exclusions.reason_code = reasons.reason_code
group by exclusions.list_code, exclusions.reason_code, reasons.in_general
order by exclusions.list_code collate "C", people desc, exclusions.reason_code collate "C"
"""


def exclusions(connection: Connection, night: Night) -> tuple[Exclusion, ...]:
    """Who was left out of each list, by the first reason."""
    return tuple(
        Exclusion(row["list_code"], row["reason"], row["people"])
        for row in fetch(connection, night, EXCLUSIONS)
    )
