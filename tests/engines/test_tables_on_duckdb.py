"""All models on DuckDB, from the sources of a night of PostgreSQL's: its tables, row for row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from regulars.engines import dbt_command
from regulars.engines.dbt_results import raise_failures
from regulars.engines.lake import folders
from regulars.engines.lake.engine import LAYERS, DuckDB
from regulars.night import Night
from regulars.settings import Settings
from tests.company import LAST_NIGHT, BuiltCompany, clone, fingerprint
from tests.server import drop_database

CARRIED = ("marts", "lists", "pii", "intermediate")
MODELS = ("--exclude-resource-type", "test", "unit_test", "--full-refresh", "--target", "duckdb")


@pytest.fixture(scope="module")
def built(companies: BuiltCompany, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A night that is about to be published, its tables built again in one session of DuckDB."""
    home = tmp_path_factory.mktemp("tables_on_duckdb") / "home"
    settings = replace(clone(companies.unpublished, "tables_on_duckdb", home), engine="duckdb")
    night, engine, last = Night(LAST_NIGHT), DuckDB(), LAYERS[-1]
    engine.prepare(settings, night)
    folder = folders.of_night(settings, night)
    dbt = dbt_command.build(settings, night, MODELS, {})
    sources = json.loads((folder / "sources.json").read_text())
    answer = engine.run(settings, night, folder / "all", dbt, sources, [])
    raise_failures(answer["results"], answer["is_success"], answer["exception"], "models")
    folders.write_whole(folder / f"{last}.json", json.dumps(answer))
    engine.carry(settings, night, last)
    yield settings
    drop_database(settings)


def test_every_table_that_is_read_outside_dbt_has_the_rows_of_postgres(
    built: Settings, company_unpublished: Settings
) -> None:
    """Views of PostgreSQL's, which are tables on other engines, are read through its tables."""
    tables, expected = (fingerprint(s, CARRIED) for s in (built, company_unpublished))
    both = tables.keys() & expected.keys()
    assert len(both) > 60
    assert [name for name in sorted(both) if tables[name] != expected[name]] == []
