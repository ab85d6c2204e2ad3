"""Whatever stands where in a declaration, it is refused with file and line or it makes sense."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from regulars.project import list_definitions
from regulars.project.located import DeclarationError
from regulars.targets import declaration, destinations, places
from tests.unit.targets.files import DBT

ODD = (5, ["x"], [["x"]], {"x": 1}, [])
LISTS = [one for one in list_definitions.load(DBT) if one.list_code in ("win_back", "rest")]
Path_ = tuple[str | int, ...]
TARGET = {
    **yaml.safe_load((DBT / "targets/braze.yml").read_text()),
    "least_age": 13,
    "membership_days": 540,
    "asked_form": "text",
    "consents": [["google_ads", "advertising"]],
    "together": [["first_name", "email_subscribe"]],
    "only": {"audience": ["seed"]},
}
TARGET["columns"] = [*TARGET["columns"][:2], TARGET["columns"][-1]]
TARGET["columns"][1] = {"heading": "first_name", "from": "first_name"}
TARGET["columns"][0] |= {"is_hashed": False, "is_asked": False, "form": "text"}
TARGET["accepts"] = {
    "headings": ["external_id", "first_name", "email_subscribe"],
    "first": ["external_id"],
    "last": ["email_subscribe"],
    "not_together": [["external_id", "user_alias_name"]],
    "cells": {"first_name": ".*"},
}
DESTINATIONS: dict[str, Any] = {
    "lists": {"rest": [{"target": "machine", "also": ["rank"]}]},
    "otherwise": {"email": [{"target": "machine"}]},
    "deliveries": {"machine": {"connection": "drop", "folder": "bucket"}},
    "tables": ["win_back"],
}
# Where such a value makes sense.
SENSIBLE: dict[type, list[Path_]] = {
    int: [("least_age",), ("file", "max_bytes")],
    list: [("only", "audience"), ("accepts", "not_together"), ("accepts", "not_together", 0)],
    dict: [],
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("nonsense") / "dbt_project"
    shutil.copytree(DBT / "models/marts/campaigns", made / "models/marts/campaigns")
    (made / "targets").mkdir()
    shutil.copy(DBT / "targets/machine.yml", made / "targets")
    (made / "destinations.yml").write_text(yaml.safe_dump(DESTINATIONS))
    return made


def paths(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    yield path
    inner = value.items() if isinstance(value, dict) else ()
    for name, part in enumerate(value) if isinstance(value, list) else inner:
        yield from paths(part, (*path, name))


def with_part(value: Any, path: Path_, odd: object) -> Any:
    if not path:
        return odd
    changed = copy.deepcopy(value)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = odd
    return changed


def passed(file: Path, whole: Any, load: Callable[[], object]) -> list[tuple[Path_, object]]:
    """Every part of the declaration and every odd value that nobody said a word about; an empty
    list is as good as none where one may be left out."""
    silent, kept = [], file.read_text() if file.exists() else None
    for path in paths(whole):
        for odd in ODD:
            file.write_text(yaml.safe_dump(with_part(whole, path, odd)))
            try:
                load()
                if odd != []:
                    silent.append((path, odd))
            except DeclarationError as refused:
                said = str(refused)
                assert re.match(rf"dbt_project/.*{file.name}(, line \d+)?: ", said), said
    file.unlink() if kept is None else file.write_text(kept)
    return silent


def test_a_target_of_nonsense_is_refused_wherever_the_nonsense_stands(project: Path) -> None:
    file = project / "targets/braze.yml"
    file.write_text(yaml.safe_dump(TARGET))
    assert "braze" in declaration.load(project)
    silent = passed(file, TARGET, lambda: declaration.load(project))
    assert [place for place, odd in silent if place not in SENSIBLE[type(odd)]] == []


def test_a_destination_of_nonsense_is_refused_wherever_the_nonsense_stands(project: Path) -> None:
    def load() -> None:
        destinations.check(project, LISTS)
        places.load(project, LISTS)

    load()
    silent = passed(project / "destinations.yml", DESTINATIONS, load)
    assert silent == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be names with values"),
        ("lists: {}\nlists: {}\n", "line 2: no YAML: 'lists' stands here as a name"),
        ("? [a]\n: b\n", "line 1: no YAML: "),
        ("lists: {}\ntables: [win\x07back]\n", "line 2: no YAML: "),
        ("lists: {}\n# Überall\x85\n\x1b[2J: {}\n", "line 3: no YAML: "),
        ("lists: &all [*all]\n", "line 1: no YAML: "),
        ("lists: " + 5_000 * "[" + 5_000 * "]", "line 1: no YAML: "),
        ("lists: {rest: [{target: 2026-02-30}]}\n", "line 1: no YAML: "),
        ("lists: {rest: [{target: machine, also: [rank, rank]}]}\n", "rank stands there twice"),
        ("lists:\n  rest:\n    - {target: machine, also: rank}\n", "line 3: also: 'rank' must be"),
    ],
)
def test_what_yaml_makes_of_it_is_told_with_file_and_line(
    project: Path, text: str, message: str
) -> None:
    (project / "destinations.yml").write_text(text)
    with pytest.raises(DeclarationError, match=r"^dbt_project/destinations.yml, line ") as told:
        destinations.load(project, LISTS)
    assert message in str(told.value)


def test_a_file_in_another_encoding_is_named(project: Path) -> None:
    (project / "destinations.yml").write_bytes("# Überall\n".encode("cp1252"))
    with pytest.raises(DeclarationError, match=r"destinations.yml: is not written in UTF-8"):
        destinations.load(project, LISTS)


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("first", ["phone"], "the first column is none of phone"),
        ("last", ["phone"], "the last column is none of phone"),
        ("not_together", [["external_id", "first_name"]], "external_id and first_name stand side"),
    ],
)
def test_what_the_validator_would_say_every_night_is_said_of_the_declaration(
    project: Path, part: str, value: object, message: str
) -> None:
    file = project / "targets/braze.yml"
    file.write_text(yaml.safe_dump(with_part(TARGET, ("accepts", part), value)))
    with pytest.raises(DeclarationError, match=message):
        declaration.load(project)
    file.unlink()


def test_a_target_without_columns_is_refused(project: Path) -> None:
    file = project / "targets/braze.yml"
    bare = {k: v for k, v in TARGET.items() if k not in ("together", "columns")}
    file.write_text(yaml.safe_dump(bare | {"columns": [], "accepts": {"first": ["external_id"]}}))
    with pytest.raises(DeclarationError, match="columns is empty"):
        declaration.load(project)
    file.unlink()


def test_a_column_asked_for_under_a_name_that_the_target_has_is_refused(project: Path) -> None:
    file = project / "targets/clash.yml"
    target = yaml.safe_load((DBT / "targets/machine.yml").read_text())
    target["columns"] = [
        {"heading": "rank", "from": "customer_id", "is_required": True},
    ]
    file.write_text(yaml.safe_dump(target))
    entry = {"lists": {"rest": [{"target": "clash", "also": ["rank"]}]}}
    (project / "destinations.yml").write_text(yaml.safe_dump(entry))
    with pytest.raises(DeclarationError, match="has a column of its own called rank"):
        destinations.load(project, LISTS)
