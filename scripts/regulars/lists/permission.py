"""The last check before a file: asked again of every word ever delivered, and of the decisions.

The lists were built with both already. Who said no, and at which address, is worked out a second
way here, from the rows of raw and the ledger (raw_words), from lines that could not be read
(raw_lines) and from the merges as they were delivered (raw_merges), so that a mistake in the models
does not reach a customer; a company's own staging, of its own systems or in the place of the
product's, is asked beside them: what it means by its words nobody else can read. What the lists
know of merges and of addresses in normal form is asked as well. It names counts and lists, never
people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql

from regulars.lists import permission_rows, raw_lines, raw_words
from regulars.night import Night
from regulars.project.list_definitions import ListDefinition
from regulars.project.variables import variables
from regulars.settings import Settings

WRONG = {
    "gone": "dead, or to be erased",
    "at_address_of_gone": "at an address of somebody dead, erased or to be erased",
    "held": "in a hold-out",
    "without_yes": "without consent",
    "with_no": "people who said no",
    "at_address_of_no": "at an address at which somebody said no",
    "may_have_said_no": "people whom a no that cannot be read or names nobody may mean",
    "given_away": "for an ad platform to which they have not consented or said no",
}
"""Column of `wrong` in permission.sql → what nobody in a file may be."""

PEOPLE = """
    select rows.list_code, rows.customer_id, rows.household_id, rows.email, rows.phone_e164,
        people.granted
    from {rows} as rows
    left join {people} as people on people.customer_id = rows.customer_id
    where rows.arm = 'treat'
"""
COUNTED = "select list_code, {counts} from wrong group by list_code order by list_code"
NAMED = "select list_code, customer_id, {reason} as reason, needs from wrong where {is_wrong}"
IS_HELD = """
exists (
    select 1 from {members} as h
    where h.household_id = t.household_id and h.arm = 'hold'
)
or (t.list_code, t.household_id) in (
    select e.list_code, e.household_id
    from decisions.effective_episodes as e
    where e.arm = 'hold' and e.as_of < %(as_of)s and e.closes_on > %(as_of)s
)
or (t.list_code, t.customer_id) in (
    select e.list_code, coalesce(aliases.customer_id, e.customer_id)
    from decisions.effective_episodes as e
    left join {aliases} as aliases on aliases.account_id = e.customer_id
    where e.arm = 'hold' and e.as_of < %(as_of)s and e.closes_on > %(as_of)s
)
"""

# Nobody has counted what the steps of permission.sql give each other, and what the night wrote may
# not be counted either: the planner takes thousands for one. So each join hashes its whole key, and
# in the order in which it is written; left any other way, it compares all with all.
BY_HASHING = """
set local enable_nestloop = off;
set local enable_mergejoin = off;
set local join_collapse_limit = 1
"""


class PermissionRefused(RuntimeError):
    """A list held somebody who must not be contacted; no file was written for the night."""


def check(
    connection: psycopg.Connection,
    settings: Settings,
    night: Night,
    definitions: Iterable[ListDefinition],
) -> None:
    """Raise PermissionRefused if anybody who would be in a file has died or asked to be erased, or
    is to be reached where somebody who has is; or, on a marketing list, is held, has not
    consented, has said no, may have, or is to be reached where somebody said no; or would be given
    to an ad platform against their word."""
    definitions = list(definitions)
    if not definitions:
        return
    people = sql.SQL(PEOPLE).format(
        rows=sql.Identifier(night.schema("pii"), "list_file_rows"),
        people=sql.Identifier(night.schema("pii"), "list_people"),
    )
    aliases = sql.Identifier(night.schema("marts"), "merged_accounts")
    is_held = sql.SQL(IS_HELD).format(
        members=sql.Identifier(night.schema("lists"), "list_members"), aliases=aliases
    )
    query = _query(connection, settings, night, definitions, people, aliases, is_held) + sql.SQL(
        COUNTED
    ).format(
        counts=sql.SQL(", ").join(
            sql.SQL("count(distinct customer_id) filter (where {})").format(sql.Identifier(name))
            for name in WRONG
        )
    )
    for list_code, *counts in _answers(connection, query, _values(settings, night)):
        faults = [f"{n} are {what}" for n, what in zip(counts, WRONG.values(), strict=True) if n]
        if faults:
            raise PermissionRefused(
                f"{list_code}: of the people to be contacted {' and '.join(faults)}. "
                "No list file was written; yesterday's lists stay. Compare lists.list_members "
                "with intermediate.int_contact_stops and decisions.effective_episodes."
            )


def refused(
    connection: psycopg.Connection,
    settings: Settings,
    night: Night,
    definitions: Iterable[ListDefinition],
    people: sql.Composable,
    aliases: sql.Composable,
) -> Iterator[tuple[str, str, str, list[str] | None]]:
    """(list_code, customer_id, reason, needs) of whom of `people` the last check would refuse by
    what `night` knows: the first of WRONG; where that is `given_away`, to platforms that need these
    consents, as channel:purpose. Arms stay as they were drawn.

    people: a query of (list_code, customer_id, household_id, email, phone_e164, granted), the last
    the consents of the platforms that they are given to, as in pii.list_people; aliases: a table of
    (account_id, customer_id), whose account is whose.
    """
    reason = sql.SQL("case {} end").format(
        sql.SQL(" ").join(
            sql.SQL("when {} then {}").format(sql.Identifier(name), sql.Literal(name))
            for name in WRONG
        )
    )
    is_wrong = sql.SQL(" or ").join(map(sql.Identifier, WRONG))
    query = _query(
        connection, settings, night, definitions, people, aliases, sql.SQL("false")
    ) + sql.SQL(NAMED).format(reason=reason, is_wrong=is_wrong)
    yield from _answers(connection, query, _values(settings, night))


def check_row(definition: ListDefinition, row: Mapping[str, object]) -> None:
    """Refuse a single row of any list that is not to be treated."""
    if row["arm"] != "treat" or row["list_code"] != definition.list_code:
        raise PermissionRefused(f"{definition.list_code}: a row of another arm or list came up.")


def _answers(
    connection: psycopg.Connection, query: sql.Composed, values: Mapping[str, object]
) -> list[tuple[Any, ...]]:
    """Rows of the check, after which the caller's own queries are planned as before."""
    with connection.transaction(force_rollback=True):
        connection.execute(BY_HASHING)
        return list(connection.execute(query, values))


