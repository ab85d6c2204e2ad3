"""What a company's own project changes of the product's lists, in its dbt_project.yml.

    vars:
      list_settings:
        win_back: {capacity: 40, thresholds: {least_margin: 120}}
    models:
      regulars: {marts: {campaigns: {recycle: {+enabled: false}}}}

Each value keeps its place, so that one outside its bounds is refused where it was written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from regulars import own_project, yaml_text
from regulars.project import shapes
from regulars.project.located import DeclarationError, Key, Located, Place, read_own

VARIABLE = "list_settings"
DEEPEST_TYPED = 2  # offer.share; words are not planned
WHERE = ("models", own_project.PRODUCT, "marts", "campaigns")
ENABLED = ("+enabled", "enabled")
OFF = "models: regulars: marts: campaigns: {code}: {{+enabled: false}}"


def of(dbt_project: Path) -> dict[str, Located]:
    """list -> what is changed of its definition, in the form of its YAML."""
    changes: dict[str, Located] = {}
    for file in _files(dbt_project):
        for names in (("vars", VARIABLE), ("vars", own_project.PRODUCT, VARIABLE)):
            changed = _at(file, names)
            for code in shapes.mapping(changed) if changed else ():
                changes[code] = with_bounds(changed[code])  # type: ignore[index]
    return changes


def switched_off(dbt_project: Path) -> dict[str, Located]:
    """The product's lists that the company has switched off, where it says so. Raises
    DeclarationError for what switches off no list, or everything."""
    off: dict[str, Located] = {}
    for file in _files(dbt_project):
        campaigns = _at(file, WHERE)
        for code in shapes.mapping(campaigns) if campaigns else ():
            entry = campaigns[code]  # type: ignore[index]
            if code in ENABLED:
                raise entry.refuse(f"switch off one list at a time: {OFF.format(code='<list>')}.")
            if code.startswith("+"):
                continue
            if not isinstance(entry.value, Mapping):
                raise entry.refuse(f"{code} is '{entry.value}'; write {{+enabled: false}}.")
            if not _is_enabled(entry):
                off[code] = entry
    return off


def check_switched_off(off: Mapping[str, Located], lists: Collection[str]) -> None:
    """Raise DeclarationError if what is switched off is no list of the product's."""
    for code, entry in off.items():
        if code not in lists:
            raise entry.refuse(
                f"{code} is no list of the product's, so nothing would be switched off; the lists"
                f" are {', '.join(sorted(lists))}."
            )


def check_names(changes: Mapping[str, Located], lists: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise DeclarationError if what is changed is not there. lists: their definitions by code."""
    for code, change in changes.items():
        if code not in lists:
            raise change.refuse(f"no list that is switched on is called {code}.")
        known = lists[code].get("thresholds") or {}
        for name in change.value.get("thresholds") or {}:
            if name not in known:
                has = ", ".join(known) or "none"
                raise change["thresholds"][name].refuse(
                    f"{code} has no threshold {name}; it has {has}."
                )


def _files(dbt_project: Path) -> list[Located]:
    """dbt_project.yml of the company; the product's own has no such settings."""
    own = own_project.layers(dbt_project)[:-1]
    return [read_own(layer / own_project.PROJECT_FILE, dbt_project) for layer in own]


def _at(entry: Located, names: Iterable[str]) -> Located | None:
    place: Located | None = entry
    for name in names:
        place = place.get(name) if place else None
    return place


def _is_enabled(entry: Located) -> bool:
    for name in ENABLED:
        if name in entry.value:
            if not isinstance(entry.value[name], bool):
                raise entry[name].refuse(f"{name} is '{entry.value[name]}'; use true or false.")
            return entry.value[name]
    return True


def with_bounds(change: Located) -> Located:
    """`thresholds: {name: 3}` as a list's YAML has it, `{name: {value: 3}}`: the bounds stay."""
    if not isinstance(change.value, Mapping):
        raise change.refuse("write what is changed of the list, such as {capacity: 40}.")
    own = change.below()
    given = change.value.get("thresholds") or {}
    if not isinstance(given, Mapping):
        raise change["thresholds"].refuse("write thresholds as {name: value}.")
    thresholds = {name: {"value": value} for name, value in given.items()}
    places: dict[Key, Place] = {
        ("thresholds", name, "value"): own.places["thresholds", name] for name in thresholds
    }
    more = {"thresholds": thresholds} if thresholds else {}
    return Located({**own.value, **more}, {**own.places, **places})


def typed(settings: Iterable[str], thresholds: Iterable[str]) -> Located:
    """Changes as somebody typed them, `name=value` each: a threshold, a value such as `capacity`,
    or one of a group, `offer.share`. Raises DeclarationError."""
    value: dict[str, Any] = {}
    places: dict[Key, Place] = {(): ("--set", 0)}
    for setting in settings:
        name, sign, text = setting.partition("=")
        if not (name and sign and text):
            raise DeclarationError(f"--set {setting}: write a name and a value, capacity=40.")
        key = tuple((f"thresholds.{name}" if name in set(thresholds) else name).split("."))
        if len(key) > DEEPEST_TYPED:
            raise DeclarationError(
                f"--set {setting}: write the name of a threshold or of a setting, such as"
                " capacity=40 or offer.share=0.2."
            )
        places |= {key[:depth]: (f"--set {setting}", 0) for depth in range(1, len(key) + 1)}
        group = value.setdefault(key[0], {}) if len(key) > 1 else value
        group[key[-1]] = yaml_text.parsed(text)
    return with_bounds(Located(value, places))
