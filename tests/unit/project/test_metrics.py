"""What a BI tool finds of dbt's semantic layer stands on published columns. That the metrics hang
together is checked by dbt whenever it parses the project."""

from __future__ import annotations

import re

import pytest
import yaml

from regulars.settings import PROJECT

MODELS = PROJECT / "dbt_project/models"
LAYER = yaml.safe_load((MODELS / "marts/_metrics.yml").read_text())
SEMANTIC = {one["name"]: one for one in LAYER["semantic_models"]}
TABLES = {
    model["name"]: model
    for file in MODELS.rglob("*.yml")
    for model in yaml.safe_load(file.read_text()).get("models", [])
}
SQL_WORDS = {"case", "when", "then", "else", "end", "is", "not", "null"}


def table_of(semantic: dict) -> dict:
    return TABLES[semantic["model"].removeprefix("ref('").removesuffix("')")]


@pytest.mark.parametrize("name", sorted(SEMANTIC))
def test_a_semantic_model_stands_on_the_columns_of_a_published_table(name: str) -> None:
    semantic = SEMANTIC[name]
    table = table_of(semantic)
    parts = [*semantic["entities"], *semantic["dimensions"], *semantic["measures"]]
    read = {
        word for part in parts for word in re.findall(r"[a-z_]+", part.get("expr", part["name"]))
    }
    assert table["config"]["meta"]["published"]
    assert read - SQL_WORDS <= {column["name"] for column in table["columns"]}


def test_every_measure_has_its_metric_and_no_metric_is_without() -> None:
    measures = {measure["name"] for one in SEMANTIC.values() for measure in one["measures"]}
    asked = {metric["type_params"].get("measure") for metric in LAYER["metrics"]} - {None}
    assert asked == measures


def test_every_metric_says_what_it_means() -> None:
    assert all(metric["label"] and metric["description"] for metric in LAYER["metrics"])
