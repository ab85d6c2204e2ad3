"""What each node of dbt costs, for nights that build with one thread."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from unittest.mock import patch

from studies.benchmarks.measure import Measured, all_in_child
from studies.benchmarks.server_meter import ServerMeter


@dataclass(frozen=True)
class NodeCpu:
    """CPU seconds of the server and of Python; `of` is the model that a node makes or tests."""

    of: str
    server: float
    python: float

    @property
    def cpu(self) -> float:
        return self.server + self.python


Nodes = Mapping[str, NodeCpu]  # by the node's name


def night_by_node(
    steps: Mapping[str, Callable[[], object]], server: ServerMeter, home: Path
) -> tuple[Nodes, Mapping[str, Measured]]:
    """Run a night's steps in one process. What its nodes cost comes by a file in `home`, because
    the process hands back what its steps cost and nothing else."""
    kept = home / "nodes.json"
    kept.write_text("{}")
    costs = all_in_child(
        {name: partial(_run, step, server, kept) for name, step in steps.items()}, server
    )
    nodes = {name: NodeCpu(**cost) for name, cost in json.loads(kept.read_text()).items()}
    return nodes, costs


def _run(step: Callable[[], object], server: ServerMeter, kept: Path) -> None:
    with metered(server) as nodes:
        step()
    costs = {name: asdict(cost) for name, cost in nodes.items()}
    kept.write_text(json.dumps(json.loads(kept.read_text()) | costs))


@contextmanager
def metered(server: ServerMeter) -> Iterator[dict[str, NodeCpu]]:
    """Gives a dict that fills with what each node costs that dbt runs inside."""
    from dbt.task.base import BaseRunner

    spent: dict[str, NodeCpu] = {}
    run = BaseRunner.run_with_hooks

    def run_metered(runner: BaseRunner, manifest: object) -> object:
        before, python = server.cpu_seconds(), time.process_time()
        try:
            return run(runner, manifest)
        finally:
            spent[runner.node.name] = NodeCpu(
                of=(getattr(runner.node, "attached_node", None) or runner.node.name).split(".")[-1],
                server=server.cpu_seconds() - before,
                python=time.process_time() - python,
            )

    with patch.object(BaseRunner, "run_with_hooks", run_metered):
        yield spent
