"""The backtest as one HTML page: nothing is loaded from elsewhere, drawings are inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from regulars.file_backtest import words
from regulars.file_backtest.comparison import Comparison
from regulars.report import charts
from regulars.report import page as report_page
from regulars.report.sections import Pair

TEMPLATES = Path(__file__).with_name("templates")
FILE_NAME = "backtest.html"


def write_page(comparison: Comparison, source: str, folder: Path) -> Path:
    """Write folder/backtest.html (the folder is made); `source` names the file judged."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    path.write_text(render(comparison, source), encoding="utf-8")
    return path


def render(comparison: Comparison, source: str) -> str:
    """The whole page as text. Equal comparisons give equal text."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    drawn = comparison.drawn
    style = (report_page.TEMPLATES / "report.css").read_text(encoding="utf-8")
    return env.get_template("backtest.html.j2").render(
        comparison=comparison,
        source=source,
        summary=words.summary(comparison),
        warnings=words.warnings(comparison),
        columns=words.COLUMNS,
        cell=words.cell,
        labels=words.LABELS,
        drawn=words.LABELS[drawn.name],
        tracking=_tracking(comparison),
        by_frequency=charts.expected_against_actual(drawn.by_frequency),
        deciles=decile_chart(drawn.deciles),
        style=Markup(style),
    )


def _tracking(comparison: Comparison) -> Markup | None:
    """None where the file holds less than a week or nobody returned: there is no line to draw."""
    pairs = comparison.drawn.tracking
    if not pairs or not max(max(pair.expected, pair.actual) for pair in pairs) > 0:
        return None
    return charts.tracking(pairs, comparison.holdout_days)


def decile_chart(pairs: Sequence[Pair]) -> Markup:
    """Purchases per customer in ten groups by forecast, the highest first."""
    ticks = charts.nice_ticks(max(max(p.expected, p.actual) for p in pairs))
    rise = charts.vertical(ticks[-1])
    slot = (charts.WIDTH - charts.LEFT - charts.RIGHT) / len(pairs)
    body = charts.grid(rise, ticks, charts.plain_number)
    for index, pair in enumerate(pairs):
        left, top = charts.LEFT + index * slot, rise(pair.actual)
        middle, said = left + slot / 2, rise(pair.expected)
        body.append(
            charts.titled(
                f'<rect class="bar" x="{left + 4:.1f}" y="{top:.1f}" width="{slot - 8:.1f}" '
                f'height="{rise(0) - top:.1f}"/>'
                f'<circle class="expected" cx="{middle:.1f}" cy="{said:.1f}" r="6.5"/>',
                f"tenth {pair.at}: expected {pair.expected:,.2f}, actual {pair.actual:,.2f}",
            )
        )
        body.append(charts.text(middle, charts.HEIGHT - charts.BOTTOM + 15, str(pair.at)))
    foot = charts.HEIGHT - 6
    body.append(
        charts.text(charts.LEFT, foot, "tenth by forecast, highest first", "label", "start")
    )
    body += charts.legend("actual", "expected")
    return charts.svg(
        "deciles",
        "Purchases per customer by tenth of the forecast, expected against actual",
        "; ".join(f"{p.at}: {p.expected:,.2f} against {p.actual:,.2f}" for p in pairs),
        body,
    )
