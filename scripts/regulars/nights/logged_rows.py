"""Lists of a night from before an erasure: their rows are taken from the decision log.

Whoever was erased counted in everybody's ranks, averages and places, and what they were counted by
is gone for good. What a row says was logged when it was published; contact data is of the rebuild.
"""

from __future__ import annotations

from psycopg import sql

from regulars.engines import build_beside
from regulars.night import Night
from regulars.settings import Settings
from regulars.warehouse import connect

MEMBERS = """
    delete from {members};
    insert into {members}
    select (jsonb_populate_record(null::{members}, facts)).*
    from decisions.list_rows
    where generation = {generation};
"""
FILE_ROWS = """
    delete from {file_rows};
    insert into {file_rows}
    select (jsonb_populate_record(
        null::{file_rows},
        rows.facts || jsonb_build_object(
            'first_name', contacts.first_name,
            'email', reach.email,
            'phone_e164', reach.phone_e164
        )
    )).*
    from decisions.list_rows as rows
    left join {reach} as reach on reach.customer_id = rows.customer_id
    left join {contacts} as contacts on contacts.customer_id = reach.customer_id
    where rows.generation = {generation};
"""


def are_needed(settings: Settings, generation: int) -> bool:
    """Whether somebody was erased since, and the rows of that generation were logged."""
    with connect(settings, "transformer") as connection:
        row = connection.execute(
            """
            select exists (select 1 from decisions.erasures where last_generation >= %(it)s)
                and exists (select 1 from decisions.list_rows where generation = %(it)s)
            """,
            {"it": generation},
        ).fetchone()
    return bool(row and row[0])


def take(settings: Settings, night: Night, generation: int) -> None:
    """Put the logged rows in place of the rebuilt ones. Raises TransformError."""
    pii = night.schema("pii")
    names = {
        "members": sql.Identifier(night.schema("lists"), "list_members"),
        "file_rows": sql.Identifier(pii, "list_file_rows"),
        "contacts": sql.Identifier(pii, "customer_contacts"),
        "reach": sql.Identifier(pii, "customer_reach"),
        "generation": sql.Literal(generation),
    }
    with connect(settings, "transformer") as connection:
        connection.execute(sql.SQL(MEMBERS).format(**names))
        connection.execute(sql.SQL(FILE_ROWS).format(**names))
    build_beside(settings, night, ["list_people"], "The people of a published night's lists")
