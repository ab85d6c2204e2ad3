"""Bring the warehouse to what this version of the code expects; safe to repeat."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from importlib import resources

import psycopg
from psycopg import sql

from regulars.settings import ROLES, Settings
from regulars.warehouse import credentials, embedded
from regulars.warehouse.connect import LOGIN, connect

OWNERS = ("regulars_owner", "regulars_builder")
PIPELINE = ("loader", "transformer")
READERS = ("analyst", "marketing")
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
        connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        _create_roles(connection, settings)
        connection.execute(resources.files(__package__).joinpath("schema.sql").read_text())
        connection.execute("set local role regulars_owner")
        feeds = create_raw_tables(connection)
        connection.execute("reset role")
        _create_keys(connection)
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
    limits: dict[str, str] = {}
    if role in PIPELINE:
        # A killed client's SQL ends within seconds instead of committing later.
        limits = {"client_connection_check_interval": "2s", "lock_timeout": "5min"}
    if role in READERS:
        limits = {
            "idle_in_transaction_session_timeout": "5min",
            "default_transaction_read_only": "on",
        }
    for name, value in limits.items():
        connection.execute(
            sql.SQL("alter role {} set {} = {}").format(
                sql.Identifier(login), sql.Identifier(name), sql.Literal(value)
            )
        )


def _create_keys(connection: psycopg.Connection) -> None:
    for name in ("holdout_key", "suppression_key"):
        connection.execute(
            sql.SQL("insert into {} (key) values (%s) on conflict do nothing").format(
                sql.Identifier("decisions", name)
            ),
            [secrets.token_bytes(32)],
        )
