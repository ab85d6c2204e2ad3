"""What a plan adds up bears the name that it has on the lists, and no other column's."""

from __future__ import annotations

import dataclasses
import re

import yaml

from regulars.nights.plan import SIZES, Size
from regulars.settings import PROJECT

MODELS = PROJECT / "dbt_project" / "models" / "marts" / "campaigns" / "_campaigns__models.yml"


def test_an_amount_of_a_plan_is_the_column_of_its_name() -> None:
    models = yaml.safe_load(MODELS.read_text(encoding="utf-8"))["models"]
    (members,) = (model for model in models if model["name"] == "list_members")
    columns = {column["name"] for column in members["columns"]}
    told = {field.name for field in dataclasses.fields(Size)} & columns
    assert told
    assert told <= set(re.findall(r"sum\((\w+)\)", SIZES))
