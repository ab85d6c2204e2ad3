"""`make bench`: what a night costs, as ratios to a floor measured in the same run.

Machines are noisy: quote the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.night import Night
from regulars.nights.orchestration import run_nightly
from regulars.nights.run import run_night, run_step
from regulars.nights.steps import STEPS
from regulars.settings import PROJECT, Settings
from studies.benchmarks.all_feeds import measure_all_feeds, measure_lists
from studies.benchmarks.bulk_deliveries import BULK_NIGHT, SMALL_NIGHT, write, written
from studies.benchmarks.figures import Figures
from studies.benchmarks.floor import plain_copy, window_and_group
from studies.benchmarks.growth import measure_growth
from studies.benchmarks.list_files import measure_list_files
from studies.benchmarks.loading import measure_loading
from studies.benchmarks.measure import Measured, all_in_child, in_child
from studies.benchmarks.node_seconds import Nodes
from studies.benchmarks.server_meter import ServerMeter

BUILDS = ("transform", "value", "lists")
# Written for what was touched alone, though dbt makes them anew each night.
TOUCHED = ("model.regulars.int_touched_customers", "model.regulars.int_touched_orders")

PARTS = {
    "loading": measure_loading,
    "list-files": measure_list_files,
    "all-feeds": measure_all_feeds,
    "growth": measure_growth,
}


def main() -> None:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("cut"))  # so that the server is stopped
    figures = Figures(is_kept=arguments.write)
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        home = Path(folder)
        # Nobody writes to its deliveries any more: a night that waits for young ones measures that.
        settings = Settings(project=PROJECT, home=home, landing=home / "landing", settle_seconds=0)
        try:
            if arguments.only:
                raw_tables.migrate(settings)
                server = ServerMeter(settings)
                PARTS[arguments.only](settings, server, arguments.customers, figures)
                return
            measure(settings, arguments.customers, figures)
        finally:
            warehouse.stop(settings)
    figures.finish()


def measure(settings: Settings, customers: int, figures: Figures) -> None:
    """Measure one company from its first bulk night to an empty one."""
    raw_tables.migrate(settings)
    server = ServerMeter(settings)
    figures.phase(f"writing deliveries of {customers:,} customers")
    in_child(lambda: write(settings.landing, customers), server)  # its memory must not be ours
    rows = written(settings.landing).rows
    figures.add("company", "", ", ".join(f"{count:,} {feed}" for feed, count in rows.items()))
    baseline = measure_baseline(settings, server, figures)
    full = measure_steps(settings, server, BULK_NIGHT, "bulk night", figures)
    measure_full_night(full, baseline, figures)
    measure_lists("bulk night, sales alone", settings, server, full, figures)
    small = measure_one_process(settings, server, SMALL_NIGHT, "1/700 night", figures)
    measure_small_night(full, small, baseline, figures)
    measure_empty_night(settings, server, figures)
    measure_list_files(settings, server, customers, figures)
    measure_all_feeds(settings, server, customers, figures)


@dataclass(frozen=True)
class Baseline:
    """Seconds of plain COPY, of the same into tables with a primary key, and of the floor; CPU
    seconds of the server for plain COPY and for the floor."""

    copy: float
    keyed_copy: float
    floor: float
    copy_cpu: float
    floor_cpu: float


def measure_baseline(settings: Settings, server: ServerMeter, figures: Figures) -> Baseline:
    figures.phase("the baseline: plain COPY, a window pass, a group-by")
    good = written(settings.landing).good_only
    with warehouse.connect(settings, "admin") as connection:
        keyed_copy = plain_copy(connection, good, with_key=True)
        before = server.cpu_seconds()
        copy = plain_copy(connection, good)
        copy_cpu = server.cpu_seconds() - before
        rest = window_and_group(connection)
        cpu = server.cpu_seconds() - before
        connection.execute("drop schema floor cascade")
    figures.add("plain COPY; with a primary key", "", f"{copy:.1f} s; {keyed_copy:.1f} s")
    figures.add("floor", "", f"{copy + rest:.1f} s, CPU of the server {cpu:.1f} s")
    return Baseline(copy, keyed_copy, copy + rest, copy_cpu, cpu)


Steps = dict[str, Measured]


def measure_steps(
    settings: Settings, server: ServerMeter, as_of: date, night: str, figures: Figures
) -> Steps:
    """Run a night, each step in a process of its own."""
    steps = {}
    for name, step in STEPS.items():
        figures.phase(f"the night of {as_of}: {name}")
        steps[name] = in_child(partial(step.run, settings, Night(as_of)), server)
        figures.step(f"{night}, {name}", steps[name])
    return steps


def measure_one_process(
    settings: Settings, server: ServerMeter, as_of: date, night: str, figures: Figures
) -> Steps:
    """Run a night in one process, as `regulars night` and `airflow dags test` do."""
    figures.phase(f"the night of {as_of}, in one process")
    steps = all_in_child({name: partial(run_step, name, as_of, settings) for name in STEPS}, server)
    for name, cost in steps.items():
        figures.step(f"{night}, {name}", cost)
    return steps


def measure_full_night(steps: Steps, baseline: Baseline, figures: Figures) -> None:
    load = steps["ingest_sales"]
    figures.ratio("load with 1% bad rows ÷ plain COPY", "≤ 2.5", load.seconds, baseline.copy)
    figures.ratio("the same, CPU (of COPY the server's)", "", load.cpu, baseline.copy_cpu)
    what = "load with 1% bad rows ÷ plain COPY with a primary key"
    figures.ratio(what, "", load.seconds, baseline.keyed_copy)
    full = sum(steps[name].seconds for name in BUILDS)
    figures.ratio("full build of all models ÷ floor", "≤ 4", full, baseline.floor)
    server_cpu = sum(steps[name].server_cpu for name in BUILDS)
    what = "full build ÷ floor, CPU of the server"
    figures.ratio(what, "", server_cpu, baseline.floor_cpu)
    cpu = sum(step.cpu for step in steps.values())
    figures.ratio("bulk night, all steps ÷ floor, CPU", "", cpu, baseline.floor_cpu)
    _slowest("full build", _nodes(steps), figures)


def measure_small_night(full: Steps, small: Steps, baseline: Baseline, figures: Figures) -> None:
    """Split a small night: what was touched, the pass over everybody, publication."""
    nodes, whole = _nodes(small), sum(seconds for _, seconds in _nodes(full).values())
    touched = sum(s for name, (kind, s) in nodes.items() if _is_touched(name, kind))
    everybody = sum(s for name, (kind, s) in nodes.items() if not _is_touched(name, kind))
    build = sum(full[name].seconds for name in BUILDS)
    figures.add("1/700 night, touched part ÷ full build", "< 6%", f"{touched / whole:.1%}")
    figures.add("1/700 night, pass over everybody ÷ full build", "", f"{everybody / whole:.1%}")
    what = "1/700 night, publication ÷ full build (wall clock)"
    publication = small["publish"].seconds
    figures.add(what, "≤ 3%", f"{publication / build:.1%} ({publication:.1f} s)")
    cpu = sum(step.cpu for step in small.values())
    figures.ratio("1/700 night, all steps ÷ floor, CPU", "≤ 4", cpu, baseline.floor_cpu)
    server_cpu = sum(step.server_cpu for step in small.values())
    what = "the same, CPU of the server alone"
    figures.ratio(what, "", server_cpu, baseline.floor_cpu)
    bulk = sum(step.cpu for step in full.values())
    figures.ratio("1/700 night ÷ bulk night, CPU of all steps", "", cpu, bulk)
    _slowest("1/700 night", nodes, figures)


def measure_empty_night(settings: Settings, server: ServerMeter, figures: Figures) -> None:
    """A night with nothing new on a tiny company: what a night costs before any data."""
    home = settings.home / "tiny"
    tiny = replace(
        settings,
        home=home,
        landing=home / "landing",
        server=settings.server_folder,
        database="tiny",
    )
    figures.phase("a tiny company's first night, not measured")
    write(tiny.landing, customers=1000)
    in_child(lambda: run_night(tiny, SMALL_NIGHT), server)
    figures.phase("an empty night without Airflow")
    alone = in_child(lambda: run_night(tiny, SMALL_NIGHT), server).seconds
    figures.add("empty night without Airflow", "≤ 15 s", f"{alone:.0f} s")
    figures.phase("an empty night with Airflow")
    started = time.perf_counter()
    run_nightly(tiny, SMALL_NIGHT)
    figures.add("empty night with Airflow", "≤ 30 s", f"{time.perf_counter() - started:.0f} s")


def _nodes(steps: Steps) -> Nodes:
    return {name: cost for step in steps.values() for name, cost in step.nodes.items()}


def _is_touched(name: str, kind: str) -> bool:
    return kind == "incremental" or name in TOUCHED


def _slowest(where: str, nodes: Nodes, figures: Figures) -> None:
    dearest = sorted(nodes.items(), key=lambda item: -item[1][1])[:6]
    words = ", ".join(f"{name.split('.')[2]} {seconds:.1f} s" for name, (_, seconds) in dearest)
    figures.add(f"{where}, dearest nodes", "", words)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--only", choices=PARTS, help="measure nothing else")
    parser.add_argument(
        "--write", action="store_true", help="keep the table in docs/studies/benchmarks.md"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
