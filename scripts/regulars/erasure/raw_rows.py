"""A person's rows in schema raw: removed, or kept for the books under a pseudonym."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from psycopg import sql

from regulars.erasure.person import Person
from regulars.erasure.receipt import Line
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
"""


def remove(
    connection: psycopg.Connection, feeds: tuple[Feed, ...], person: Person, pseudonym: str
) -> Iterator[Line]:
    """Yields what was done in each table; the ledger's balance stays true."""
    yield from _remove_quarantined(connection, feeds, person)
    for feed in feeds:
        place = f"raw.{feed.table}"
        if not (feed.customer_columns or feed.address_columns):
            continue
        if feed.delivery.books:
            rows = _make_pseudonymous(connection, feed, person, pseudonym)
            yield Line(place, "rows made pseudonymous", rows)
        else:
            rows = _leave_to_others(connection, feed, person) if feed.delivery.forbids else 0
            yield Line(place, "rows kept for others whom they may mean", rows)
            yield Line(place, "rows deleted", _delete(connection, feed, person))


def _leave_to_others(connection: psycopg.Connection, feed: Feed, person: Person) -> int:
    """Takes their address out of a no that names somebody else's beside it."""
    return sum(
        connection.execute(
            sql.SQL(LEAVE_TO_OTHERS).format(
                table=sql.Identifier("raw", feed.table),
                column=sql.Identifier(column.name),
                addresses=sql.SQL("{}::text[]").format(sql.Literal(sorted(person.addresses))),
                perhaps=sql.Literal(PERHAPS_OF_IT),
            )
        ).rowcount
        for column in (*feed.customer_columns, *feed.address_columns)
        if column.kind == "text"
    )


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


def _delete(connection: psycopg.Connection, feed: Feed, person: Person) -> int:
    """Delete their rows, and what quarantine still keeps of those that were replayed."""
    table, theirs = sql.Identifier("raw", feed.table), _condition(feed, person)
    connection.execute(sql.SQL(DELETE_REPLAYED).format(table=table, theirs=theirs))
    row = connection.execute(
        sql.SQL(
            "with gone as (delete from {} where {} returning _delivery_id),"
            " counted as ({} returning 1) select count(*) from gone"
        ).format(table, theirs, sql.SQL(COUNT))
    ).fetchone()
    return row[0] if row else 0


def _make_pseudonymous(
    connection: psycopg.Connection, feed: Feed, person: Person, pseudonym: str
) -> int:
    """Put the pseudonym where their ids stood, and nothing where other personal data stood."""
    ids = sql.Literal(sorted(person.ids))
    assignments = [
        sql.SQL("{0} = case when {0} = any({1}::text[]) then {2} else {0} end").format(
            sql.Identifier(column.name), ids, sql.Literal(pseudonym)
        )
        for column in feed.customer_columns
    ]
    assignments += [
        sql.SQL("{} = null").format(sql.Identifier(name))
        for name in _perhaps_personal(connection, feed)
    ]
    return connection.execute(
        sql.SQL("update {} set {} where {}").format(
            sql.Identifier("raw", feed.table),
            sql.SQL(", ").join(assignments),
            _condition(feed, person),
        )
    ).rowcount


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


def _remove_quarantined(
    connection: psycopg.Connection, feeds: tuple[Feed, ...], person: Person
) -> Iterator[Line]:
    """Lines in quarantine that name them, by the words that stand in them, or by the terms that are
    kept where the retention has taken the text."""
    naming = {
        (delivery_id, line)
        for delivery_id, line, text in connection.execute(
            "select delivery_id, line, raw_text from raw.quarantine where raw_text is not null"
            " union all select delivery_id, line, term from pii.quarantined_terms"
        )
        if person.is_named_in(text)
    }
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
    yield Line("raw.quarantine", "rows deleted", len(naming))
