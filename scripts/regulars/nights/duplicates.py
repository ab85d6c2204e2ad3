"""Keys that staging gives twice: told by system and entity when a build has failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import psycopg
from psycopg import sql

from regulars.night import Night
from regulars.project.variables import variables
from regulars.settings import Settings
from regulars.warehouse import WarehouseError, connect

SCHEMAS = ("staging", "pii")
LIKELY_CAUSE = (
    "likely the staging model reads every version of a row (use current_version for an upsert "
    "feed), or joins on something that is no key"
)
SHARED = "likely two systems number alike: begin the ids of one of them with its name"


def duplicate_keys(settings: Settings, night: Night) -> list[str]:
    """A sentence for every entity of a system, or of two, in which a key stands twice.

    None where the database is gone or half built: the news is what the build said of itself.
    """
    try:
        return _found(settings, night)
    except (psycopg.Error, WarehouseError):
        return []


def _found(settings: Settings, night: Night) -> list[str]:
    keys = variables(settings.dbt_project)["entity_keys"]
    with connect(settings, "transformer") as connection:
        models = _built(connection, night, _supplied(settings))
        return [
            sentence
            for entity, of_systems in models.items()
            if entity in keys
            for sentence in _sentences(connection, entity, of_systems, keys[entity])
        ]


def _supplied(settings: Settings) -> dict[str, list[str]]:
    """entity -> the active systems that supply it."""
    entities = variables(settings.dbt_project)["system_entities"]
    supplied: dict[str, list[str]] = {}
    for system in settings.systems:
        for entity in entities.get(system, []):
            supplied.setdefault(entity, []).append(system)
    return supplied


def _built(
    connection: psycopg.Connection, night: Night, supplied: dict[str, list[str]]
) -> dict[str, dict[str, sql.Identifier]]:
    """entity -> system -> the model that supplies it, of those that are built."""
    schemas = [night.schema(name) for name in SCHEMAS]
    rows = connection.execute(
        "select table_name, table_schema from information_schema.tables"
        " where table_schema = any(%s)",
        [schemas],
    )
    schema_of: dict[str, str] = dict(rows.fetchall())
    return {
        entity: {
            system: sql.Identifier(schema_of[name], name)
            for system in systems
            if (name := f"stg_{system}__{entity}") in schema_of
        }
        for entity, systems in supplied.items()
    }


def _sentences(
    connection: psycopg.Connection,
    entity: str,
    models: dict[str, sql.Identifier],
    key: Sequence[str],
) -> Iterator[str]:
    names = ", ".join(key)
    for system, model in models.items():
        if count := _count(connection, [model], key):
            yield f"{system}, {entity}: {count} keys ({names}) more than once; {LIKELY_CAUSE}"
    for (first, of_first), (second, of_second) in combinations(models.items(), 2):
        if count := _count(connection, [of_first, of_second], key):
            yield f"{first} and {second}, {entity}: {count} keys ({names}) in both; {SHARED}"


def _count(
    connection: psycopg.Connection, models: Sequence[sql.Identifier], key: Sequence[str]
) -> int:
    """Keys that stand twice in one model, or in both of two."""
    columns = sql.SQL(", ").join(map(sql.Identifier, key))
    distinct = sql.SQL("distinct" if len(models) > 1 else "")
    rows = sql.SQL(" union all ").join(
        sql.SQL("select {} {} from {}").format(distinct, columns, model) for model in models
    )
    row = connection.execute(
        sql.SQL(
            "select count(*) from (select {key} from ({rows}) as delivered group by {key}"
            " having count(*) > 1) as twice"
        ).format(key=columns, rows=rows)
    ).fetchone()
    return row[0] if row else 0
