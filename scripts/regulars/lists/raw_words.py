"""What was ever said about being contacted, read from the rows as they were loaded.

A second road beside the staging models: no model, and none that a company put in its place, stands
between a delivered row and the last check before the files. A no of a tool is of the id it names
and of everybody who has or had the address it names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import psycopg
from psycopg import sql

from regulars.night import Night

# Feed -> its rows as (kind, customer_id, address, reference, channel, purpose, happened_at, is_no,
# source, delivery_id). A bounce is no word: it closes an address, as customer_reach has it.
HOUSE = {
    "consents": "select 'consent', customer_id, null, null, channel, purpose, changed_at,"
    " is_granted is not true, source, _delivery_id from raw.consents",
    "campaign_contacts": "select case outcome when 'unsubscribed' then 'opt_out' else 'complaint'"
    " end, customer_id, null, contact_id, channel, null, sent_at, true, null, _delivery_id"
    " from raw.campaign_contacts where outcome in ('unsubscribed', 'complained')",
    "deaths": "select 'death', customer_id, null, null, null, null, reported_at,"
    " is_withdrawn is not true, null, _delivery_id from raw.deaths",
    "erasure_requests": "select 'erasure', customer_id, null, request_id, null, null, requested_at,"
    " is_withdrawn is not true, null, _delivery_id from raw.erasure_requests",
}
DESK = {
    "desk_records": """
        select said.kind, customer_id, null, record_id, said.channel, null, happened_at,
            true, null, _delivery_id
        from raw.desk_records as records
        inner join (
            values ('no', 'opt_out', 'email'), ('no', 'opt_out', 'phone'),
                ('no', 'opt_out', 'post'), ('no', 'opt_out', 'ads'),
                ('opted_out', 'opt_out', 'phone'), ('complained', 'complaint', 'phone')
        ) as said (word, kind, channel)
            on said.word = case records.kind when 'no' then 'no' else records.outcome end
    """,
}
KLAVIYO = {
    "klaviyo_events": "select case metric when 'Marked Email as Spam' then 'complaint' else"
    " 'opt_out' end, external_id, email, id, 'email', null, datetime, true, null, _delivery_id"
    " from raw.klaviyo_events where metric = 'Marked Email as Spam' or metric ^@ 'Unsubscribed'",
}
MAILCHIMP = {
    "mailchimp_unsubscribed": "select 'opt_out', null, email_address, campaign_id, 'email', null,"
    " happened_at, true, null, _delivery_id from raw.mailchimp_unsubscribed",
    "mailchimp_abuse_reports": "select 'complaint', null, email_address, campaign_id, 'email',"
    " null, happened_at, true, null, _delivery_id from raw.mailchimp_abuse_reports",
}
BRAZE = {
    "braze_email_unsubscribe": "select 'opt_out', external_user_id, email_address, id, 'email',"
    " null, to_timestamp(time), true, null, _delivery_id from raw.braze_email_unsubscribe",
    "braze_email_mark_as_spam": "select 'complaint', external_user_id, email_address, id, 'email',"
    " null, to_timestamp(time), true, null, _delivery_id from raw.braze_email_mark_as_spam",
}
CALL_DESK = {
    "call_dispositions": "select case disposition when 'complaint' then 'complaint' else 'opt_out'"
    " end, customer_id, phone_e164, null, 'phone', null, called_at, true, null, _delivery_id"
    " from raw.call_dispositions where disposition in ('do_not_call', 'complaint')",
}
# By system; of one that is not here, a company's own, only its staging knows what its words mean.
WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "house": HOUSE,
        "desk": DESK,
        "klaviyo": KLAVIYO,
        "mailchimp": MAILCHIMP,
        "braze": BRAZE,
        "call_desk": CALL_DESK,
    }
)
COLUMNS = (
    "kind, customer_id, address, reference, channel, purpose, happened_at, is_no, source,"
    " delivery_id"
)
NOTHING = (
    "select null::text, null::text, null::text, null::text, null::text, null::text,"
    " null::timestamptz, null::boolean, null::text, null::bigint where false"
)
VISIBLE = """
    select delivery_id from raw.deliveries
    where status = 'loaded' and delivered_on <= {as_of} and delivery_id <= {last}
"""
SAID = """
    select said.*
    from ({rows}) as said ({columns})
    inner join ({visible}) as visible on visible.delivery_id = said.delivery_id
"""
VERSIONS = """
    select customers.customer_id, customers.email, customers.phone, customers.country
    from raw.customers as customers
    inner join ({visible}) as visible on visible.delivery_id = customers._delivery_id
"""


def said(connection: psycopg.Connection, night: Night) -> sql.Composed:
    """Rows of COLUMNS: every word that the night knows of the systems of WORDS, on or off."""
    wanted = [pair for feeds in WORDS.values() for pair in feeds.items()]
    there = tables_of(connection, [feed for feed, _ in wanted])
    rows = [NOTHING, *(query for feed, query in wanted if feed in there)]
    return sql.SQL(SAID).format(
        rows=sql.SQL(" union all ").join(sql.SQL(query) for query in rows),  # type: ignore[arg-type]
        columns=sql.SQL(COLUMNS),
        visible=visible(night),
    )


def contact_versions(night: Night) -> sql.Composed:
    """(customer_id, email, phone, country) of every version of a house customer, as delivered."""
    return sql.SQL(VERSIONS).format(visible=visible(night))


def visible(night: Night) -> sql.Composed:
    """What the ledger says that the night may see, asked of the ledger itself."""
    last = night.last_delivery_id
    return sql.SQL(VISIBLE).format(
        as_of=sql.Literal(night.as_of),
        last=sql.SQL("9223372036854775807") if last is None else sql.Literal(last),
    )


def tables_of(connection: psycopg.Connection, names: Sequence[str]) -> set[str]:
    """Those of `names` that have a table in schema raw."""
    rows = connection.execute(
        "select table_name from information_schema.tables"
        " where table_schema = 'raw' and table_name = any(%s)",
        [list(names)],
    )
    return {name for (name,) in rows}
