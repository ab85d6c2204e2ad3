"""The walk-through's drawings: SVG files that stand alone, in the manner of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from regulars.backtesting.names import MODEL_NAMES
from regulars.clv.histories import Floats
from regulars.report import charts
from studies.cdnow.cdnow_findings import BANDS, SPEND_EDGES, Findings
from studies.cdnow.data import CALIBRATION_END, LAST_WEEK, START, WEEK

# the report's own marks, without its page: a white ground and fixed colours
STYLE = """<style>
.ground { fill: #fffefb } text { font: 11px "Segoe UI", Arial, sans-serif; fill: #5a616b }
.note, .head { fill: #1c2026 } .head { font-weight: 600; font-size: 12px }
.axis { stroke: #c9c3b7 } .gridline { stroke: #e2ddd3; stroke-width: .8 }
.bar { fill: #be6e1e; fill-opacity: .3 } .unseen-weeks { fill: #1f5b7e; fill-opacity: .08 }
.actual { fill: none; stroke: #be6e1e; stroke-width: 2.4 }
.bg_nbd, .mbg_nbd, .pareto_nbd, .gamma_gamma { fill: none; stroke-width: 1.7 }
.bg_nbd { stroke: #1f5b7e; stroke-dasharray: 6 3 }
.mbg_nbd { stroke: #6b7f2a; stroke-dasharray: 2 2 }
.pareto_nbd, .gamma_gamma { stroke: #1c2026 }
</style>"""
TOP = charts.TOP + 14  # room for a heading
Values = Sequence[float] | Floats
Series = Mapping[str, Values]
NAMES = MODEL_NAMES | {"gamma_gamma": "Gamma-Gamma"}


def write(findings: Findings, folder: Path) -> list[Path]:
    """Write every drawing as folder/<name>.svg."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, drawing in drawn(findings).items():
        paths.append(folder / f"{name}.svg")
        paths[-1].write_text(drawing + "\n", encoding="utf-8")
    return paths


def drawn(findings: Findings) -> dict[str, str]:
    """The drawings by name, byte for byte the same for the same findings."""
    models = findings.models
    bands = [f"{band}+" if band == BANDS[-1] else str(band) for band in BANDS]
    tenths = [str(number) for number in range(1, 11)]
    dollars = [f"{edge:.0f}" if edge % 20 == 0 else "" for edge in SPEND_EDGES[:-1]]
    spend = findings.spend
    calibration = {name: [pair[0] for pair in each.tenths] for name, each in models.items()}
    return {
        "tracking": _tracking(findings),
        "frequency": _bars(
            "Customers by repeat purchases in the calibration",
            "repeat purchases",
            bands,
            findings.counts,
            {name: each.counts for name, each in models.items()},
        ),
        "conditional": _bars(
            "Purchases in the hold-out, per customer",
            "repeats in the calibration",
            bands,
            findings.bands,
            {name: each.bands for name, each in models.items()},
        ),
        "calibration": _bars(
            "Purchases in the hold-out, per customer",
            "tenth by Pareto/NBD's forecast, highest first",
            tenths,
            [pair[1] for pair in models["pareto_nbd"].tenths],
            {"pareto_nbd": calibration["pareto_nbd"]},
        ),
        "spend": _bars(
            "Customers with a repeat, by mean spend",
            "dollars, in steps of 5",
            dollars,
            spend.actual,
            {"gamma_gamma": spend.expected},
        ),
        "value": _bars(
            "Dollars spent in the hold-out, per customer",
            "tenth by forecast spend, highest first",
            tenths,
            [pair[1] for pair in spend.tenths],
            {"pareto_nbd": [pair[0] for pair in spend.tenths]},
        ),
    }


def _tracking(findings: Findings) -> str:
    series: Series = {"actual": findings.data.repeats} | {
        name: each.tracking for name, each in findings.models.items()
    }
    ticks = charts.nice_ticks(max(max(values) for values in series.values()))
    across, rise = charts.horizontal(LAST_WEEK), charts.Scale(0, ticks[-1], _foot(), TOP)
    seen = across(((CALIBRATION_END - START).days + 1) / WEEK)
    end = across(LAST_WEEK)
    body = [
        f'<rect class="unseen-weeks" x="{seen:.1f}" y="{TOP}" width="{end - seen:.1f}" '
        f'height="{_foot() - TOP}"/>',
        charts.text(seen + 6, TOP + 13, "not seen by the models", "note", "start"),
        *charts.grid(rise, ticks, charts.plain_number),
        *(_curve(values, across, rise, name) for name, values in series.items()),
        *(charts.text(across(n), _foot() + 15, str(n)) for n in range(0, LAST_WEEK + 1, 13)),
    ]
    title = "Repeat purchases since the first day of 1997"
    return _sheet(title, "week", body, list(series))


def _curve(values: Values, across: charts.Scale, rise: charts.Scale, style: str) -> str:
    points = enumerate(values, start=1)
    return charts.path([(across(week), rise(float(value))) for week, value in points], style)


def _bars(title: str, foot: str, labels: Sequence[str], actual: Values, expected: Series) -> str:
    """What came as bars, what each model said as a short line across its bar."""
    ticks = charts.nice_ticks(max(max(values) for values in (actual, *expected.values())))
    rise = charts.Scale(0, ticks[-1], _foot(), TOP)
    slot = (charts.WIDTH - charts.LEFT - charts.RIGHT) / len(labels)
    body = charts.grid(rise, ticks, charts.plain_number)
    for index, label in enumerate(labels):
        left, came = charts.LEFT + index * slot, rise(float(actual[index]))
        body.append(
            f'<rect class="bar" x="{left + 3:.1f}" y="{came:.1f}" width="{slot - 6:.1f}" '
            f'height="{rise(0) - came:.1f}"/>'
        )
        for name, values in expected.items():
            y = rise(float(values[index]))
            mark = charts.line(left + 2, y, left + slot - 2, y, name)
            body.append(charts.titled(mark, f"{label}: {NAMES[name]} {values[index]:,.2f}"))
        body.append(charts.text(left + slot / 2, _foot() + 15, label))
    return _sheet(title, foot, body, ["bar", *expected])


def _sheet(title: str, foot: str, body: Sequence[str], keys: Sequence[str]) -> str:
    """A drawing with its ground, heading, foot and keys."""
    marks = [
        STYLE,
        f'<rect class="ground" width="{charts.WIDTH}" height="{charts.HEIGHT}"/>',
        charts.text(charts.LEFT, 16, title, "head", "start"),
        *body,
        charts.text(charts.LEFT, charts.HEIGHT - 6, foot, "label", "start"),
        *_keys(keys),
    ]
    return str(charts.svg("drawing", title, f"{title}, by {foot}.", marks))


def _keys(names: Sequence[str]) -> list[str]:
    marks, right, y = [], float(charts.WIDTH - charts.RIGHT), charts.HEIGHT - 9.5
    for name in reversed(names):
        words = NAMES.get(name, "actual")
        right -= 6.6 * len(words)
        marks.append(charts.text(right, y + 3.5, words, "label", "start"))
        marks.append(
            f'<rect class="bar" x="{right - 17:.1f}" y="{y - 4:.1f}" width="13" height="8"/>'
            if name == "bar"
            else charts.line(right - 19, y, right - 4, y, name)
        )
        right -= 28
    return marks


def _foot() -> float:
    return float(charts.HEIGHT - charts.BOTTOM)
