"""Row by row from the built tables to the published ones, in the transaction that publishes."""

from __future__ import annotations

import psycopg
from psycopg import sql

from regulars.night import Night
from regulars.publication.published_tables import PublishedTable, columns_of, keys_of, listed

PROBED_ROWS = 1000
IS_NEW_THROUGHOUT = """
    select coalesce(avg(case when exists (
        select 1 from {published} as p
        where {same_key} and row({model_columns}) is not distinct from row({published_columns})
    ) then 1 else 0 end), 1) < 0.5
    from (select * from {model} limit {probed_rows}) as m
"""
ROW_BY_ROW = """
    with changed as materialized (
        select p._place, {model_keys}
        from (select m.* from {model} as m where {model_may_differ}) as m
        full join (
            select p.ctid as _place, p.* from {published} as p where {published_may_differ}
        ) as p on {same_key}
        where row({model_columns}) is distinct from row({published_columns})
    ),
    gone as (
        delete from {published} as p using changed
        where {published_may_differ} and p.ctid = changed._place
        returning 1
    ),
    added as (
        insert into {published} ({columns})
        select {model_columns} from {model} as m
        where {model_may_differ}
            -- by key and not by row: one that the model has twice breaks the published one
            and (
                ({model_keys}) in (select {keys} from changed)
                or not (row({model_keys}) is not null)
            )
            and (select count(*) from gone) >= 0  -- all have gone before the first comes
        returning 1
    )
    select (select count(*) from gone) + (select count(*) from added)
"""
WHOLE = """
    with gone as (delete from {published} returning 1),
    added as (
        insert into {published} ({columns})
        select {model_columns} from {model} as m
        where (select count(*) from gone) >= 0
        order by {model_keys}  -- or each row is put into another place of the key's index
        returning 1
    )
    select (select count(*) from gone) + (select count(*) from added)
"""
WRITTEN_SINCE = "select source_customer_id from ops.unpublished_customers"
# Entries that this night adds to the log, and those that an earlier run of it has added.
LOGGED_TONIGHT = """
    select customer_id from {tonight}
    union all
    select customer_id from {log}
    where generation = any (
        array(select generation from decisions.publications where as_of >= {as_of})
    )
"""
OF_THEM = "m.{} in ({})"
# By the index that they all have, even before there are statistics of what is published.
PUBLISHED_OF_THEM = "p.{} = any (array({}))"


def merge(
    connection: psycopg.Connection,
    night: Night,
    table: PublishedTable,
    *,
    facts_are_published: bool = False,
) -> int:
    """Make published.<table> equal to its model, and return the rows deleted and inserted.

    Only rows that differ are changed, and with `facts_are_published` (that of ops.builds) only rows
    of customers written since, or with an entry of this night in the log, are compared, where the
    table is written for them alone. Rows are told apart by the key. All are changed while rows of
    before forbid it, and where most of the first differ, as chances do from day to day: comparing
    would cost as much again, sparing little.
    """
    parts = _parts(connection, table)
    if table.written_for and facts_are_published:
        of = sql.Identifier(table.written_for), _written(night, table)
        parts["model_may_differ"] = sql.SQL(OF_THEM).format(*of)
        parts["published_may_differ"] = sql.SQL(PUBLISHED_OF_THEM).format(*of)
        is_new_throughout = False
    else:
        probe = sql.SQL(IS_NEW_THROUGHOUT).format(**parts)
        (is_new_throughout,) = connection.execute(probe).fetchone() or (False,)
    is_keyed = table.primary_key in keys_of(connection, table).values()
    statement = ROW_BY_ROW if is_keyed and not is_new_throughout else WHOLE
    (changed,) = connection.execute(sql.SQL(statement).format(**parts)).fetchone() or (0,)
    return int(changed)


def _written(night: Night, table: PublishedTable) -> sql.Composed:
    """A query of the customers whose rows alone may be others than the published ones."""
    if table.log is None:
        return sql.SQL(WRITTEN_SINCE).format()
    log, tonight = table.log
    return sql.SQL(LOGGED_TONIGHT).format(
        tonight=sql.Identifier(table.schema, tonight),
        log=sql.Identifier("decisions", log),
        as_of=sql.Literal(night.as_of),
    )


def _parts(connection: psycopg.Connection, table: PublishedTable) -> dict[str, sql.Composable]:
    """What a merge's statements are put together from; m is a model's row, p a published one."""
    names = table.written(columns_of(connection, table.schema, table.name))
    return {
        "model": sql.Identifier(table.schema, table.name),
        "published": table.rows,
        "columns": listed(names),
        "model_columns": listed(names, "m"),
        "published_columns": listed(names, "p"),
        "keys": listed(table.primary_key),
        "model_keys": listed(table.primary_key, "m"),
        "same_key": sql.SQL(" and ").join(
            sql.SQL("m.{0} = p.{0}").format(sql.Identifier(key)) for key in table.primary_key
        ),
        "probed_rows": sql.Literal(PROBED_ROWS),
        "published_may_differ": sql.SQL("true"),
        "model_may_differ": sql.SQL("true"),
    }
