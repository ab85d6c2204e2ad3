"""Who of a published generation may not be contacted any more, by all that has come in since.

What was delivered up to a day is loaded first, as a night would; then the last check before the
files is asked again, of people as they stand in those files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from regulars import failpoints, own_project
from regulars.engines import build_beside
from regulars.feeds import declarations, raw_tables
from regulars.feeds.load import ingest
from regulars.lists import permission, permission_rows
from regulars.lists.contacts import normalise_contacts
from regulars.night import Night
from regulars.nights.lock import only_one
from regulars.nights.rebuild import drop
from regulars.project import list_definitions
from regulars.project.list_definitions import ListDefinition
from regulars.sending import generation_to_send, listed_people
from regulars.sending.generation_to_send import Live, SendingRefused
from regulars.settings import Settings
from regulars.targets import destinations
from regulars.targets.declaration import Target
from regulars.warehouse import WarehouseError, connect, refusal

Platforms = Mapping[tuple[str, str], Target]  # by list and target
Refused = tuple[str, str, str, list[str] | None]  # list_code, customer_id, reason, needs
PREFIX = "deliver_"
ENTITIES = ("permission_events", "contact_versions", "account_links")
READ = ("+refused_files", "+doubtful_noes")  # with what they read
LISTED = (
    "create temporary table listed (list_code text, customer_id text, household_id text,"
    " email text, phone_e164 text, same_as text) on commit drop"
)
GIVEN = (
    "create temporary table given (list_code text, customer_id text, consents text) on commit drop"
)
PEOPLE = sql.SQL("""
    select list_code, customer_id, household_id, email, phone_e164, granted
    from listed
    left join (
        select list_code, customer_id, string_agg(distinct consents, ' ') as granted
        from given
        group by list_code, customer_id
    ) as given using (list_code, customer_id)
