"""A picture per world, as SVG: `python -m studies.worlds.plots` writes docs/studies/images/worlds.

Four drawings each: orders a week, customers who are still customers, gaps, who brings the revenue.
"""

from __future__ import annotations

import numpy as np

from regulars.report.charts import Scale, line, path, svg, text
from regulars.sample_company import WORLDS
from studies.report import REPORTS
from studies.worlds.seen import GAP_BINS, MONTHS, Seen, see

FOLDER = REPORTS / "images" / "worlds"
WIDTH, HEIGHT = 880, 200
TOP, BOTTOM = 34, 168
PANELS = ((14, 300), (332, 500), (532, 700), (732, 866))  # left and right edge of each drawing
STYLE = """<style>
.back { fill: #fff } .axis { stroke: #767676; stroke-width: 1 } .now { stroke: #b45309;
stroke-dasharray: 3 3 } .curve { fill: none; stroke: #1d4ed8; stroke-width: 1.6 }
.ahead { fill: none; stroke: #93b4f5; stroke-width: 1.4 } .bar { fill: #1d4ed8 }
.even { stroke: #c4c4c4; stroke-width: 1 } .head { font: 600 12px sans-serif; fill: #1f2937 }
.tick { font: 11px sans-serif; fill: #4b5563 }
</style>"""


def draw(name: str, seen: Seen) -> str:
    """The picture of a world, byte for byte the same for the same figures."""
    body = [
        STYLE,
        f'<rect class="back" width="{WIDTH}" height="{HEIGHT}"/>',
        *_orders(seen, *PANELS[0]),
        *_alive(seen, *PANELS[1]),
        *_gaps(seen, *PANELS[2]),
        *_revenue(seen, *PANELS[3]),
    ]
    described = (
        f"{seen.orders:,} orders; {seen.came_again:.0%} of buyers came again; "
        f"{seen.alive[12]:.0%} are still customers after a year; "
        f"the best 1% of buyers bring {seen.revenue_held[1]:.0%} of revenue."
    )
    return str(svg(name, f"The world {name}", described, body, WIDTH, HEIGHT)) + "\n"


def _frame(left: float, right: float, head: str, ticks: list[tuple[float, str]]) -> list[str]:
    return [
        text(left, TOP - 16, head, "head", "start"),
        line(left, BOTTOM, right, BOTTOM, "axis"),
        *(text(x, BOTTOM + 16, words) for x, words in ticks),
    ]


def _curve(values: np.ndarray, x: Scale, y: Scale, style: str, start: int = 0) -> str:
    return path([(x(start + i), y(float(v))) for i, v in enumerate(values)], style)


def _orders(seen: Seen, left: float, right: float) -> list[str]:
    weeks = seen.orders_per_week
    x, y = Scale(0, len(weeks) - 1, left, right), Scale(0, float(weeks.max()), BOTTOM, TOP)
    now = x(seen.weeks)
    return [
        *_frame(left, right, f"orders a week, up to {weeks.max():,}",
                [(left + 24, "first night"), (now, "tonight"), (right - 24, "next year")]),
        line(now, TOP, now, BOTTOM, "now"),
        _curve(weeks[: seen.weeks + 1], x, y, "curve"),
        _curve(weeks[seen.weeks :], x, y, "ahead", seen.weeks),
    ]  # fmt: skip


def _alive(seen: Seen, left: float, right: float) -> list[str]:
    x, y = Scale(0, MONTHS, left, right), Scale(0, 1, BOTTOM, TOP)
    ticks = [(x(0) + 4, "0"), (x(12), "12"), (right - 16, f"{MONTHS} months")]
    return [
        *_frame(left, right, f"still customers; {seen.alive[12]:.0%} after a year", ticks),
        _curve(seen.alive, x, y, "curve"),
    ]


def _gaps(seen: Seen, left: float, right: float) -> list[str]:
    x, y = Scale(0, GAP_BINS[-1], left, right), Scale(0, max(seen.gaps.max(), 0.01), BOTTOM, TOP)
    width = (right - left) / len(seen.gaps) - 1
    bars = [
        f'<rect class="bar" x="{x(float(low)):.1f}" y="{y(float(share)):.1f}" '
        f'width="{width:.1f}" height="{BOTTOM - y(float(share)):.1f}"/>'
        for low, share in zip(GAP_BINS, seen.gaps, strict=False)
    ]
    ticks = [(x(0) + 4, "0"), (x(1), "usual"), (x(2), "2 times"), (x(3) - 4, "3")]
    return [*_frame(left, right, "gaps, in the customer's usual", ticks), *bars]


def _revenue(seen: Seen, left: float, right: float) -> list[str]:
    x, y = Scale(0, 100, left, right), Scale(0, 1, BOTTOM, TOP)
    ticks = [(x(0) + 4, "0"), (x(50), "50%"), (right - 24, "all buyers")]
    return [
        *_frame(left, right, f"revenue; best 1%: {seen.revenue_held[1]:.0%}", ticks),
        line(left, BOTTOM, right, TOP, "even"),
        _curve(seen.revenue_held, x, y, "curve"),
    ]


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in WORLDS:
        (FOLDER / f"{name}.svg").write_text(draw(name, see(name)), encoding="utf-8")
    print(f"{len(WORLDS)} pictures in {FOLDER}")


if __name__ == "__main__":
    main()
