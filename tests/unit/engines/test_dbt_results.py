"""What a failed model says: enough to act on, never a value of a row."""

from __future__ import annotations

import pytest

from regulars.engines.dbt_results import TransformError, describe, raise_failures


def said(message: str) -> str:
    return describe("dim_customers", message)


@pytest.mark.parametrize(
    "message",
    [
        'Database Error in model m\n  invalid input syntax for type date: "jane@example.com"',
        "Database Error in model m\n  duplicate key value violates unique constraint \"k\"\n"
        "  DETAIL:  Key (email)=(jane@example.com) already exists.",
        "Datenbankfehler\n  ungültige Eingabe: »jane@example.com«\n  KONTEXT: »jane@example.com«",
        "Runtime Error in model m (models/m.sql)\n  [CAST_INVALID_INPUT] The value "
        "'jane@example.com' of the type \"STRING\" cannot be cast to \"DATE\". SQLSTATE: 22018",
        "Runtime Error in model m\n  [ARITHMETIC_OVERFLOW.WITH_HINT] jane@example.com\n"
        "  jane@example.com",
        "Runtime Error in model m\n  Conversion Error: Could not convert string "
        "'jane@example.com' to DATE",
        "An error occurred while calling o1.sql.\n: java.lang.IllegalStateException: "
        "jane@example.com\n\tat jane.example.com(Jane.scala:1)\nCaused by: jane@example.com",
        "null value in column \"a\" of relation \"b\" violates not-null constraint\n"
        "  DETAIL:  Failing row contains (1, jane@example.com).",
    ],
)  # fmt: skip
def test_a_value_of_a_row_is_never_repeated(message: str) -> None:
    assert "jane" not in said(message)
    assert said(message).startswith("dim_customers: ")


def test_a_mistake_in_a_model_is_told() -> None:
    message = 'Database Error in model m\n  column "opened_at" does not exist\n  LINE 3: select'
    assert said(message) == 'dim_customers: column "opened_at" does not exist'


def test_spark_says_the_name_of_its_error() -> None:
    message = "Runtime Error in model m\n  [CAST_INVALID_INPUT] The value 'jane' of the type"
    assert said(message) == "dim_customers: [CAST_INVALID_INPUT]"


def test_spark_says_which_column_it_does_not_know() -> None:
    message = "Runtime Error\n  [UNRESOLVED_COLUMN.WITH_SUGGESTION] A column named `opened` cannot"
    assert said(message).endswith("A column named `opened` cannot")


def test_java_says_the_class_of_its_error_and_of_the_cause() -> None:
    message = (
        "Runtime Error in model m\n  An error occurred while calling o9.sql.\n"
        "  : org.apache.spark.SparkException: Job aborted: jane@example.com\n"
        "  \tat java.base/java.lang.Thread.run(Thread.java:840)\n"
        "  Caused by: java.lang.OutOfMemoryError: Java heap space"
    )
    assert said(message) == (
        "dim_customers: org.apache.spark.SparkException java.lang.OutOfMemoryError"
    )


@pytest.mark.parametrize(
    "words",
    ["Answer from Java side is empty", "[Errno 111] Connection refused"],
)
def test_a_driver_that_is_gone_is_told(words: str) -> None:
    assert said(f"Runtime Error in model m\n  {words}") == f"dim_customers: {words}"


def test_a_failed_test_says_how_many_rows() -> None:
    assert said("Got 3 results, configured to fail if != 0") == (
        "dim_customers: Got 3 results, configured to fail if != 0"
    )


@pytest.mark.parametrize(
    "words",
    ["integer out of range", "timestamp out of range", "numeric field overflow"],
)
def test_a_value_too_large_for_its_type_is_told(words: str) -> None:
    assert said(f"Database Error in model m\n  {words}") == f"dim_customers: {words}"


@pytest.mark.parametrize(
    "words",
    [
        'could not extend file "base/5/16384": No space left on device',
        'could not write to file "base/pgsql_tmp/pgsql_tmp1": No space left on device',
        "temporary file size exceeds temp_file_limit (8kB)",
        ": java.io.IOException: No space left on device",
        'IO Error: Could not write file "/lake/build.duckdb": No space left on device',
    ],
)
def test_a_full_disk_says_what_to_do(words: str) -> None:
    with pytest.raises(TransformError, match="make room for it, then run the night again"):
        fail(words)


@pytest.mark.parametrize(
    "words",
    [
        ": java.lang.OutOfMemoryError: Java heap space",
        "Answer from Java side is empty",
        "[Errno 111] Connection refused",
    ],
)
def test_a_driver_without_memory_says_what_to_do(words: str) -> None:
    with pytest.raises(TransformError, match=r"give it more \(docs/spark.md\)"):
        fail(words)


def fail(words: str) -> None:
    raise_failures([("error", "dim_customers", f"Database Error\n  {words}")], False, None, "x")
