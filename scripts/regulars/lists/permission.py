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
from datetime import datetime, time, timedelta
from typing import Any, LiteralString
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from regulars import own_project
from regulars.lists import raw_lines, raw_merges, raw_words
from regulars.night import Night
from regulars.project.list_definitions import ListDefinition
from regulars.project.variables import variables
from regulars.settings import Settings
from regulars.targets import destinations

EVENTS = (
    "kind",
    "customer_id",
    "reference",
    "channel",
    "purpose",
    "happened_at",
    "is_no",
    "source",
)
VERSIONS = ("customer_id", "email", "phone", "country")
LINKS = ("customer_id", "linked_customer_id", "linked_until")
TYPES = {
    "happened_at": "timestamptz",
    "linked_until": "timestamptz",
    "is_no": "boolean",
    "delivery_id": "bigint",
}  # text otherwise
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
"""Column of the query below → what nobody in a file may be."""

CHECK = """
-- needs: of a platform that a list goes to, the consents that let somebody into its file
with lists (list_code, class, channel, purpose, needs) as (values {lists}),
-- what is asked for on a channel, all of which an unsubscribe or a complaint there refuses; on all
-- of them where it names none
asked_for (channel, purpose) as (values {purposes}),
versions as materialized (
    select distinct customer_id, email, phone, country from ({versions}) as delivered
),
treated as materialized (
    select rows.list_code, rows.customer_id, rows.household_id, rows.email, rows.phone_e164,
        lists.class, lists.channel, lists.purpose, cast(lists.needs as text[]) as needs
    from ({people}) as rows
    inner join lists on lists.list_code = rows.list_code
    where lists.needs is null or string_to_array(rows.granted, ' ') @> cast(lists.needs as text[])
),
reached_at as materialized (
    select 'email' as kind, email as address from treated where email <> ''
    union
    select 'phone', phone_e164 from treated where phone_e164 <> ''
),
-- every address that an account has or had, in normal form; as it was written too where somebody is
-- to be reached there
addresses as materialized (
    select versions.customer_id as account_id, forms.kind, forms.normal as address
    from versions
    inner join pii.normal_forms as forms
        on forms.kind = 'email' and forms.original = versions.email
        and forms.country = ''
    where forms.normal is not null
    union
    select versions.customer_id, forms.kind, forms.normal
    from versions
    inner join pii.normal_forms as forms
        on forms.kind = 'phone' and forms.original = versions.phone
        and forms.country = coalesce(versions.country, '')
    where forms.normal is not null
    union
    select versions.customer_id, reached_at.kind, reached_at.address
    from versions
    inner join reached_at
        on reached_at.kind = 'email' and reached_at.address = {email_version}
    union
    select versions.customer_id, reached_at.kind, reached_at.address
    from versions
    inner join reached_at
        on reached_at.kind = 'phone' and reached_at.address = {phone_version}
),
together as materialized (
    select account_id, customer_id from ({links}) as links where is_standing
),
said as materialized ({said}),
events as materialized (
    select {columns} from ({mapped}) as mapped
    union all
    select
        kind, trim(customer_id), reference, channel, purpose, happened_at, is_no, source
    from said
    where trim(customer_id) <> ''
    union all
    select
        said.kind, addresses.account_id, said.reference, said.channel, said.purpose,
        said.happened_at, said.is_no, said.source
    from said
    inner join pii.normal_forms as forms
        on forms.original = said.address and forms.country = ''
        and forms.kind = case said.channel when 'email' then 'email' else 'phone' end
    inner join addresses on addresses.kind = forms.kind and addresses.address = forms.normal
    union all
    select
        said.kind, addresses.account_id, said.reference, said.channel, said.purpose,
        said.happened_at, said.is_no, said.source
    from said
    inner join addresses
        on addresses.kind = case said.channel when 'email' then 'email' else 'phone' end
        and addresses.address
            = case said.channel when 'email' then {email_said} else {phone_said} end
),
words as (
    select
        events.customer_id as account_id, events.kind, coalesce(events.reference, '') as reference,
        events.channel,
        case when events.kind in ('opt_out', 'complaint')
            then coalesce(asked_for.purpose, 'marketing') else events.purpose end as purpose,
        max(coalesce(happened_at, 'infinity')) filter (where is_no) as no_at,
        max(happened_at) filter (where not is_no and happened_at < %(end)s) as yes_at
    from events
    left join asked_for
        on events.kind in ('opt_out', 'complaint')
        and asked_for.channel = coalesce(events.channel, '')
    where events.kind <> 'bounce'
    group by 1, 2, 3, 4, 5
),
-- what the company lets open an unsubscribe again
reopened as (
    select customer_id as account_id, channel, purpose, max(happened_at) as yes_at
    from events
    where kind = 'consent' and not is_no
        and source = any(%(reopens)s) and happened_at < %(end)s
    group by 1, 2, 3
),
of_people as (
    select words.*, coalesce(aliases.customer_id, words.account_id) as customer_id
    from words
    left join {aliases} as aliases on aliases.account_id = words.account_id
    union all
    select words.*, together.customer_id
    from words
    inner join together on together.account_id = words.account_id
),
noes as (
    select of_people.*
    from of_people
    left join reopened
        on of_people.kind = 'opt_out' and reopened.account_id = of_people.account_id
        and reopened.channel = of_people.channel
        and reopened.purpose = of_people.purpose and reopened.yes_at > of_people.no_at
    where of_people.no_at >= coalesce(of_people.yes_at, '-infinity')
        and reopened.account_id is null
),
yeses as (
    select * from of_people where kind = 'consent' and yes_at > coalesce(no_at, '-infinity')
),
-- no channel is every one; that somebody is gone is said of none
refusals as (
    select noes.customer_id, noes.account_id, noes.kind, noes.purpose,
        coalesce(noes.channel, asked.channel) as channel
    from noes
    left join (select distinct channel, purpose from lists) as asked
        on noes.channel is null and asked.purpose = noes.purpose
),
-- every address that whoever said no has or had
refused as (
    select distinct
        refusals.channel, refusals.purpose, refusals.kind, refusals.customer_id, addresses.address
    from refusals
    inner join addresses on addresses.account_id = refusals.account_id
    where refusals.channel is null or refusals.channel = addresses.kind
        or refusals.channel = any(%(by_any_address)s)
),
-- who would be reached at an address of somebody who was erased
suppressed as (
    select a.customer_id, a.kind, s.erased_on
    from (
        select customer_id, 'email' as kind, email as address from treated
        union
        select customer_id, 'phone', phone_e164 from treated
    ) as a
    cross join decisions.suppression_key as k
    inner join decisions.suppressions as s
        on s.kind = a.kind and s.erased_on <= %(as_of)s and s.keyed_hash
            = encode(sha256(k.key || convert_to(a.kind || '|' || a.address, 'UTF8')), 'hex')
),
-- each once, so that everybody on a list meets one row: a join, for a look at every word per person
-- would take a company of many customers hours
agreed as (select distinct customer_id, channel, purpose from yeses),
refusing as (select distinct customer_id, channel, purpose from refusals),
gone as (select distinct customer_id from noes where kind in ('death', 'erasure')),
gone_from as (select distinct address from refused where kind in ('death', 'erasure')),
erased_at as (
    select distinct suppressed.customer_id
    from suppressed
    where not exists (
        select 1 from yeses
        where yeses.customer_id = suppressed.customer_id and yeses.channel = suppressed.kind
            and cast(yeses.yes_at at time zone %(zone)s as date) > suppressed.erased_on
    )
),
refused_at as (
    select address, channel, purpose, min(customer_id) as one, max(customer_id) as another
    from refused
    group by address, channel, purpose
),
unread (delivery_id, line, is_farewell, form, word) as materialized ({unread}),
made_good (delivery_id, line, form) as materialized ({made_good}),
in_doubt as materialized (
    select distinct unread.is_farewell, unread.form, unread.word
    from unread
    where not exists (
        select 1 from made_good
        where made_good.delivery_id = unread.delivery_id and made_good.line = unread.line
    ) and (unread.delivery_id, unread.line) not in (
        select keys.delivery_id, keys.line
        from unread as keys
        inner join made_good
            on made_good.delivery_id = keys.delivery_id and made_good.form = keys.form
        where keys.form <> ''
    )
),
accounts as (
    select customer_id, customer_id as account_id from treated
    union
    select aliases.customer_id, aliases.account_id
    from {aliases} as aliases
    where aliases.customer_id in (select treated.customer_id from treated)
    union
    select customer_id, account_id from together
),
somebodys as (
    select customer_id as account_id from versions
    union
    select customer_id from ({customers}) as delivered
    union
    select account_id from {aliases} as aliases
    union
    select account_id from accounts
),
-- noes under an id that nobody has as it is written
misnamed as (
    select distinct
        refusals.channel, refusals.kind in ('death', 'erasure') as is_farewell,
        {said_form} as form, lower(trim(normalize(refusals.account_id, NFKC))) as word
    from refusals
    where not exists (
        select 1 from somebodys where somebodys.account_id = refusals.account_id
    )
),
-- what they may be called at without their country
numbers as materialized (
    select address, {national_part} as national
    from reached_at
    where kind = 'phone' and (exists (select 1 from in_doubt) or exists (select 1 from misnamed))
),
named as materialized (
    select customer_id, {account_form} as form
    from accounts
    where exists (select 1 from in_doubt) or exists (select 1 from misnamed)  -- none for nothing
),
doubted as (
    select named.customer_id, bool_or(in_doubt.is_farewell) as is_farewell
    from named
    inner join in_doubt on in_doubt.form = named.form
    where named.form <> ''
    group by named.customer_id
),
-- whom they may mean: by that id, or by the address that stands there; gone, or on which channel
meant as (
    select named.customer_id, misnamed.channel, misnamed.is_farewell
    from misnamed
    inner join named on named.form = misnamed.form
    where misnamed.form <> ''
    union
    select t.customer_id, misnamed.channel, misnamed.is_farewell
    from misnamed
    inner join treated as t on t.email = misnamed.word
    union
    select t.customer_id, misnamed.channel, misnamed.is_farewell
    from misnamed
    inner join treated as t on t.phone_e164 = misnamed.word
    union
    select t.customer_id, misnamed.channel, misnamed.is_farewell
    from misnamed
    inner join numbers on numbers.national = {misnamed_at_home}
    inner join treated as t on t.phone_e164 = numbers.address
),
meant_gone as (select distinct customer_id from meant where is_farewell),
meant_on as (select distinct customer_id, channel from meant where not is_farewell),
doubted_at as (
    select found.address, bool_or(found.is_farewell) as is_farewell
    from (
        select reached_at.address, in_doubt.is_farewell
        from reached_at
        inner join in_doubt on in_doubt.word = reached_at.address
        union all
        select numbers.address, in_doubt.is_farewell
        from numbers
        inner join in_doubt on {word_at_home} = numbers.national
    ) as found
    group by found.address
),
judged as (
    select
        t.list_code,
        t.customer_id,
        t.class,
        t.needs,
        gone.customer_id is not null as gone,
        gone_by_email.address is not null or gone_by_phone.address is not null
            or erased_at.customer_id is not null as at_address_of_gone,
        t.class = 'marketing' and ({is_held}) as held,
        agreed.customer_id is null as without_yes,
        refusing.customer_id is not null as with_no,
        (
            coalesce(t.customer_id not in (by_email.one, by_email.another), false)
            or coalesce(by_email.one <> by_email.another, false)
            or coalesce(t.customer_id not in (by_phone.one, by_phone.another), false)
            or coalesce(by_phone.one <> by_phone.another, false)
        ) as at_address_of_no,
        doubted.customer_id is not null or doubted_email.address is not null
            or doubted_phone.address is not null or meant_gone.customer_id is not null
            or meant_on.customer_id is not null as may_have_said_no,
        coalesce(doubted.is_farewell, false) or coalesce(doubted_email.is_farewell, false)
            or coalesce(doubted_phone.is_farewell, false)
            or meant_gone.customer_id is not null as may_be_gone
    from treated as t
    left join gone on gone.customer_id = t.customer_id
    left join erased_at on erased_at.customer_id = t.customer_id
    left join gone_from as gone_by_email on gone_by_email.address = t.email
    left join gone_from as gone_by_phone on gone_by_phone.address = t.phone_e164
    left join agreed
        on agreed.customer_id = t.customer_id
        and agreed.channel = t.channel and agreed.purpose = t.purpose
    left join refusing
        on refusing.customer_id = t.customer_id
        and refusing.channel = t.channel and refusing.purpose = t.purpose
    left join refused_at as by_email
        on by_email.address = t.email
        and by_email.channel = t.channel and by_email.purpose = t.purpose
    left join refused_at as by_phone
        on by_phone.address = t.phone_e164
        and by_phone.channel = t.channel and by_phone.purpose = t.purpose
    left join doubted on doubted.customer_id = t.customer_id
    left join doubted_at as doubted_email on doubted_email.address = t.email
    left join doubted_at as doubted_phone on doubted_phone.address = t.phone_e164
    left join meant_gone on meant_gone.customer_id = t.customer_id
    left join meant_on
        on meant_on.customer_id = t.customer_id and meant_on.channel = t.channel
),
-- what is owed to somebody needs no consent; whom to leave alone may be anybody
wrong as (
    select list_code, customer_id, needs, gone, at_address_of_gone, held,
        class in ('marketing', 'audience') and without_yes as without_yes,
        class in ('marketing', 'audience') and with_no as with_no,
        class in ('marketing', 'audience') and at_address_of_no as at_address_of_no,
        class in ('marketing', 'audience') and may_have_said_no
            or class = 'service' and may_be_gone as may_have_said_no,
        class = 'platform' and (
            without_yes or with_no or at_address_of_no or may_have_said_no
        ) as given_away
    from judged
)
"""
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

