"""Which accounts are one person, as the merges were delivered: a second road beside the models,
which also knows what came after the night's build.

Narrower than theirs: a chain that ends in a circle, or is longer than they follow, says nothing
here.
"""

from __future__ import annotations

from datetime import datetime

import psycopg
from psycopg import sql

from regulars.lists.raw_words import tables_of, visible
from regulars.night import Night

LONGEST_CHAIN = 16
NOBODY = "select null::text, null::text, null::boolean where false"
# Every word of a feed on two accounts; `place` is by delivery and line, not by when it was loaded.
WORDS = """
    select i.old_customer_id as one, i.customer_id as other, i.{version} as changed_at,
        i.is_merged, i._delivery_id as delivery_id,
        row_number() over (
            order by d.delivered_on, d.revision, d.rewrite_no,
                coalesce(replayed.sha256, d.sha256) collate "C", i._line
        ) as place
    from raw.{table} as i
    inner join raw.deliveries as d on d.delivery_id = i._delivery_id
    left join raw.deliveries as replayed on replayed.delivery_id = d.replay_of
"""
# Of `words` on two accounts at one instant the last to come counts, and so of several into whom one
# was merged then. An un-merge takes back what was said of its two accounts before it, either way
# round; of the merges of an account that stand the latest is its own.
STANDING = """
    newest as (
        select distinct on (one, other, changed_at) *
        from words
        order by one, other, changed_at, place desc
    ),
    known as (
        select distinct on (one, changed_at, is_merged, case when not is_merged then other end) *
        from newest
        order by one, changed_at, is_merged, case when not is_merged then other end, place desc
    ),
    apart as (
        select least(one, other) as one, greatest(one, other) as other,
            max(changed_at) as changed_at
        from known
        where not is_merged
        group by 1, 2
    ),
    standing as (
        select distinct on (known.one) known.one, known.other
        from known
        left join apart
            on apart.one = least(known.one, known.other)
            and apart.other = greatest(known.one, known.other)
        where known.is_merged and known.one <> known.other
            and (apart.one is null or apart.changed_at < known.changed_at)
        order by known.one, known.changed_at desc, known.other collate "C"
    )
"""
OF_IDENTITIES = """
    with recursive words as (
        select delivered.*
        from ({words}) as delivered
        inner join ({visible}) as visible on visible.delivery_id = delivered.delivery_id
        where delivered.changed_at < {end}
    ),
    {standing},
    steps as (
        select one as account_id, other as reached_id, 1 as step from standing
        union all
        select steps.account_id, standing.other, steps.step + 1
        from steps
        inner join standing on standing.one = steps.reached_id
        where steps.step < {longest}
    ),
    ended as (
        select steps.account_id, steps.reached_id as root_id
        from steps
        where not exists (select 1 from standing where standing.one = steps.reached_id)
    ),
    members as (
        select account_id, root_id from ended
        union
        select root_id, root_id from ended
    )
    select members.account_id, others.account_id as customer_id, true as is_standing
    from members
    inner join members as others on others.root_id = members.root_id
    union all
    select one, other, false from words where is_merged
    union all
    select other, one, false from words where is_merged
"""
# What a company's own systems say of two accounts, either way round.
OF_OTHERS = """
    select customer_id, linked_customer_id, linked_until is null from ({links}) as links
    union all
    select linked_customer_id, customer_id, linked_until is null from ({links}) as links
"""
LINKS = """
    select account_id, customer_id, bool_or(is_standing) as is_standing
    from ({identities} union all {others}) as links (account_id, customer_id, is_standing)
    where account_id <> customer_id and customer_id in (select customer_id from {people})
    group by account_id, customer_id
"""


def words(table: str, version: str) -> sql.Composed:
    """A query of all words of a feed, for STANDING. version: its column of when a word holds."""
    return sql.SQL(WORDS).format(table=sql.Identifier(table), version=sql.Identifier(version))


def links(
    connection: psycopg.Connection,
    night: Night,
    end: datetime,
    of_others: sql.Composable,
    people: str,
) -> sql.Composed:
    """Rows of (account_id, customer_id, is_standing): whoever of `people`, a table, has that
    account too; or had it, where they were taken apart again.

    end: of the night's day
    of_others: (customer_id, linked_customer_id, linked_until) of systems that merge by themselves
    """
    identities: sql.Composable = sql.SQL(NOBODY)
    if tables_of(connection, ["identities"]):
        identities = sql.SQL(OF_IDENTITIES).format(
            words=words("identities", "changed_at"),
            visible=visible(night),
            end=sql.Literal(end),
            standing=sql.SQL(STANDING),
            longest=sql.Literal(LONGEST_CHAIN),
        )
    return sql.SQL(LINKS).format(
        identities=sql.SQL("({})").format(identities),
        others=sql.SQL("({})").format(sql.SQL(OF_OTHERS).format(links=of_others)),
        people=sql.Identifier(people),
    )
