"""`python -m studies.engines.seam`: a build in PostgreSQL through the engines' seam and by itself.

The same layers, built whole by the same call of dbt, in turns, in CPU seconds of Python and server;
and what the seam does besides that call.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from functools import partial
from pathlib import Path
from timeit import timeit
from unittest.mock import patch

from regulars import warehouse
from regulars.engines import dbt_command, engine_of, postgres
from regulars.feeds import raw_tables
from regulars.nights.steps import STEPS
from regulars.settings import PROJECT, Settings
from studies.benchmarks.bulk_deliveries import write
from studies.benchmarks.figures import Figures
from studies.benchmarks.measure import in_child
from studies.benchmarks.server_meter import ServerMeter
from studies.engines.__main__ import LAYERS, LOADING, NIGHT

REPEATED = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m studies.engines.seam", description=__doc__)
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--turns", type=int, default=4)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("cut"))  # so that the server is stopped
    with tempfile.TemporaryDirectory(prefix="regulars-seam-") as folder:
        home = Path(folder)
        settings = Settings(project=PROJECT, home=home, landing=home / "landing")
        try:
            measure(settings, arguments.customers, arguments.turns)
        finally:
            warehouse.stop(settings)


def measure(settings: Settings, customers: int, turns: int) -> None:
    raw_tables.migrate(settings)
    server, figures = ServerMeter(settings), Figures(is_kept=False)
    write(settings.landing, customers)
    for name in (*LOADING, "transform", "score"):
        in_child(partial(STEPS[name].run, settings, NIGHT), server)
    both = {"seam": partial(through_the_seam, settings), "itself": partial(by_itself, settings)}
    in_child(both["seam"], server)  # what is compiled and parsed is left for all that follow
    costs: dict[str, list[float]] = {"seam": [], "itself": []}
    for turn in range(turns):
        for name in sorted(both, reverse=bool(turn % 2)):
            costs[name].append(in_child(both[name], server).cpu)
    for name, seconds in costs.items():
        figures.add(f"{name}: CPU of each turn", "", ", ".join(f"{s:.1f} s" for s in seconds))
    figures.ratio("seam ÷ itself", "1.05", sum(costs["seam"]), sum(costs["itself"]))
    figures.add("seam without dbt", "", f"{own_seconds(settings) * 1e6:.0f} µs")


def through_the_seam(settings: Settings) -> None:
    engine = engine_of(settings)
    for layer in LAYERS:
        engine.prepare(settings, NIGHT)
        engine.build(settings, NIGHT, layer, is_full=True)
        engine.carry(settings, NIGHT, layer)


def by_itself(settings: Settings) -> None:
    for layer in LAYERS:
        selection = [*dbt_command.LAYERS[layer], "--full-refresh"]
        postgres.run_dbt(settings, NIGHT, selection, layer)


def own_seconds(settings: Settings) -> float:
    """Of the seam alone, for all layers: dbt is left out."""
    with patch.object(postgres, "run_dbt", lambda *_: 0):
        return timeit(lambda: through_the_seam(settings), number=REPEATED) / REPEATED


if __name__ == "__main__":
    main()
