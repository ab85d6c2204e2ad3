"""Connections: one function, one URL a role."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from regulars.settings import ROLES, Settings
from regulars.warehouse import credentials, embedded

LOGIN = {
    "loader": "regulars_loader",
    "transformer": "regulars_transformer",
    "analyst": "analyst",
    "marketing": "marketing",
    "eraser": "eraser",
}
# What the transformer builds belongs to a role that cannot log in.
ACTS_AS = {"transformer": "regulars_builder"}


class WarehouseError(RuntimeError):
    """The warehouse refused something. Says what and the SQLSTATE, never a row."""


def url(settings: Settings, role: str) -> str:
    """postgresql:// URL for a role: admin, loader, transformer, analyst, marketing or eraser.

    Starts the embedded server when no warehouse is set. The URL holds a password: don't log it.
    """
    if role != "admin" and role not in ROLES:
        raise ValueError(f"unknown role '{role}': use admin, {', '.join(ROLES)}")
    if settings.warehouse_url is None:
        embedded.start(settings)
        host, port, database = "127.0.0.1", embedded.port(settings), settings.database
    else:
        if role == "admin":
            return settings.warehouse_url
        parts = conninfo_to_dict(settings.warehouse_url)
        host, port = str(parts.get("host", "localhost")), int(parts.get("port") or 5432)
        database = str(parts.get("dbname") or parts.get("user") or "postgres")
    user = LOGIN.get(role, "postgres")
    password = credentials.read(settings)[role]
    options = {"options": f"-c role={ACTS_AS[role]}"} if role in ACTS_AS else {}
    query = "?" + urlencode(options, quote_via=quote) if options else ""
    return f"postgresql://{user}:{quote(password)}@{host}:{port}/{quote(database)}{query}"


def connect(settings: Settings, role: str, **options: object) -> psycopg.Connection:
    """Open a connection as a role. Raises WarehouseError if the server refuses."""
    try:
        return psycopg.connect(url(settings, role), **options)  # type: ignore[arg-type]
    except psycopg.OperationalError as error:
        raise WarehouseError(
            f"Cannot connect to the warehouse as {role}: {str(error).strip()}. "
            "Run `regulars doctor`."
        ) from None
