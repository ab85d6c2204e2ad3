"""What every measured script does: load first, run one task, say what it cost.

Run by the Python of its library, ours or a peer's, so it imports nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

MOST_TIMES = 7
Task = Callable[[str], tuple[Callable[[], Any], Callable[[Any], dict[str, Any]]]]


def report(tasks: Mapping[str, Task]) -> None:
    """Run the task named on the command line on the file named there; a line of JSON.

    A task takes the file and returns (work, say): `work()` is timed, `say(result)` gives the
    figures to print beside its cost. Work of less than three seconds in all is done again, up to
    MOST_TIMES, and the median counts: a single tenth of a second is mostly noise.
    """
    task, file = sys.argv[1:3]
    work, say = tasks[task](file)
    costs: list[tuple[float, float]] = []
    while not costs or (len(costs) < MOST_TIMES and sum(cost[0] for cost in costs) < 3):
        result = None  # two at a time would count as memory
        cpu, wall = _cpu_seconds(), time.perf_counter()
        result = work()
        costs.append((_cpu_seconds() - cpu, time.perf_counter() - wall))
    cpu, wall = (statistics.median(each) for each in zip(*costs, strict=True))
    print(json.dumps({"wall": wall, "cpu": cpu, "peak_mb": _peak_mb()} | say(result)))


def _cpu_seconds() -> float:
    """Of this process and of the compilers that it ran."""
    spent = os.times()
    return time.process_time() + spent.children_user + spent.children_system


def _peak_mb() -> float:
    """Linux keeps a high-water mark per program; ru_maxrss remembers the one that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        marks = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(marks[0].split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
