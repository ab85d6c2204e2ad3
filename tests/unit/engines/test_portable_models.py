"""What differs by engine is a macro under macros/<engine>; no model asks where it is built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from regulars.settings import ENGINES, PROJECT

ASKS = re.compile(r"\b(target|adapter)\s*\.\s*(type|name|profile_name)\b")
OTHERS = [name for name in ENGINES if name != "postgres"]
DBT = PROJECT / "dbt_project"
SHARED = [
    path
    for folder in ("models", "tests", "macros", "seeds")
    for path in (DBT / folder).rglob("*")
    if path.suffix in (".sql", ".yml") and path.parent.name not in OTHERS
]


def asks(text: str) -> bool:
    return bool(ASKS.search(text))


@pytest.mark.parametrize(
    "text", ["{% if target.type == 'spark' %}", "{{ target . name }}", "{{ adapter.type() }}"]
)
def test_a_question_for_the_engine_is_recognised(text: str) -> None:
    assert asks(text)


def test_no_shared_file_of_the_project_asks_for_its_engine() -> None:
    assert len(SHARED) > 100
    assert [str(path.relative_to(DBT)) for path in SHARED if asks(path.read_text())] == []


def test_what_an_engine_says_otherwise_stands_in_its_folder() -> None:
    own = re.compile(rf"macro ({'|'.join(OTHERS)})__")
    assert [str(path.relative_to(DBT)) for path in SHARED if own.search(path.read_text())] == []


@pytest.mark.parametrize("engine", OTHERS)
def test_what_an_engine_says_otherwise_has_a_meaning_that_all_share(engine: str) -> None:
    """Nobody would call a macro that nothing dispatches to; dbt's own are dispatched by dbt."""
    said = {name for file in (DBT / "macros" / engine).glob("*.sql") for name in _own(file, engine)}
    dispatched = {
        name
        for file in (DBT / "macros").rglob("*.sql")
        for name in re.findall(r"adapter\.dispatch\('(\w+)', 'regulars'\)", file.read_text())
    }
    of_dbt = {"create_csv_table", "load_csv_rows", "get_empty_schema_sql", "listagg"}
    assert said - dispatched - of_dbt == set()
    assert said


def _own(file: Path, engine: str) -> list[str]:
    return re.findall(rf"macro {engine}__(\w+)\(", file.read_text())
