"""docs/feeds.md names everything that can be declared, and every rule that can refuse a row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from regulars.feeds import declarations
from regulars.feeds.model import Column
from regulars.feeds.parser import PARSE_RULES
from regulars.feeds.shapes import checks
from regulars.settings import PROJECT
from tests.unit.feeds.conftest import make_feed

DOCS = (PROJECT / "docs" / "feeds.md").read_text()
EVERY_KIND = (
    Column("a", "a", "text", required=True, allowed=("x",)),
    Column("b", "b", "numeric(4,2)", minimum="0", maximum="9"),
    Column("c", "c", "timestamptz"),
    Column("d", "d", "integer"),
    Column("e", "e", "text", is_code=True),
    Column("f", "f", "text", is_customer=True),
    Column("g", "g", "numeric(14,2)"),
    Column("h", "h", "date", is_month=True),
)


@pytest.mark.parametrize(
    "key",
    sorted(declarations.DELIVERY_KEYS | declarations.COLUMN_KEYS | declarations.TABLE_KEYS),
)
def test_a_meta_key_is_documented(key: str) -> None:
    assert re.search(rf"`{key}(`|: )", DOCS)


def test_every_rule_is_documented() -> None:
    found = {fault.rule for fault in checks(make_feed(EVERY_KIND)).faults} | set(PARSE_RULES)
    assert len(found) > 10
    assert [rule for rule in sorted(found) if f"`{rule}`" not in DOCS] == []


def test_the_example_is_a_sound_declaration(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", DOCS, flags=re.DOTALL)
    folder = tmp_path / "models" / "staging" / "shop"
    folder.mkdir(parents=True)
    (folder / "_shop__sources.yml").write_text(example)
    assert yaml.safe_load(example)["sources"][0]["name"] == "shop"
    (tmp_path / "dbt_project.yml").write_text("vars: {guards: [sales]}")
    (feed,) = declarations.load(tmp_path, ["shop"])
    assert [column.header for column in feed.columns] == [
        "SaleId",
        "price",
        "sold_on",
        "updated_at",
    ]
