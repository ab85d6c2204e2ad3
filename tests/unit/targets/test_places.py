"""Where files go: the company says so, and is told what cannot be, with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from regulars.project import list_definitions
from regulars.project.located import DeclarationError
from regulars.targets import destinations, places
from regulars.targets.places import Place
from tests.unit.targets.files import DBT

LISTS = list_definitions.load(DBT)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    copy = tmp_path / "dbt_project"
    shutil.copytree(DBT / "targets", copy / "targets")
    shutil.copytree(DBT / "models/marts/campaigns", copy / "models/marts/campaigns")
    return copy


def declares(project: Path, **parts: object) -> Path:
    content = yaml.safe_load((DBT / "destinations.yml").read_text())
    (project / "destinations.yml").write_text(yaml.safe_dump(content | parts))
    return project


def test_nothing_is_delivered_unless_it_is_said_where_to() -> None:
    assert places.load(DBT, LISTS).targets == []


def test_places_keep_the_order_of_the_declaration_and_the_tables_come_last(project: Path) -> None:
    declared = declares(
        project,
        deliveries={
            "klaviyo": {"connection": "drop", "folder": "bucket/in/"},
            "braze": {"folder": "/srv/braze"},
        }
        | {"machine": {"folder": "/srv/machine"}},
        tables=["win_back"],
        lists={"win_back": [{"target": "braze"}]},
    )
    found = places.load(declared, LISTS)
    assert sorted(found.targets[:-1]) == ["braze", "klaviyo", "machine"]
    assert found.targets[-1] == "tables"
    assert found.files["klaviyo"] == Place("klaviyo", "drop", "bucket/in")
    assert destinations.check(declared, LISTS)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"deliveries": {"fax": {"folder": "/x"}}}, "no list goes to 'fax'"),
        ({"deliveries": {"klaviyo": {"path": "/x"}}}, "a delivery has connection and folder"),
        ({"deliveries": {"klaviyo": "/x"}}, "a delivery has connection and folder"),
        ({"deliveries": {"klaviyo": {"folder": "x"}}}, "the folder begins with /"),
        ({"deliveries": {"klaviyo": {"folder": "/x/../y"}}}, "does not lead upwards"),
        (
            {"deliveries": {"klaviyo": {"folder": "x", "connection": "a b"}}},
            "'a b' is no id of an Airflow connection",
        ),
        ({"tables": ["nobody"]}, "no list that is switched on is called nobody"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_told_with_file_and_line(
    project: Path, parts: dict, message: str
) -> None:
    with pytest.raises(DeclarationError, match=r"destinations.yml, line \d+: ") as refused:
        places.load(declares(project, **parts), LISTS)
    assert message in str(refused.value)
