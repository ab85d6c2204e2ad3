"""The table of a run, and the page that keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from studies.report import fill

REPORT = "benchmarks-clv.md"
WORDS = {
    "bg_fit": "BG/NBD fit",
    "bg_distinct_fit": "BG/NBD fit of distinct histories",
    "mbg_fit": "MBG/NBD fit",
    "pareto_fit": "Pareto/NBD fit",
    "spend_fit": "Gamma-Gamma fit",
    "bg_score": "BG/NBD P(alive) and purchases of a year",
    "value": "value of a year, each customer",
    "summaries": "histories from orders",
    "road": "from orders to values",
    "point_scores": "the night's six scores of distinct histories",
    "ranges": "the night's ranges of orders and values, of distinct histories",
}


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
            ("ranges", size),
            ("point_scores", size),
        )
        for task, size in done
        if task == "ranges"
    }
    rows = [
        f"| {words} | {done[slower].cpu / done[faster].cpu:.1f} |"
        for words, (slower, faster) in pairs.items()
        if faster in done
    ]
    return ["| ours beside ours | CPU, times |", "|---|--:|", *rows]


def keep(runs: list[Run], skipped: list[str]) -> None:
    """Fill the report after every run: a long one that is cut off has not been for nothing."""
    fill(REPORT, {"runs": table(runs, skipped)})
