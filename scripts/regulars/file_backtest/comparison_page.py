"""The backtest as one HTML page: nothing is loaded from elsewhere, drawings are inline SVG."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from regulars.file_backtest import metric_table
from regulars.file_backtest.comparison import Comparison
from regulars.report import charts, html, model_charts

TEMPLATES = Path(__file__).with_name("templates")
FILE_NAME = "backtest.html"


def write_page(comparison: Comparison, source: str, folder: Path) -> Path:
    """Write folder/backtest.html; `source` names the file judged."""
    path = folder / FILE_NAME
    path.write_text(render(comparison, source), encoding="utf-8")
    return path


def render(comparison: Comparison, source: str) -> str:
    """The whole page as text. Equal comparisons give equal text."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    drawn = comparison.drawn
    style = html.style_sheet()
    return env.get_template("backtest.html.j2").render(
        comparison=comparison,
        source=source,
        summary=metric_table.summary(comparison),
        warnings=metric_table.warnings(comparison),
        columns=metric_table.COLUMNS,
        cell=metric_table.cell,
        labels=metric_table.LABELS,
        drawn=metric_table.LABELS[drawn.name],
        tracking=_tracking(comparison),
        by_frequency=charts.expected_against_actual(drawn.by_frequency),
        deciles=model_charts.decile_chart(drawn.deciles),
        pit=model_charts.purchases_pit_histogram(drawn.pit),
        compared=metric_table.compared_columns(),
        difference=metric_table.difference,
        style=Markup(style),
    )


def _tracking(comparison: Comparison) -> Markup | None:
    """None where the file holds less than a week or nobody returned: there is no line to draw."""
    pairs = comparison.drawn.tracking
    if not pairs or not max(max(pair.expected, pair.actual) for pair in pairs) > 0:
        return None
    return charts.tracking(pairs, comparison.holdout_days)
