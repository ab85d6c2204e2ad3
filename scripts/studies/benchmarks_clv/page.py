"""The table of a run, and the page that keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from studies import REPORTS

PAGE = REPORTS / "benchmarks-clv.md"
INTRODUCTION = """# The models beside other libraries

Printed by `make bench-clv` and kept here as measured, all in one run, on 2 cores. The set: BG/NBD
customers (.243, 4.414, .793, 2.426 a week) of up to two years, days rounded up, spends
Gamma-Gamma (6.25, 3.74, 15.44). Everybody starts from the same file with a row per customer, or
per order; each measurement is a process of its own with one thread, from the data in memory to
the result (summaries and the road read the file too). Work of less than three seconds is done up to
seven times and the median counts. Look at the ratios of processor time: wall time depends on what
else a machine does. Peak memory contains the libraries. `lifetimes` begins Pareto/NBD at random
numbers, and its time varies with them tenfold: the median of five starts stands here (seeds 1 to
5, none given more than 80 s). Log-likelihoods are all computed by us from the parameters that
each library found; `pymc-marketing` finds the maximum of a posterior, which lies beside the
maximum of the likelihood, and its time contains the compilation of the model. The largest sets
are left to us alone.

"""
WORDS = {
    "bg_fit": "BG/NBD fit", "bg_distinct_fit": "BG/NBD fit of distinct histories",
    "mbg_fit": "MBG/NBD fit", "pareto_fit": "Pareto/NBD fit",
    "spend_fit": "Gamma-Gamma fit", "bg_score": "BG/NBD P(alive) and purchases of a year",
    "value": "value of a year, each customer", "summaries": "histories from orders",
    "road": "from orders to values",
    "point_scores": "the night's six scores of distinct histories",
    "ranges": "the night's ranges of orders and values, of distinct histories",
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """What one library needed for one task; `failure` instead, where it did not finish."""

    library: str
    task: str
    customers: int
    wall: float = 0.0
    cpu: float = 0.0
    peak_mb: float = 0.0
    log_likelihood: float | None = None
    mean: float | None = None
    failure: str | None = None


def line(run: Run) -> str:
    cost = run.failure or f"{run.cpu:.2f} s CPU, {run.wall:.2f} s, {run.peak_mb:.0f} MB"
    return f"{WORDS[run.task]}, {run.customers:,}, {run.library}: {cost}"


def table(runs: list[Run], skipped: list[str]) -> str:
    """Markdown; ratios to our run of the same task and size."""
    ours = {(run.task, run.customers): run for run in runs if run.library == "regulars"}
    lines = [
        "| what | customers | by | CPU s | wall s | peak MB | CPU ÷ ours | log-likelihood |",
        "|---|--:|---|--:|--:|--:|--:|--:|",
    ]
    order = list(dict.fromkeys((run.task, run.customers) for run in runs))
    for run in sorted(runs, key=lambda run: order.index((run.task, run.customers))):
        own = ours[run.task, run.customers]
        cells = [WORDS[run.task], f"{run.customers:,}", run.library]
        if run.failure:
            cells += ["", "", "", "", run.failure]
        else:
            ratio = "" if run is own else f"{run.cpu / own.cpu:.1f}"
            cells += [f"{run.cpu:.2f}", f"{run.wall:.2f}", f"{run.peak_mb:.0f}", ratio]
            cells.append("" if run.log_likelihood is None else f"{run.log_likelihood:,.2f}")
        lines.append(f"| {' | '.join(cells)} |")
    reasons = (f"\nSkipped: {reason}" for reason in skipped)
    return "\n".join([*lines, "", *_beside_ourselves(ours), *reasons]) + "\n"


def _beside_ourselves(ours: dict[tuple[str, int], Run]) -> list[str]:
    """What ten times the customers cost, and what ranges cost beside point scores: a table."""
    done = {key: run for key, run in ours.items() if not run.failure}
    pairs = {
        f"{WORDS[task]}: {size:,} customers ÷ a tenth of them": ((task, size), (task, size // 10))
        for task, size in done
    }
    pairs |= {
        f"{WORDS['ranges']} ÷ its six scores, {size:,} customers": (
            ("ranges", size), ("point_scores", size),
        )
        for task, size in done if task == "ranges"
    }  # fmt: skip
    rows = [
        f"| {words} | {done[one].cpu / done[other].cpu:.1f} |"
        for words, (one, other) in pairs.items()
        if other in done
    ]
    return ["| ours beside ours | CPU, times |", "|---|--:|", *rows]


def keep(runs: list[Run], skipped: list[str]) -> None:
    """Write the page, after every run: a long one that is cut off has not been for nothing."""
    PAGE.write_text(INTRODUCTION + table(runs, skipped))