""")
EVERY_TARGET = ""
# Under which ids the people of the lists are or ever were known, and what is asked of them.
ACCOUNTS = """
links as ({links}),
accounts as (
    select customer_id, customer_id as said_by from listed
    union
    select customer_id, account_id from links
),
-- what the files ask of whom: the list's own consent, and a platform's of whoever is in its file
asked as (
    select
        people.list_code, people.customer_id, lists.class, lists.channel, lists.purpose,
        cast(lists.needs as text[]) as needs
    from ({people}) as people
    inner join (values {lists}) as lists (list_code, class, channel, purpose, needs)
        on lists.list_code = people.list_code
    where lists.needs is null
        or string_to_array(people.granted, ' ') @> cast(lists.needs as text[])
)
"""
# The check does not ask for bounces nor for other accounts of the same person.
SINCE = """
with {accounts},
noes as (
    select * from ({events}) as events where is_no and delivery_id > %(seen)s
)
select distinct asked.list_code, asked.customer_id, 'said_no_since', asked.needs
from asked
where exists (
    select 1
    from accounts
    inner join noes on noes.customer_id = accounts.said_by
    where accounts.customer_id = asked.customer_id and case
        when noes.kind in ('death', 'erasure') then noes.customer_id <> asked.customer_id
        when asked.class not in ('marketing', 'audience', 'platform') then false
        when noes.kind = 'consent' then noes.customer_id <> asked.customer_id
            and noes.channel = asked.channel and noes.purpose = asked.purpose
        else noes.channel is null or noes.channel = asked.channel
    end
)
"""
# What could not be read, or names nobody as it is written, may be the no of anybody like it.
IN_DOUBT = """
with {accounts}
select distinct asked.list_code, asked.customer_id, 'in_doubt', asked.needs
from asked
inner join accounts on accounts.customer_id = asked.customer_id
inner join {doubtful} as doubtful on doubtful.customer_id = accounts.said_by
where doubtful.stop_code = 'farewell_in_doubt' or (
    asked.class in ('marketing', 'audience', 'platform')
    and (doubtful.channel is null or doubtful.channel = asked.channel)
)
"""
# Reached where somebody is who must not be: whoever ranks higher with the same address.
SHARED = """
insert into pii.withdrawn_members (generation, list_code, target, customer_id, reason, as_of)
select %(generation)s, listed.list_code, '', listed.customer_id, 'same_address', %(as_of)s
from listed
where listed.same_as = '' or exists (
    select 1 from pii.withdrawn_members as w
    where w.generation = %(generation)s and w.list_code = listed.list_code and w.target = ''
        and w.customer_id = listed.same_as
)
on conflict do nothing
"""
CHECKED = """
insert into ops.delivery_checks (generation, as_of, last_delivery_id)
select %(generation)s, %(as_of)s, max(delivery_id) from raw.deliveries
on conflict (generation, as_of) do update set last_delivery_id = excluded.last_delivery_id
"""
UNREAD = """
select feed, delivered_on
from {refused}
where feed = any(%(feeds)s) and delivery_id > %(seen)s
order by feed, delivered_on
limit 1
"""


def note_withdrawn(settings: Settings, as_of: date) -> dict[str, Any]:
    """Load what came in up to a day and note who of the live generation is to be left out.

    Safe to repeat; nobody who was noted is taken off again. Returns how many by list. Raises
    SendingRefused where what came since cannot be read.
    """
    raw_tables.migrate(settings)  # a new version's first night may come later
    published = generation_to_send.of(settings, as_of)
    definitions = list_definitions.load(settings.dbt_project)
    night = Night(as_of, PREFIX)
    with only_one(settings):
        for group in ("sales", "service"):
            ingest(settings, group, as_of)
        if (before := _noted_before(settings, published, as_of)) is not None:
            return {"generation": published.generation, "left_out": before}
        normalise_contacts(settings)
        drop(settings, PREFIX)
        _build_events(settings, night)
        try:
            with connect(settings, "transformer") as connection:
                counts = _note(connection, settings, night, published, definitions)
                connection.commit()
        except psycopg.Error as error:  # a driver's message can quote whole rows
            raise WarehouseError(f"Nothing was delivered: {refusal(error)}.") from None
        drop(settings, PREFIX)
    failpoints.hit("deliver:withdrawn_noted")
    return {"generation": published.generation, "left_out": counts}


def noted(settings: Settings, published: Live, as_of: date, target: str) -> dict[str, set[str]]:
    """List -> whom to leave out of its files for a target. Raises SendingRefused if nobody has
    looked for what came in up to that day."""
    with connect(settings, "transformer") as connection:
        looked = connection.execute(
            "select 1 from ops.delivery_checks where generation = %s and as_of >= %s",
            [published.generation, as_of],
        ).fetchone()
        rows = connection.execute(
            "select list_code, customer_id from pii.withdrawn_members where generation = %s"
            " and target in (%s, %s)",
            [published.generation, EVERY_TARGET, target],
        ).fetchall()
    if looked is None:
        raise SendingRefused(
            f"Nobody has asked yet who said no up to {as_of}: run `regulars deliver --as-of"
            f" {as_of}`, or the DAG `deliver` from its first task."
        )
    withdrawn: dict[str, set[str]] = {}
    for list_code, customer_id in rows:
        withdrawn.setdefault(list_code, set()).add(customer_id)
    return withdrawn


def _build_events(settings: Settings, night: Night) -> None:
    """What was ever said, and every address, as every system's staging maps them; which files were
    refused, and whom a no may mean."""
    models = [f"stg_{system}__{entity}" for system in settings.systems for entity in ENTITIES]
    declared = sorted(
        name
        for name in models
        if own_project.files(settings.dbt_project, f"models/staging/**/{name}.sql")
    )
    build_beside(settings, night, [*declared, *READ], f"who said no up to {night.as_of}")


def _note(
    connection: psycopg.Connection,
    settings: Settings,
    night: Night,
    published: Live,
    definitions: list[ListDefinition],
) -> dict[str, int]:
    feeds = declarations.load(settings.dbt_project, settings.systems)
    values = {
        "generation": published.generation,
        "as_of": night.as_of,
        "seen": published.last_delivery_id,
        "feeds": [feed.table for feed in feeds if feed.delivery.forbids],
    }
    _refuse_the_unread(connection, night, values)
    connection.execute("set local time zone 'UTC'")
    platforms = _platforms(settings, definitions)
    connection.execute(LISTED)
    connection.execute(GIVEN)
    _copy_listed(connection, published)
    _copy_given(connection, published, platforms)
    connection.execute("analyze listed, given")
    withdrawn = _withdrawn(connection, settings, night, definitions, values)
    _insert(connection, values, withdrawn, platforms)
    connection.execute(SHARED, values)
    connection.execute(CHECKED, values)
    return _counts(connection, published)


def _withdrawn(
    connection: psycopg.Connection,
    settings: Settings,
    night: Night,
    definitions: list[ListDefinition],
    values: dict[str, Any],
) -> list[Refused]:
    """Whoever is listed and may not be sent to any more."""
    accounts = sql.SQL(ACCOUNTS).format(
        links=permission_rows.links(connection, settings, night, "listed"),
        lists=permission_rows.asked_by(settings, definitions),
        people=PEOPLE,
    )
    doubtful = sql.Identifier(night.schema("pii"), "doubtful_noes")
    return [
        *permission.refused(connection, settings, night, definitions, PEOPLE, _aliases(connection)),
        *connection.execute(_since(connection, settings, night, accounts), values),
        *connection.execute(sql.SQL(IN_DOUBT).format(accounts=accounts, doubtful=doubtful)),
    ]


def _noted_before(settings: Settings, published: Live, as_of: date) -> dict[str, int] | None:
    """Whom it was noted to leave out, if nothing has come in since that was asked."""
    with connect(settings, "transformer") as connection:
        is_noted = connection.execute(
            "select 1 from ops.delivery_checks where generation = %s and as_of = %s"
            " and last_delivery_id is not distinct from"
            " (select max(delivery_id) from raw.deliveries)",
            [published.generation, as_of],
        ).fetchone()
        return _counts(connection, published) if is_noted else None


def _counts(connection: psycopg.Connection, published: Live) -> dict[str, int]:
    counted = connection.execute(
        "select list_code, count(distinct customer_id) from pii.withdrawn_members"
        " where generation = %s"
        " group by list_code order by list_code",
        [published.generation],
    )
    return dict(counted.fetchall())


def _aliases(connection: psycopg.Connection) -> sql.Composable:
    """Whose account is whose, as it was published; an earlier version's does not say."""
    row = connection.execute("select to_regclass('published.customer_accounts')").fetchone()
    if row == (None,):
        return sql.SQL("(select '' as account_id, '' as customer_id where false)")
    return sql.SQL("published.customer_accounts")


