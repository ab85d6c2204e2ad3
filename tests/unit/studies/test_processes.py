"""CPU of a step: of its process and of all that it started, orphans among them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from studies.benchmarks import processes
from studies.benchmarks.processes import Stat

BURN = "import time\nwhile time.process_time() < 0.3: pass"
# Starts somebody who starts somebody else and does not wait; says what all have cost.
MEASURES = f"""
import os, subprocess, sys, time
from studies.benchmarks import processes
processes.adopt_orphans()
leaves = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', sys.argv[1]])"
subprocess.run([sys.executable, "-c", leaves, {BURN!r}], check=True)
def others():
    return [s for s in processes.living() if s.parent == os.getpid()]
(orphan,) = others()
while open(f"/proc/{{orphan.process}}/stat").read().rpartition(")")[2].split()[0] != "Z":
    time.sleep(0.01)
print(processes.cpu_seconds(os.getpid()) - time.process_time())
"""


def test_what_an_orphan_has_cost_is_counted() -> None:
    said = subprocess.run(
        [sys.executable, "-c", MEASURES], capture_output=True, text=True, check=True
    )
    assert float(said.stdout) > 0.25  # the kernel counts hundredths, each part rounded down


def test_a_name_with_blanks_and_brackets_is_read() -> None:
    text = "12 (tmux: a) b) S 7 12 12 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0"
    assert processes.Stat.of(text) == processes.Stat(process=12, parent=7, ticks=127)


def test_who_ends_while_it_is_read_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parent, child, parent_after_it = Stat(1, 0, 100), Stat(2, 1, 50), Stat(1, 0, 150)
    twice, missed = [parent_after_it, child], [parent]
    readings = iter([missed, twice, [parent_after_it], [parent_after_it]])
    monkeypatch.setattr(processes, "living", lambda: next(readings))
    assert processes.cpu_seconds(1) * processes.TICKS_A_SECOND == 150
