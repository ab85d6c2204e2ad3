"""A person in every table but raw's: the decision log keeps a pseudonym, what is built is deleted
(the next night builds it anew), and published facts of orders go on without a person at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

from regulars.erasure.person import Person
from regulars.erasure.receipt import Line

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


def remove(connection: psycopg.Connection, person: Person, pseudonym: str) -> Iterator[Line]:
    """Yields what was done in each table that named them."""
    yield from _rows_of_others(connection, person)
    for table in _tables(connection):
        named = table.people if table.keeps_rows else _own_columns(table)
        if table.keeps_rows:
            rows = _rename(connection, table, named, person, pseudonym)
            yield Line(f"{table.schema}.{table.name}", "rows made pseudonymous", rows)
            continue
        rows = _delete(connection, table, named, person)
        yield Line(f"{table.schema}.{table.name}", "rows deleted", rows)
        others = tuple(name for name in table.people if name not in named)
        rows = _rename(connection, table, others, person, pseudonym)
        yield Line(f"{table.schema}.{table.name}", "rows made pseudonymous", rows)


def _rows_of_others(connection: psycopg.Connection, person: Person) -> Iterator[Line]:
    """Logged rows of lists: who shares a household of theirs has one of their own instead, as in
    the files; a row that names them otherwise is gone there too."""
    place, ids = "decisions.list_rows", sorted(person.ids)
    renamed = connection.execute(
        """
        update decisions.list_rows
        set facts = facts || jsonb_build_object(
            'household_id', customer_id, 'episode_household_id', customer_id
        )
        where facts ->> 'household_id' = any(%(ids)s)
            or facts ->> 'episode_household_id' = any(%(ids)s)
        """,
        {"ids": ids},
    ).rowcount
    yield Line(place, "households of others renamed", renamed)
    deleted = connection.execute(
        "delete from decisions.list_rows where facts::text ~* %s and customer_id <> all(%s)",
        [person.mention_in_postgres, ids],
    ).rowcount
    yield Line(place, "rows of others deleted", deleted)


def forget_builds(connection: psycopg.Connection) -> None:
    """The next night builds in full: what was built incrementally is no longer whole. Of others it
    is what their night has built, so lists are still explained and planned by it."""
    connection.execute("delete from ops.builds where status not in ('built', 'erased_from')")
    connection.execute("update ops.builds set status = 'erased_from', facts_are_published = false")
    connection.execute("delete from ops.built_deliveries")
    connection.execute("delete from ops.unpublished_customers")


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


def _is_any(columns: tuple[str, ...], identifiers: frozenset[str]) -> list[sql.Composed]:
    listed = sql.Literal(sorted(identifiers))
    return [
        sql.SQL("{} = any({}::text[])").format(sql.Identifier(name), listed) for name in columns
    ]


def _mentions(person: Person) -> sql.Composed:
    """A line with one of their words in it."""
    return sql.SQL("{} ~* {}").format(sql.Identifier(TEXT), sql.Literal(person.mention_in_postgres))


def _delete(
    connection: psycopg.Connection, table: Table, named: tuple[str, ...], person: Person
) -> int:
    """Delete rows with one of their ids, or one of their addresses in any column.

    An id that is no mere number is looked for in every column but those that name people in
    somebody else's row.
    """
    unmistakable = frozenset(word for word in person.ids if not word.isdigit())
    others = tuple(name for name in table.texts if name not in table.people)
    conditions = _is_any(named, person.ids)
    conditions += _is_any(others, unmistakable) if unmistakable else []
    conditions += _is_any(table.texts, person.addresses) if person.addresses else []
    if TEXT in table.texts and person.telling_words:  # lines as they were delivered
        conditions.append(_mentions(person))
    if not conditions:
        return 0
    return connection.execute(
        sql.SQL("delete from {} where {}").format(
            sql.Identifier(table.schema, table.name), sql.SQL(" or ").join(conditions)
        )
    ).rowcount


def _rename(
    connection: psycopg.Connection,
    table: Table,
    columns: tuple[str, ...],
    person: Person,
    pseudonym: str,
) -> int:
    if not columns:
        return 0
    ids = sql.Literal(sorted(person.ids))
    return connection.execute(
        sql.SQL("update {} set {} where {}").format(
            sql.Identifier(table.schema, table.name),
            sql.SQL(", ").join(
                sql.SQL("{0} = case when {0} = any({1}::text[]) then {2} else {0} end").format(
                    sql.Identifier(name), ids, sql.Literal(pseudonym)
                )
                for name in columns
            ),
            sql.SQL(" or ").join(_is_any(columns, person.ids)),
        )
    ).rowcount
