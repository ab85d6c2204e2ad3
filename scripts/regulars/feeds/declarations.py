"""Read feeds from dbt source YAML: one declaration, for dbt and for the loader.

dbt is not imported: it takes seconds, and the loader needs a few keys only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import yaml

from regulars import own_project, yaml_text
from regulars.feeds.declaration_checks import DeclarationError, check_feed
from regulars.feeds.model import Column, Delivery, Feed
from regulars.project.variables import variables
from regulars.settings import Settings

__all__ = ["DeclarationError", "load", "read_system", "systems"]


class UnknownFeed(RuntimeError):
    """Nobody declared a feed of this name; the message says what is declared."""


COLUMN_KEYS = {
    "header",
    "required",
    "min",
    "max",
    "allowed",
    "above_zero_for",
    "format",
    "future",
    "month",
    "personal",
    "code",
    "long",
    "customer",
}
REQUIRED = "required"
OPTIONAL = "optional"
TABLE_KEYS = {"group", "delivery", "timezone"}
DELIVERY_KEYS = {f.name for f in fields(Delivery)}
GROUPS_OF_STEP = {"sales": ("sales",), "service": ("service", "care")}


def load(dbt_project: Path, systems: Iterable[str]) -> tuple[Feed, ...]:
    """All feeds of these systems, in the order declared. Raises DeclarationError."""
    feeds: list[Feed] = []
    for system in systems:
        feeds += read_system(dbt_project, system)
    _refuse_shared_tables(feeds)
    return with_id_places(feeds)


def with_id_places(feeds: Iterable[Feed]) -> tuple[Feed, ...]:
    """The same, those of tools with where the others' ids stand."""
    feeds = tuple(feeds)
    places = tuple(
        (feed.table, column.name)
        for feed in feeds
        if not feed.delivery.forbids
        for column in feed.customer_columns
    )
    return tuple(replace(f, id_places=places) if f.is_of_a_tool else f for f in feeds)


def systems(dbt_project: Path) -> set[str]:
    """Every system that is declared, whether or not the company has it on."""
    files = own_project.files(dbt_project, "models/staging/*/_*__sources.yml")
    return {path.parent.name for path in files}


def named(settings: Settings, table: str | None) -> list[Feed]:
    """The feed that loads raw.<table>, or all. Raises UnknownFeed; it says what is declared."""
    declared = load(settings.dbt_project, settings.systems)
    feeds = [feed for feed in declared if table in (None, feed.table)]
    if not feeds:
        raise UnknownFeed(
            f"No feed loads raw.{table}. Declared: {', '.join(f.table for f in declared)}."
        )
    return feeds


def of_step(feeds: Iterable[Feed], step: str) -> list[Feed]:
    """The feeds that an ingest step loads: `sales`; `service` also loads the care feeds."""
    groups = GROUPS_OF_STEP.get(step, (step,))
    return [feed for feed in feeds if feed.group in groups]