# Nobody has counted what the steps above give each other, and what the night wrote may not be
# counted either: the planner takes thousands for one. So each join hashes its whole key, and in the
# order in which it is written; left any other way, it compares all with all.
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
        "end": _end_of(settings, night),
    }


def _end_of(settings: Settings, night: Night) -> datetime:
    """Midnight after its day."""
    midnight = datetime.combine(night.as_of + timedelta(days=1), time())
    return midnight.replace(tzinfo=ZoneInfo(settings.company_timezone))


def _query(
    connection: psycopg.Connection,
    settings: Settings,
    night: Night,
    definitions: Iterable[ListDefinition],
    people: sql.Composable,
    aliases: sql.Composable,
    is_held: sql.Composable,
) -> sql.Composed:
    """The check up to its end, which asks `wrong`."""
    definitions = list(definitions)
    asked_for = variables(settings.dbt_project)["channel_purposes"]
    purposes = [(channel, purpose) for channel in asked_for for purpose in asked_for[channel]]
    purposes += [("", purpose) for purpose in sorted({purpose for _, purpose in purposes})]
    own = _own_systems(settings, "permission_events")
    return sql.SQL(CHECK).format(
        lists=asked_by(settings, definitions),
        purposes=_values_of(purposes),
        columns=sql.SQL(", ").join(map(sql.Identifier, EVENTS)),
        said=raw_words.said(connection, night),
        unread=raw_lines.words(settings, night),
        made_good=raw_lines.made_good(connection, settings, night),
        links=links(connection, settings, night, "treated"),
        email_version=_as_written("email", "versions.email"),
        phone_version=_as_written("phone", "versions.phone"),
        email_said=_as_written("email", "said.address"),
        phone_said=_as_written("phone", "said.address"),
        account_form=raw_lines.form(sql.SQL("account_id")),
        said_form=raw_lines.form(sql.SQL("refusals.account_id")),
        national_part=raw_lines.national_part(sql.SQL("address")),
        word_at_home=raw_lines.number_at_home(sql.SQL("in_doubt.word")),
        misnamed_at_home=raw_lines.number_at_home(sql.SQL("misnamed.word")),
        customers=delivered(
            connection, settings.systems, night, "customers", ("customer_id",), "staging"
        ),
        mapped=delivered(connection, own, night, "permission_events", EVENTS),
        versions=_versions(connection, settings, night),
        people=people,
        aliases=aliases,
        is_held=is_held,
    )


