"""All models on DuckDB, from the sources of a night of PostgreSQL's: its tables, row for row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from regulars.engines import dbt_command, engine_of, manifest_of, models_of
from regulars.engines.dbt_results import TransformError, raise_failures
from regulars.engines.lake import finished, folders
from regulars.engines.lake.carry import drop, is_carried
from regulars.engines.lake.engine import LAYERS, DuckDB
from regulars.night import Night
from regulars.settings import Settings
from regulars.warehouse import connect
from tests.company import LAST_NIGHT, BuiltCompany, clone, fingerprint
from tests.server import drop_database

MODELS = ("--exclude-resource-type", "test", "unit_test", "--full-refresh", "--target", "duckdb")


@dataclass(frozen=True)
class Built:
    """A night whose tables DuckDB has built; names of those that are carried to PostgreSQL."""

    settings: Settings
    carried: set[str]


@pytest.fixture(scope="module")
def built(companies: BuiltCompany, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """A night that is about to be published, its tables built again in one session of DuckDB."""
    home = tmp_path_factory.mktemp("tables_on_duckdb") / "home"
    settings = replace(clone(companies.unpublished, "tables_on_duckdb", home), engine="duckdb")
    night, engine, last = Night(LAST_NIGHT), DuckDB(), LAYERS[-1]
    models = [m for m in models_of(companies.unpublished, night) if is_carried(m, "")]
    with connect(settings, "admin") as connection:
        for model in models:
            drop(connection, model)
    engine.prepare(settings, night)
    folder = folders.of_night(settings, night)
    dbt = dbt_command.build(settings, night, MODELS, {})
    sources = finished.said(folder / "sources.json")
    answer = engine.run(settings, night, folder / "all", dbt, sources, [])
    raise_failures(answer["results"], answer["is_success"], answer["exception"], "models")
    engine.finish(folder, last, answer)
    engine.carry(settings, night, last)
    yield Built(settings, {f"{model['schema']}.{model['alias']}" for model in models})
    drop_database(settings)


def test_every_table_that_is_read_outside_dbt_has_the_rows_of_postgres(
    built: Built, company_unpublished: Settings
) -> None:
    """PostgreSQL's views, tables on other engines, are compared by the tables that read them."""
    schemas = {table.split(".")[0] for table in built.carried}
    found, expected = (fingerprint(s, schemas) for s in (built.settings, company_unpublished))
    assert built.carried - found.keys() == set()
    tables = built.carried & expected.keys()
    assert len(tables) > 60
    assert {table for table in tables if found[table] != expected[table]} == set()


def test_a_lake_serves_one_warehouse(built: Built, company_unpublished: Settings) -> None:
    """Another's mirror would take its rows for those of deliveries of the same numbers."""
    in_its_lake = replace(company_unpublished, engine="duckdb", lake_folder=built.settings.lake)
    before = {path: path.stat().st_ino for path in built.settings.lake.rglob("*")}
    with pytest.raises(TransformError, match="another warehouse"):
        engine_of(in_its_lake).prepare(in_its_lake, Night(LAST_NIGHT))
    assert {path: path.stat().st_ino for path in built.settings.lake.rglob("*")} == before


def test_a_delivery_that_the_lake_has_lost_since_is_not_one_that_never_came(built: Built) -> None:
    night, engine = Night(LAST_NIGHT), DuckDB()
    delivery = next(built.settings.lake.glob("sources/raw/orders-*/[0-9]*.parquet"))
    content = delivery.read_bytes()
    delivery.unlink()
    with pytest.raises(TransformError, match=f"{delivery} is gone. Run the night again"):
        engine.build(built.settings, night, LAYERS[0], is_full=True)
    engine.prepare(built.settings, night)
    (again,) = built.settings.lake.glob(f"sources/raw/{delivery.parent.name}/{delivery.name}")
    assert again.read_bytes() == content


def test_a_table_that_has_lost_a_part_is_not_carried_with_fewer_rows(built: Built) -> None:
    folder = folders.of_night(built.settings, Night(LAST_NIGHT))
    part = next(folder.glob("all/tables/marts/dim_customers/*.parquet"))
    part.rename(aside := part.with_name(".aside"))
    with pytest.raises(TransformError, match=f"{part} is gone. Run the night again"):
        DuckDB().carry(built.settings, Night(LAST_NIGHT), LAYERS[-1])
    aside.rename(part)


def test_a_plan_of_the_lists_finds_all_that_it_reads_in_postgres(built: Built) -> None:
    """Whatever engine has built the night, plans are built there."""
    nodes = manifest_of(built.settings, Night(LAST_NIGHT))["nodes"]
    lists = [n for n in nodes.values() if "lists" in n["tags"] and n["resource_type"] == "model"]
    read = {name for node in lists for name in node["depends_on"]["nodes"]} & nodes.keys()
    others = [nodes[name] for name in read if "lists" not in nodes[name]["tags"]]
    assert len(others) > 10
    assert {node["name"] for node in others if not is_carried(node, "")} == set()
