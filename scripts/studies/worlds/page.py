"""docs/studies/worlds.md: its tables, between markers; the words around them are by hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from regulars.backtesting.names import MODEL_NAMES
from regulars.sample_company import WORLDS
from studies.report import fill
from studies.worlds.findings import BANDS, Findings
from studies.worlds.seen import see

REPORT = "worlds.md"
NONE = "-"


def write(findings: list[Findings]) -> None:
    """Fill the report."""
    writers = {
        "moments": moments,
        "nights": nights,
        "orders": orders,
        "deciles": deciles,
        "alive": alive,
        "service": service,
        "backtests": backtests,
        "report_words": report_words,
    }
    fill(REPORT, {name: writer(findings) for name, writer in writers.items()})


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def moments(findings: list[Findings]) -> str:
    """What the worlds look like: measured on the companies of the pictures, not on the findings."""
    rows = []
    for name in WORLDS:
        seen = see(name)
        rows.append(
            [
                f"`{name}`",
                f"{seen.orders:,}",
                f"{seen.came_again:.0%}",
                f"{seen.alive[12]:.0%}",
                f"€{seen.order_value:.0f}",
                f"{seen.revenue_held[1]:.0%}",
                f"{seen.refunded:.1%}",
                f"{seen.cases_per_order:.1%}",
                f"{seen.unprofitable:.0%}",
            ]
        )
    return _table(
        [
            "world",
            "orders",
            "buyers with a second order",
            "customers after a year",
            "mean order",
            "revenue of the best 1%",
            "orders with a refund",
            "cases per order",
            "buyers who cost more than they brought",
        ],
        rows,
    )


def nights(findings: list[Findings]) -> str:
    """What became of the nights: lists, or the gate that stopped them."""
    codes = sorted({code for f in findings for code in f.lists})
    return _table(
        ["world", "customers valued", *(f"`{code}`" for code in codes), "nights"],
        [
            [
                f"`{f.world}`",
                f"{f.customers:,}",
                *(str(f.lists.get(c, 0)) for c in codes),
                f"stopped: {f.stopped.splitlines()[0]}" if f.stopped else "published",
            ]
            for f in findings
        ],
    )


def orders(findings: list[Findings]) -> str:
    """Purchase days of next year, and how much of the value the top tenth holds."""
    return _table(
        [
            "world",
            "believed",
            "true",
            "believed ÷ true",
            "value held by the believed top tenth",
            "by the true one",
        ],
        [
            [
                f"`{f.world}`",
                f"{f.orders[0]:,.0f}",
                f"{f.orders[1]:,.0f}",
                f"{f.orders[0] / f.orders[1]:.2f}" if f.orders[1] else NONE,
                *_pair(f.captured, ".0%"),
            ]
            for f in findings
        ],
    )


def deciles(findings: list[Findings]) -> str:
    """Mean value next year by tenth: believed / true."""
    return _table(
        ["world", *(str(n) for n in range(1, 11))],
        [
            [f"`{f.world}`", *(f"{believed:.0f} / {true:.0f}" for believed, true in f.deciles)]
            for f in findings
        ],
    )


def alive(findings: list[Findings]) -> str:
    """P(alive) against who is, in all and by fifths of P(alive)."""
    names = [f"{low:.1f} to {high:.1f}" for low, high in pairwise(BANDS)]
    return _table(
        ["world", "all", *names, "ranking"],
        [
            [
                f"`{f.world}`",
                f"{f.alive[0]:.2f} / {f.alive[1]:.2f}",
                *(
                    NONE if band is None else f"{band[1]:.2f} / {band[2]:.2f} ({band[0]})"
                    for band in f.bands
                ),
                _known(f.ranks_alive, ".2f"),
            ]
            for f in findings
        ],
    )


def service(findings: list[Findings]) -> str:
    """Broken promises: what they did, and what the figures of the product suggest."""
    return _table(
        [
            "world",
            "with a broken promise",
            "their true effect on being alive",
            "P(alive), those less the others",
            "share alive, those less the others",
        ],
        [
            [
                f"`{f.world}`",
                str(f.breaches),
                _known(f.service_effect, "+.2f"),
                *_pair(f.breach_gap, "+.2f"),
            ]
            for f in findings
        ],
    )


def backtests(findings: list[Findings]) -> str:
    """What the night's backtest found of its own ranges, in purchases and in net sales."""
    return _table(
        [
            "world",
            "model",
            "past dates, days",
            "tenths: purchases",
            "tenths: net sales",
            "buyers in P10 to P90",
            "up to P90: purchases",
            "up to P90: net sales",
            "score",
            "totals within",
        ],
        [
            [
                f"`{world}`",
                MODEL_NAMES[b.champion],
                f"{b.origins}, {b.days}" if b.origins else NONE,
                _ends(b.tenths),
                _ends(b.sales_tenths),
                _known(b.inside, ".0%"),
                *(_known(share, ".0%") for share in b.below_p90),
                _known(b.score, ".2f"),
                ", ".join(f"{inside} of {of}" for inside, of in b.totals if of) or NONE,
            ]
            for world, b in ((f.world, f.backtest) for f in findings)
        ],
    )


def report_words(findings: list[Findings]) -> str:
    """What a reader of the report is told of the model."""
    return _table(
        ["world", "the report says"], [[f"`{f.world}`", f.backtest.report_words] for f in findings]
    )


def _ends(ends: Sequence[float] | None) -> str:
    return NONE if ends is None else f"{100 * ends[0]:.1f} to {ends[1]:.1%}"


def _known(value: float | None, form: str) -> str:
    return NONE if value is None else format(value, form)


def _pair(pair: tuple[float, float] | None, form: str) -> list[str]:
    return [NONE, NONE] if pair is None else [format(value, form) for value in pair]
