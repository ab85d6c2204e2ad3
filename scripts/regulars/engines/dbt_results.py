"""What dbt says of a run, in words that never quote a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

FAILED = ("error", "fail", "runtime error")
# Messages that name things of the schema or of dbt, never a value of a row.
SAFE = re.compile(
    r"(Got \d+ results?|Compilation Error|Contract Error|This model has an enforced contract|"
    r"(column|relation|function|schema|operator|type|role|database) .* "
    r"(does not exist|is ambiguous|already exists)|"
    r"column reference .* is ambiguous|syntax error at or near|permission denied|"
    r"division by zero|deadlock detected|canceling statement|null value in column|"
    r"duplicate key value violates unique constraint|could not (extend|write|create|open)|"
    r"server closed the connection|terminating connection|out of memory|"
    r"temporary file size exceeds temp_file_limit|"
    r"(smallint|integer|bigint|interval|timestamp|date) out of range$|numeric field overflow$|"
    r"\[(UNRESOLVED_COLUMN|UNRESOLVED_ROUTINE|TABLE_OR_VIEW_NOT_FOUND|PARSE_SYNTAX_ERROR)|"
    r"Answer from Java side is empty$|Error while sending or receiving$|"
    r"\[Errno \d+\] Connection (refused|reset by peer)$)"
)
# Spark's name of an error or Java's of its class; the text that follows can quote rows.
NAMED = re.compile(
    r"(\[[A-Z][A-Z0-9_]*(\.[A-Z0-9_]+)*\])|"
    r"(Caused by|): (?P<class>(java|scala|org\.apache)(\.\w+)+(Error|Exception))\b"
)
ADVICE = {
    re.compile(r"No space left on device|temporary file size exceeds"): (
        "The disk of the warehouse, or of the lake, is full: make room for it, then run the night "
        "again."
    ),
    # the last of them as Python writes it, which no database's driver does
    re.compile(
        r"OutOfMemoryError|Answer from Java side|Error while sending or receiving|"
        r"\[Errno \d+\] Connection"
    ): (
        "Spark's driver died, most likely for lack of memory: give it more (docs/spark.md), "
        "then run the night again."
    ),
    re.compile(r"\bModuleNotFoundError\b"): (
        "The engine is not installed: `make .venv-spark/spark.stamp` installs Spark, "
        "`make .venv/dev.stamp` DuckDB."
    ),
    re.compile(r"JAVA_GATEWAY_EXITED"): (
        "Java did not start: Spark needs Java 17 or newer, on the path or by JAVA_HOME."
    ),
    re.compile(r"\bNoExecutors\b"): (
        "No executor worked for the session: see whether the master of REGULARS_SPARK_MASTER and "
        "its workers run, and have the cores and the memory that spark-defaults.conf asks for; "
        "then run the night again."
    ),
}


class TransformError(RuntimeError):
    """dbt could not build; the message names the nodes and what the database said."""


def node_count(outcome: dbtRunnerResult, what: str) -> int:
    """Number of nodes of a run that succeeded. Raises TransformError, saying `what` failed."""
    from dbt.artifacts.schemas.run import RunExecutionResult

    if not isinstance(outcome.result, RunExecutionResult):
        raise TransformError(with_advice(f"dbt did not run for {what}: {outcome.exception}"))
    results = [
        (str(r.status), getattr(getattr(r, "node", None), "name", "dbt"), str(r.message or ""))
        for r in outcome.result.results
    ]
    return raise_failures(results, outcome.success, None, what)


def raise_failures(
    results: Sequence[Sequence[str]], is_success: bool, exception: str | None, what: str
) -> int:
    """Number of results (status, node, message), none of them a failure. Raises TransformError."""
    if exception is not None:
        raise TransformError(with_advice(f"dbt did not run for {what}: {exception}"))
    failed = [(node, message) for status, node, message in results if status in FAILED]
    if failed or not is_success:
        told = "\n  ".join(describe(node, message) for node, message in failed)
        said = "\n".join(message for _, message in failed)
        raise TransformError(with_advice(f"dbt failed in {what}:\n  {told}", said))
    return len(results)


def with_advice(told: str, said: str = "") -> str:
    """What is told, and what to do where that is known, also by what was said and is not told since
    it can quote rows."""
    seen = f"{told}\n{said}"
    return "\n  ".join([told, *(advice for sign, advice in ADVICE.items() if sign.search(seen))])


def describe(node: str, message: str) -> str:
    """Node and message of a failure; words that could quote a value are left out."""
    return f"{node}: {reason(message) or 'see the log of the database for the reason'}"


def reason(message: str) -> str:
    """What of an error's text can quote no value; may be nothing."""
    lines = [line.strip() for line in message.splitlines()]
    safe = [line for line in lines if SAFE.match(line)]
    safe = safe or [n["class"] or n[1] for line in lines if (n := NAMED.match(line))]
    return " ".join(safe)
