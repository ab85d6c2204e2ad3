"""Time and memory of a step, each in a process of its own."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """Wall seconds and peak resident megabytes of one step."""

    seconds: float
    peak_mb: float


def in_child(step: Callable[[], object]) -> Measured:
    """Fork, run, report; the child's memory is its own."""
    read, write = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            started = time.perf_counter()
            step()
            seconds = time.perf_counter() - started
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            os.write(write, json.dumps([seconds, peak]).encode())
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
    return Measured(*json.loads(answer))


def node_seconds(target: Path) -> dict[str, tuple[str, float]]:
    """dbt node -> (materialisation, seconds) of the last invocation in a target folder."""
    results = json.loads((target / "run_results.json").read_text())["results"]
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    return {
        result["unique_id"]: (
            nodes[result["unique_id"]]["config"].get("materialized", "test"),
            result["execution_time"],
        )
        for result in results
        if result["unique_id"] in nodes
    }
