"""What a column is in the lake, and what it comes back as."""

from __future__ import annotations

import pyarrow as pa
import pytest

from regulars.engines.lake.arrow_types import UnknownType, arrow_type, postgres_type, spark_type


@pytest.mark.parametrize(
    ("declared", "returned"),
    [
        ("text", "text"),
        ("text[]", "text"),
        ("boolean", "boolean"),
        ("smallint", "integer"),
        ("integer", "integer"),
        ("bigint", "bigint"),
        ("date", "date"),
        ("timestamp with time zone", "timestamp with time zone"),
        ("numeric(28,6)", "numeric(28,6)"),
        ("numeric", "numeric(38,10)"),
    ],
)
def test_a_column_comes_back_wide_enough_for_all_its_values(declared: str, returned: str) -> None:
    assert postgres_type(arrow_type(declared)) == returned


@pytest.mark.parametrize(
    ("declared", "spark"),
    [("numeric(28,6)", "decimal(28,6)"), ("integer", "int"), ("bytea", "string")],
)
def test_spark_is_told_the_type_that_the_file_has(declared: str, spark: str) -> None:
    assert spark_type(arrow_type(declared)) == spark


def test_json_comes_back_as_json() -> None:
    assert postgres_type(pa.json_()) == "jsonb"


@pytest.mark.parametrize("declared", ["point", "interval"])
def test_a_type_that_the_lake_has_not_is_named(declared: str) -> None:
    with pytest.raises(UnknownType, match=declared):
        arrow_type(declared)
