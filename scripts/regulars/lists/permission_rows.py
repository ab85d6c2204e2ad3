"""SQL of the rows that the last check asks: what was delivered, and what lists ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from typing import LiteralString
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from regulars import own_project
from regulars.lists import raw_merges, raw_words
from regulars.night import Night
from regulars.project.list_definitions import ListDefinition
from regulars.settings import Settings
from regulars.targets import destinations

EVENTS = (
    "kind",
    "customer_id",
    "reference",
    "channel",
    "purpose",
    "happened_at",
    "is_no",
    "source",
)
VERSIONS = ("customer_id", "email", "phone", "country")
LINKS = ("customer_id", "linked_customer_id", "linked_until")
TYPES = {
    "happened_at": "timestamptz",
    "linked_until": "timestamptz",
    "is_no": "boolean",
    "delivery_id": "bigint",
}  # text otherwise


def asked_by(settings: Settings, definitions: Iterable[ListDefinition]) -> sql.Composed:
    """SQL: rows of (list_code, class, channel, purpose, needs) for `values`, of each list and of
    each platform that it goes to."""
    definitions = list(definitions)
    return values_of(
        [
            *((d.list_code, d.list_class, d.channel, d.purpose, None) for d in definitions),
            *_platforms(settings, definitions),
        ]
    )


def _platforms(
    settings: Settings, definitions: list[ListDefinition]
) -> Iterator[tuple[str, str, str, str, list[str]]]:
    """Rows of `lists`: each consent that a file of an ad platform asks for, beside the list's."""
    for list_code, going_to in destinations.load(settings.dbt_project, definitions).items():
        for consents in {destination.target.consents for destination in going_to}:
            for channel, purpose in consents:
                yield list_code, "platform", channel, purpose, consents_needed(consents)


def consents_needed(consents: Iterable[tuple[str, str]]) -> list[str]:
    """As pii.list_people and `refused` have them."""
    return [f"{channel}:{purpose}" for channel, purpose in consents]


def links(
    connection: psycopg.Connection, settings: Settings, night: Night, people: str
) -> sql.Composed:
    """Rows of (account_id, customer_id, is_standing) by all that `night` knows: see raw_merges."""
    own = own_systems(settings, "account_links")
    of_others = delivered(connection, own, night, "account_links", LINKS, "staging")
    return raw_merges.links(connection, night, end_of(settings, night), of_others, people)


def versions(connection: psycopg.Connection, settings: Settings, night: Night) -> sql.Composed:
    others = [system for system in settings.systems if system != "house"]
    rows = [delivered(connection, others, night, "contact_versions", VERSIONS)]
    if "house" in settings.systems:
        rows.append(raw_words.contact_versions(night))
    return sql.SQL(" union all ").join(rows)


def delivered(
    connection: psycopg.Connection,
    systems: Iterable[str],
    night: Night,
    entity: str,
    columns: tuple[str, ...],
    schema_name: str = "pii",  # an id can be an address
) -> sql.Composed:
    """Rows of an entity of those of `systems` that supply it, as their staging maps them."""
    schema = night.schema(schema_name)
    names = [f"stg_{system}__{entity}" for system in systems]
    supplied = connection.execute(
        "select table_name from information_schema.tables"
        " where table_schema = %s and table_name = any(%s) order by table_name",
        [schema, names],
    ).fetchall()
    selected = sql.SQL(", ").join(map(sql.Identifier, columns))
    nothing = sql.SQL("select {} from (select {}) as none where false").format(
        selected,
        sql.SQL(", ").join(
            sql.SQL("null::{} as {}").format(sql.SQL(TYPES.get(name, "text")), sql.Identifier(name))
            for name in columns
        ),
    )
    return sql.SQL(" union all ").join(
        [
            nothing,
            *(
                sql.SQL("select {} from {}").format(selected, sql.Identifier(schema, name))
                for (name,) in supplied
            ),
        ]
    )


def own_systems(settings: Settings, entity: str) -> list[str]:
    """Of which the company itself says what this entity's rows mean."""
    *company, _ = own_project.layers(settings.dbt_project)
    return [
        system
        for system in settings.systems
        if system not in raw_words.WORDS
        or any(any(layer.glob(f"models/**/stg_{system}__{entity}.sql")) for layer in company)
    ]


def as_written(kind: str, column: LiteralString) -> sql.Composed:
    """SQL: an address as it was delivered, without what nobody means by it."""
    form = "lower(trim({}))" if kind == "email" else "regexp_replace({}, '[^0-9+]', '', 'g')"
    return sql.SQL(form).format(sql.SQL(column))


def end_of(settings: Settings, night: Night) -> datetime:
    """Midnight after the night's day, by the company's clock."""
    midnight = datetime.combine(night.as_of + timedelta(days=1), time())
    return midnight.replace(tzinfo=ZoneInfo(settings.company_timezone))


def values_of(rows: Iterable[tuple[object, ...]]) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row))) for row in rows
    )
