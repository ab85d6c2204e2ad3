"""What another engine makes of numbers, dates and empty cells: what PostgreSQL makes of them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.engines.dbt_results import TransformError, raise_failures
from regulars.engines.lake.arrow_types import arrow_type, spark_type
from regulars.private_files import make_missing
from regulars.settings import PROJECT
from tests.dbt.test_macros import CASES, GIVEN
from tests.engines.engines import DUCKDB, SPARK
from tests.engines.probes import Answers, build, lay

DECLARED = re.compile(r"data_type:\s*numeric\((\d+),\s*(\d+)\)")


def edges() -> list[tuple[int, int]]:
    """(digits, digits behind the point) of every number that a contract promises."""
    files = (PROJECT / "dbt_project/models").rglob("*.yml")
    found = {match for file in files for match in DECLARED.findall(file.read_text())}
    return sorted((int(digits), int(scale)) for digits, scale in found)


def largest(digits: int, scale: int) -> Decimal:
    return Decimal(f"{10**digits - 1}e-{scale}")


def one_row(columns: Sequence[str], rest: str = "") -> str:
    named = ",\n".join(f"{sql} as c{place}" for place, sql in enumerate(columns))
    return f"{{{{ config(materialized='table') }}}}\nselect\n{named}\n{rest}"


def sums() -> str:
    """The sum of three numbers at the edge of each range, in one row."""
    totals = [f"sum(cast('{largest(*edge):f}' as numeric{edge}))" for edge in edges()]
    return one_row(totals, "from (select 1 as n union all select 2 union all select 3) as three")


PROBES = {
    "models/values_of_macros.sql": one_row(
        [f"{{{{ {call} }}}}" for call, _ in CASES.values()], GIVEN
    ),
    "models/sums_at_the_edge.sql": sums(),
    "seeds/empty_cells.csv": "word,amount,said_on\nnone,1.50,2026-10-31\n,,\nNone,2,2026-11-01\n",
    "seeds/signs.csv": "word\nC:\\new\nit's\n",
    "models/as_mirrored.sql": "{{ config(materialized='table') }} select * from raw.things",
}
# What a mirror has written: days before the calendar of 1582 and instants before time zones had
# whole hours, the ends of what a number holds, and a text that is empty.
MIRRORED: dict[str, Any] = {
    "first_on": date(1, 1, 1),
    "before_gregory_on": date(1582, 10, 10),
    "old_at": datetime(1800, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    "last_at": datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    "most": Decimal("9" * 28 + "." + "9" * 10),
    "least": -(2**63),
    "empty": "",
    "unknown": None,
    "words": "\u00a0\U0001d5a2\\n",
}
TYPES = {
    "first_on": "date",
    "before_gregory_on": "date",
    "old_at": "timestamp with time zone",
    "last_at": "timestamp with time zone",
    "most": "numeric(38,10)",
    "least": "bigint",
    "empty": "text",
    "unknown": "text",
    "words": "text",
}
WRONG = {
    "models/too_large.sql": one_row([f"cast('{'9' * 38}' as numeric(38, 0)) * 10"]),
    "models/no_number.sql": one_row(["cast(given.word as integer)"], GIVEN),
    "tests/somebody.sql": f"select given.word {GIVEN}",
    "models/built.sql": one_row(["1"]),
    # Takes with it what is there already, as Java does when it dies in a build.
    "models/fatal.sql": "{% if execute %}"
    "{% do run_query('drop table ' ~ ref('built')) %}{% endif %}"
    "select * from {{ ref('built') }}",
}


@pytest.fixture(scope="module", params=[DUCKDB, SPARK])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp(f"values_{engine}")
    lay(made, PROBES | WRONG)
    return made


@pytest.fixture(scope="module")
def answers(engine: str, folder: Path) -> Answers:
    """One session has built all that can be."""
    schema = pa.schema([(name, arrow_type(kind)) for name, kind in TYPES.items()])
    things = make_missing(folder / "things")
    pq.write_table(pa.Table.from_pylist([MIRRORED], schema), things / "all.parquet")
    columns = {field.name: spark_type(field.type) for field in schema}
    sources = {"raw": {"things": {"folder": str(things), "columns": columns}}}
    return build(engine, folder, PROBES, sources)


@pytest.fixture(scope="module")
def failures(engine: str, folder: Path) -> Answers:
    """Another has tried what cannot be."""
    return build(engine, folder, WRONG)


def test_every_macro_gives_the_value_it_promises(answers: Answers) -> None:
    (row,) = answers.rows("values_of_macros")
    found = dict(zip(CASES, row.values(), strict=True))
    wrong = {
        claim: (found[claim], expected)
        for claim, (_, expected) in CASES.items()
        if (json.loads(found[claim]) if isinstance(expected, dict) else found[claim]) != expected
    }
    assert wrong == {}


def test_what_was_mirrored_comes_through_an_engine_as_it_is(answers: Answers) -> None:
    assert answers.rows("as_mirrored") == [MIRRORED]


def test_a_cell_of_a_seed_may_hold_any_sign(answers: Answers) -> None:
    assert {row["word"] for row in answers.rows("signs")} == {"C:\\new", "it's"}


def test_sums_at_the_edge_of_every_promised_range_keep_all_their_digits(answers: Answers) -> None:
    (row,) = answers.rows("sums_at_the_edge")
    found = dict(zip(edges(), row.values(), strict=True))
    assert len(found) > 10
    with localcontext(prec=60):
        assert {edge: total for edge, total in found.items() if total != 3 * largest(*edge)} == {}


def test_a_build_that_failed_says_so_whatever_has_become_of_its_tables(failures: Answers) -> None:
    assert failures.statuses["built"] == "success"
    assert failures.statuses["fatal"] == "error"


@pytest.mark.parametrize("model", ["too_large", "no_number"])
def test_what_cannot_be_is_an_error_and_not_unknown(failures: Answers, model: str) -> None:
    assert failures.statuses[model] == "error"


def test_a_failure_is_told_without_the_values_that_an_engine_quotes(failures: Answers) -> None:
    quoted = [name for _, name, message in failures.results if "twelve" in message]
    assert "no_number" in quoted
    with pytest.raises(TransformError) as failure:
        raise_failures(failures.results, False, None, "probes")
    told = str(failure.value)
    assert "\n  no_number: " in told
    assert "\n  fatal: " in told
    assert "\n  somebody: Got 1 result, configured to fail if != 0" in told
    assert "twelve" not in told


def test_an_empty_cell_of_a_seed_is_unknown(answers: Answers) -> None:
    rows = [tuple(row.values()) for row in answers.rows("empty_cells")]
    assert sorted(rows, key=str) == [
        ("None", Decimal(2), date(2026, 11, 1)),
        ("none", Decimal("1.50"), date(2026, 10, 31)),
        (None, None, None),
    ]
