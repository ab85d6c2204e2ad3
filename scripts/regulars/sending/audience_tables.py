"""Audiences as tables, for tools that read a warehouse: pii.audiences, people and
audience_memberships. Who leaves a list stays as a row that says so, so that a tool which only ever
asks what changed learns it.

Unlike files, tables are brought up to date by each delivery: a no takes somebody out at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

import psycopg

from regulars import failpoints
from regulars.project import list_definitions
from regulars.sending import listed_people
from regulars.sending.generation_to_send import Live
from regulars.sending.reduced import why_stale
from regulars.settings import Settings
from regulars.targets.places import TABLES
from regulars.warehouse import WarehouseError, connect, refusal

FACTS = ("email", "phone_e164", "first_name", "language", "timezone")
LISTED = (
    "create temporary table listed (list_code text, customer_id text, "
    + ", ".join(f"{name} text" for name in FACTS)
    + ") on commit drop"
)
ADD_PEOPLE = f"""
insert into pii.people (customer_id, {", ".join(FACTS)}, changed_on)
select customer_id, {", ".join(f"max({name})" for name in FACTS)}, %(as_of)s
from listed
group by customer_id
on conflict (customer_id) do update set
    {", ".join(f"{name} = excluded.{name}" for name in FACTS)}, changed_on = excluded.changed_on
where row({", ".join(f"people.{name}" for name in FACTS)})
    is distinct from row({", ".join(f"excluded.{name}" for name in FACTS)})
"""
ADD_MEMBERS = """
insert into pii.audience_memberships
    (person_id, audience_id, is_removed, generation, changed_on)
select customer_id, list_code, false, %(generation)s, %(as_of)s
from listed
on conflict (person_id, audience_id) do update set
    is_removed = false, generation = excluded.generation, changed_on = excluded.changed_on
where audience_memberships.is_removed
"""
REMOVE_MEMBERS = """
update pii.audience_memberships as m
set is_removed = true, generation = %(generation)s, changed_on = %(as_of)s
where not m.is_removed and not exists (
    select 1 from listed
    where listed.list_code = m.audience_id and listed.customer_id = m.person_id
)
"""
# A row about somebody who is in no audience any more says that alone.
FORGET_PEOPLE = f"""
update pii.people
set {", ".join(f"{name} = null" for name in FACTS)}, changed_on = %(as_of)s
where num_nonnulls({", ".join(FACTS)}) > 0 and not exists (
    select 1 from pii.audience_memberships as m
    where m.person_id = people.customer_id and not m.is_removed
)
"""
LOG = """
insert into decisions.deliveries
    (generation, list_code, target, as_of, place, rows, left_out, manifest_sha256)
values (%s, %s, %s, %s, 'pii.audience_memberships', %s, %s, %s)
on conflict do nothing
"""


def write_tables(
    settings: Settings,
    published: Live,
    as_of: date,
    lists: list[dict[str, Any]],
    wanted: tuple[str, ...],
    left_out: Mapping[str, set[str]],
) -> dict[str, Any]:
    """Make the tables say who is on the wanted lists now, in one transaction.

    A list that is withheld has nobody: what it said last may hold no longer.
    """
    entries = {entry["list_code"]: entry for entry in lists if entry["list_code"] in wanted}
    withheld = {code: "no file was published" for code in wanted if code not in entries}
    for code, entry in entries.items():
        if why := why_stale(published, entry, as_of):
            withheld[code] = why
    valid = {code: entry for code, entry in entries.items() if code not in withheld}
    outcome: dict[str, Any] = {"delivered": {}, "before": [], "withheld": withheld}
    try:
        with connect(settings, "transformer") as connection:
            _audiences(connection, settings, wanted)
            connection.execute(LISTED)
            for code, entry in valid.items():
                members = _copy(connection, published, entry, left_out.get(code, set()))
                outcome["delivered"][code] = members[0]
                connection.execute(
                    LOG,
                    [published.generation, code, TABLES, as_of, *members],
                )
            values = {"generation": published.generation, "as_of": as_of}
            for statement in (ADD_PEOPLE, ADD_MEMBERS, REMOVE_MEMBERS, FORGET_PEOPLE):
                connection.execute(statement, values)  # type: ignore[arg-type]
            failpoints.hit("deliver:before_commit")
            connection.commit()
    except psycopg.Error as error:  # a driver's message can quote whole rows
        raise WarehouseError(f"The audience tables stay as they were: {refusal(error)}.") from None
    failpoints.hit("deliver:after_commit")
    return outcome


def _audiences(connection: psycopg.Connection, settings: Settings, wanted: tuple[str, ...]) -> None:
    for definition in list_definitions.load(settings.dbt_project):
        if definition.list_code in wanted:
            connection.execute(
                "insert into pii.audiences (id, name, description) values (%s, %s, %s)"
                " on conflict (id) do update set name = excluded.name,"
                " description = excluded.description",
                [definition.list_code, definition.words.name, definition.words.purpose],
            )


def _copy(
    connection: psycopg.Connection,
    published: Live,
    entry: Mapping[str, Any],
    left_out: set[str],
) -> tuple[int, int, str]:
    """Who is in a list's file and may be contacted, to `listed`: (rows, left out, digest)."""
    rows, digest, missing = 0, hashlib.sha256(), 0
    columns = ", ".join(("list_code", "customer_id", *FACTS))
    with connection.cursor().copy(f"copy listed ({columns}) from stdin") as copy:  # type: ignore[arg-type]
        for person in listed_people.everybody(published.folder, entry):
            if not person.facts:
                continue  # rejected: there is no way to reach them
            if person.customer_id in left_out:
                missing += 1
                continue
            facts = [listed_people.unguarded(person.facts[name]) or None for name in FACTS]
            copy.write_row((entry["list_code"], person.customer_id, *facts))
            digest.update(f"{person.customer_id}\n".encode())
            rows += 1
    return rows, missing, digest.hexdigest()
