"""Views of what is published: of rows that are stored without what moves with the night, and of
tonight's lists, for marketing."""

from __future__ import annotations

import psycopg
from psycopg import sql

from regulars.publication.published_tables import Columns, PublishedTable, columns_of

LIST_VIEWS = {
    "list_members": "tonight_members",
    "list_exclusions": "tonight_exclusions",
    "list_movements": "tonight_movements",
}


def create_view(connection: psycopg.Connection, table: PublishedTable, columns: Columns) -> None:
    """Let people read the rows and, of the live generation, what moves with it. A view that says so
    already stays: another one waits for its readers."""
    own = table.written(columns)
    view = sql.SQL(
        "select {} from {} as stored cross join published.live_generation as live"
    ).format(
        sql.SQL(", ").join(
            sql.Identifier("stored", name)
            if name in own
            else sql.SQL("cast({} as {}) as {}").format(
                sql.SQL(table.read[name]),  # type: ignore[arg-type]
                sql.SQL(kind),  # type: ignore[arg-type]
                sql.Identifier(name),
            )
            for name, kind in columns.items()
        ),
        table.rows,
    )
    connection.execute(sql.SQL("create temporary view wanted as {}").format(view))
    said = connection.execute(
        "select pg_get_viewdef('pg_temp.wanted'::regclass) = pg_get_viewdef(to_regclass(%s))",
        [table.published.as_string(connection)],
    ).fetchone()
    connection.execute("drop view pg_temp.wanted")
    if said == (True,):
        return
    drop_views(connection, table)
    target = table.published
    for statement in (
        sql.SQL("create view {} as {}").format(target, view),
        sql.SQL("alter view {} owner to regulars_owner").format(target),
        sql.SQL("grant select on {} to regulars_builder, analyst").format(target),
    ):
        connection.execute(statement)


def drop_views(connection: psycopg.Connection, table: PublishedTable) -> None:
    """Drop the views that hold on to every column of the rows."""
    if table.name in LIST_VIEWS:
        name = sql.Identifier("lists", LIST_VIEWS[table.name])
        connection.execute(sql.SQL("drop view if exists {}").format(name))
    if _is_view(connection, table):
        connection.execute(sql.SQL("drop view {}").format(table.published))


def _is_view(connection: psycopg.Connection, table: PublishedTable) -> bool:
    query = "select 1 from pg_class where oid = to_regclass(%s) and relkind = 'v'"
    return connection.execute(query, [table.published.as_string(connection)]).fetchone() is not None


def create_list_views(connection: psycopg.Connection) -> None:
    """What marketing may read: tonight's lists and who was left out, without contact data."""
    for table, view in LIST_VIEWS.items():
        if not columns_of(connection, "published", table):
            continue
        name, source = sql.Identifier("lists", view), sql.Identifier("published", table)
        if columns_of(connection, "lists", view) == columns_of(connection, "published", table):
            continue
        connection.execute(sql.SQL("drop view if exists {}").format(name))
        connection.execute(sql.SQL("create view {} as select * from {}").format(name, source))
        connection.execute(sql.SQL("alter view {} owner to regulars_owner").format(name))
        connection.execute(sql.SQL("grant select on {} to marketing").format(name))
