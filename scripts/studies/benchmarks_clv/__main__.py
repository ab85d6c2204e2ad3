"""`make bench-clv`: what fits, scores and values cost beside other libraries, in one run.

Every measurement is a process of its own, one thread, on the same simulated set. Machines are
noisy and shared: ratios are of processor seconds, and wall seconds stand beside them.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from regulars.clv import (
    BetaGeometric,
    GammaGamma,
    ModifiedBetaGeometric,
    ParetoNBD,
    PurchaseModel,
)
from regulars.settings import PROJECT
from studies.benchmarks_clv import page, simulated
from studies.benchmarks_clv.environments import LIFETIMES, PEERS, PYMC_MARKETING, install

HERE = Path(__file__).parent
DATA = PROJECT / "build" / "bench-clv"
OURS = "regulars"
THOUSAND, MILLION = 1_000, 1_000_000
MODELS: dict[str, type[PurchaseModel | GammaGamma]] = {
    "bg_fit": BetaGeometric,
    "bg_distinct_fit": BetaGeometric,
    "mbg_fit": ModifiedBetaGeometric,
    "pareto_fit": ParetoNBD,
    "spend_fit": GammaGamma,
}
BEGINS_AT_RANDOM = (LIFETIMES.name, "pareto_fit")  # near 1, each parameter; seeds 1 to STARTS
STARTS, START_PATIENCE = 5, 80
PEERS_NAMES = {"v": "gamma"}  # of parameters, where they differ from the papers'


@dataclass(frozen=True)
class Case:
    """One task at one size, by one library."""

    library: str
    task: str
    customers: int
    data: str = "customers"


def _cases() -> list[Case]:
    """Ours and those of lifetimes task by task, then what takes longest."""
    shared = [
        *(Case(OURS, task, 100 * THOUSAND) for task in ("bg_fit", "pareto_fit", "spend_fit")),
        *(Case(OURS, task, 100 * THOUSAND) for task in ("bg_score", "value")),
        *(Case(OURS, task, MILLION) for task in ("bg_fit", "mbg_fit", "spend_fit")),
        *(Case(OURS, task, MILLION) for task in ("bg_score", "value")),
        *(Case(OURS, task, MILLION, "orders") for task in ("summaries", "road")),
    ]
    alone = [
        Case(OURS, "pareto_fit", MILLION),
        *(Case(OURS, task, MILLION) for task in ("point_scores", "ranges")),
        *(Case(OURS, "bg_distinct_fit", size) for size in (MILLION, 10 * MILLION)),
        *(Case(OURS, task, 10 * MILLION) for task in ("bg_fit", "mbg_fit", "spend_fit")),
        *(Case(OURS, task, 10 * MILLION) for task in ("bg_score", "value")),
        Case(OURS, "road", 10 * MILLION, "orders"),
    ]
    fits = [case for case in shared if case.task in ("bg_fit", "pareto_fit", "spend_fit")]
    return [
        *(replace(case, library=name) for case in shared for name in (OURS, LIFETIMES.name)),
        *alone,
        *(replace(case, library=PYMC_MARKETING.name) for case in fits),
    ]


def main() -> None:
    arguments = _arguments()
    reasons = {peer.name: install(peer) for peer in PEERS}
    for reason in filter(None, reasons.values()):
        print(f"skipped: {reason}", flush=True)
    skipped = [reason for reason in reasons.values() if reason]
    runs: list[page.Run] = []
    for case in _cases():
        if case.customers > arguments.customers or reasons.get(case.library):
            continue
        runs.append(_measured(case, _file(case), arguments.patience))
        print(page.line(runs[-1]), flush=True)
        if arguments.write:
            page.keep(runs, skipped)
    print(page.table(runs, skipped))


def _file(case: Case) -> Path:
    """The set of that size, written once."""
    DATA.mkdir(parents=True, exist_ok=True)
    file = DATA / f"{case.data}-{case.customers}.parquet"
    if not file.exists():
        print(f"Writing {file.name} …", flush=True)
        write = simulated.write_orders if case.data == "orders" else simulated.write_customers
        started = file.with_suffix(".tmp")
        write(started, case.customers)
        started.rename(file)
    return file


def _measured(case: Case, file: Path, patience: int) -> page.Run:
    """One run, or the median of STARTS where a library begins at random numbers."""
    if (case.library, case.task) != BEGINS_AT_RANDOM:
        return _run(case, file, patience)
    runs = [_run(case, file, START_PATIENCE, seed) for seed in range(1, STARTS + 1)]
    print("; ".join(map(page.line, runs)), flush=True)
    return sorted(runs, key=lambda run: run.cpu if not run.failure else math.inf)[STARTS // 2]


def _run(case: Case, file: Path, patience: int, seed: int = 1) -> page.Run:
    """One measurement; log-likelihoods of everybody's parameters are computed by us."""
    peer = next((peer for peer in PEERS if peer.name == case.library), None)
    python = peer.python if peer else sys.executable
    script = HERE / f"run_{case.library.replace('-', '_') if peer else 'ours'}.py"
    single_threaded = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
    )
    try:
        done = subprocess.run(
            [python, script, case.task, file, str(seed)],
            env=os.environ | single_threaded,
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return page.Run(
            case.library, case.task, case.customers, failure=f"not done in {patience} s"
        )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return page.Run(case.library, case.task, case.customers, failure=last[:80])
    measured = json.loads(done.stdout.strip().splitlines()[-1])
    reached = _log_likelihood(case, measured["params"], file) if case.task in MODELS else None
    return page.Run(
        library=case.library,
        task=case.task,
        customers=case.customers,
        wall=measured["wall"],
        cpu=measured["cpu"],
        peak_mb=measured["peak_mb"],
        log_likelihood=reached,
        mean=measured.get("mean"),
    )


def _log_likelihood(case: Case, params: dict[str, float], file: Path) -> float | None:
    kind = MODELS[case.task]
    named = {PEERS_NAMES.get(name, name): value for name, value in params.items()}
    model = kind.from_params(**{name: named[name] for name in kind.parameter_names})
    return model.assess(pd.read_parquet(file)).log_likelihood


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-clv", description=__doc__)
    parser.add_argument("--customers", type=int, default=10 * MILLION, help="the largest set")
    parser.add_argument("--patience", type=int, default=1800, help="seconds for one measurement")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/studies")
    return parser.parse_args()


if __name__ == "__main__":
    main()
