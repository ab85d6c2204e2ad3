"""What nights decided about models, in the decision log: read back, and added to.

A fit at an origin is found again by what it was fitted on, so that no night fits it twice and a
rebuild of any night finds what the first one found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd
import psycopg

from regulars.backtesting.champion import Choice
from regulars.night import Night

Parameters = dict[str, dict[str, float]]  # model -> parameter -> value


def digest_of(distinct: pd.DataFrame) -> str:
    """SHA-256 of what a fit is made on: distinct rows of floats in key order, with their weights.

    Of the text of a CSV file, as whose digest fits were always logged; written in one go.
    """
    row = ",".join(["%.9g"] * len(distinct.columns)) + "\n"
    rows = (row * len(distinct)) % tuple(distinct.to_numpy(dtype="float64").ravel().tolist())
    return hashlib.sha256(f"{','.join(distinct.columns)}\n{rows}".encode()).hexdigest()


def parameters(connection: psycopg.Connection, fitted_on: date, digest: str) -> Parameters:
    """Logged parameters of fits on what was known on a day, for this input."""
    rows = connection.execute(
        "select model, parameter, value from decisions.parameters"
        ' where as_of = %s and input_digest = %s order by model collate "C"',
        [fitted_on, digest],
    ).fetchall()
    logged: Parameters = {}
    for model, parameter, value in rows:
        logged.setdefault(model, {})[parameter] = float(value)
    return logged


def library_versions(connection: psycopg.Connection, fitted_on: date, digest: str) -> str | None:
    """Libraries that made the logged fits; None where there are none."""
    row = connection.execute(
        "select min(library_versions) from decisions.parameters"
        " where as_of = %s and input_digest = %s",
        [fitted_on, digest],
    ).fetchone()
    return row[0] if row else None


def add_parameters(
    connection: psycopg.Connection,
    fitted_on: date,
    digest: str,
    fits: Mapping[str, Mapping[str, float]],
    run_id: str,
    library_versions: str,
) -> None:
    """Log fits; those already there stay as they are."""
    rows = [
        (fitted_on, digest, model, parameter, repr(value), run_id, library_versions)
        for model, values in sorted(fits.items())
        for parameter, value in values.items()
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into decisions.parameters (as_of, input_digest, model, parameter, value,"
            " run_id, library_versions) values (%s, %s, %s, %s, %s, %s, %s)"
            " on conflict do nothing",
            rows,
        )


def champion(connection: psycopg.Connection, night: Night, digest: str) -> Choice | None:
    """The champion logged for this night and input."""
    row = connection.execute(
        "select model, reason from decisions.champions where as_of = %s and input_digest = %s",
        [night.as_of, digest],
    ).fetchone()
    return Choice(*row) if row else None


@dataclass(frozen=True)
class Incumbent:
    """The champion of a published night, and what its parameters are logged under."""

    model: str
    as_of: date
    digest: str


def incumbent(connection: psycopg.Connection, night: Night) -> Incumbent | None:
    """Champion of the last night published before this one."""
    row = connection.execute(
        """
        select c.model, p.as_of, p.input_digest
        from decisions.effective_publications as p
        inner join decisions.champions as c
            on p.as_of = c.as_of and p.input_digest = c.input_digest
        where p.as_of < %s
        order by p.as_of desc
        limit 1
        """,
        [night.as_of],
    ).fetchone()
    return Incumbent(*row) if row else None


def add_champion(connection: psycopg.Connection, night: Night, digest: str, choice: Choice) -> None:
    connection.execute(
        "insert into decisions.champions (as_of, input_digest, model, reason)"
        " values (%s, %s, %s, %s) on conflict do nothing",
        [night.as_of, digest, choice.model, choice.reason],
    )
