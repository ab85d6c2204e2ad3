"""A system that is not wired into the dbt project is named before a file is read."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from regulars import warehouse
from regulars.commands import inspection
from regulars.feeds.declaration_checks import DeclarationError
from regulars.feeds.wiring import check, wiring_faults
from regulars.nights.run import run_step
from regulars.settings import PROJECT, Settings
from tests.unit.feeds.test_declarations import declare, table

ENABLED = "{{ 'shop' in var('systems', ['house']) }}"


def settings(folder: Path, **changes: object) -> Settings:
    plain = Settings(project=folder, home=folder, landing=folder, systems=("shop",))
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one wired system: an upsert feed, an append feed, a model."""
    dbt = tmp_path / "dbt_project"
    orders = table({"load": "upsert", "key": ["id"], "version": "id"}) | {"name": "orders"}
    declare(dbt, orders)
    sources = dbt / "models/staging/shop/_shop__sources.yml"
    document = yaml.safe_load(sources.read_text())
    document["sources"][0]["tables"].append(table() | {"name": "clicks"})
    sources.write_text(yaml.safe_dump(document))
    model(tmp_path, "{{ current_version('shop', 'orders') }}")
    write(tmp_path, {"shop": {"+enabled": ENABLED}}, {"shop": ["orders"]})
    return tmp_path


def write(folder: Path, staging: dict, entities: dict) -> None:
    (folder / "dbt_project/dbt_project.yml").write_text(
        yaml.safe_dump(
            {
                "name": "regulars",
                "models": {"regulars": {"staging": {"+schema": "staging", **staging}}},
                "vars": {"system_entities": entities, "guards": ["sales"]},
            }
        )
    )


def model(folder: Path, text: str) -> None:
    (folder / "dbt_project/models/staging/shop/stg_shop__orders.sql").write_text(text)


def test_the_project_itself_is_wired_for_each_of_its_systems() -> None:
    for systems in (
        ("house",),
        ("olist",),
        ("online_retail",),
        ("house", "olist"),
        ("shopify", "zendesk"),
    ):
        assert wiring_faults(settings(PROJECT, systems=systems)) == []


def test_a_wired_system_passes(project: Path) -> None:
    check(settings(project))


@pytest.mark.parametrize(
    ("staging", "entities", "words"),
    [
        ({}, {"shop": ["orders"]}, "shop is active and has no \\+enabled entry"),
        ({"shop": {"+schema": "x"}}, {"shop": ["orders"]}, "has no \\+enabled entry"),
        (
            {"shop": {"+enabled": "{{ 'sohp' in var('systems') }}"}},
            {"shop": ["orders"]},
            "does not ask for it",
        ),
        ({"shop": {"+enabled": False}}, {"shop": ["orders"]}, "does not ask for it"),
        ({"shop": {"+enabled": ENABLED}}, {}, "supplies nothing"),
        (
            {"shop": {"+enabled": ENABLED}},
            {"shop": ["orders", "refunds"]},
            "no model stg_shop__refunds",
        ),
        (
            {"shop": {"+enabled": ENABLED}, "market": {"+enabled": ENABLED}},
            {"shop": ["orders"]},
            "entry for market, and there is no",
        ),
        (
            {"shop": {"+enabled": ENABLED}},
            {"shop": ["orders"], "market": []},
            "entry for market, and there is no",
        ),
    ],
)
def test_an_entry_that_is_missing_or_leads_nowhere_is_named(
    project: Path, staging: dict, entities: dict, words: str
) -> None:
    write(project, staging, entities)
    with pytest.raises(DeclarationError, match=words):
        check(settings(project))


def test_models_of_a_system_that_is_not_active_are_not_built_unsaid(project: Path) -> None:
    declare(project / "dbt_project", table() | {"name": "stalls"}, system="market")
    (fault,) = wiring_faults(settings(project))
    assert fault.startswith("market is not active, and its models are built all the same")
    enabled = {"+enabled": ENABLED.replace("shop", "market")}
    write(project, {"shop": {"+enabled": ENABLED}, "market": enabled}, {"shop": ["orders"]})
    assert wiring_faults(settings(project)) == []


@pytest.mark.parametrize(
    "call", ["visible_rows('shop', 'orders')", 'visible_rows( "shop","orders" )']
)
def test_every_version_of_a_row_is_not_taken_for_the_row_that_counts(
    project: Path, call: str
) -> None:
    model(project, "select * from ({{ " + call + " }}) as delivered")
    with pytest.raises(DeclarationError, match=r"use current_version\('shop', 'orders'\)"):
        check(settings(project))


def test_other_feeds_and_comments_may_be_read_whole(project: Path) -> None:
    text = "{{ visible_rows('shop', 'clicks') }}{# visible_rows('shop', 'orders') #}"
    model(project, text)
    check(settings(project))


@pytest.fixture
def without_a_switch(tmp_path: Path) -> Settings:
    """The product's own project, in which nothing switches the models of an active system on."""
    shutil.copytree(PROJECT / "dbt_project", tmp_path / "dbt_project")
    file = tmp_path / "dbt_project" / "dbt_project.yml"
    document = yaml.safe_load(file.read_text())
    del document["models"]["regulars"]["staging"]["olist"]
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    (tmp_path / "landing" / "olist").mkdir(parents=True)
    return settings(tmp_path, systems=("olist",), landing=tmp_path / "landing")


def test_a_nights_first_step_refuses_what_is_not_wired(without_a_switch: Settings) -> None:
    with pytest.raises(DeclarationError, match=r"olist.*\+enabled"):
        run_step("ingest_sales", date(2026, 10, 31), without_a_switch)


def test_the_doctor_says_what_is_not_wired(without_a_switch: Settings) -> None:
    try:
        unwell = [check for check in inspection.doctor(without_a_switch) if not check["ok"]]
    finally:
        warehouse.stop(without_a_switch)  # the doctor tries to start it
    assert any("olist" in check["found"] and "+enabled" in check["found"] for check in unwell)
