"""Build the tables: one dbt process a layer, incremental when that is safe, full otherwise."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from regulars import failpoints
from regulars.night import Night
from regulars.settings import Settings
from regulars.warehouse import connect, url

ALL_DELIVERIES = 2**63 - 1
FAILED = ("error", "fail", "runtime error")
# Messages that name things of the schema or of dbt, never a value of a row.
SAFE = re.compile(
    r"(Got \d+ results?|Compilation Error|Contract Error|This model has an enforced contract|"
    r"(column|relation|function|schema|operator|type|role|database) .* "
    r"(does not exist|is ambiguous|already exists)|"
    r"column reference .* is ambiguous|syntax error at or near|permission denied|"
    r"division by zero|deadlock detected|canceling statement|null value in column|"
    r"duplicate key value violates unique constraint|could not (extend|write|create|open)|"
    r"server closed the connection|terminating connection|out of memory)"
)


class TransformError(RuntimeError):
    """dbt could not build; the message names the nodes and what the database said."""


def build(settings: Settings, night: Night, selector: str) -> dict[str, object]:
    """Build a layer: before_scores, after_scores or lists. Returns node counts.

    The latter two read what the first has built; that it is this night's is the caller's to know:
    a step of the live night asks `check_built`, a rebuild holds the lock from the first on.
    """
    if selector != "before_scores":
        counts = _run_dbt(settings, night, selector, full_refresh=False)
        if selector == "lists":
            failpoints.hit("transform:lists_built")
        else:
            failpoints.hit("transform:after_scores_built")
        return counts
    full = _begin(settings, night)
    counts = _run_dbt(settings, night, selector, full_refresh=full)
    failpoints.hit("transform:before_scores_built")
    _finish(settings, night)
    failpoints.hit("transform:deliveries_marked")
    return {**counts, "mode": "full" if full else "incremental"}


def _begin(settings: Settings, night: Night) -> bool:
    """Record that a build starts. Returns whether it must be a full one."""
    digest = code_digest(settings)
    with connect(settings, "transformer") as connection:
        full = _needs_full(connection, night, digest)
        if full:
            connection.execute("delete from ops.built_deliveries where prefix = %s", [night.prefix])
        connection.execute(
            """
            insert into ops.builds (prefix, as_of, last_delivery_id, code_digest, status)
            values (%s, %s, %s, %s, %s)
            on conflict (prefix) do update set
                as_of = excluded.as_of, last_delivery_id = excluded.last_delivery_id,
                code_digest = excluded.code_digest, status = excluded.status
            """,
            [night.prefix, night.as_of, night.last_delivery_id, digest,
             "building_full" if full else "building"],
        )  # fmt: skip
    return full


def _needs_full(connection: psycopg.Connection, night: Night, digest: str) -> bool:
    """A build goes on from the last one only if that was complete and saw no more than this.

    After a build that broke off, some facts hold the new state and some the old one: which
    customers it was about to touch can no longer be read from them.
    """
    row = connection.execute(
        "select as_of, last_delivery_id, code_digest, status from ops.builds where prefix = %s",
        [night.prefix],
    ).fetchone()
    if row is None:
        return True
    as_of, last_delivery_id, built_digest, status = row
    return bool(
        status != "built"
        or built_digest != digest
        or as_of > night.as_of
        or last_delivery_id != night.last_delivery_id
    )


def _finish(settings: Settings, night: Night) -> None:
    """Remember exactly the deliveries that this build counted."""
    visible = psycopg.sql.SQL("select delivery_id from {}.stg_deliveries").format(
        psycopg.sql.Identifier(night.schema("staging"))
    )
    with connect(settings, "transformer") as connection:
        connection.execute(
            psycopg.sql.SQL(
                "delete from ops.built_deliveries where prefix = %s and delivery_id not in ({})"
            ).format(visible),
            [night.prefix],
        )
        connection.execute(
            psycopg.sql.SQL(
                "insert into ops.built_deliveries (prefix, delivery_id)"
                " select %s, delivery_id from ({}) as visible on conflict do nothing"
            ).format(visible),
            [night.prefix],
        )
        connection.execute(
            "update ops.builds set status = 'built' where prefix = %s", [night.prefix]
        )


def check_built(settings: Settings, night: Night) -> None:
    """Raise TransformError unless the tables hold this night: another may have come between."""
    with connect(settings, "transformer") as connection:
        row = connection.execute(
            "select as_of, status from ops.builds where prefix = %s", [night.prefix]
        ).fetchone()
    if row is None or row[1] != "built" or row[0] != night.as_of:
        state = "nothing" if row is None else f"the night of {row[0]} ({row[1]})"
        raise TransformError(
            f"The tables hold {state}, not the night of {night.as_of}: "
            "another night has run in between. Run this night again from its start."
        )


def code_digest(settings: Settings) -> str:
    """What the tables depend on besides deliveries: the dbt project and the company's settings."""
    digest = hashlib.sha256(repr(_company(settings)).encode())
    folders = ("models", "macros", "seeds")
    files = [f for name in folders for f in (settings.dbt_project / name).rglob("*") if f.is_file()]
    for file in sorted([*files, settings.dbt_project / "dbt_project.yml"]):
        digest.update(str(file.relative_to(settings.dbt_project)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _company(settings: Settings) -> dict[str, object]:
    return {
        "systems": list(settings.systems),
        "company_timezone": settings.company_timezone,
        "reporting_currency": settings.reporting_currency,
    }


def target_folder(settings: Settings, night: Night) -> Path:
    """Where dbt leaves its manifest for this night's prefix."""
    return settings.home / "dbt" / (night.prefix.rstrip("_") or "live")


def _run_dbt(
    settings: Settings, night: Night, selector: str, *, full_refresh: bool
) -> dict[str, object]:
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner

    with _database_environment(settings, REGULARS_AS_OF=night.as_of.isoformat()):
        outcome = dbtRunner().invoke(_arguments(settings, night, selector, full_refresh))
    if not isinstance(outcome.result, RunExecutionResult):
        raise TransformError(f"dbt did not run for {selector}: {outcome.exception}")
    results = outcome.result.results
    failures = [_describe(result) for result in results if str(result.status) in FAILED]
    if failures or not outcome.success:
        raise TransformError(
            f"dbt failed in {selector} for {night.as_of}:\n  " + "\n  ".join(failures)
        )
    return {"nodes": len(results)}


def _arguments(settings: Settings, night: Night, selector: str, full_refresh: bool) -> list[str]:
    # Alike every night: another value of any of them makes dbt parse the whole project again.
    variables = {
        **_company(settings),
        "schema_prefix": night.prefix,
        "last_delivery_id": night.last_delivery_id or ALL_DELIVERIES,
    }
    return [
        # What dbt would log of a database error can quote rows: we tell it ourselves.
        "--quiet", "--log-level", "none", "--log-level-file", "none",
        "--no-use-colors", "--no-send-anonymous-usage-stats",
        "build", "--selector", selector, "--vars", json.dumps(variables),
        "--project-dir", str(settings.dbt_project), "--profiles-dir", str(settings.dbt_project),
        "--target-path", str(target_folder(settings, night)),
        "--threads", str(settings.dbt_threads),
        *(["--full-refresh"] if full_refresh else []),
    ]  # fmt: skip


def _describe(result: object) -> str:
    """Node and message of a failure; words that could quote a value are left out."""
    node = getattr(getattr(result, "node", None), "name", "dbt")
    lines = (line.strip() for line in str(getattr(result, "message", "")).splitlines())
    safe = [line for line in lines if SAFE.match(line)]
    return f"{node}: {' '.join(safe) or 'see the log of the database for the reason'}"


@contextmanager
def _database_environment(settings: Settings, **variables: str) -> Iterator[None]:
    """Hand the connection to dbt's profile, and more variables to its macros; take them back."""
    parts = conninfo_to_dict(url(settings, "transformer"))
    values = {
        "REGULARS_DBT_HOST": str(parts["host"]),
        "REGULARS_DBT_PORT": str(parts["port"]),
        "REGULARS_DBT_USER": str(parts["user"]),
        "REGULARS_DBT_PASSWORD": str(parts["password"]),
        "REGULARS_DBT_DBNAME": str(parts["dbname"]),
        **variables,
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
