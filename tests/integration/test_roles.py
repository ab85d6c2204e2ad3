"""Who may do what: every role logs in and tries every table, against one table of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql

from regulars import warehouse
from regulars.feeds.raw_tables import migrate
from regulars.settings import ROLES, Settings
from tests.conftest import drop_database

ACTIONS = ("select", "insert", "update", "delete")
READ, APPEND, CHANGE = {"select"}, {"select", "insert"}, {"select", "insert", "delete"}
BUILT = ("staging", "intermediate", "marts", "scores")
# role -> schema -> what it may do with every table there; what is not listed is denied.
RULES: dict[str, dict[str, set[str]]] = {
    "loader": {"raw": APPEND},
    "transformer": {
        "raw": READ,
        "decisions": APPEND,
        "published": CHANGE,
        "stored": CHANGE,
        "ops": set(ACTIONS),
        **{schema: set(ACTIONS) for schema in BUILT},
    },
    "analyst": {"published": READ},
    "marketing": {},
    "eraser": {"raw": {"select", "delete"}},
}
LIST_VIEWS = {"tonight_members", "tonight_exclusions", "tonight_movements"}


def allowed(role: str, schema: str, table: str) -> set[str]:
    """The rule for one table, exceptions first."""
    if schema == "lists":
        if table in LIST_VIEWS:
            return READ if role == "marketing" else set()
        return set(ACTIONS) if role == "transformer" else set()
    if schema == "desk":
        return READ if role in ("marketing", "analyst") else set()
    if (schema, table) == ("decisions", "desk_records"):
        return READ if role in ("loader", "transformer") else set()
    if schema == "pii":
        if table == "erasure_identifiers":
            return set()
        if table in ("normal_forms", "quarantined_terms"):
            if (role, table) == ("loader", "normal_forms"):
                return READ
            # what other rules read, the transformer reads anew
            own = {"transformer": APPEND | {"delete"}, "eraser": {"select", "delete"}}
            return own.get(role, set())
        if table == "withdrawn_members":
            return APPEND if role == "transformer" else set()
        return set(ACTIONS) if role == "transformer" else set()
    if (role, schema, table) == ("loader", "ops", "seen_files"):
        return APPEND
    if table in ("suppressions", "suppression_key", "erasures", "erasure_lines"):
        hashed = table.startswith("suppression")
        return READ if role == "transformer" or (role == "loader" and hashed) else set()
    if (schema, table) == ("raw", "rewritten_files") and role == "loader":
        return READ
    if (role, schema, table) == ("transformer", "decisions", "holdout_key"):
        return READ
    if schema == "decisions" and table.startswith("effective_"):
        return READ if role == "transformer" else set()
    return RULES[role].get(schema, set())


@pytest.fixture(scope="module")
def tables(company: Settings) -> list[tuple[str, str, bool]]:
    with warehouse.connect(company, "admin") as connection:
        found = connection.execute(
            """
            select table_schema, table_name, table_type = 'VIEW'
            from information_schema.tables
            where table_schema not in ('pg_catalog', 'information_schema')
            order by 1, 2
            """
        ).fetchall()
    assert {schema for schema, *_ in found} >= {"raw", "pii", "marts", "published", "decisions"}
    return found


@pytest.fixture(params=ROLES)
def login(
    company: Settings, request: pytest.FixtureRequest
) -> Iterator[tuple[str, psycopg.Connection]]:
    with warehouse.connect(company, request.param, autocommit=True) as connection:
        yield request.param, connection


def test_a_role_may_do_what_the_rules_say_and_nothing_else(
    login: tuple[str, psycopg.Connection], tables: list[tuple[str, str, bool]]
) -> None:
    role, connection = login
    wrong = []
    for schema, table, is_view in tables:
        may = {action for action in ACTIONS if _can(connection, action, schema, table)}
        expected = allowed(role, schema, table)
        if is_view:  # whether a view can be written to depends on its SQL, not on privileges
            may, expected = may & READ, expected & READ
        # A column grant lets the loader note that a row was replayed; the row stays.
        if role == "loader" and (schema, table) == ("raw", "quarantine"):
            may.discard("update")
        if may != expected:
            wrong.append(f"{schema}.{table}: may {sorted(may)}, should {sorted(expected)}")
    assert wrong == []


def test_a_wrong_password_is_refused_on_the_loopback(company: Settings) -> None:
    address = warehouse.url(company, "analyst").replace("analyst:", "analyst:not-", 1)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address)


@pytest.mark.parametrize("owner", ["regulars_owner", "regulars_builder"])
def test_an_owner_cannot_log_in(company: Settings, owner: str) -> None:
    address = warehouse.url(company, "analyst").replace("analyst:", f"{owner}:", 1)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)


def test_the_transformer_cannot_become_the_owner(company: Settings) -> None:
    with (
        warehouse.connect(company, "transformer") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("set role regulars_owner")


def test_credentials_are_for_their_owner_only(company: Settings) -> None:
    path = company.server_folder / "credentials.json"
    assert path.stat().st_mode & 0o077 == 0


def _can(connection: psycopg.Connection, action: str, schema: str, table: str) -> bool:
    """Try it in a transaction that is rolled back; only a refused privilege counts as no."""
    name = sql.Identifier(schema, table)
    statement = {
        "select": sql.SQL("select 1 from {} limit 0"),
        "insert": sql.SQL("insert into {} default values"),
        "update": sql.SQL("update {} set {} = {} where false"),
        "delete": sql.SQL("delete from {} where false"),
    }[action]
    column = sql.Identifier(_a_column(connection, schema, table))
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("set transaction read write")
            connection.execute(statement.format(name, column, column))
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState):
        return False  # the second is a view that nobody can write to
    except psycopg.Error:
        return True  # refused for another reason, such as a null in a key: the privilege is there
    return True


def _a_column(connection: psycopg.Connection, schema: str, table: str) -> str:
    row = connection.execute(
        """
        select a.attname
        from pg_attribute as a
        inner join pg_class as c on a.attrelid = c.oid
        inner join pg_namespace as n on c.relnamespace = n.oid
        where n.nspname = %s and c.relname = %s and a.attnum > 0 and not a.attisdropped
        order by a.attnum desc
        limit 1
        """,
        [schema, table],
    ).fetchone()
    assert row is not None
    return str(row[0])


# ---------- what no grant on a table governs

LOCKS = (
    "select pg_advisory_xact_lock(7305201142)",
    "select pg_try_advisory_lock(7305201142)",
    "select pg_advisory_lock_shared(1, 2)",
)
WRITINGS = (
    "select lo_create(0)",
    "select lo_from_bytea(0, 'x')",
    "select lo_creat(-1)",
    "select pg_logical_emit_message(false, 'x', repeat('x', 1000))",
)


@pytest.mark.parametrize("role", ["analyst", "marketing", "eraser"])
@pytest.mark.parametrize("statement", LOCKS)
def test_who_does_not_run_the_night_cannot_take_its_locks(
    company: Settings, role: str, statement: str
) -> None:
    with (
        warehouse.connect(company, role) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


@pytest.mark.parametrize("statement", WRITINGS)
def test_nobody_fills_the_disk_past_every_limit(
    login: tuple[str, psycopg.Connection], statement: str
) -> None:
    _, connection = login
    connection.execute("set default_transaction_read_only = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_nobody_fills_the_disk_with_notifications(login: tuple[str, psycopg.Connection]) -> None:
    _, connection = login
    with pytest.raises(psycopg.errors.ProgramLimitExceeded):
        connection.execute(
            "select pg_notify('x', n || repeat('x', 7000)) from generate_series(1, 200) as n"
        )


def test_every_role_has_an_end_to_its_statements_waits_and_temporary_files(
    login: tuple[str, psycopg.Connection],
) -> None:
    _, connection = login
    for limit in (
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
        "temp_file_limit",
    ):
        row = connection.execute(f"show {limit}".encode()).fetchone()
        assert row is not None
        assert row[0] not in ("0", "-1"), limit


def test_a_migration_that_waits_ends_with_a_sentence(make_settings: Callable) -> None:
    settings = make_settings("waits", lock_timeout_seconds=1)
    migrate(settings)
    with warehouse.connect(settings, "admin") as holder:
        holder.execute("select pg_advisory_xact_lock(7305201141)")
        with pytest.raises(warehouse.WarehouseError, match="Wait for it"):
            migrate(settings)
    drop_database(settings)
