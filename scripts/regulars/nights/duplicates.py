"""Keys that staging gives twice: told by system and entity when a build has failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import psycopg
from psycopg import sql

from regulars.feeds.declarations import read_system
from regulars.night import Night
from regulars.project.variables import variables
from regulars.settings import Settings
from regulars.warehouse import connect

LIKELY_CAUSE = (
    "likely the staging model reads every version of a row (use current_version for an upsert "
    "feed), or joins on something that is no key"
)
SHARED = "likely two systems number alike: begin the ids of one of them with its name"


def duplicate_keys(settings: Settings, night: Night) -> list[str]:
    """A sentence for every entity of a system, or of two, in which a key stands twice."""
    keys = {feed.name: feed.delivery.key for feed in read_system(settings.dbt_project, "house")}
    with connect(settings, "transformer") as connection:
        return list(_sentences(connection, night.schema("staging"), _supplied(settings), keys))


def _supplied(settings: Settings) -> dict[str, list[str]]:
    """entity -> the active systems that supply it."""
    entities = variables(settings.dbt_project)["system_entities"]
    supplied: dict[str, list[str]] = {}
    for system in settings.systems:
        for entity in entities.get(system, []):
            supplied.setdefault(entity, []).append(system)
    return supplied


def _sentences(
    connection: psycopg.Connection,
    schema: str,
    supplied: dict[str, list[str]],
    keys: dict[str, tuple[str, ...]],
) -> Iterator[str]:
    for entity, systems in supplied.items():
        if entity not in keys:
            continue
        built = [s for s in systems if _exists(connection, schema, s, entity)]
        names = ", ".join(keys[entity])
        for system in built:
            count = _count(connection, schema, entity, keys[entity], [system])
            if count:
                yield f"{system}, {entity}: {count} keys ({names}) more than once; {LIKELY_CAUSE}"
        for n, first in enumerate(built):
            for second in built[n + 1 :]:
                count = _count(connection, schema, entity, keys[entity], [first, second])
                if count:
                    both = f"{first} and {second}, {entity}"
                    yield f"{both}: {count} keys ({names}) in both; {SHARED}"


def _exists(connection: psycopg.Connection, schema: str, system: str, entity: str) -> bool:
    row = connection.execute(
        "select to_regclass(%s) is not null", [f'"{schema}"."stg_{system}__{entity}"']
    ).fetchone()
    return bool(row and row[0])


def _count(
    connection: psycopg.Connection,
    schema: str,
    entity: str,
    key: Sequence[str],
    systems: Sequence[str],
) -> int:
    """Keys that stand twice in one system, or in both of two."""
    columns = sql.SQL(", ").join(map(sql.Identifier, key))
    select_keys = sql.SQL("select {distinct} {key} from {model}")
    models = [
        select_keys.format(
            distinct=sql.SQL("distinct" if len(systems) > 1 else ""),
            key=columns,
            model=sql.Identifier(schema, f"stg_{system}__{entity}"),
        )
        for system in systems
    ]
    row = connection.execute(
        sql.SQL(
            "select count(*) from (select {key} from ({rows}) as delivered group by {key}"
            " having count(*) > 1) as twice"
        ).format(key=columns, rows=sql.SQL(" union all ").join(models))
    ).fetchone()
    return row[0] if row else 0
