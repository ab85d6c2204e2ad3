"""The last check before a file: asked again of the consents as delivered, of the farewells and
of the decisions.

The lists were built with all three already. Who agreed is worked out a second way here, from
staging, so that a mistake in one road does not reach a customer. It names counts and lists,
never people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import psycopg
from psycopg import sql

from regulars.night import Night
from regulars.project.list_definitions import ListDefinition


class PermissionRefused(RuntimeError):
    """A list held somebody who must not be contacted; no file was written for the night."""


def check(
    connection: psycopg.Connection,
    night: Night,
    systems: Iterable[str],
    definitions: Iterable[ListDefinition],
) -> None:
    """Raise PermissionRefused if anybody who would be in a file has died or asked to be erased,
    or, on a marketing list, is held or has not consented."""
    consents = _delivered(connection, night, systems)
    for definition in definitions:
        values = {
            "list_code": definition.list_code,
            "as_of": night.as_of,
            "channel": definition.channel,
            "purpose": definition.purpose,
        }
        for what, query in _questions(night, definition, consents):
            people = _count(connection, query, values)
            if people:
                raise PermissionRefused(
                    f"{definition.list_code}: {people} of the people to be contacted are {what}. "
                    "No list file was written; yesterday's lists stay. Compare lists.list_members "
                    "with decisions.effective_episodes, the consents and the farewells."
                )


def _questions(
    night: Night, definition: ListDefinition, consents: sql.Composed
) -> list[tuple[str, sql.Composed]]:
    """What nobody in the list's file may be, and the query that counts who is."""
    of_all = [("dead, or to be erased", _gone(night))]
    if definition.list_class == "service":
        return of_all
    return [
        *of_all,
        ("in a hold-out", _held(night)),
        (
            f"without consent to {definition.purpose} by {definition.channel}",
            _refusing(night, consents),
        ),
    ]


def check_row(definition: ListDefinition, row: Mapping[str, object]) -> None:
    """Refuse a single row of any list that is not to be treated."""
    if row["arm"] != "treat" or row["list_code"] != definition.list_code:
        raise PermissionRefused(f"{definition.list_code}: a row of another arm or list came up.")


def _gone(night: Night) -> sql.Composed:
    """Treated here, although they have died or asked to be erased."""
    return sql.SQL(
        """
        select count(*)
        from {members} as m
        inner join {farewells} as f on f.customer_id = m.customer_id
        where m.list_code = %(list_code)s and m.arm = 'treat'
        """
    ).format(
        members=sql.Identifier(night.schema("lists"), "list_members"),
        farewells=sql.Identifier(night.schema("lists"), "int_customer_farewells"),
    )


def _held(night: Night) -> sql.Composed:
    """Treated here, but held on some list tonight or in an episode of this list still open."""
    return sql.SQL(
        """
        select count(*)
        from {members} as m
        where m.list_code = %(list_code)s and m.arm = 'treat' and (
            exists (
                select 1 from {members} as h
                where h.household_id = m.household_id and h.arm = 'hold'
            )
            or exists (
                select 1 from decisions.effective_episodes as e
                where e.list_code = m.list_code and e.household_id = m.household_id
                and e.arm = 'hold' and e.as_of < %(as_of)s and e.closes_on > %(as_of)s
            )
        )
        """
    ).format(members=sql.Identifier(night.schema("lists"), "list_members"))


def _refusing(night: Night, consents: sql.Composed) -> sql.Composed:
    """Treated here, although no yes was delivered, or a no as late as the latest yes."""
    return sql.SQL(
        """
        select count(*)
        from {members} as m
        left join (
            select customer_id,
                max(changed_at) filter (where is_granted) as yes,
                max(coalesce(changed_at, 'infinity')) filter (where is_granted is not true) as no
            from ({consents}) as c
            where channel = %(channel)s and purpose = %(purpose)s
            group by customer_id
        ) as said on said.customer_id = m.customer_id
        where m.list_code = %(list_code)s and m.arm = 'treat'
        and (said.yes is null or said.no >= said.yes)
        """
    ).format(
        members=sql.Identifier(night.schema("lists"), "list_members"),
        consents=consents,
    )


def _delivered(
    connection: psycopg.Connection, night: Night, systems: Iterable[str]
) -> sql.Composed:
    """Every word on consent that an active system has delivered, as its staging reads it."""
    schema = night.schema("staging")
    found = connection.execute(
        """
        select c.relname from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = %s and c.relname = any(%s)
        order by c.relname
        """,
        [schema, [f"stg_{system}__consents" for system in systems]],
    ).fetchall()
    nothing = sql.SQL(
        "select null::text as customer_id, null::text as channel, null::text as purpose,"
        " null::timestamptz as changed_at, null::boolean as is_granted where false"
    )
    return sql.SQL(" union all ").join(
        [
            nothing,
            *(
                sql.SQL("select customer_id, channel, purpose, changed_at, is_granted from ")
                + sql.Identifier(schema, name)
                for (name,) in found
            ),
        ]
    )


def _count(
    connection: psycopg.Connection, query: sql.Composed, values: Mapping[str, object]
) -> int:
    row = connection.execute(query, values).fetchone()
    return int(row[0]) if row else 0
