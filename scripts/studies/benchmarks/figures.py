"""The table of `make bench`: printed row by row, and kept so that a run that is cut leaves it."""

from __future__ import annotations

import time

from studies.benchmarks.measure import Measured
from studies.report import fill

REPORT = "benchmarks.md"
UNFINISHED = "**This run was cut: what is missing below was not measured.**\n\n"


class Figures:
    """Rows of the table: what, aim, measured; kept in docs/studies or only printed."""

    def __init__(self, is_kept: bool) -> None:
        self._is_kept = is_kept
        self._rows: list[tuple[str, str, str]] = []
        self._started = time.perf_counter()
        self._is_finished = False

    def phase(self, name: str) -> None:
        """Say what is measured now, and how long the run has taken so far."""
        print(f"[{time.perf_counter() - self._started:5.0f} s] {name}", flush=True)

    def add(self, what: str, aim: str, measured: str) -> None:
        self._rows.append((what, aim, measured))
        print(f"          {what:<58} {aim:<9} {measured}", flush=True)
        self._keep()

    def step(self, what: str, cost: Measured) -> None:
        """What a step of a night cost."""
        cpu = f"CPU {cost.python_cpu:.1f} s Python + {cost.server_cpu:.1f} s server"
        self.add(
            f"{what}: time, CPU, log (WAL), peak memory",
            "< 500 MB",
            f"{cost.seconds:.1f} s; {cpu}; {cost.wal_mb:.0f} MB; {cost.peak_mb:.0f} MB",
        )

    def ratio(self, what: str, aim: str, seconds: float, baseline: float) -> None:
        """A quotient, with both sides in seconds."""
        self.add(what, aim, f"{seconds / baseline:.2f} ({seconds:.1f} s ÷ {baseline:.1f} s)")

    def finish(self) -> None:
        """The run went to its end."""
        self._is_finished = True
        self._keep()

    def table(self) -> str:
        notice = "" if self._is_finished else UNFINISHED
        rows = "".join(f"| {what} | {aim} | {measured} |\n" for what, aim, measured in self._rows)
        return f"{notice}| what | aim | measured |\n|---|---|---|\n{rows}"

    def _keep(self) -> None:
        if self._is_kept:
            fill(REPORT, {"figures": self.table()})
