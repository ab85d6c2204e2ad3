"""`python -m studies.engines`: what a first night of sales alone costs on each engine.

One company, loaded once; then each engine builds it from the same sources and the same scores.
CPU seconds of everything that works for it, so that a busy machine says nearly the same as an idle
one; mirror and carry are apart, as only engines other than PostgreSQL have them. Of Spark also what
its event log says: bytes shuffled by table, and the CPU of a stage's longest task against its
median.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from psycopg import sql

from regulars import warehouse
from regulars.engines import engine_of
from regulars.feeds import raw_tables
from regulars.night import Night
from regulars.nights.steps import STEPS
from regulars.settings import ENGINES, PROJECT, Settings
from studies.benchmarks.bulk_deliveries import BULK_NIGHT, PRODUCTS, write, written
from studies.benchmarks.figures import Figures
from studies.benchmarks.measure import all_in_child, in_child
from studies.benchmarks.node_seconds import Nodes
from studies.benchmarks.server_meter import ServerMeter
from studies.engines.event_log import Stage, of_tables, stages_of

LAYERS = ("before_scores", "after_scores", "lists")
LOADING = ("ingest_sales", "ingest_service", "normalise_contacts")
NIGHT = Night(BULK_NIGHT)
SHOWN = 12  # nodes of PostgreSQL's, tables and stages of Spark's event log
LEAST_SECONDS = 0.5  # a shorter task says nothing of skew
SPARK_DEFAULTS = """\
spark.driver.memory  {memory}
spark.executor.memory  {memory}
spark.eventLog.enabled  true
spark.eventLog.dir  file://{events}
spark.eventLog.compress  false
spark.eventLog.rolling.enabled  false
"""


@dataclass(frozen=True)
class Cost:
    """CPU seconds of a night's layers together."""

    mirror: float
    build: float
    carry: float

    @property
    def whole(self) -> float:
        return self.mirror + self.build + self.carry


def main() -> None:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("cut"))  # so that the server is stopped
    figures = Figures(is_kept=False)
    with tempfile.TemporaryDirectory(prefix="regulars-engines-") as folder:
        home = Path(folder)
        settings = Settings(
            project=PROJECT, home=home, landing=home / "landing", spark_master=arguments.master
        )
        events = _spark_defaults(home, arguments)
        try:
            measure(settings, arguments, figures)
        finally:
            warehouse.stop(settings)
        if logs := [path for path in events.iterdir() if path.is_file()]:
            tell_events(stages_of(logs), figures)


def measure(settings: Settings, arguments: argparse.Namespace, figures: Figures) -> None:
    raw_tables.migrate(settings)
    server = ServerMeter(settings)
    figures.phase(f"loading {arguments.customers:,} customers")
    in_child(partial(_deliver, settings, arguments), server)
    rows = written(settings.landing).rows
    figures.add("company", "", ", ".join(f"{count:,} {feed}" for feed, count in rows.items()))
    for name in LOADING:
        in_child(partial(STEPS[name].run, settings, NIGHT), server)
    first: Cost | None = None
    rows_of_first: dict[str, str] = {}
    for engine in arguments.engines:
        cost = build(replace(settings, engine=engine), server, figures, is_scored=bool(first))
        built = fingerprints(settings)
        if first is None:
            first, rows_of_first = cost, built
            continue
        figures.ratio(f"{engine} ÷ {arguments.engines[0]}, CPU", "", cost.whole, first.whole)
        other = sorted(t for t in rows_of_first if built.get(t) != rows_of_first[t])
        figures.add("tables whose rows differ", "none", ", ".join(other) or "none")


def build(settings: Settings, server: ServerMeter, figures: Figures, *, is_scored: bool) -> Cost:
    """Build all layers as a night does. The first engine's histories are scored, for all."""
    engine = engine_of(settings)
    costs: list[Cost] = []
    nodes: Nodes = {}
    for layer in LAYERS:
        if layer == "after_scores" and not is_scored:
            figures.phase("score")
            in_child(partial(STEPS["score"].run, settings, NIGHT), server)
        figures.phase(f"{settings.engine}: {layer}")
        parts = all_in_child(
            {
                "mirror": partial(engine.prepare, settings, NIGHT),
                "build": partial(engine.build, settings, NIGHT, layer, is_full=True),
                "carry": partial(engine.carry, settings, NIGHT, layer),
            },
            server,
        )
        costs.append(Cost(**{name: part.cpu for name, part in parts.items()}))
        nodes |= parts["build"].nodes
        _tell(f"{settings.engine}, {layer}", costs[-1], figures)
    whole = Cost(*(sum(getattr(c, name) for c in costs) for name in ("mirror", "build", "carry")))
    _tell(f"{settings.engine}, all", whole, figures)
    if dearest := sorted(nodes.items(), key=lambda node: -node[1][1])[:SHOWN]:
        words = ", ".join(f"{name.split('.')[2]} {seconds:.1f} s" for name, (_, seconds) in dearest)
        figures.add(f"{settings.engine}, dearest nodes", "", words)
    return whole


