"""Does anything grow faster than n·log n? Nights of three companies, the smaller ones with 10 and
30% of the people, by node and by step.

CPU seconds: of a node of dbt the server's, of a step Python's and the server's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import pairwise

from regulars.feeds import raw_tables
from regulars.nights.run import run_step
from regulars.nights.steps import STEPS
from regulars.settings import Settings
from studies.benchmarks.bulk_deliveries import BULK_NIGHT, SMALL_NIGHT, write
from studies.benchmarks.figures import Figures
from studies.benchmarks.measure import in_child
from studies.benchmarks.node_cpu import night_by_node
from studies.benchmarks.server_meter import ServerMeter

LEAST = 0.5  # CPU seconds at the larger size: of less, most is a start, or the meter's error
ERROR = 1.15  # a quotient of two measured times is that far off
DEAREST = 12
NIGHTS = {"bulk night": BULK_NIGHT, "1/700 night": SMALL_NIGHT}

Costs = Mapping[str, float]  # node or step -> CPU seconds


def measure_growth(
    settings: Settings, server: ServerMeter, customers: int, figures: Figures
) -> None:
    sizes = (customers // 10, customers * 3 // 10, customers)
    nights = {size: _nights(settings, server, size, figures) for size in sizes}
    for night in NIGHTS:
        costs = {size: nights[size][night] for size in sizes}
        of_largest = costs[customers]
        for name in sorted(of_largest, key=of_largest.__getitem__, reverse=True)[:DEAREST]:
            by_size = " → ".join(f"{costs[size].get(name, 0.0):.2f}" for size in sizes)
            figures.add(f"{night}, {name}", "", f"{by_size} s")
        for few, many in pairwise(sizes):
            what = f"{night}, {few:,} to {many:,} customers: faster than n·log n"
            figures.add(what, "none", faster_than_n_log_n(costs[few], costs[many], few, many))


def faster_than_n_log_n(before: Costs, after: Costs, few: int, many: int) -> str:
    """Names with their growth, the fastest first; of what costs LEAST at the larger size."""
    allowed = many * math.log(many) / (few * math.log(few))
    judged = {
        name: cost / before[name]
        for name, cost in after.items()
        if cost >= LEAST and before.get(name, 0.0) > 0
    }
    faster = sorted(
        ((growth, name) for name, growth in judged.items() if growth > allowed * ERROR),
        reverse=True,
    )
    words = [f"{name} × {growth:.1f}" for growth, name in faster]
    return f"{', '.join(words) or 'none'} of {len(judged)} (allowed: × {allowed:.1f})"


def _nights(
    settings: Settings, server: ServerMeter, customers: int, figures: Figures
) -> dict[str, Costs]:
    """Both nights of a company in a database of its own, its nodes one after the other."""
    home = settings.home / f"growth_{customers}"
    company = replace(
        settings,
        home=home,
        landing=home / "landing",
        server=settings.server_folder,
        database=f"growth_{customers}",
        dbt_threads=1,
    )
    figures.phase(f"deliveries of {customers:,} customers")
    in_child(partial(write, company.landing, customers), server)  # its memory must not be ours
    raw_tables.migrate(company)
    costs = {}
    for night, as_of in NIGHTS.items():
        figures.phase(f"{night} of {customers:,} customers")
        costs[night] = _night(company, server, as_of)
    return costs


def _night(settings: Settings, server: ServerMeter, as_of: date) -> Costs:
    steps = {name: partial(run_step, name, as_of, settings) for name in STEPS}
    nodes, costs = night_by_node(steps, server, settings.home)
    return {
        **{name: node.server for name, node in nodes.items()},
        **{f"the step {name}": cost.cpu for name, cost in costs.items()},
    }
