"""Build a published night again, beside the live tables, from its deliveries and decisions."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from psycopg import sql

from regulars.lists.export import write_files
from regulars.night import Night
from regulars.nights import logged_rows
from regulars.nights.lock import NightRefused, only_one
from regulars.nights.steps import STEPS
from regulars.private_files import make_missing
from regulars.publication.publish import UNKNOWN_DIGEST, files_digest
from regulars.runs import input_digest, run_id
from regulars.settings import Settings
from regulars.warehouse import connect

PREFIX = "rebuild_"
SCHEMAS = ("staging", "intermediate", "marts", "scores", "lists", "pii")


def rebuild(settings: Settings, as_of: date, out: Path, *, keep: bool = False) -> dict[str, object]:
    """Rebuild the night as it was published and write its list files to out/lists.

    Returns whether every file equals the published one, byte for byte (None where an erasure could
    not read those), and where its rows are from: `deliveries`, or `log` of a night from before an
    erasure. keep=True leaves the rebuilt schemas
    (rebuild_marts …) for a comparison in SQL.
    """
    generation, last_delivery_id, published_digest = _published(settings, as_of)
    night = Night(as_of, PREFIX, last_delivery_id)
    with only_one(settings):
        drop(settings)
        for step in STEPS.values():
            if step.is_rebuilt:
                step.run(settings, night)
        is_logged = logged_rows.are_needed(settings, generation)
        if is_logged:
            logged_rows.take(settings, night, generation)
        with connect(settings, "transformer") as connection:
            digest = input_digest(connection, night)
        shutil.rmtree(out / "lists", ignore_errors=True)
        make_missing(out)
        write_files(settings, night, out, run_id(as_of, digest))
        if not keep:
            drop(settings)
    return {
        "as_of": as_of.isoformat(),
        "generation": generation,
        "folder": str(out),
        "rows_from": "log" if is_logged else "deliveries",
        "is_identical": None
        if published_digest == UNKNOWN_DIGEST
        else files_digest(out) == published_digest,
    }


def drop(settings: Settings, prefix: str = PREFIX) -> None:
    """Remove what an earlier rebuild, or another build beside the live tables, left."""
    with connect(settings, "transformer") as connection:
        for schema in SCHEMAS:
            connection.execute(
                sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(prefix + schema))
            )
        connection.execute("delete from ops.builds where prefix = %s", [prefix])
        connection.execute("delete from ops.built_deliveries where prefix = %s", [prefix])


def _published(settings: Settings, as_of: date) -> tuple[int, int, str]:
    with connect(settings, "transformer") as connection:
        row = connection.execute(
            "select generation, last_delivery_id, files_digest"
            " from decisions.effective_publications where as_of = %s",
            [as_of],
        ).fetchone()
    if row is None:
        raise NightRefused(
            f"No night of {as_of} was published, so there is nothing to rebuild. "
            "`regulars status` lists the published nights."
        )
    return row
