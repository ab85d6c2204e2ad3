"""What a page of lineage says, on a small manifest and on the page that is there."""

from __future__ import annotations

import re

import yaml

from regulars.settings import PROJECT
from studies.lineage.graph import Graph, between_areas
from studies.lineage.page import page, trail


def model(name: str, reads: list[str], code: str, folder: str = "marts/core", **meta: bool) -> dict:
    return {
        "name": name,
        "resource_type": "model",
        "depends_on": {"nodes": reads},
        "raw_code": code,
        "original_file_path": f"models/{folder}/{name}.sql",
        "meta": meta,
    }


SMALL = Graph(
    {
        "nodes": {
            "model.r.stg": model("stg", ["source.r.shop.orders"], "select paid", "staging"),
            "model.r.int": model(
                "int", ["model.r.stg"], "select paid * 2 as doubled", "intermediate"
            ),
            "model.r.fct": model(
                "fct", ["model.r.int", "model.r.stg"], "select paid", published=True
            ),
            "test.r.x": {"name": "x", "resource_type": "test"},
        },
        "sources": {
            "source.r.shop.orders": {
                "name": "orders",
                "meta": {"delivery": {}},
                "columns": {"paid": {}, "note": {}},
            },
            "source.r.own.log": {"name": "log", "meta": {}, "columns": {}},
        },
    }
)


def test_a_table_is_made_of_all_behind_it_down_to_the_feeds() -> None:
    assert SMALL.behind("fct") == ["int", "stg", "orders"]
    assert SMALL.feeds_behind("fct") == ["orders"]
    assert between_areas(SMALL, SMALL.nodes) == {
        ("raw", "staging"): 1,
        ("staging", "intermediate"): 1,
        ("intermediate", "marts/core"): 1,
        ("staging", "marts/core"): 1,
    }


def test_a_column_is_followed_back_by_its_name() -> None:
    assert trail(SMALL, "fct", "paid") == "fct\n  int, stg\n    orders, stg\n      orders"
    assert trail(SMALL, "fct", "doubled") == "fct\n  int"


def test_the_page_is_of_the_published_tables_there_are() -> None:
    files = (PROJECT / "dbt_project/models").rglob("*.yml")
    models = [m for file in files for m in yaml.safe_load(file.read_text()).get("models", [])]
    published = {m["name"] for m in models if m.get("config", {}).get("meta", {}).get("published")}
    said = (PROJECT / "docs/lineage.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", said, re.M)) == published
    assert page(SMALL).startswith(said.split("```mermaid")[0])


def test_the_page_says_what_each_published_model_reads() -> None:
    """By its own ref()s, where none hangs on a condition; macros add to them."""
    rows = dict(
        re.findall(r"^\| `(\w+)` \| (.*?) \|", (PROJECT / "docs/lineage.md").read_text(), re.M)
    )
    models = {
        file.stem: file.read_text()
        for file in (PROJECT / "dbt_project/models").rglob("*.sql")
        if "- if " not in file.read_text() and "% if " not in file.read_text()
    }
    assert len(rows.keys() & models.keys()) > 30
    missing = {
        name: sorted(refs - set(re.findall(r"`(\w+)`", said)))
        for name, said in rows.items()
        for refs in [set(re.findall(r"ref\('(\w+)'\)", models.get(name, "")))]
        if refs - set(re.findall(r"`(\w+)`", said))
    }
    assert missing == {}