def fingerprints(settings: Settings) -> dict[str, str]:
    """Table of marts or lists -> number of its rows and a sum over their hashes."""
    with warehouse.connect(settings, "admin") as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname in ('marts', 'lists')"
        ).fetchall()
        return {
            f"{schema}.{table}": str(
                connection.execute(
                    sql.SQL(
                        "select count(*), sum(hashtextextended(t::text, 0)::numeric) from {} as t"
                    ).format(sql.Identifier(schema, table))
                ).fetchone()
            )
            for schema, table in tables
        }


def tell_events(stages: list[Stage], figures: Figures) -> None:
    """Tables by what they shuffle; stages by their longest task."""
    for table, own in _dearest(of_tables(stages)):
        shuffled, spilled = (sum(getattr(s, what) for s in own) for what in ("shuffled", "spilled"))
        words = f"{shuffled / 1e6:.1f} MB; CPU {sum(s.cpu for s in own):.1f} s"
        figures.add(f"shuffled by {table}", "", f"{words}; spilled {spilled / 1e6:.0f} MB")
    shuffled, cpu = sum(s.shuffled for s in stages), sum(s.cpu for s in stages)
    figures.add("shuffled by all", "", f"{shuffled / 1e6:.1f} MB; CPU of tasks {cpu:.1f} s")
    long = [stage for stage in stages if stage.longest >= LEAST_SECONDS]
    for stage in sorted(long, key=lambda stage: -stage.longest)[:SHOWN]:
        words = f"{stage.longest:.1f} s, {stage.skew:.1f} × the median of {len(stage.seconds)}"
        figures.add(f"longest task of {stage.table}", "", words)


def _dearest(tables: dict[str, list[Stage]]) -> Iterator[tuple[str, list[Stage]]]:
    shuffled = {table: sum(stage.shuffled for stage in own) for table, own in tables.items()}
    for table in sorted(shuffled, key=lambda table: -shuffled[table])[:SHOWN]:
        yield table, tables[table]


def _tell(what: str, cost: Cost, figures: Figures) -> None:
    words = f"mirror {cost.mirror:.1f} s, build {cost.build:.1f} s, carry {cost.carry:.1f} s"
    figures.add(f"{what}: CPU", "", words)


def _deliver(settings: Settings, arguments: argparse.Namespace) -> None:
    write(
        settings.landing,
        arguments.customers,
        of_one=arguments.orders_of_one,
        products=arguments.products,
    )


def _spark_defaults(home: Path, arguments: argparse.Namespace) -> Path:
    """Spark's settings as a company would set them. Returns the folder of its event logs."""
    conf, events = home / "conf", home / "events"
    for folder in (conf, events):
        folder.mkdir()
    text = SPARK_DEFAULTS.format(memory=arguments.memory, events=events)
    own = "".join(f"{setting.replace('=', '  ', 1)}\n" for setting in arguments.conf)
    (conf / "spark-defaults.conf").write_text(text + own)
    os.environ["SPARK_CONF_DIR"] = str(conf)
    return events


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m studies.engines", description=__doc__)
    parser.add_argument("--customers", type=int, default=30_000)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=["postgres", "duckdb"])
    parser.add_argument("--master", default="local[2]", help="of Spark")
    parser.add_argument("--memory", default="4g", help="of Spark's driver, and of each executor")
    parser.add_argument("--conf", nargs="*", default=[], help="more of Spark's: name=value")
    parser.add_argument("--orders-of-one", type=int, default=0, help="of one customer, besides")
    parser.add_argument("--products", type=int, default=PRODUCTS, help="1: in each order the same")
    return parser.parse_args()


if __name__ == "__main__":
    main()
