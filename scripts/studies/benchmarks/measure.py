"""What steps cost in a process of their own: time, CPU of Python and of the server, log, memory."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from studies.benchmarks import processes
from studies.benchmarks.node_seconds import Nodes, recorded
from studies.benchmarks.server_meter import ServerMeter


@dataclass(frozen=True)
class Measured:
    """Wall and CPU seconds, megabytes of the server's log (WAL) and of resident memory at its peak,
    and for a step that runs dbt the kind and seconds of each node.

    python_cpu is all that the step's process and those it started did, a Java process included;
    server_cpu all that the server did meanwhile, vacuuming behind the scenes included.
    """

    seconds: float
    python_cpu: float
    server_cpu: float
    wal_mb: float
    peak_mb: float
    nodes: Nodes

    @property
    def cpu(self) -> float:
        return self.python_cpu + self.server_cpu


def in_child(step: Callable[[], object], server: ServerMeter) -> Measured:
    """Fork, run, report; the child's memory is its own."""
    return all_in_child({"step": step}, server)["step"]


def all_in_child(
    steps: Mapping[str, Callable[[], object]], server: ServerMeter
) -> dict[str, Measured]:
    """Run steps one after the other in one forked process. A peak is that of all so far."""
    read, write = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            processes.adopt_orphans()
            costs = {name: asdict(_run(step, server)) for name, step in steps.items()}
            os.write(write, json.dumps(costs).encode())
            code = 0
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read) as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError("a measured step failed; its message stands above")
    return {name: Measured(**cost) for name, cost in json.loads(answer).items()}


def _run(step: Callable[[], object], server: ServerMeter) -> Measured:
    own = os.getpid()
    before, cpu, started = server.read(), processes.cpu_seconds(own), time.perf_counter()
    with recorded() as nodes:
        step()
    return Measured(
        seconds=time.perf_counter() - started,
        python_cpu=processes.cpu_seconds(own) - cpu,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        nodes=nodes,
        **asdict(server.read() - before),
    )
