"""What loading costs beside a plain COPY of the same good rows: in turns, each into a new database,
so that neither finds what the other left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from statistics import median

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.night import Night
from regulars.nights.steps import ingest_sales
from regulars.settings import Settings
from studies.benchmarks.bulk_deliveries import BULK_NIGHT, write, written
from studies.benchmarks.figures import Figures
from studies.benchmarks.floor import plain_copy
from studies.benchmarks.measure import Measured, in_child
from studies.benchmarks.server_meter import ServerMeter

TURNS = 5
LOAD, COPY, KEYED_COPY = "load with 1% bad rows", "plain COPY", "plain COPY with a primary key"


def measure_loading(
    settings: Settings, server: ServerMeter, customers: int, figures: Figures
) -> None:
    """The five sales feeds of a bulk night."""
    figures.phase(f"writing deliveries of {customers:,} customers")
    in_child(partial(write, settings.landing, customers), server)
    costs: dict[str, list[Measured]] = {}
    for turn in range(TURNS):
        company = replace(settings, database=f"loading_{turn}", server=settings.server_folder)
        raw_tables.migrate(company)
        figures.phase(f"turn {turn + 1} of {TURNS}")
        for what, step in _steps(company).items():
            costs.setdefault(what, []).append(in_child(step, server))
    for what, runs in costs.items():
        cpu = f"CPU {_median(runs, 'python_cpu')} s Python + {_median(runs, 'server_cpu')} s server"
        log = f"{_median(runs, 'wal_mb', '.0f')} MB"
        figures.add(f"{what}: time, CPU, log", "", f"{_median(runs, 'seconds')} s; {cpu}; {log}")
    for baseline, aim in ((COPY, "≤ 2.5"), (KEYED_COPY, "")):
        for of, field in (("time", "seconds"), ("CPU", "cpu")):
            what = f"{LOAD} ÷ {baseline}, {of}"
            figures.add(what, aim, _ratios(costs[LOAD], costs[baseline], field))


def _steps(settings: Settings) -> dict[str, Callable[[], object]]:
    return {
        COPY: partial(_copy, settings, with_key=False),
        KEYED_COPY: partial(_copy, settings, with_key=True),
        LOAD: partial(ingest_sales, settings, Night(BULK_NIGHT)),
    }


def _copy(settings: Settings, *, with_key: bool) -> None:
    good = written(settings.landing).good_only
    with warehouse.connect(settings, "admin") as connection:
        plain_copy(connection, good, with_key=with_key)


def _median(runs: list[Measured], field: str, form: str = ".2f") -> str:
    return format(median(getattr(run, field) for run in runs), form)


def _ratios(loads: list[Measured], copies: list[Measured], field: str) -> str:
    """Turn by turn: the median, and the least and the most."""
    ratios = [getattr(a, field) / getattr(b, field) for a, b in zip(loads, copies, strict=True)]
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
