"""Bring the warehouse to what this version of the code expects; safe to repeat."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import resources
from typing import LiteralString

import psycopg
from psycopg import sql

from regulars.settings import ROLES, Settings
from regulars.warehouse import administrator, credentials, embedded
from regulars.warehouse.connect import LOGIN, WarehouseError, connect

SCRIPTS = ("schema.sql", "desk.sql")
OWNERS = ("regulars_owner", "regulars_builder")
READERS = ("analyst", "marketing")
LIMITS: Mapping[str, Mapping[str, str]] = {
    "pipeline": {
        # A killed client's SQL ends within seconds instead of committing later.
        "client_connection_check_interval": "2s",
        "lock_timeout": "5min",
        "statement_timeout": "6h",
        "idle_in_transaction_session_timeout": "6h",
        "temp_file_limit": "200GB",
    },
    "readers": {
        "lock_timeout": "1min",
        "statement_timeout": "15min",
        "idle_in_transaction_session_timeout": "5min",
        "temp_file_limit": "10GB",
        "default_transaction_read_only": "on",
    },
}
LOCK_FUNCTIONS = """
    select oid::regprocedure::text from pg_proc
    where pronamespace = 'pg_catalog'::regnamespace
        and has_function_privilege('analyst', oid, 'execute')
        and (proname like 'pg_advisory%' or proname like 'pg_try_advisory%')
    order by 1
"""
FUNCTIONS_THAT_WRITE = """
    select oid::regprocedure::text from pg_proc
    where pronamespace = 'pg_catalog'::regnamespace
        and has_function_privilege('regulars_loader', oid, 'execute')
        and proname in (
            'lo_creat', 'lo_create', 'lo_from_bytea', 'lo_open', 'lo_put', 'lowrite', 'lo_import',
            'pg_logical_emit_message'
        )
    order by 1
"""
LOCK = 7_305_201_141  # any constant: one migration at a time


def migrate(
    settings: Settings, create_raw_tables: Callable[[psycopg.Connection], int]
) -> dict[str, int]:
    """Create database, roles, schemas and raw tables in one transaction. Returns counts.

    create_raw_tables is run as the owner of schema raw; it returns how many feeds are declared.
    """
    if settings.warehouse_url is None:
        _create_database(settings)
    with connect(settings, "admin") as connection:
        wait = f"{settings.lock_timeout_seconds}s"
        connection.execute("select set_config('lock_timeout', %s, true)", [wait])
        try:
            connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        except psycopg.errors.LockNotAvailable:
            raise WarehouseError(
                "Another process is bringing the warehouse up to date, or somebody holds a table "
                "that must change. Wait for it, then run the same command again."
            ) from None
        _create_roles(connection, settings)
        _take_away_functions(connection)
        for script in SCRIPTS:
            connection.execute(resources.files(__package__).joinpath(script).read_text())
        connection.execute("set local role regulars_owner")
        feeds = create_raw_tables(connection)
        connection.execute("reset role")
        _create_keys(connection)
        if (
            settings.administrator_password
            and connection.info.parameter_status("is_superuser") == "on"
        ):
            administrator.hand_over(connection, OWNERS, settings.administrator_password)
    return {"feeds": feeds}


def _create_database(settings: Settings) -> None:
    embedded.start(settings)
    password = credentials.read(settings)[credentials.ADMIN]
    with psycopg.connect(
        host="127.0.0.1",
        port=embedded.port(settings),
        user="postgres",
        password=password,
        dbname="postgres",
        autocommit=True,
    ) as connection:
        name = settings.database
        databases = connection.execute("select 1 from pg_database where datname = %s", [name])
        if databases.fetchone() is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def _create_roles(connection: psycopg.Connection, settings: Settings) -> None:
    existing = {row[0] for row in connection.execute("select rolname from pg_roles")}
    database = connection.info.dbname
    for owner in OWNERS:
        if owner not in existing:
            connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(owner)))
    passwords = credentials.read(settings)
    for role in ROLES:
        login = LOGIN[role]
        if login not in existing:
            connection.execute(sql.SQL("create role {} login").format(sql.Identifier(login)))
        _set_password(connection, login, passwords[role])
        _set_limits(connection, role, login)
    statements = [
        "grant regulars_builder to regulars_transformer with inherit false, set true",
        "grant regulars_owner, regulars_builder to current_user with set true",
        "revoke all on schema public from public",
    ]
    for statement in statements:
        connection.execute(statement)  # type: ignore[arg-type]
    for privilege, grantee in (
        ("create", "regulars_owner"),
        ("create, temporary", "regulars_builder"),
        ("temporary", "regulars_loader"),
        ("connect", "public"),
    ):
        connection.execute(
            sql.SQL("grant {} on database {} to {}").format(
                sql.SQL(privilege), sql.Identifier(database), sql.SQL(grantee)
            )
        )
    connection.execute(
        sql.SQL("revoke temporary on database {} from public").format(sql.Identifier(database))
    )


def _set_password(connection: psycopg.Connection, login: str, password: str) -> None:
    """Send a SCRAM verifier, so that no server log can show the password."""
    verifier = connection.pgconn.encrypt_password(
        password.encode(), login.encode(), b"scram-sha-256"
    ).decode()
    connection.execute(
        sql.SQL("alter role {} password {}").format(sql.Identifier(login), sql.Literal(verifier))
    )


def _set_limits(connection: psycopg.Connection, role: str, login: str) -> None:
    """What a role may not exceed. That a limit needs a superuser is no reason to stop: a server of
    somebody else's has limits of its own."""
    for name, value in LIMITS["readers" if role in READERS else "pipeline"].items():
        statement = sql.SQL("alter role {} set {} = {}").format(
            sql.Identifier(login), sql.Identifier(name), sql.Literal(value)
        )
        with suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute(statement)


def _take_away_functions(connection: psycopg.Connection) -> None:
    """Nobody but who runs the night takes advisory locks (a reader could hold the night's), and
    nobody at all makes large objects or writes into the log, which no grant on a table governs."""
    for (signature,) in connection.execute(LOCK_FUNCTIONS).fetchall():
        _only_for(connection, signature, ("regulars_builder", "regulars_loader"))
    for (signature,) in connection.execute(FUNCTIONS_THAT_WRITE).fetchall():
        _only_for(connection, signature, ())


def _only_for(
    connection: psycopg.Connection, signature: LiteralString, roles: tuple[str, ...]
) -> None:
    function = sql.SQL(signature)  # as the server itself writes it
    with suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
        connection.execute(sql.SQL("revoke execute on function {} from public").format(function))
        for role in roles:
            connection.execute(
                sql.SQL("grant execute on function {} to {}").format(function, sql.Identifier(role))
            )


def _create_keys(connection: psycopg.Connection) -> None:
    for name in ("holdout_key", "suppression_key"):
        connection.execute(
            sql.SQL("insert into {} (key) values (%s) on conflict do nothing").format(
                sql.Identifier("decisions", name)
            ),
            [secrets.token_bytes(32)],
        )
