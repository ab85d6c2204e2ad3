"""People's rows in schema raw: removed, or kept for the books under a pseudonym."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

import psycopg
from psycopg import sql

from regulars.erasure.person import Person
from regulars.erasure.receipt import Line
from regulars.erasure.together import Together, Told, counted, texts
from regulars.feeds.model import Feed
from regulars.lists.normal_forms import PERHAPS_OF_IT

COUNT = """
    update raw.deliveries as d
    set rows_loaded = d.rows_loaded - g.rows, rows_erased = d.rows_erased + g.rows
    from (select _delivery_id, count(*) as rows from gone group by _delivery_id) as g
    where d.delivery_id = g._delivery_id
"""

DELETE_REPLAYED = """
    with replayed as (
        select d.replay_of, r._line
        from {table} as r
        inner join raw.deliveries as d on r._delivery_id = d.delivery_id
        where d.replay_of is not null and {theirs}
    ),
    gone as (
        delete from raw.quarantine as q
        using replayed
        where q.delivery_id = replayed.replay_of and q.line = replayed._line
        returning q.delivery_id
    )
    update raw.deliveries as d
    set rows_quarantined = d.rows_quarantined - g.rows, rows_erased = d.rows_erased + g.rows
    from (select delivery_id, count(*) as rows from gone group by delivery_id) as g
    where d.delivery_id = g.delivery_id
"""


# A no may mean somebody else as well: theirs is what is left in that place. What stands before an
# address like a quote makes it nobody else's.
LEAVE_TO_OTHERS = """
    update {table} as r
    set {column} = said.of_others
    from (
        select original, string_agg(normal, ' ' order by normal) as of_others
        from pii.normal_forms
        where country = 'said' and original = any({addresses})
            and ltrim(normal, {perhaps}) <> all({addresses})
        group by original
    ) as said
    where r.{column} = said.original
    returning {whose} as one
"""


def remove(
    connection: psycopg.Connection, feeds: tuple[Feed, ...], together: Together
) -> Iterator[Told]:
    """Yields what was done in each table; the ledger's balance stays true."""
    yield from _remove_quarantined(connection, together)
    for feed in feeds:
        place = f"raw.{feed.table}"
        if not (feed.customer_columns or feed.address_columns):
            continue
        if feed.delivery.books:
            for one, rows in _make_pseudonymous(connection, feed, together):
                yield one, Line(place, "rows made pseudonymous", rows)
            continue
        if feed.delivery.forbids:
            for one, rows in _leave_to_others(connection, feed, together):
                yield one, Line(place, "rows kept for others whom they may mean", rows)
        for one, rows in _delete(connection, feed, together):
            yield one, Line(place, "rows deleted", rows)


def _leave_to_others(
    connection: psycopg.Connection, feed: Feed, together: Together
) -> Iterator[tuple[int, int]]:
    """Takes their addresses out of a no that names somebody else's beside them."""
    for column in (*feed.customer_columns, *feed.address_columns):
        if column.kind == "text":
            yield from counted(
                connection,
                sql.SQL(LEAVE_TO_OTHERS).format(
                    table=sql.Identifier("raw", feed.table),
                    column=sql.Identifier(column.name),
                    addresses=texts(sorted(together.as_one.addresses)),
                    perhaps=sql.Literal(PERHAPS_OF_IT),
                    whose=together.whose(_has_said),
                ),
            )


def _has_said(person: Person) -> sql.Composed:
    return sql.SQL("said.original = any({})").format(texts(sorted(person.addresses)))


def _condition(feed: Feed, person: Person) -> sql.Composed:
    """Rows with one of their ids, or with their address in an id's place where it says no; of rows
    that name no customer, or one that nobody is, those with the key of a row of theirs, or with an
    address of theirs."""
    owners = [sql.Identifier(column.name) for column in feed.customer_columns]
    ids = sql.Literal(sorted(person.ids))
    theirs = [sql.SQL("{} = any({}::text[])").format(owner, ids) for owner in owners]
    strangers = sql.Literal(sorted(person.strangers))
    nobodys = sql.SQL("").join(
        sql.SQL(" and ({0} is null or {0} = any({1}::text[]))").format(owner, strangers)
        for owner in owners
    )
    theirs += [
        sql.SQL("({}::text = any({}::text[]){})").format(
            sql.Identifier(column.name), sql.Literal(sorted(person.linked[column.name])), nobodys
        )
        for column in feed.columns
        if column.name in person.linked and owners
    ]
    addresses = sql.Literal(sorted(word.lower() for word in person.addresses))
    if feed.delivery.forbids:
        theirs += [sql.SQL("lower({}) = any({}::text[])").format(o, addresses) for o in owners]
    theirs += [
        sql.SQL("(lower({}) = any({}::text[]){})").format(
            sql.Identifier(column.name), addresses, nobodys
        )
        for column in feed.address_columns
    ]
    return sql.SQL("({})").format(sql.SQL(" or ").join(theirs))


