"""A declaration is read once, and a wrong one is refused before any file is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from regulars.feeds import declarations
from regulars.feeds.declarations import DeclarationError
from regulars.feeds.raw_tables import raw_table_ddl
from regulars.settings import PROJECT


def declare(folder: Path, table: dict, system: str = "shop") -> Path:
    """Write a declaration with one table; returns the dbt project."""
    path = folder / "models" / "staging" / system / f"_{system}__sources.yml"
    path.parent.mkdir(parents=True)
    source = {"name": system, "config": {"meta": {"timezone": "Europe/Paris"}}, "tables": [table]}
    path.write_text(yaml.safe_dump({"version": 2, "sources": [source]}))
    project = folder / "dbt_project.yml"
    if not project.exists():
        project.write_text("vars: {guards: [sales]}")
    return folder


def table(delivery: dict | None = None, columns: list | None = None, **meta: object) -> dict:
    return {
        "name": "sales",
        "config": {
            "meta": {
                "group": "sales",
                "delivery": {"path": "{delivered_on}/sales.csv", **(delivery or {})},
                **meta,
            }
        },
        "columns": columns or [{"name": "id", "data_type": "text"}],
    }


def points(above_zero_for: object, data_type: str = "integer") -> list[dict]:
    kind = {"name": "kind", "data_type": "text", "meta": {"allowed": ["earned", "spent"]}}
    meta = {"above_zero_for": above_zero_for}
    return [kind, {"name": "points", "data_type": data_type, "meta": meta}]


LIFE_AFTER_THE_SALE = {
    "addresses",
    "identities",
    "units",
    "loyalty",
    "referrals",
    "deaths",
    "erasure_requests",
    "marketing_spend",
    "fx_rates",
    "events",
}


def test_the_house_feeds_are_declared_soundly() -> None:
    feeds = declarations.load(PROJECT / "dbt_project", ["house"])
    assert {feed.name for feed in feeds} == {
        "customers",
        "products",
        "orders",
        "order_lines",
        "refunds",
        "cases",
        "surveys",
        "consents",
        "campaign_contacts",
        *LIFE_AFTER_THE_SALE,
    }
    sales = {feed.name for feed in declarations.of_step(feeds, "sales")}
    assert sales == {
        "customers",
        "products",
        "orders",
        "order_lines",
        "refunds",
        "addresses",
        "identities",
    }


def test_a_company_need_not_deliver_the_feeds_of_a_life_after_the_sale() -> None:
    feeds = {f.name: f for f in declarations.load(PROJECT / "dbt_project", ["house"])}
    for name in LIFE_AFTER_THE_SALE:
        assert feeds[name].delivery.expected == "on_change", name


def test_columns_keep_what_their_meta_says(tmp_path: Path) -> None:
    column = {
        "name": "invoice_date",
        "data_type": "timestamp",
        "config": {"meta": {"header": "InvoiceDate", "format": "%d/%m/%Y %H:%M", "required": True}},
    }
    (feed,) = declarations.load(declare(tmp_path, table(columns=[column])), ["shop"])
    (found,) = feed.columns
    assert (found.header, found.required, found.kind) == ("InvoiceDate", True, "timestamp")
    assert feed.timezone == "Europe/Paris"


@pytest.mark.parametrize(
    ("header", "name", "is_required"),
    [
        ("SaleId", "SaleId", False),
        ("required", "id", True),
        ({"name": "SaleId", "required": True}, "SaleId", True),
        ({"name": "required"}, "required", False),
    ],
)
def test_a_header_may_be_named_required_or_both(
    tmp_path: Path, header: object, name: str, is_required: bool
) -> None:
    column = {"name": "id", "data_type": "text", "config": {"meta": {"header": header}}}
    (feed,) = declarations.load(declare(tmp_path, table(columns=[column])), ["shop"])
    assert (feed.columns[0].header, feed.columns[0].is_header_required) == (name, is_required)


def test_a_header_may_be_optional_and_is_not_without_a_word(tmp_path: Path) -> None:
    columns = [
        {"name": "id", "data_type": "text"},
        {"name": "note", "data_type": "text", "config": {"meta": {"header": "optional"}}},
    ]
    (feed,) = declarations.load(declare(tmp_path, table(columns=columns)), ["shop"])
    assert [column.is_header_optional for column in feed.columns] == [False, True]
    assert not any(column.is_header_required for column in feed.columns)


MONEY_OR_GUARD = {
    "customers": {"email", "phone", "birth_date", "is_staff"},
    "products": {"unit_cost"},
    "orders": {"customer_id", "shipping_cost", "payment_fee"},
    "order_lines": {"discount"},
    "refunds": {"order_id", "line_no", "quantity", "is_restocked", "handling_cost"},
    "cases": {
        "customer_id",
        "order_id",
        "first_reply_at",
        "resolved_at",
        "promised_reply_minutes",
        "agent_minutes",
        "goodwill_cost",
    },
    "surveys": {"customer_id", "case_id", "score"},
    "campaign_contacts": {"list_code"},
    "units": {"customer_id", "retired_on"},
    "loyalty": {"expires_on"},
}


def test_what_guards_somebody_or_carries_money_must_be_in_a_house_header() -> None:
    feeds = {f.name: f for f in declarations.load(PROJECT / "dbt_project", ["house"])}
    for name, columns in MONEY_OR_GUARD.items():
        missable = {c.name for c in feeds[name].columns if not (c.required or c.is_header_required)}
        assert not columns & missable, name


def test_free_text_of_the_house_format_takes_line_breaks() -> None:
    for feed in declarations.load(PROJECT / "dbt_project", ["house"]):
        if any(column.personal == "free_text" for column in feed.columns):
            assert feed.delivery.multiline, feed.name


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (table({"delimeter": ";"}), "unknown key delimeter"),
        (table({"path": "../sales.csv"}), "inside the system's landing folder"),
        (table({"path": "/etc/sales.csv"}), "inside the system's landing folder"),
        (table({"delimiter": "||"}), "one character"),
        (table({"delimiter": "."}), "one character"),
        (table({"encoding": "utf-16"}), "cannot be streamed"),
        (table({"encoding": "klingon"}), "unknown"),
        (table({"format": "xlsx"}), "format is one of"),
        (table({"load": "upsert"}), "needs a key and a version"),
        (table({"key": ["order_id"]}), "'order_id' is in key"),
        (table({"key": "id"}), "key is a list"),
        (table({"quarantine_limit_pct": 101}), "between 0 and 100"),
        (table({"doubt_below_pct": -1}), "doubt_below_pct lies between 0 and 100"),
        (table(timezone="Mars/Olympus"), "no IANA zone"),
        (table(group=""), "group is missing"),
        (table(columns=[{"name": "id"}]), "data_type is missing"),
        (table(columns=[{"name": "Id", "data_type": "text"}]), "lower-case"),
        (table(columns=[{"name": "_line", "data_type": "integer"}]), "lower-case"),
        (table(columns=[{"name": "id", "data_type": "float"}]), "not supported"),
        (
            table(columns=[{"name": "id", "data_type": "text", "meta": {"requried": True}}]),
            "unknown key requried",
        ),
        (table(columns=[{"name": "id", "data_type": "text", "meta": {"min": 1}}]), "min and max"),
        (
            table(columns=[{"name": "id", "data_type": "bigint", "meta": {"code": True}}]),
            "for text",
        ),
        (table(columns=[{"name": "id", "data_type": "text", "meta": {"code": "a"}}]), "true or"),
        (
            table(columns=[{"name": "id", "data_type": "bigint", "meta": {"long": True}}]),
            "long is for a text",
        ),
        (
            table(columns=[{"name": "id", "data_type": "text", "meta": {"month": True}}]),
            "month is for a date",
        ),
        (table({"multiplied": ["id"]}), "columns that are numbers"),
        (table(columns=points({"kind": ["lent"]})), "names allowed values of another column"),
        (table(columns=points({"kin": ["earned"]})), "names allowed values of another column"),
        (table(columns=points({"kind": "earned"})), "lists values"),
        (table(columns=points(["earned"])), "is such as"),
        (table(columns=points({"kind": ["earned"]}, "text")), "is of a number"),
        (
            table(columns=[{"name": "on", "data_type": "date", "meta": {"format": "DD/MM"}}]),
            "needs YYYY, MM and DD",
        ),
        (
            table(
                columns=[
                    {
                        "name": "on",
                        "data_type": "date",
                        "meta": {"format": ["DD/MM/YYYY", "M/D/YYYY"]},
                    }
                ]
            ),
            "would be a guess",
        ),
        (table(columns=[{"name": "id", "data_type": "text"}] * 2), "declared twice"),
    ],
)
def test_a_wrong_declaration_is_refused_with_what_to_write(
    tmp_path: Path, declared: dict, words: str
) -> None:
    with pytest.raises(DeclarationError, match=words):
        declarations.load(declare(tmp_path, declared), ["shop"])


def test_a_system_without_a_declaration_says_where_one_belongs(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"_nowhere__sources.yml does not exist"):
        declarations.load(tmp_path, ["nowhere"])


def test_two_feeds_cannot_share_a_raw_table(tmp_path: Path) -> None:
    declare(tmp_path, table())
    declare(tmp_path, table(), system="market")
    with pytest.raises(DeclarationError, match=r"both load raw\.sales"):
        declarations.load(tmp_path, ["shop", "market"])


def test_the_raw_table_has_declared_types_and_says_where_rows_came_from(tmp_path: Path) -> None:
    declared = table(
        {"key": ["id"], "version": "at", "load": "upsert", "index": ["at"]},
        [{"name": "id", "data_type": "text"}, {"name": "at", "data_type": "timestamptz"}],
    )
    (feed,) = declarations.load(declare(tmp_path, declared), ["shop"])
    create, *rest = raw_table_ddl(feed)
    assert '"at" timestamptz' in create
    assert "primary key (_delivery_id, _line)" in create
    assert 'create index if not exists "sales_key" on raw."sales" ("id")' in rest
    assert 'create index if not exists "sales_at" on raw."sales" ("at")' in rest
