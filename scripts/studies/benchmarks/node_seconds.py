"""What dbt says of the time of each node, which it writes nowhere in a night."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from regulars.engines import postgres

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

Nodes = dict[str, tuple[str, float]]  # node -> (materialisation, seconds)


@contextmanager
def recorded() -> Iterator[Nodes]:
    """Gives a dict that fills with the nodes of each dbt run inside."""
    nodes: Nodes = {}
    judge = postgres.node_count

    def keep(outcome: dbtRunnerResult, what: str) -> int:
        for result in getattr(outcome.result, "results", ()):
            kind = result.node.config.get("materialized") or "test"
            nodes[result.node.unique_id] = (kind, result.execution_time)
        return judge(outcome, what)

    postgres.node_count = keep
    try:
        yield nodes
    finally:
        postgres.node_count = judge
