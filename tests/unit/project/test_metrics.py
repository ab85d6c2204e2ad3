"""What a BI tool finds of dbt's semantic layer stands on published columns. That the metrics hang
together is checked by dbt whenever it parses the project."""

from __future__ import annotations

import re
import sqlite3
from fractions import Fraction

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
SQL_WORDS = {"case", "when", "then", "else", "end", "is", "not", "null", "and", "or", "in"}


def table_of(semantic: dict) -> dict:
    return TABLES[semantic["model"].removeprefix("ref('").removesuffix("')")]


@pytest.mark.parametrize("name", sorted(SEMANTIC))
def test_a_semantic_model_stands_on_the_columns_of_a_published_table(name: str) -> None:
    semantic = SEMANTIC[name]
    table = table_of(semantic)
    parts = [*semantic["entities"], *semantic["dimensions"], *semantic["measures"]]
    read = {
        word
        for part in parts
        for word in re.findall(r"[a-z_]+", re.sub(r"'[^']*'", "", part.get("expr", part["name"])))
    }
    assert table["config"]["meta"]["published"]
    assert read - SQL_WORDS <= {column["name"] for column in table["columns"]}


def test_every_measure_has_its_metric_and_no_metric_is_without() -> None:
    measures = {measure["name"] for one in SEMANTIC.values() for measure in one["measures"]}
    asked = {metric["type_params"].get("measure") for metric in LAYER["metrics"]} - {None}
    assert asked == measures


def test_every_metric_says_what_it_means() -> None:
    assert all(metric["label"] and metric["description"] for metric in LAYER["metrics"])


def test_a_share_of_promises_is_of_those_kept_or_broken() -> None:
    """One was broken, one kept by a reply, one by a solution; of another the reply is not due yet,
    and to whom nothing was promised, nothing was broken."""
    columns = "is_breach, promised_reply_minutes, first_reply_minutes, resolution_minutes"
    broken, replied, solved = "true, 60, null, null", "false, 60, 9, null", "false, 60, null, 9"
    not_due, unpromised = "false, 60, null, null", "false, null, 9, 9"
    cases = f"values ({broken}), ({replied}), ({solved}), ({not_due}), ({unpromised})"
    assert share_of("broken_promise_rate", columns, cases) == Fraction(1, 3)


def share_of(metric: str, columns: str, rows: str) -> Fraction:
    """The metric, a ratio of two sums, over rows of the one table that it stands on."""
    asked = next(one for one in LAYER["metrics"] if one["name"] == metric)["type_params"]
    sums = {
        measure["name"]: f"{measure['agg']}({measure.get('expr', measure['name'])})"
        for measure in SEMANTIC["service_cases"]["measures"]
    }
    with sqlite3.connect(":memory:") as engine:
        part, whole = engine.execute(
            f"with cases ({columns}, case_id) as (select *, 1 from ({rows}))"
            f" select {sums[asked['numerator']]}, {sums[asked['denominator']]} from cases"
        ).fetchone()
    return Fraction(part, whole)


def test_who_is_there_when_a_month_begins_is_not_added_up_over_months() -> None:
    measures = {measure["name"]: measure for measure in SEMANTIC["months"]["measures"]}
    of_stocks = [measures[name] for name in measures if name.startswith("active_at_")]
    assert {stock["non_additive_dimension"]["name"] for stock in of_stocks} == {"begins_on"}
