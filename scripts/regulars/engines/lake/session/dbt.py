"""A run of dbt in this process."""

from __future__ import annotations

from typing import Any


def run(arguments: list[str]) -> dict[str, Any]:
    """What dbt says of each node, and which tables it has built."""
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.nodes import ModelNode, SeedNode

    outcome = dbtRunner().invoke(arguments)
    run = outcome.result if isinstance(outcome.result, RunExecutionResult) else None
    return {
        "is_success": outcome.success,
        "exception": None if run else str(outcome.exception),
        "results": [
            [str(r.status), getattr(r.node, "name", "dbt"), str(r.message or "")]
            for r in (run.results if run else ())
        ],
        "built": [
            [r.node.unique_id, r.node.schema, r.node.alias]
            for r in (run.results if run else ())
            if isinstance(r.node, ModelNode | SeedNode) and str(r.status) == "success"
        ],
    }
