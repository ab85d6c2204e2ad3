"""An upgrade between two steps of a night, or before one: the later step finds what its version
needs, and whoever reads what no night has published yet is told so."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import ModuleType

import psycopg
import pytest

from regulars import warehouse
from regulars.feeds import declaration_checks, declarations, model
from regulars.nights.run import run_step
from regulars.settings import Settings

NIGHT = date(2026, 10, 31)
OF_A_VERSION_BEFORE = {
    "another version's note": "update ops.last_migration set version = 'another'",
    "no note": "delete from ops.last_migration",
    "no place for one": "drop table ops.last_migration",
}


def left_behind(settings: Settings, statement: str) -> None:
    with warehouse.connect(settings, "admin") as connection:
        connection.execute("drop schema stored cascade")
        connection.execute(statement.encode())


def is_there(settings: Settings) -> bool:
    with warehouse.connect(settings, "admin") as connection:
        row = connection.execute("select to_regnamespace('stored') is not null").fetchone()
    return row == (True,)


@pytest.mark.parametrize("statement", OF_A_VERSION_BEFORE.values(), ids=OF_A_VERSION_BEFORE.keys())
def test_a_later_step_brings_a_warehouse_of_a_version_before_up_to_date(
    warehouse_settings: Settings, statement: str
) -> None:
    left_behind(warehouse_settings, statement)
    run_step("normalise_contacts", NIGHT, warehouse_settings)
    assert is_there(warehouse_settings)


def test_one_of_this_version_is_left_as_it_is(warehouse_settings: Settings) -> None:
    left_behind(warehouse_settings, "select 1")
    run_step("normalise_contacts", NIGHT, warehouse_settings)
    assert not is_there(warehouse_settings)


@pytest.mark.parametrize("changed", [model, declarations, declaration_checks])
def test_other_code_that_reads_declarations_is_another_version(
    warehouse_settings: Settings, changed: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It decides the type of a raw column as much as what makes the table."""
    read_bytes = Path.read_bytes

    def upgraded(file: Path) -> bytes:
        return read_bytes(file) + (b"# another" if str(file) == changed.__file__ else b"")

    left_behind(warehouse_settings, "select 1")
    monkeypatch.setattr(Path, "read_bytes", upgraded)
    run_step("normalise_contacts", NIGHT, warehouse_settings)
    assert is_there(warehouse_settings)


@pytest.mark.parametrize(
    "query", ["select * from published.new", "select new from published.generation"]
)
def test_who_reads_what_no_night_has_published_yet_is_told_what_to_run(
    warehouse_settings: Settings, query: str
) -> None:
    with (
        warehouse.connect(warehouse_settings, "analyst") as reader,
        pytest.raises(psycopg.ProgrammingError) as refused,
    ):
        reader.execute(query.encode())
    assert "after an upgrade the next night" in warehouse.refusal(refused.value)
