"""People in every table but raw's: the decision log keeps a pseudonym, what is built is deleted
(the next night builds it anew), and published facts of orders go on without a person at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import psycopg
from psycopg import sql

from regulars.erasure.person import Person
from regulars.erasure.receipt import Line
from regulars.erasure.together import Together, Told, counted, names, texts
from regulars.lists.read_deliveries import forget_read

# Which column may hold a customer's id: an id of digits could be any key elsewhere.
OF_PEOPLE = ("customer", "household", "person", "account", "root_id", "said")
TEXT = "said"  # a column that holds a whole line
BOOKS = ("fct_orders", "fct_order_lines", "fct_refunds")  # facts of sales, in any schema
# of the log: what lists earned is counted by them
FOR_GOOD = ("episodes", "household_members", "list_members")
NOT_HERE = ("raw", "pg_catalog", "information_schema")


@dataclass(frozen=True)
class Table:
    """A table with text columns: those that may name a customer, and all of them."""

    schema: str
    name: str
    people: tuple[str, ...]
    texts: tuple[str, ...]

    @property
    def keeps_rows(self) -> bool:
        return self.name in BOOKS or (self.schema == "decisions" and self.name in FOR_GOOD)


def remove(connection: psycopg.Connection, together: Together) -> Iterator[Told]:
    """Yields what was done in each table that named them."""
    yield from _rows_of_others(connection, together)
    for table in _tables(connection):
        place = f"{table.schema}.{table.name}"
        named = table.people if table.keeps_rows else _own_columns(table)
        if not table.keeps_rows:
            for one, rows in _delete(connection, table, named, together):
                yield one, Line(place, "rows deleted", rows)
            named = tuple(name for name in table.people if name not in named)
        for one, rows in _rename(connection, table, named, together):
            yield one, Line(place, "rows made pseudonymous", rows)


def _rows_of_others(connection: psycopg.Connection, together: Together) -> Iterator[Told]:
    """Logged rows of lists: who shares a household of theirs has one of their own instead, as in
    the files; a row that names them otherwise is gone there too."""
    place, everybody = "decisions.list_rows", texts(sorted(together.as_one.ids))
    renaming = sql.SQL(
        """
        update decisions.list_rows
        set facts = facts || jsonb_build_object(
            'household_id', customer_id, 'episode_household_id', customer_id
        )
        from (select ctid as place, {} as one from decisions.list_rows where {}) as shared
        where list_rows.ctid = shared.place and customer_id <> all({})
        returning shared.one
        """
    ).format(together.whose(_shares_household), _shares_household(together.as_one), everybody)
    for one, rows in counted(connection, renaming):
        yield one, Line(place, "households of others renamed", rows)
    deleting = sql.SQL(
        "delete from decisions.list_rows where {} and customer_id <> all({}) returning {} as one"
    ).format(_is_in_facts(together.as_one), everybody, together.whose(_is_in_facts))
    for one, rows in counted(connection, deleting):
        yield one, Line(place, "rows of others deleted", rows)


def _shares_household(person: Person) -> sql.Composed:
    ids = texts(sorted(person.ids))
    return sql.SQL(
        "(facts ->> 'household_id' = any({}) or facts ->> 'episode_household_id' = any({}))"
    ).format(ids, ids)


def _is_in_facts(person: Person) -> sql.Composed:
    return names(sql.SQL("facts::text"), person)


def forget_builds(connection: psycopg.Connection) -> None:
    """The next night builds in full: what was built incrementally is no longer whole. Of others it
    is what their night has built, so lists are still explained and planned by it."""
    connection.execute("delete from ops.builds where status not in ('built', 'erased_from')")
    connection.execute("update ops.builds set status = 'erased_from', facts_are_published = false")
    connection.execute("delete from ops.built_deliveries")
    connection.execute("delete from ops.unpublished_customers")
    forget_read(connection)


def _own_columns(table: Table) -> tuple[str, ...]:
    """Columns by which a row is theirs; another one may name them in somebody else's row."""
    own = tuple(name for name in table.people if name in ("customer_id", "said"))
    return own or table.people


def _tables(connection: psycopg.Connection) -> list[Table]:
    columns: dict[tuple[str, str], list[str]] = defaultdict(list)
    for schema, table, column in connection.execute(
        """
        select c.table_schema, c.table_name, c.column_name
        from information_schema.columns as c
        inner join information_schema.tables as t using (table_schema, table_name)
        where t.table_type = 'BASE TABLE' and c.data_type = 'text'
            and c.table_schema <> all(%s)
            and (c.table_schema, c.table_name) <> ('pii', 'erasure_identifiers')
        order by 1, 2, c.ordinal_position
        """,
        [list(NOT_HERE)],
    ):
        columns[schema, table].append(column)
    return [
        Table(
            schema,
            table,
            tuple(name for name in names if any(word in name for word in OF_PEOPLE)),
            tuple(names),
        )
        for (schema, table), names in columns.items()
    ]


def _delete(
    connection: psycopg.Connection, table: Table, named: tuple[str, ...], together: Together
) -> list[tuple[int, int]]:
    """Delete rows with one of their ids, or one of their addresses in any column.

    An id that is no mere number is looked for in every column but those that name people in
    somebody else's row.
    """
    others = tuple(name for name in table.texts if name not in table.people)
    theirs = partial(_is_theirs, table, named, others)
    return counted(
        connection,
        sql.SQL("delete from {} where {} returning {} as one").format(
            sql.Identifier(table.schema, table.name),
            theirs(together.as_one),
            together.whose(theirs),
        ),
    )


def _is_theirs(
    table: Table, named: tuple[str, ...], others: tuple[str, ...], person: Person
) -> sql.Composed:
    unmistakable = frozenset(word for word in person.ids if not word.isdigit())
    conditions: list[sql.Composable] = [sql.SQL("false"), *_is_any(named, person.ids)]
    conditions += _is_any(others, unmistakable) if unmistakable else []
    conditions += _is_any(table.texts, person.addresses) if person.addresses else []
    if TEXT in table.texts and person.telling_words:  # lines as they were delivered
        conditions.append(names(sql.Identifier(TEXT), person))
    return sql.SQL(" or ").join(conditions)


def _is_any(columns: tuple[str, ...], identifiers: frozenset[str]) -> list[sql.Composed]:
    listed = texts(sorted(identifiers))
    return [sql.SQL("{} = any({})").format(sql.Identifier(name), listed) for name in columns]


def _rename(
    connection: psycopg.Connection, table: Table, columns: tuple[str, ...], together: Together
) -> list[tuple[int, int]]:
    """A row that names several of them counts for each."""
    if not columns:
        return []
    own = [sql.Identifier("r", name) for name in columns]
    changing = sql.SQL("update {} as r set {} where {} returning array[{}] as said").format(
        sql.Identifier(table.schema, table.name),
        sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), together.renamed(column))
            for name, column in zip(columns, own, strict=True)
        ),
        sql.SQL(" or ").join(_is_any(columns, together.as_one.ids)),
        sql.SQL(", ").join(own),
    )
    return connection.execute(
        sql.SQL(
            "with changed as ({}) select one, count(*) from changed"
            " inner join unnest({}::integer[], {}) as known (one, pseudonym)"
            " on pseudonym = any(said) group by one order by one"
        ).format(
            changing,
            sql.Literal(list(together.pseudonyms)),
            texts(together.pseudonyms.values()),
        )
    ).fetchall()