def asked_by(settings: Settings, definitions: Iterable[ListDefinition]) -> sql.Composed:
    """SQL: rows of (list_code, class, channel, purpose, needs) for `values`, of each list and of
    each platform that it goes to."""
    definitions = list(definitions)
    return _values_of(
        [
            *((d.list_code, d.list_class, d.channel, d.purpose, None) for d in definitions),
            *_platforms(settings, definitions),
        ]
    )


def _platforms(
    settings: Settings, definitions: list[ListDefinition]
) -> Iterator[tuple[str, str, str, str, list[str]]]:
    """Rows of `lists`: each consent that a file of an ad platform asks for, beside the list's."""
    for list_code, going_to in destinations.load(settings.dbt_project, definitions).items():
        for consents in {destination.target.consents for destination in going_to}:
            for channel, purpose in consents:
                yield list_code, "platform", channel, purpose, consents_needed(consents)


def consents_needed(consents: Iterable[tuple[str, str]]) -> list[str]:
    """As pii.list_people and `refused` have them."""
    return [f"{channel}:{purpose}" for channel, purpose in consents]


def _as_written(kind: str, column: LiteralString) -> sql.Composed:
    """SQL: an address as it was delivered, without what nobody means by it."""
    form = "lower(trim({}))" if kind == "email" else "regexp_replace({}, '[^0-9+]', '', 'g')"
    return sql.SQL(form).format(sql.SQL(column))