def read_system(dbt_project: Path, system: str) -> list[Feed]:
    """Feeds declared in models/staging/<system>/_<system>__sources.yml."""
    path = own_project.find(dbt_project, f"models/staging/{system}/_{system}__sources.yml")
    try:
        document = yaml_text.parsed(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DeclarationError(
            f"System '{system}' has no declaration: {path} does not exist. "
            "Write it as docs/feeds.md shows, or correct REGULARS_SYSTEMS."
        ) from None
    except yaml.YAMLError as error:
        raise DeclarationError(f"{path} is not YAML: {error}") from None
    guards = variables(dbt_project)["guards"]
    feeds = []
    for source in (document or {}).get("sources") or []:
        shared = _meta(source)
        for table in source.get("tables") or []:
            if "delivery" in _meta(table):  # tables without one are written by the pipeline
                feeds.append(_feed(system, shared, table, path, guards))
    return feeds


def _feed(
    system: str,
    shared: Mapping[str, Any],
    table: Mapping[str, Any],
    path: Path,
    guards: Collection[str],
) -> Feed:
    where = f"{path.name}, table '{table.get('name')}'"
    meta = _meta(table)
    _refuse_unknown(meta, TABLE_KEYS, where)
    feed = Feed(
        system=system,
        name=str(table.get("name")),
        table=str(table.get("identifier") or table.get("name")),
        group=str(meta.get("group", "")),
        columns=_columns(table, shared, where),
        delivery=_delivery(meta["delivery"], where),
        timezone=meta.get("timezone") or shared.get("timezone"),
        description=str(table.get("description") or "").strip(),
    )
    check_feed(feed, where, guards)
    return feed


def _columns(table: Mapping[str, Any], shared: Mapping[str, Any], where: str) -> tuple[Column, ...]:
    columns = tuple(_column(c, where) for c in table.get("columns") or [])
    is_declared = shared.get("pseudonymous_ids", False)
    if not isinstance(is_declared, bool):
        raise DeclarationError(f"{where}: the source's pseudonymous_ids is true or false.")
    if not is_declared:
        return columns
    for column in columns:
        if column.is_customer and column.kind != "text":
            raise DeclarationError(
                f"{where}: {column.name} is {column.data_type}; a pseudonym is a text."
            )
    return tuple(replace(c, is_pseudonymised=c.is_customer) for c in columns)


def _column(declared: Mapping[str, Any], where: str) -> Column:
    name = str(declared.get("name"))
    where = f"{where}, column '{name}'"
    meta = _meta(declared)
    _refuse_unknown(meta, COLUMN_KEYS, where)
    if "data_type" not in declared:
        raise DeclarationError(f"{where}: data_type is missing.")
    if meta.get("future", "refused") not in ("allowed", "refused"):
        raise DeclarationError(f"{where}: future is 'allowed' or 'refused'.")
    for key in ("code", "long", "customer", "month"):
        if not isinstance(meta.get(key, False), bool):
            raise DeclarationError(f"{where}: {key} is true or false.")
    header, presence = _header(meta.get("header"), name, where)
    return Column(
        name=name,
        header=header,
        is_header_required=presence == REQUIRED,
        is_header_optional=presence == OPTIONAL,
        data_type=str(declared["data_type"]).lower().strip(),
        required=bool(meta.get("required", False)),
        minimum=_text(meta.get("min")),
        maximum=_text(meta.get("max")),
        allowed=tuple(_literal(v) for v in meta.get("allowed") or ()),
        above_zero_for=_above_zero_for(meta.get("above_zero_for"), where),
        formats=_formats(meta.get("format")),
        is_future_allowed=meta.get("future") == "allowed",
        is_month=meta.get("month", False),
        personal=_text(meta.get("personal")),
        is_code=meta.get("code", False),
        is_long=meta.get("long", False),
        is_customer=meta.get("customer", False),
    )


def _above_zero_for(declared: object, where: str) -> tuple[str, tuple[str, ...]] | None:
    """(column, values), from `above_zero_for: {kind: [earned]}`."""
    if declared is None:
        return None
    if not isinstance(declared, Mapping) or len(declared) != 1:
        raise DeclarationError(f"{where}: above_zero_for is such as {{kind: [earned]}}.")
    ((name, values),) = declared.items()
    if not isinstance(values, list) or not values:
        raise DeclarationError(f"{where}: above_zero_for lists values, such as {{kind: [earned]}}.")
    return str(name), tuple(map(_literal, values))


def _header(declared: object, name: str, where: str) -> tuple[str, str | None]:
    """(name in the file, whether it must be there or may be absent without a word), from
    `header: SaleId`, `header: required`, `header: optional` or
    `header: {name: SaleId, required: true}`."""
    if declared is None:
        return name, None
    if declared in (REQUIRED, OPTIONAL):
        return name, str(declared)
    if not isinstance(declared, Mapping):
        return str(declared), None
    _refuse_unknown(declared, {"name", REQUIRED}, f"{where}, header")
    required = declared.get(REQUIRED, False)
    if not isinstance(required, bool):
        raise DeclarationError(f"{where}, header: required is true or false.")
    return str(declared.get("name", name)), REQUIRED if required else None


def _delivery(declared: Mapping[str, Any], where: str) -> Delivery:
    where = f"{where}, delivery"
    _refuse_unknown(declared, DELIVERY_KEYS, where)
    if "path" not in declared:
        raise DeclarationError(f"{where}: path is missing.")
    values = dict(declared)
    if isinstance(values.get("expected"), list):
        values["expected"] = tuple(_literal(day) for day in values["expected"])
    if "since" in values:
        values["since"] = _text(values["since"])
    for name in ("nulls", "key", "complete_by", "index", "multiplied", "guards"):
        if name in values:
            if not isinstance(values[name], list):
                raise DeclarationError(f"{where}: {name} is a list, such as [{values[name]}].")
            values[name] = tuple(_literal(v) for v in values[name])
    return Delivery(**values)


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """`config: {meta: …}`, or the older `meta: …`."""
    return (node.get("config") or {}).get("meta") or node.get("meta") or {}


def _formats(declared: object) -> tuple[str, ...]:
    """One format, or a list of them."""
    if declared is None:
        return ()
    return tuple(str(form) for form in (declared if isinstance(declared, list) else [declared]))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _literal(value: object) -> str:
    """A YAML value as it stands in a file: true, not True."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refuse_unknown(given: Mapping[str, Any], known: set[str], where: str) -> None:
    """A misspelt key would be a check that never runs."""
    unknown = sorted(set(given) - known)
    if unknown:
        raise DeclarationError(
            f"{where}: unknown key {', '.join(unknown)}. Known: {', '.join(sorted(known))}."
        )


def _refuse_shared_tables(feeds: Iterable[Feed]) -> None:
    seen: dict[str, Feed] = {}
    for feed in feeds:
        other = seen.setdefault(feed.table, feed)
        if other is not feed:
            raise DeclarationError(
                f"{other.label} and {feed.label} both load raw.{feed.table}: "
                "give one of them an `identifier`."
            )