def _values(settings: Settings, night: Night) -> dict[str, object]:
    declared = variables(settings.dbt_project)
    return {
        "as_of": night.as_of,
        "zone": settings.company_timezone,
        "reopens": declared["sources_that_reopen_an_unsubscribe"],
        "by_any_address": declared["channels_by_any_address"],
        "end": permission_rows.end_of(settings, night),
    }


def _query(
    connection: psycopg.Connection,
    settings: Settings,
    night: Night,
    definitions: Iterable[ListDefinition],
    people: sql.Composable,
    aliases: sql.Composable,
    is_held: sql.Composable,
) -> sql.Composed:
    """permission.sql with its braces filled in; whoever calls it adds what to ask of `wrong`."""
    definitions = list(definitions)
    asked_for = variables(settings.dbt_project)["channel_purposes"]
    purposes = [(channel, purpose) for channel in asked_for for purpose in asked_for[channel]]
    purposes += [("", purpose) for purpose in sorted({purpose for _, purpose in purposes})]
    own = permission_rows.own_systems(settings, "permission_events")
    steps = resources.files("regulars.lists").joinpath("permission.sql").read_text()
    return sql.SQL(cast(LiteralString, steps)).format(
        lists=permission_rows.asked_by(settings, definitions),
        purposes=permission_rows.values_of(purposes),
        columns=sql.SQL(", ").join(map(sql.Identifier, permission_rows.EVENTS)),
        said=raw_words.said(connection, night),
        unread=raw_lines.words(settings, night),
        made_good=raw_lines.made_good(connection, settings, night),
        links=permission_rows.links(connection, settings, night, "treated"),
        email_version=permission_rows.as_written("email", "versions.email"),
        phone_version=permission_rows.as_written("phone", "versions.phone"),
        email_said=permission_rows.as_written("email", "said.address"),
        phone_said=permission_rows.as_written("phone", "said.address"),
        account_form=raw_lines.form(sql.SQL("account_id")),
        said_form=raw_lines.form(sql.SQL("refusals.account_id")),
        national_part=raw_lines.national_part(sql.SQL("address")),
        word_at_home=raw_lines.number_at_home(sql.SQL("in_doubt.word")),
        misnamed_at_home=raw_lines.number_at_home(sql.SQL("misnamed.word")),
        customers=permission_rows.delivered(
            connection, settings.systems, night, "customers", ("customer_id",), "staging"
        ),
        mapped=permission_rows.delivered(
            connection, own, night, "permission_events", permission_rows.EVENTS
        ),
        versions=permission_rows.versions(connection, settings, night),
        people=people,
        aliases=aliases,
        is_held=is_held,
    )
