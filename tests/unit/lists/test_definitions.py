from __future__ import annotations

import csv
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from regulars.lists import definitions
from regulars.lists.export import COMMON_COLUMNS, columns_of
from regulars.settings import PROJECT, Settings


@pytest.fixture
def company(tmp_path: Path) -> Settings:
    """Settings of a project whose seeds a test may change."""
    shutil.copytree(PROJECT / "dbt_project" / "seeds", tmp_path / "dbt_project" / "seeds")
    return replace(Settings(project=PROJECT, home=tmp_path, landing=tmp_path), project=tmp_path)


def change(company: Settings, seed: str, column: str, value: str, line: int = 0) -> None:
    path = company.dbt_project / "seeds" / f"{seed}.csv"
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[line][column] = value
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_the_three_lists_are_defined(company: Settings) -> None:
    found = {d.list_code: d.list_class for d in definitions.load(company)}
    assert found == {
        "make_it_right": "service", "save_our_best": "marketing", "second_purchase": "marketing",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("seed", "column", "value", "message"),
    [
        ("list_definitions", "holdout_share", "-1", r"save_our_best: holdout_share is -1"),
        ("list_definitions", "capacity", "0", r"capacity is 0; it must lie between 1 and"),
        ("list_definitions", "capacity", "2.5", r"capacity is 2.5; it must be a whole number"),
        ("list_definitions", "valid_days", "soon", r"valid_days is 'soon', which is no number"),
        ("list_definitions", "valid_days", "", r"valid_days is empty"),
        ("list_definitions", "offer_share", "NaN", r"offer_share is NaN"),
        ("list_definitions", "class", "other", r"class is 'other'; use one of marketing, service"),
        ("list_definitions", "list_code", "second_purchase", r"second_purchase more than once"),
        ("list_definitions", "priority", "20", r"two marketing lists have the same priority"),
        ("campaign_rules", "contact_gap_days", "-1", r"campaign_rules.csv, line 2: contact_gap"),
        ("campaign_rules", "best_share", "20", r"best_share is 20; it must lie between 0 and 1"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(
    company: Settings, seed: str, column: str, value: str, message: str
) -> None:
    change(company, seed, column, value)
    with pytest.raises(definitions.ListDefinitionError, match=message):
        definitions.load(company)


def test_a_service_list_cannot_hold_people_back(company: Settings) -> None:
    change(company, "list_definitions", "holdout_share", "0.1", line=2)
    with pytest.raises(definitions.ListDefinitionError, match="service list has no hold-out"):
        definitions.load(company)


def test_a_column_without_a_declaration_is_refused(company: Settings) -> None:
    path = company.dbt_project / "seeds" / "campaign_rules.csv"
    header, values = path.read_text().splitlines()
    path.write_text(f"{header},surprise\n{values},1\n")
    with pytest.raises(definitions.ListDefinitionError, match="surprise"):
        definitions.load(company)


def test_every_seed_column_is_described(company: Settings) -> None:
    declared = definitions._declared(company.dbt_project / "seeds" / "_seeds.yml")
    for seed, columns in declared.items():
        header = (company.dbt_project / "seeds" / f"{seed}.csv").read_text().splitlines()[0]
        assert header.split(",") == list(columns)


def test_every_list_and_every_file_column_has_a_line_in_the_docs(company: Settings) -> None:
    text = (PROJECT / "docs" / "lists.md").read_text()
    explained = set(re.findall(r"`([a-z0-9_]+)`", text))
    for definition in definitions.load(company):
        assert definition.list_code in explained
        assert not set(columns_of(definition)) - explained
    assert len(set(COMMON_COLUMNS)) == len(COMMON_COLUMNS) == 30
