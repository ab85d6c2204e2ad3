"""`make bench`: what a night costs, as ratios to a floor measured in the same run.

Machines are noisy: quote the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from regulars import warehouse
from regulars.night import STEPS, Night, run_night
from regulars.orchestration import run_nightly
from regulars.settings import PROJECT, Settings
from regulars.transform import target_folder
from tests.benchmarks.deliveries import BULK_NIGHT, SMALL_NIGHT, Written, write, written
from tests.benchmarks.floor import build_floor, plain_copy
from tests.benchmarks.measure import Measured, in_child, node_seconds

PAGE = PROJECT / "docs" / "benchmarks.md"
BUILDS = ("transform", "value", "lists")


@dataclass
class Figures:
    """Rows of the table: what, aim, measured."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, aim: str, measured: str) -> None:
        self.rows.append((what, aim, measured))
        print(f"{what:<66} {aim:<14} {measured}", flush=True)

    def markdown(self) -> str:
        lines = ["| what | aim | measured |", "|---|---|---|"]
        return "\n".join([*lines, *(f"| {a} | {b} | {c} |" for a, b, c in self.rows)]) + "\n"


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        home = Path(folder)
        settings = Settings(project=PROJECT, home=home, landing=home / "landing")
        figures = Figures()
        try:
            measure(settings, arguments.customers, figures)
        finally:
            warehouse.stop(settings)
        if arguments.write:
            _write_page(arguments.customers, figures)


def measure(settings: Settings, customers: int, figures: Figures) -> None:
    """Measure one company from its first bulk night to an empty one."""
    print(f"Writing deliveries of {customers:,} customers …", flush=True)
    in_child(lambda: write(settings.landing, customers))  # its memory must not count as ours
    company = written(settings.landing)
    rows = ", ".join(f"{count:,} {feed}" for feed, count in company.rows.items())
    figures.add("company", "", rows)
    warehouse.migrate(settings)
    steps = measure_steps(settings, BULK_NIGHT)
    full = _build_seconds(settings, steps)
    measure_load(settings, company, steps, figures)
    measure_build(settings, company, steps, figures)
    measure_memory(steps, figures)
    small = measure_steps(settings, SMALL_NIGHT)
    measure_small_night(full, small, figures)
    measure_empty_night(settings, figures)


@dataclass(frozen=True)
class Step:
    """A step's cost, and for a dbt step the cost of each node."""

    measured: Measured
    nodes: dict[str, tuple[str, float]]


def measure_steps(settings: Settings, as_of) -> dict[str, Step]:
    """Run a night, each step in a process of its own."""
    steps = {}
    for name, step in STEPS.items():
        print(f"  {as_of} {name} …", end="", flush=True)
        cost = in_child(lambda step=step: step(settings, Night(as_of)))
        nodes = node_seconds(target_folder(settings, Night(as_of))) if name in BUILDS else {}
        steps[name] = Step(cost, nodes)
        print(f" {cost.seconds:.1f} s, {cost.peak_mb:.0f} MB", flush=True)
    return steps


def measure_load(
    settings: Settings, company: Written, steps: dict[str, Step], figures: Figures
) -> None:
    with warehouse.connect(settings, "admin") as connection:
        floor = plain_copy(connection, company.good_only)
    load = steps["ingest_sales"].measured.seconds
    figures.add(
        "load with 1% bad rows ÷ plain COPY of the good ones",
        "< 4.5", f"{load / floor:.2f} ({load:.1f} s ÷ {floor:.1f} s)",
    )  # fmt: skip


def measure_build(
    settings: Settings, company: Written, steps: dict[str, Step], figures: Figures
) -> None:
    with warehouse.connect(settings, "admin") as connection:
        floor = build_floor(connection, company.good_only)
        connection.execute("drop schema floor cascade")
    full = sum(steps[name].measured.seconds for name in BUILDS)
    figures.add(
        "full build of all models ÷ (COPY + window pass + group-by)",
        "< 6", f"{full / floor:.2f} ({full:.1f} s ÷ {floor:.1f} s)",
    )  # fmt: skip


def measure_memory(steps: dict[str, Step], figures: Figures) -> None:
    for name, step in steps.items():
        figures.add(f"peak memory of {name}", "< 500 MB", f"{step.measured.peak_mb:.0f} MB")


def measure_small_night(full: dict[str, float], small: dict[str, Step], figures: Figures) -> None:
    """Split a small night: what was touched, the pass over everybody, publication."""
    nodes = {name: cost for step in small.values() for name, cost in step.nodes.items()}
    touched = sum(s for kind, s in nodes.values() if kind == "incremental")
    everybody = sum(s for kind, s in nodes.values() if kind != "incremental")
    whole = sum(full.values())
    publication = small["publish"].measured.seconds
    figures.add("1/700 night, touched part ÷ full build", "< 6%", f"{touched / whole:.1%}")
    figures.add("1/700 night, pass over everybody ÷ full build", "", f"{everybody / whole:.1%}")
    figures.add("1/700 night, publication ÷ full build", "", f"{publication / whole:.1%}")
    slowest = sorted(nodes.items(), key=lambda item: -item[1][1])[:5]
    for name, (kind, seconds) in slowest:
        figures.add(f"  {name.split('.')[2]} ({kind})", "", f"{seconds:.1f} s")


def measure_empty_night(settings: Settings, figures: Figures) -> None:
    """A night with nothing new on a tiny company: what a night costs before any data."""
    home = settings.home / "tiny"
    tiny = replace(settings, home=home, landing=home / "landing", server=settings.server_folder,
                   database="tiny")  # fmt: skip
    write(tiny.landing, customers=1000)
    in_child(lambda: run_night(tiny, SMALL_NIGHT))
    alone = in_child(lambda: run_night(tiny, SMALL_NIGHT)).seconds
    figures.add("empty night without Airflow", "< 45 s", f"{alone:.0f} s")
    started = time.perf_counter()
    run_nightly(tiny, SMALL_NIGHT)
    figures.add("empty night with Airflow", "< 90 s", f"{time.perf_counter() - started:.0f} s")


def _build_seconds(settings: Settings, steps: dict[str, Step]) -> dict[str, float]:
    return {name: seconds for step in steps.values() for name, (_, seconds) in step.nodes.items()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--write", action="store_true", help="keep the table in docs/benchmarks.md")
    return parser.parse_args()


def _write_page(customers: int, figures: Figures) -> None:
    PAGE.write_text(
        "# Benchmarks\n\n"
        "Printed by `make bench` and kept here as measured, on 2 cores; every ratio has its\n"
        "baseline in the same run. Seconds say little on another machine; ratios travel.\n\n"
        + figures.markdown()
    )
    print(f"Wrote {PAGE.relative_to(PROJECT)}")


if __name__ == "__main__":
    main()
