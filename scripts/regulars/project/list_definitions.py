"""What each list is: its YAML beside its SQL, dbt_project/models/marts/campaigns/<list>.yml, and
what a company's own project says otherwise of it.

dbt reads the same file: the tables have what is said there (macros/campaigns/list_definition.sql).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from regulars import own_project
from regulars.project import campaign_rules, file_columns, list_settings, sentence_facts, shapes
from regulars.project.bounds import TEXT, Bounds, number, one_of, whole
from regulars.project.list_words import NAME, ListWords, forms_of, shared_words, words_of
from regulars.project.located import Located, read_own
from regulars.project.variables import language

FOLDER = Path("models") / "marts" / "campaigns"
FIELDS: Mapping[str, Bounds] = {
    "version": whole(1, 9999),
    "class": one_of("marketing", "service", "audience", "suppression"),
    "channel": one_of("email", "phone", "post", "ads"),
    "purpose": one_of("marketing", "service", "advertising"),
    "owner": TEXT,
    "priority": whole(1, 1000),
    "cadence": one_of("nightly", "weekly", "monthly", "quarterly"),
    "holdout_share": number(0, 0.5),
    "outcome_window_days": whole(1, 730),
    "refunds_settle_days": whole(0, 365),
    "valid_days": whole(0, 31),
    "capacity": whole(1, 10_000_000, is_required=False),
    "claim": Bounds(allowed=("has_not_bought",), is_required=False),
    "age": Bounds(allowed=("known",), is_required=False),
    "needed_feeds": Bounds(is_required=False),
    "rank": Bounds(allowed=("score",), is_required=False),
    "stops": Bounds(allowed=("marketing",), is_required=False),
    "about": Bounds(allowed=("people",), is_required=False),
}
NUMBERS = ("holdout_share", "outcome_window_days", "refunds_settle_days", "valid_days")
OFFER: Mapping[str, Bounds] = {
    "share": number(0, 1),
    "assumed_effect": number(0, 1),
    "at_least": number(0, 1000),
}
PARTS = ("offer", "thresholds", "words")
NOTHING: Mapping[str, Located] = {}
ENTRY = ("config", "meta", "list")  # where a model's YAML has it
THRESHOLD = ("value", "min", "max", "whole")
ANY_NUMBER = number(-1e12, 1e12)
# Types that look the same in JSON and in a file, whatever the session's settings.
COLUMN_TYPE = re.compile(r"text|integer|bigint|boolean|date|numeric\(\d+, ?\d+\)")


@dataclass(frozen=True)
class ListColumn:
    """A column that this list alone has, after the common ones of its file."""

    name: str
    data_type: str
    description: str


@dataclass(frozen=True)
class ListDefinition:
    """One list.

    list_class  marketing (consent, hold-out), service (something is owed), audience (consent, no
                contact) or suppression (whom all marketing leaves in peace)
    channel     email, phone, post or ads: the address a file row cannot do without
    purpose     of the consent that a marketing list needs
    """

    list_code: str
    list_version: int
    list_class: str
    channel: str
    purpose: str
    owner: str
    priority: int
    columns: tuple[ListColumn, ...]
    words: ListWords


def load(dbt_project: Path, changes: Mapping[str, Located] = NOTHING) -> list[ListDefinition]:
    """Every list that is switched on, by code, with `changes` of some. Raises DeclarationError if
    one makes no sense."""
    spoken = language(dbt_project)
    forms = forms_of(shared_words(dbt_project, spoken))
    models = list(_models(dbt_project, changes))
    _check_priorities(models)
    for model in models:
        _check(model, dbt_project)
    made = (_definition(model, spoken, forms) for model in models)
    return sorted(made, key=lambda definition: definition.list_code)


def check(dbt_project: Path, changes: Mapping[str, Located] = NOTHING) -> dict[str, int]:
    """Check all that the owners of lists may turn, with `changes` of some. Returns how many lists
    and rules there are. Raises DeclarationError."""
    lists = load(dbt_project, changes)
    _check_places(dbt_project)
    models = _models(dbt_project, changes)
    sentence_facts.check(dbt_project, {model.value["name"]: _entry(model) for model in models})
    return {"lists": len(lists), "rules": campaign_rules.check(dbt_project)}


def codes(dbt_project: Path) -> list[str]:
    """The lists that are switched on."""
    return sorted(model.value["name"] for model in _models(dbt_project))


def switched_off(dbt_project: Path) -> list[str]:
    """The lists that are there and switched off."""
    everything = {model.value["name"] for model, _ in _all(dbt_project)}
    return sorted(everything - set(codes(dbt_project)))


def for_dbt(
    dbt_project: Path, changes: Mapping[str, Located] = NOTHING
) -> dict[str, dict[str, Any]]:
    """Each list as dbt's macros read it: its definition, and name and type of its own columns."""
    models = sorted(_models(dbt_project, changes), key=lambda model: str(model.value["name"]))
    return {
        model.value["name"]: {
            "definition": _entry(model).value,
            "columns": [[column["name"], column["data_type"]] for column in _own_columns(model)],
        }
        for model in models
    }


