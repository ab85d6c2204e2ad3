"""What the server spends on each node of dbt, for nights that build with one thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from studies.benchmarks.server_meter import ServerMeter


@contextmanager
def metered(server: ServerMeter) -> Iterator[dict[str, float]]:
    """Gives a dict that fills with CPU seconds by the name of each node that dbt runs inside."""
    from dbt.task.base import BaseRunner

    spent: dict[str, float] = {}
    run = BaseRunner.run_with_hooks

    def run_metered(runner: BaseRunner, manifest: object) -> object:
        before = server.cpu_seconds()
        try:
            return run(runner, manifest)
        finally:
            spent[runner.node.name] = server.cpu_seconds() - before

    with patch.object(BaseRunner, "run_with_hooks", run_metered):
        yield spent