def links(
    connection: psycopg.Connection, settings: Settings, night: Night, people: str
) -> sql.Composed:
    """Rows of (account_id, customer_id, is_standing) by all that `night` knows: see raw_merges."""
    own = _own_systems(settings, "account_links")
    of_others = delivered(connection, own, night, "account_links", LINKS, "staging")
    return raw_merges.links(connection, night, _end_of(settings, night), of_others, people)


def _own_systems(settings: Settings, entity: str) -> list[str]:
    """Of which the company itself says what this entity's rows mean."""
    *company, _ = own_project.layers(settings.dbt_project)
    return [
        system
        for system in settings.systems
        if system not in raw_words.WORDS
        or any(any(layer.glob(f"models/**/stg_{system}__{entity}.sql")) for layer in company)
    ]


def _values_of(rows: Iterable[tuple[object, ...]]) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row))) for row in rows
    )


def _versions(connection: psycopg.Connection, settings: Settings, night: Night) -> sql.Composed:
    others = [system for system in settings.systems if system != "house"]
    rows = [delivered(connection, others, night, "contact_versions", VERSIONS)]
    if "house" in settings.systems:
        rows.append(raw_words.contact_versions(night))
    return sql.SQL(" union all ").join(rows)


def delivered(
    connection: psycopg.Connection,
    systems: Iterable[str],
    night: Night,
    entity: str,
    columns: tuple[str, ...],
    schema_name: str = "pii",  # an id can be an address
) -> sql.Composed:
    """Rows of an entity of those of `systems` that supply it, as their staging maps them."""
    schema = night.schema(schema_name)
    names = [f"stg_{system}__{entity}" for system in systems]
    supplied = connection.execute(
        "select table_name from information_schema.tables"
        " where table_schema = %s and table_name = any(%s) order by table_name",
        [schema, names],
    ).fetchall()
    selected = sql.SQL(", ").join(map(sql.Identifier, columns))
    nothing = sql.SQL("select {} from (select {}) as none where false").format(
        selected,
        sql.SQL(", ").join(
            sql.SQL("null::{} as {}").format(sql.SQL(TYPES.get(name, "text")), sql.Identifier(name))
            for name in columns
        ),
    )
    return sql.SQL(" union all ").join(
        [
            nothing,
            *(
                sql.SQL("select {} from {}").format(selected, sql.Identifier(schema, name))
                for (name,) in supplied
            ),
        ]
    )
