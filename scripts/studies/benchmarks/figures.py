"""The table of `make bench`: printed row by row, and kept so that a run that is cut leaves it."""

from __future__ import annotations

import time
from pathlib import Path

INTRODUCTION = """\
# Benchmarks

Printed by `make bench` and kept here as measured, on 2 cores; every ratio has its
baseline in the same run. Seconds say little on another machine; ratios travel.

What the models cost beside other libraries stands in [benchmarks-clv](benchmarks-clv.md).

- **plain COPY**: the good rows of the same five files into typed tables with the same columns, one
  file after the other, nothing checked. `raw` has a primary key and an index on the natural key, so
  the second ratio gives the plain tables a primary key too, on the natural key.
- **floor**: that COPY, one window pass over the orders, one group-by over the lines.
- **full build**: the three dbt steps from start to end, dbt's own start included.
- **touched part**, **pass over everybody**: seconds of dbt's nodes, in the small night, of tables
  that write only what was touched and of all the others, against those of the full build.
"""
UNFINISHED = "\n**This run was cut: what is missing below was not measured.**\n"


class Figures:
    """Rows of the table: what, aim, measured. page: file to keep it in; None keeps nothing."""

    def __init__(self, page: Path | None) -> None:
        self._page = page
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

    def ratio(self, what: str, aim: str, seconds: float, baseline: float) -> None:
        """A quotient, with both sides in seconds."""
        self.add(what, aim, f"{seconds / baseline:.2f} ({seconds:.1f} s ÷ {baseline:.1f} s)")

    def finish(self) -> None:
        """The run went to its end."""
        self._is_finished = True
        self._keep()

    def _keep(self) -> None:
        if self._page is None:
            return
        lines = ["", "| what | aim | measured |", "|---|---|---|"]
        lines += [f"| {what} | {aim} | {measured} |" for what, aim, measured in self._rows]
        notice = "" if self._is_finished else UNFINISHED
        self._page.write_text(INTRODUCTION + notice + "\n".join(lines) + "\n")