def _models(dbt_project: Path, more: Mapping[str, Located] = NOTHING) -> Iterator[Located]:
    """The models of lists that are switched on, as the company's settings and more change them."""
    models = [model for model, is_on in _all(dbt_project) if is_on]
    _check_unique(models)
    for changes in (list_settings.of(dbt_project), more):
        list_settings.check_names(changes, {m.value["name"]: _entry(m).value for m in models})
        models = [_changed(model, changes.get(model.value["name"])) for model in models]
    yield from models


def _changed(model: Located, change: Located | None) -> Located:
    return model if change is None else change.below(*ENTRY).over(model)


def _all(dbt_project: Path) -> Iterator[tuple[Located, bool]]:
    """Models whose `config: meta:` has a `list`, and whether they are switched on."""
    for layer in reversed(own_project.layers(dbt_project)):
        off = list_settings.switched_off(dbt_project) if layer != dbt_project else {}
        declared = [
            one
            for path in sorted((layer / FOLDER).glob("*.yml"))
            for one in _declared(read_own(path, dbt_project))
        ]
        list_settings.check_switched_off(off, {model.value["name"] for model, _ in declared})
        for model, is_enabled in declared:
            yield model, is_enabled and model.value["name"] not in off


def _declared(content: Located) -> Iterator[tuple[Located, bool]]:
    """The lists of one file, and whether they are enabled in it."""
    if content.value is None:
        return
    shapes.mapping(content)
    for model in shapes.parts(content.get("models")):
        shapes.mapping(model)
        config = model.get("config")
        if config is None or "list" not in _named(config, "meta"):
            continue
        if model.get("name") is None:
            raise model.refuse("a list needs a name, that of its model.")
        shapes.text(model["name"])
        shapes.mapping(_entry(model))
        is_enabled = "enabled" not in config.value or shapes.flag(config["enabled"])
        yield model, is_enabled


def _check_places(dbt_project: Path) -> None:
    """A list of the company's that stands elsewhere is built by dbt, and in no file."""
    for layer in own_project.layers(dbt_project)[:-1]:
        for path in sorted((layer / "models").rglob("*.y*ml")):
            if path.parent == layer / FOLDER and path.suffix == ".yml":
                continue
            for model, _ in _declared(read_own(path, dbt_project)):
                name = model.value["name"]
                raise model["name"].refuse(
                    f"{name} says that it is a list; a list stands in {FOLDER / name}.yml."
                )


def _named(entry: Located, name: str) -> Mapping[str, Any]:
    """What stands under a name, nothing where it is left out."""
    shapes.mapping(entry)
    inner = entry.get(name)
    return {} if inner is None else shapes.mapping(inner)


def _entry(model: Located) -> Located:
    return model[ENTRY[0]][ENTRY[1]][ENTRY[2]]


def _own_columns(model: Located) -> list[dict[str, Any]]:
    return [c for c in model.value.get("columns") or [] if c["name"] != "customer_id"]


def _check(model: Located, dbt_project: Path) -> None:
    code, entry = model.value["name"], _entry(model)
    if not NAME.fullmatch(code):
        raise model["name"].refuse(f"'{code}' is no name of a list: use a-z, 0-9 and _.")
    if not own_project.find(dbt_project, FOLDER / f"{code}.sql").exists():
        raise model["name"].refuse(f"{FOLDER / code}.sql, the list's model, is missing.")
    entry.check_values(FIELDS, PARTS)
    if entry.get("offer") is None:
        raise entry.refuse("offer is empty.")
    entry["offer"].check_values(OFFER)
    _check_class(entry)
    for name in _named(entry, "thresholds"):
        _check_threshold(entry["thresholds"][name], name)
    if entry.get("thresholds"):
        _check_windows(entry["thresholds"])
    _check_columns(shapes.parts(model.get("columns")), dbt_project)


def _check_class(entry: Located) -> None:
    """The class and what it forbids may stand in two files: a company changes one of the two."""
    list_class = f"a list of class {entry.value['class']}"
    its_place = entry["class"].where
    if entry.value["class"] != "marketing" and Decimal(str(entry.value["holdout_share"])) != 0:
        raise entry["holdout_share"].refuse(
            f"{list_class} ({its_place}) has no hold-out; holdout_share must be 0."
        )
    if entry.get("stops") and entry.value["class"] != "service":
        raise entry["stops"].refuse(
            f"{list_class} ({its_place}) stops no marketing; only what is owed does."
        )


