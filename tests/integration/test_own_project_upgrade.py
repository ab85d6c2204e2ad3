"""A company's own project across an upgrade of the product whose tables have changed.

The product of before lacks a table, a column and a part of the decision log that today's has. It
costs two nights and two parses of dbt, three minutes of one core.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from regulars import own_project, warehouse
from regulars.nights.run import run_night
from regulars.settings import Settings
from tests import changed_project
from tests.conftest import drop_database
from tests.own_project import till
from tests.own_project.example import copied, written

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

BEFORE = date(2026, 10, 30)
AFTER = BEFORE + timedelta(days=1)
NEW_TABLE, OLD_TABLE, NEW_COLUMN = "customer_ownership", "product_performance", "return_rate"


@dataclass(frozen=True)
class Upgraded:
    """files, columns, arms: the company's files, what was published of OLD_TABLE, and the arm of
    every open episode, before; the settings are of after."""

    settings: Settings
    files: dict[str, str]
    columns: set[str]
    arms: set[tuple]


@pytest.fixture(scope="module")
def upgraded(
    make_settings: Callable, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Upgraded]:
    settings = copied(make_settings, tmp_path_factory.mktemp("own"), "upgrade")
    company = settings.company_project
    assert company is not None
    till.deliver(settings.landing, BEFORE)
    older = replace(settings, project=the_product_of_before(tmp_path_factory.mktemp("product")))
    own_project.link_product(company, older.product)
    run_night(older, BEFORE)
    forget_the_newer_log(settings)
    before = Upgraded(settings, written(company), columns(settings), open_arms(settings))
    till.deliver(settings.landing, AFTER)
    own_project.link_product(company, settings.product)
    run_night(settings, AFTER)
    yield before
    drop_database(settings)


def the_product_of_before(folder: Path) -> Path:
    changed_project.copied(folder)
    models = folder / "dbt_project" / "models" / "marts"
    (models / "value" / f"{NEW_TABLE}.sql").unlink()
    without(models / "value", NEW_TABLE)
    query = models / "company" / f"{OLD_TABLE}.sql"
    lines = query.read_text(encoding="utf-8").splitlines(keepends=True)
    query.write_text("".join(one for one in lines if NEW_COLUMN not in one), encoding="utf-8")
    without(models / "company", OLD_TABLE, NEW_COLUMN)
    return folder


def without(folder: Path, model: str, column: str | None = None) -> None:
    """Take a model, or a column of it, out of a folder's YAML, with its unit tests."""
    for file in folder.glob("*.yml"):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        if column is None:
            content["models"] = [one for one in content.get("models", []) if one["name"] != model]
        for one in content.get("models", []):
            if one["name"] == model:
                one["columns"] = [c for c in one["columns"] if c["name"] != column]
        tests = content.get("unit_tests", [])
        content["unit_tests"] = [one for one in tests if one["model"] != model]
        kept = {name: value for name, value in content.items() if value}
        file.write_text(yaml.safe_dump(kept, sort_keys=False), encoding="utf-8")


def forget_the_newer_log(settings: Settings) -> None:
    with warehouse.connect(settings, "admin") as connection:
        connection.execute("drop view published.list_exclusion_history")
        connection.execute("drop table decisions.list_exclusions")


def asked(settings: Settings, query: str) -> set[tuple]:
    with warehouse.connect(settings, "admin") as connection:
        return set(connection.execute(query.encode()).fetchall())


def columns(settings: Settings) -> set[str]:
    rows = asked(
        settings,
        "select column_name from information_schema.columns"
        f" where table_schema = 'published' and table_name = '{OLD_TABLE}'",
    )
    return {name for (name,) in rows}


def open_arms(settings: Settings) -> set[tuple]:
    return asked(
        settings,
        "select list_code, household_id, episode_no, entered_on, arm from decisions.episodes"
        f" where entered_on <= '{BEFORE}' and closes_on > '{AFTER}'",
    )


def test_the_upgrade_touches_no_file_of_the_company(upgraded: Upgraded) -> None:
    assert upgraded.settings.company_project is not None
    assert written(upgraded.settings.company_project) == upgraded.files


def test_new_tables_and_columns_are_published(upgraded: Upgraded) -> None:
    assert NEW_COLUMN not in upgraded.columns
    assert columns(upgraded.settings) == upgraded.columns | {NEW_COLUMN}
    assert asked(upgraded.settings, f"select count(*) >= 0 from published.{NEW_TABLE}")
    assert asked(
        upgraded.settings, f"select 1 from published.{OLD_TABLE} where {NEW_COLUMN} is not null"
    )


def test_the_lists_go_on_with_the_arms_they_had(upgraded: Upgraded) -> None:
    assert upgraded.arms
    assert open_arms(upgraded.settings) == upgraded.arms
    assert asked(
        upgraded.settings, "select 1 from published.list_movements where movement = 'stayed'"
    )
    assert (upgraded.settings.home / "current" / "lists" / "first_check.csv").exists()


def test_the_new_log_begins_with_what_was_published(upgraded: Upgraded) -> None:
    assert asked(
        upgraded.settings,
        "select 1 from published.list_exclusion_history"
        f" where valid_from = '{BEFORE}' and valid_to is null",
    )
