"""What every measured script does: load first, run one task, say what it cost.

Run by the Python of its library, ours or a peer's, so it imports nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path


def report(tasks):
    """Run the task named on the command line on the file named there; a line of JSON.

    A task takes the file and returns (work, say): `work()` is timed, `say(result)` gives the
    figures to print beside its cost.
    """
    task, file = sys.argv[1:3]
    work, say = tasks[task](file)
    wall, cpu = time.perf_counter(), _cpu_seconds()
    result = work()
    cost = {
        "wall": time.perf_counter() - wall,
        "cpu": _cpu_seconds() - cpu,
        "peak_mb": _peak_mb(),
    }
    print(json.dumps(cost | say(result)))


def _cpu_seconds():
    """Of this process and of the compilers that it ran."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _peak_mb():
    """Linux keeps a high-water mark per program; ru_maxrss remembers the one that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        marks = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(marks[0].split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
