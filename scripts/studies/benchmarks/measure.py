"""What a step costs, each in a process of its own: time, CPU of Python and of the server, its log,
memory."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from studies.benchmarks.node_seconds import Nodes, recorded
from studies.benchmarks.server_meter import ServerMeter


@dataclass(frozen=True)
class Measured:
    """Wall and CPU seconds, megabytes of the server's log (WAL) and of resident memory at its peak,
    and for a step that runs dbt the kind and seconds of each node.

    server_cpu is all that the server did meanwhile, vacuuming behind the scenes included.
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
    before = server.read()
    read, write = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.write(write, json.dumps(_run(step)).encode())
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
    spent = server.read() - before
    return Measured(**json.loads(answer), **asdict(spent))


def _run(step: Callable[[], object]) -> dict[str, object]:
    """Run a step in this fresh process, whose own CPU counts from zero."""
    started = time.perf_counter()
    with recorded() as nodes:
        step()
    seconds = time.perf_counter() - started
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "seconds": seconds,
        "python_cpu": sum(usage.ru_utime + usage.ru_stime for usage in used),
        "peak_mb": used[0].ru_maxrss / 1024,
        "nodes": nodes,
    }
