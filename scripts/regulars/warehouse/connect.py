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


def url(settings: Settings, role: str, password: str | None = None) -> str:
    """postgresql:// URL for a role: admin, loader, transformer, analyst, marketing or eraser; with
    the password that somebody gave, or the kept one.

    Starts the embedded server when no warehouse is set. The URL holds a password: don't log it.
    """
    if role != "admin" and role not in ROLES:
        raise ValueError(f"unknown role '{role}': use admin, {', '.join(ROLES)}")
    parts = _embedded(settings) if settings.warehouse_url is None else _given(settings)
    if role == "admin":
        return settings.warehouse_url or _address(
            "postgres", parts, credentials.read(settings)[role]
        )
    if role in ACTS_AS:
        options = f"{parts.get('options', '')} -c role={ACTS_AS[role]}".strip()
        parts = {**parts, "options": options}
    return _address(
        LOGIN[role], parts, credentials.read(settings)[role] if password is None else password
    )


def _embedded(settings: Settings) -> dict[str, str]:
    embedded.start(settings)
    port = str(embedded.port(settings))
    return {"host": "127.0.0.1", "port": port, "dbname": settings.database}


def _given(settings: Settings) -> dict[str, str]:
    """The parts of the administrator's URL, its TLS and other options included."""
    parts = {k: str(v) for k, v in conninfo_to_dict(settings.warehouse_url or "").items()}
    user = parts.pop("user", "postgres")
    parts.pop("password", None)
    return {"host": "localhost", "port": "5432", "dbname": user, **parts}


def _address(user: str, parts: dict[str, str], password: str) -> str:
    """A URL that psycopg, SQLAlchemy and BI tools all read; a socket folder goes into the query."""
    rest = {k: v for k, v in parts.items() if k not in ("host", "port", "dbname")}
    host = parts["host"]
    if host.startswith("/"):
        rest, host = {"host": host, **rest}, "localhost"
    query = "?" + urlencode(rest, quote_via=quote) if rest else ""
    return (
        f"postgresql://{quote(user)}:{quote(password, safe='')}@{host}:{parts['port']}"
        f"/{quote(parts['dbname'])}{query}"
    )


def refusal(error: psycopg.Error) -> str:
    """A database error in words that cannot quote a row."""
    if error.sqlstate is None:
        return (
            "the connection to the warehouse was lost: see whether the server runs "
            "(`regulars doctor`), then run the same command again"
        )
    words = f"the database refused with SQLSTATE {error.sqlstate} ({type(error).__name__})"
    if error.sqlstate.startswith("53"):  # insufficient resources
        words += ": make room for it (disk, memory or connections), then run the same command again"
    if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
        words += (
            ": what is asked for is not there; after an upgrade the next night makes it "
            "(`regulars night --as-of DATE`)"
        )
    if error.sqlstate == "55P03":
        words += (
            ": somebody reads what must change; once they have ended, run the same command again"
            " (`regulars doctor` names transactions that nobody is there to end)"
        )
    return words


def connect(settings: Settings, role: str, **options: object) -> psycopg.Connection:
    """Open a connection as a role. Raises WarehouseError if the server refuses."""
    try:
        connection = psycopg.connect(url(settings, role), **options)  # type: ignore[arg-type]
    except psycopg.OperationalError as error:
        if settings.warehouse_url is None and not _is_set_up(settings):
            raise WarehouseError(
                "No night has run here yet. `make demo` shows one on a sample company; "
                "`regulars night` runs one on what lies in the landing folder."
            ) from None
        raise WarehouseError(
            f"Cannot connect to the warehouse as {role}: {str(error).strip()}. "
            "Run `regulars doctor`."
        ) from None
    if role == "admin":  # the other roles have their limits from the server
        connection.execute(f"set lock_timeout = '{settings.lock_timeout_seconds}s'")
        if not connection.autocommit:
            connection.commit()
    return connection


def _is_set_up(settings: Settings) -> bool:
    """Whether a night may have made its roles and tables on the embedded server: one that was made
    and does not answer is not asked."""
    try:
        with psycopg.connect(url(settings, "admin")) as connection:
            row = connection.execute("select to_regclass('published.generation')").fetchone()
    except psycopg.OperationalError:
        return (settings.server_folder / "data" / "PG_VERSION").exists()
    return bool(row and row[0])
