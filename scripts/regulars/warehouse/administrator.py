"""Who administers the warehouse night by night: the database's owner, and no superuser.

Roles, their limits and who may call which function need a superuser once, at the migration. What
comes after does not, and a server's services are given no more than they need.
"""

from __future__ import annotations

from typing import LiteralString

import psycopg
from psycopg import sql

from regulars.warehouse.connect import LOGIN

NAME = "regulars_admin"
# What nights made that ran as the superuser, before there was this role.
LEFT_BEHIND = """
    select format('alter %s %s owner to', case relkind when 'v' then 'view' else 'table' end,
        oid::regclass)
    from pg_class
    where relkind in ('r', 'v') and relowner = current_user::regrole
        and relnamespace::regnamespace::text
            in ('raw', 'pii', 'ops', 'decisions', 'lists', 'published', 'stored')
    order by 1
"""
# To rewrite tables after an erasure, and to see who still reads.
PREDEFINED = ("pg_checkpoint", "pg_maintain", "pg_read_all_stats")

# To drop the past of the log, and to see which files are no table's.
FUNCTIONS: tuple[LiteralString, ...] = (
    "pg_catalog.pg_switch_wal()",
    "pg_catalog.pg_ls_dir(text, boolean, boolean)",
    "pg_catalog.pg_stat_file(text, boolean)",
)


def hand_over(connection: psycopg.Connection, owners: tuple[str, ...], password: str) -> None:
    """Make the role, or bring it up to date, as a superuser; in the caller's transaction."""
    if connection.execute("select 1 from pg_roles where rolname = %s", [NAME]).fetchone() is None:
        connection.execute(sql.SQL("create role {} login createrole").format(sql.Identifier(NAME)))
    verifier = connection.pgconn.encrypt_password(
        password.encode(), NAME.encode(), b"scram-sha-256"
    ).decode()
    _run(connection, "alter role {name} password {value}", value=sql.Literal(verifier))
    for owner in owners:
        _run(
            connection,
            "grant {role} to {name} with admin true, inherit true, set true",
            role=sql.Identifier(owner),
        )
    for login in LOGIN.values():
        _run(
            connection,
            "grant {role} to {name} with admin true, inherit false, set false",
            role=sql.Identifier(login),
        )
    for role in PREDEFINED:
        _run(connection, "grant {role} to {name}", role=sql.Identifier(role))
    for function in FUNCTIONS:
        _run(
            connection, "grant execute on function {function} to {name}", function=sql.SQL(function)
        )
    for (statement,) in connection.execute(LEFT_BEHIND).fetchall():
        _run(connection, statement + " {name}")
    database = sql.Identifier(connection.info.dbname)
    _run(connection, "alter database {database} owner to {name}", database=database)


def _run(connection: psycopg.Connection, statement: str, **parts: sql.Composable) -> None:
    composed = sql.SQL(statement).format(name=sql.Identifier(NAME), **parts)  # type: ignore[arg-type]
    connection.execute(composed)