def _refuse_the_unread(
    connection: psycopg.Connection, night: Night, values: dict[str, Any]
) -> None:
    refused = sql.Identifier(night.schema("marts"), "refused_files")
    unread = connection.execute(sql.SQL(UNREAD).format(refused=refused), values).fetchone()
    if unread:
        raise SendingRefused(
            f"A file of {unread[0]} delivered on {unread[1]} was refused, so nobody knows who said"
            " no: nothing is delivered. Have it delivered again, then deliver once more"
            " (`regulars status` says why it was refused)."
        )


def _platforms(settings: Settings, definitions: list[ListDefinition]) -> Platforms:
    """Targets that ask for consents of their own, by list and code."""
    going_to = destinations.load(settings.dbt_project, definitions)
    return {
        (list_code, one.target.code): one.target
        for list_code, targets in going_to.items()
        for one in targets
        if one.target.consents
    }


def _copy_listed(connection: psycopg.Connection, published: Live) -> None:
    with connection.cursor().copy(
        "copy listed (list_code, customer_id, household_id, email, phone_e164, same_as) from stdin"
    ) as copy:
        for entry in _there(published):
            for person in listed_people.everybody(published.folder, entry):
                copy.write_row(
                    (
                        entry["list_code"],
                        person.customer_id,
                        person.household_id,
                        person.email,
                        person.phone_e164,
                        person.same_as,
                    )
                )


def _copy_given(connection: psycopg.Connection, published: Live, platforms: Platforms) -> None:
    """Who stands in a file of a platform, and what it asked for."""
    with connection.cursor().copy(
        "copy given (list_code, customer_id, consents) from stdin"
    ) as copy:
        for entry in _there(published):
            for sent in entry["targets"]:
                target = platforms.get((entry["list_code"], sent["target"]))
                if target is None or not sent["files"]:
                    continue
                needs = " ".join(permission_rows.consents_needed(target.consents))
                for customer_id in listed_people.of_rows(published.folder, entry, sent, target):
                    copy.write_row((entry["list_code"], customer_id, needs))


def _there(published: Live) -> Iterator[dict[str, Any]]:
    """Lists whose files are kept: nothing is delivered of others."""
    for entry in published.lists:
        if (published.folder / entry["file"]["name"]).is_file():
            yield entry


def _since(
    connection: psycopg.Connection,
    settings: Settings,
    night: Night,
    accounts: sql.Composable,
) -> sql.Composed:
    columns = ("kind", "customer_id", "channel", "purpose", "is_no", "delivery_id")
    return sql.SQL(SINCE).format(
        events=permission_rows.delivered(
            connection, settings.systems, night, "permission_events", columns
        ),
        accounts=accounts,
    )


def _insert(
    connection: psycopg.Connection,
    values: dict[str, Any],
    withdrawn: Iterable[Refused],
    platforms: Platforms,
) -> None:
    """Whom no platform may be given, from that platform's file alone."""

    def rows() -> Iterator[tuple[object, ...]]:
        for list_code, customer_id, reason, needs in withdrawn:
            asking = (
                target.code
                for (code, _), target in platforms.items()
                if code == list_code and permission_rows.consents_needed(target.consents) == needs
            )
            for target in asking if needs else [EVERY_TARGET]:
                yield values["generation"], list_code, target, customer_id, reason, values["as_of"]

    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into pii.withdrawn_members"
            " (generation, list_code, target, customer_id, reason, as_of)"
            " values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
            list(rows()),
        )