def _delete(
    connection: psycopg.Connection, feed: Feed, together: Together
) -> list[tuple[int, int]]:
    """Delete their rows, and what quarantine still keeps of those that were replayed."""
    table, theirs = sql.Identifier("raw", feed.table), partial(_condition, feed)
    anybodys = together.anybodys(theirs)
    connection.execute(sql.SQL(DELETE_REPLAYED).format(table=table, theirs=anybodys))
    rows = connection.execute(
        sql.SQL(
            "with gone as (delete from {} where {} returning _delivery_id, {} as one),"
            " counted as ({} returning 1) select one, count(*) from gone group by one"
        ).format(table, anybodys, together.whose(theirs), sql.SQL(COUNT))
    )
    return rows.fetchall()


def _make_pseudonymous(
    connection: psycopg.Connection, feed: Feed, together: Together
) -> list[tuple[int, int]]:
    """Put the pseudonym where their ids stood, and nothing where other personal data stood."""
    table, theirs = sql.Identifier("raw", feed.table), partial(_condition, feed)
    assignments = [
        sql.SQL("{} = {}").format(
            sql.Identifier(column.name), together.renamed(sql.Identifier("r", column.name))
        )
        for column in feed.customer_columns
    ]
    assignments += [
        sql.SQL("{} = null").format(sql.Identifier(name))
        for name in _perhaps_personal(connection, feed)
    ]
    return counted(
        connection,
        sql.SQL(
            "update {table} as r set {assignments}"
            " from (select ctid as place, {whose} as one from {table} where {anybodys}) as theirs"
            " where r.ctid = theirs.place returning theirs.one"
        ).format(
            table=table,
            assignments=sql.SQL(", ").join(assignments),
            whose=together.whose(theirs),
            anybodys=together.anybodys(theirs),
        ),
    )


def _perhaps_personal(connection: psycopg.Connection, feed: Feed) -> list[str]:
    """Personal columns, and columns that were declared once: nobody says what they hold."""
    kept = {column.name for column in feed.columns if column.is_customer or not column.personal}
    rows = connection.execute(
        """
        select column_name::text from information_schema.columns
        where table_schema = 'raw' and table_name = %s and column_name not like '\\_%%'
        order by ordinal_position
        """,
        [feed.table],
    )
    return [name for (name,) in rows if name not in kept]


def _terms_of_lines(connection: psycopg.Connection) -> Iterator[sql.Identifier]:
    """Tables of what stands in lines; the second is there once a night was built."""
    yield sql.Identifier("pii", "quarantined_terms")
    built = connection.execute("select to_regclass('pii.quarantined_clues')").fetchone()
    if built and built[0]:
        yield sql.Identifier("pii", "quarantined_clues")


def _remove_quarantined(connection: psycopg.Connection, together: Together) -> Iterator[Told]:
    """Lines in quarantine that name them, by the words that stand in them, or by the terms that are
    kept where the retention has taken the text."""
    naming: dict[tuple[int, int], int] = {}
    for delivery_id, line, text in connection.execute(
        "select delivery_id, line, raw_text from raw.quarantine where raw_text is not null"
        " union all select delivery_id, line, term from pii.quarantined_terms"
    ):
        one = together.named(text)
        if one is not None:
            naming[delivery_id, line] = min(one, naming.get((delivery_id, line), one))
    keys = [[delivery_id for delivery_id, _ in naming], [line for _, line in naming]]
    for table in _terms_of_lines(connection):
        connection.execute(
            sql.SQL(
                "delete from {} as w using unnest(%s::bigint[], %s::bigint[])"
                " as k (delivery_id, line) where w.delivery_id = k.delivery_id and w.line = k.line"
            ).format(table),
            keys,
        )
    connection.execute(
        """
        with gone as (
            delete from raw.quarantine as q
            using unnest(%s::bigint[], %s::bigint[]) as k (delivery_id, line)
            where q.delivery_id = k.delivery_id and q.line = k.line
            returning q.delivery_id
        )
        update raw.deliveries as d
        set rows_quarantined = d.rows_quarantined - g.rows, rows_erased = d.rows_erased + g.rows
        from (select delivery_id, count(*) as rows from gone group by delivery_id) as g
        where d.delivery_id = g.delivery_id
        """,
        keys,
    )
    for one, rows in Counter(naming.values()).items():
        yield one, Line("raw.quarantine", "rows deleted", rows)
