"""Files of the database that are no table's: what a crash leaves of a table that was being built.

When the server starts again it deletes temporary tables and files and empties unlogged tables; a
file whose table was never committed it does not know of, and leaves for ever with whatever had been
copied there.
"""

from __future__ import annotations

from pathlib import Path

import psycopg

from regulars.erasure.receipt import Line
from regulars.settings import Settings

PLACE = "database files"
DELETED = "files of no table deleted"
LEFT = "files of no table left: delete them while the server is stopped"
UNSEEN = "folders left: the administrator may not list them (pg_ls_dir, pg_stat_file)"

# Of each folder in which the database has tables. An empty one waits for the next checkpoint.
ORPHANED = """
    select folders.path || '/' || files.name
    from (
        select distinct
            reltablespace as space,
            regexp_replace(pg_relation_filepath(oid), '/[^/]*$', '') as path
        from pg_class
        where not relisshared and pg_relation_filepath(oid) is not null
    ) as folders
    cross join lateral pg_ls_dir(folders.path, true, false) as files (name)
    cross join lateral pg_stat_file(folders.path || '/' || files.name, true) as stat
    where files.name ~ '^[0-9]+(_[a-z]+)?([.][0-9]+)?$' and stat.size > 0
        and pg_filenode_relation(folders.space, cast(substring(files.name from '^[0-9]+') as oid))
            is null
    order by 1
"""
# Whoever may yet commit the table of a file: nobody else sees it before.
WRITERS = """
    select 1
    from (
        select backend_xid as writer from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()
        union all
        select transaction from pg_prepared_xacts where database = current_database()
    ) as writers
    where writer is not null and age(writer) >= age(%s::xid)
"""


def found(connection: psycopg.Connection) -> list[str]:
    """Their paths below the server's folder; some may be of a table that is not committed yet.

    connection: one that commits each statement. Raises InsufficientPrivilege.
    """
    return [path for (path,) in connection.execute(ORPHANED)]


def deleted(settings: Settings, paths: list[str]) -> list[Line]:
    """Delete them where the server is the embedded one; elsewhere only who runs it can."""
    if settings.warehouse_url is not None:
        return [Line(PLACE, LEFT, len(paths), is_left=True)]
    for path in paths:
        Path(settings.server_folder / "data" / path).unlink(missing_ok=True)
    return [Line(PLACE, DELETED, len(paths))]