def _check_threshold(threshold: Located, name: str) -> None:
    if not NAME.fullmatch(str(name)):
        raise threshold.refuse(f"'{name}' is no name of a threshold: use a-z, 0-9 and _.")
    if not isinstance(threshold.value, Mapping) or {"value", "min", "max"} - threshold.value.keys():
        raise threshold.refuse(f"{name} needs a value, and the min and max it may have.")
    if odd := sorted(threshold.value.keys() - set(THRESHOLD)):
        raise threshold[odd[0]].refuse(f"'{odd[0]}' is none of {', '.join(THRESHOLD)}.")
    for bound in ("min", "max"):
        if fault := ANY_NUMBER.fault(f"{bound} of {name}", threshold.value[bound]):
            raise threshold[bound].refuse(fault)
    threshold.check_within(name, Bounds.of(threshold.value), threshold.value["value"])


def _check_windows(thresholds: Located) -> None:
    """From `first_days` to `last_days` there must be a day: else nobody is ever on the list."""
    for name in thresholds.value:
        last = "last_" + name.removeprefix("first_")
        if name.startswith("first_") and last in thresholds.value:
            begins, ends = thresholds[name].value["value"], thresholds[last].value["value"]
            if begins > ends:
                raise thresholds[name].refuse(
                    f"{name} is {begins}; it must not lie after {last}, which is {ends}."
                )


def _check_columns(columns: Iterable[Located], dbt_project: Path) -> None:
    names: set[str] = set()
    for column in columns:
        if "name" not in shapes.mapping(column):
            raise column.refuse("a column needs a name.")
        name = column.value["name"]
        if name in names:
            raise column.refuse(f"{name} stands among the columns already.")
        names.add(name)
        _check_column(column, dbt_project)


def _check_column(column: Located, dbt_project: Path) -> None:
    name = column.value["name"]
    if name == "customer_id":
        return
    if not NAME.fullmatch(str(name)):
        raise column.refuse(f"'{name}' is no name of a column: use a-z, 0-9 and _.")
    if name in file_columns.names(dbt_project):
        raise column.refuse(f"{name} is a column of every list; give this one another name.")
    data_type = str(column.value.get("data_type"))
    if not COLUMN_TYPE.fullmatch(data_type):
        raise column.refuse(
            f"{name}: data_type is {data_type}; use text, integer, bigint, boolean, date or"
            " numeric(digits,decimals)."
        )
    if fault := TEXT.fault(f"{name}: description", column.value.get("description")):
        raise column.refuse(fault)


def _check_unique(models: list[Located]) -> None:
    by_code: dict[str, Located] = {}
    for model in models:
        code = model.value["name"]
        if code in by_code:
            raise model["name"].refuse(
                f"{code} is defined in {by_code[code].where} already. Give yours another name, or"
                f" switch that one off ({list_settings.OFF.format(code=code)} in dbt_project.yml)."
            )
        by_code[code] = model


def _check_priorities(models: list[Located]) -> None:
    by_priority: dict[object, Located] = {}
    for model in models:
        entry = _entry(model)
        priority = entry.get("priority")
        if entry.value.get("class") != "marketing" or priority is None:
            continue
        if priority.value in by_priority:
            other = by_priority[priority.value]
            raise priority.refuse(
                f"priority {priority.value} is that of {other.value['name']} already"
                f" ({_entry(other)['priority'].where}); a person on both could not be given to one"
                " of them."
            )
        by_priority[priority.value] = model


def _definition(model: Located, spoken: str, forms: tuple[str, ...]) -> ListDefinition:
    entry = _entry(model)
    if entry.get("words") is None:
        raise entry.refuse("words is empty.")
    shapes.mapping(entry["words"])
    return ListDefinition(
        list_code=model.value["name"],
        list_version=int(entry.value["version"]),
        list_class=entry.value["class"],
        channel=entry.value["channel"],
        purpose=entry.value["purpose"],
        owner=entry.value["owner"],
        priority=int(entry.value["priority"]),
        columns=tuple(
            ListColumn(column["name"], column["data_type"], column["description"])
            for column in _own_columns(model)
        ),
        words=words_of(entry["words"], spoken, forms, _numbers(entry)),
    )


def _numbers(entry: Located) -> list[str]:
    """What a list's words may speak of: its thresholds, and numbers that every list has."""
    return [*(entry.value.get("thresholds") or {}), *NUMBERS]
