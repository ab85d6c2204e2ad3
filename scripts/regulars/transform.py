"""Build the tables: one dbt process a layer, incremental when that is safe, full otherwise."""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg
from psycopg import sql

from regulars import failpoints, own_project
from regulars.engines import TransformError, company_variables, engine_of
from regulars.night import Night
from regulars.settings import Settings
from regulars.warehouse import connect

__all__ = ["TransformError", "build", "check_built"]

CODE_FOLDERS = ("models", "macros", "seeds")
# what a plan of the lists builds itself
OF_LISTS = (
    "models/marts/campaigns/",
    "models/intermediate/campaigns/",
    "macros/campaigns/words/",
    "seeds/",
    own_project.PROJECT_FILE,  # its variables are told by name
)
VARIABLES_OF_LISTS = ("lists", "list_settings")


def build(settings: Settings, night: Night, layer: str) -> dict[str, object]:
    """Build a layer: before_scores, after_scores or lists. Returns node counts.

    The latter two read what the first has built; that it is this night's is the caller's to know:
    a step of the live night asks `check_built`, a rebuild holds the lock from the first on.
    """
    if layer != "before_scores":
        counts = _build_layer(settings, night, layer, is_full=False)
        if layer == "lists":
            failpoints.hit("transform:lists_built")
        else:
            failpoints.hit("transform:after_scores_built")
        return counts
    is_full = _begin(settings, night)
    counts = _build_layer(settings, night, layer, is_full=is_full)
    failpoints.hit("transform:before_scores_built")
    _finish(settings, night)
    failpoints.hit("transform:deliveries_marked")
    return {**counts, "mode": "full" if is_full else "incremental"}


def _build_layer(
    settings: Settings, night: Night, layer: str, *, is_full: bool
) -> dict[str, object]:
    engine = engine_of(settings)
    engine.prepare(settings, night)
    nodes = engine.build(settings, night, layer, is_full=is_full)
    engine.carry(settings, night, layer)
    return {"nodes": nodes}


def _begin(settings: Settings, night: Night) -> bool:
    """Record that a build starts. Returns whether it must be a full one."""
    digest = code_digest(settings)
    writes_touched_alone = engine_of(settings).writes_touched_alone
    with connect(settings, "transformer") as connection:
        full = _needs_full(connection, night, digest)
        if full:
            connection.execute("delete from ops.built_deliveries where prefix = %s", [night.prefix])
        connection.execute(
            """
            insert into ops.builds
                (prefix, as_of, last_delivery_id, code_digest, code_below_lists, status)
            values (%s, %s, %s, %s, %s, %s)
            on conflict (prefix) do update set
                as_of = excluded.as_of, last_delivery_id = excluded.last_delivery_id,
                code_digest = excluded.code_digest, status = excluded.status,
                code_below_lists = excluded.code_below_lists,
                facts_are_published = ops.builds.facts_are_published and %s
            """,
            [
                night.prefix,
                night.as_of,
                night.last_delivery_id,
                digest,
                code_digest(settings, below_lists=True),
                "building_full" if full else "building",
                writes_touched_alone and not full,
            ],
        )
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
    visible = sql.SQL("select delivery_id from {}.stg_deliveries").format(
        sql.Identifier(night.schema("staging"))
    )
    with connect(settings, "transformer") as connection:
        connection.execute(
            sql.SQL(
                "delete from ops.built_deliveries where prefix = %s and delivery_id not in ({})"
            ).format(visible),
            [night.prefix],
        )
        connection.execute(
            sql.SQL(
                "insert into ops.built_deliveries (prefix, delivery_id)"
                " select %s, delivery_id from ({}) as visible on conflict do nothing"
            ).format(visible),
            [night.prefix],
        )
        connection.execute(
            "update ops.builds set status = 'built' where prefix = %s", [night.prefix]
        )


def check_built(settings: Settings, night: Night, *, to_look: bool = False) -> None:
    """Raise TransformError unless the tables hold this night: another may have come between.

    to_look: for a plan of the lists, not to go on from; then somebody may have been erased since,
    and lists may be others, but not what they read.
    """
    again = f"Run the night of {night.as_of} from its start."
    with connect(settings, "transformer") as connection:
        row = connection.execute(
            "select as_of, status, code_digest, code_below_lists from ops.builds where prefix = %s",
            [night.prefix],
        ).fetchone()
    if row is None:
        why = "The tables are to be built anew: no night was built yet."
    elif row[1] == "erased_from" and not to_look:
        why = "The tables are to be built anew: somebody was erased from them."
    elif row[1] not in ("built", "erased_from"):
        why = f"The tables hold a build of the night of {row[0]} that is not finished."
    elif row[0] != night.as_of:
        why = (
            f"The tables hold the night of {row[0]}, not the night of {night.as_of}: "
            "another night has run in between."
        )
        if to_look and row[0] > night.as_of:
            again = "Finish that one: `regulars status` says what it waits for."
    elif row[2] != code_digest(settings) and not to_look:
        why = "The tables were built by other models, settings or another engine than these."
    elif to_look and row[3] != code_digest(settings, below_lists=True):
        why = (
            "What lists read was built by other models, settings or another engine than these, as "
            "after an upgrade: tonight's lists would be compared with lists over tables of old "
            "rules."
        )
    else:
        return
    raise TransformError(f"{why} {again}")


def code_digest(settings: Settings, *, below_lists: bool = False) -> str:
    """What the tables depend on besides deliveries: the dbt project and the company's settings.
    below_lists: without what makes lists of them."""
    variables = company_variables(settings)
    if below_lists:
        variables = {n: value for n, value in variables.items() if n not in VARIABLES_OF_LISTS}
    digest = hashlib.sha256(repr((settings.engine, variables)).encode())
    for layer in own_project.layers(settings.dbt_project):
        for file in _code(layer):
            name = str(file.relative_to(layer))
            if below_lists and name.startswith(OF_LISTS):
                continue
            digest.update(name.encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _code(dbt_project: Path) -> list[Path]:
    files = (file for name in CODE_FOLDERS for file in (dbt_project / name).rglob("*"))
    read = (f for f in files if f.suffix in own_project.READ_BY_DBT and not f.name.startswith("."))
    return sorted([*(f for f in read if f.is_file()), dbt_project / own_project.PROJECT_FILE])
