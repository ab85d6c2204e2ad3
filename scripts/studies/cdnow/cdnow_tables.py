"""The walk-through's tables: what was printed, and what comes out here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from regulars.backtesting.names import MODEL_NAMES
from studies.cdnow.cdnow_findings import BANDS, Findings
from studies.cdnow.data import HOLDOUT_WEEKS
from studies.cdnow.published import (
    ACTUAL_BY_FREQUENCY,
    BY_FREQUENCY,
    CUMULATIVE,
    PRINTED,
    as_printed,
)

NAMES = MODEL_NAMES | {"gamma_gamma": "Gamma-Gamma"}
MEANING = {
    "log_likelihood": "log-likelihood",
    "new_in_52_weeks": "E[X(52)] of a new customer",
    "known_in_52_weeks": "E[X(52)] of customer 1516",
    "alive": "P(alive) of customer 1516",
}


def tables(findings: Findings) -> dict[str, str]:
    """Every table by name, as Markdown that a terminal shows well too."""
    return {
        "sample": sample(findings),
        "printed": printed(findings),
        "tracking": tracking(findings),
        "bands": bands(findings),
        "value": value(findings),
    }


def sample(findings: Findings) -> str:
    histories, holdout = findings.data.histories, findings.data.holdout
    figures = {
        "customers": len(histories),
        "without a repeat in the calibration": int((histories["frequency"] == 0).sum()),
        "repeat purchases in the calibration": int(histories["frequency"].sum()),
        "purchases in the hold-out": int(holdout["purchases"].sum()),
        "distinct histories": len(histories.drop_duplicates()),
    }
    return _table(["of the sample", ""], [[name, f"{n:,}"] for name, n in figures.items()])


def printed(findings: Findings) -> str:
    """Each printed figure, and ours with as many decimals and with more."""
    rows = []
    for model, name, text, source in PRINTED:
        own = figures(findings, model)[name]
        rows.append(
            [
                NAMES[model],
                _meaning(name),
                text,
                as_printed(own, text),
                f"{own:.6g}",
                _error(findings, model, name),
                source,
            ]
        )
    header = ["model", "figure", "printed", "here", "more digits", "standard error", "source"]
    return _table(header, rows)


def figures(findings: Findings, model: str) -> dict[str, float]:
    return findings.models[model].figures if model in findings.models else findings.spend.figures


def tracking(findings: Findings) -> str:
    expected = findings.models["pareto_nbd"].tracking
    rows = [
        ["printed (BTYD)", *CUMULATIVE.values()],
        ["here", *(f"{expected[week - 1]:.1f}" for week in CUMULATIVE)],
        ["actual", *(str(findings.data.repeats[week - 1]) for week in CUMULATIVE)],
    ]
    return _table(["by the end of week", *(str(week) for week in CUMULATIVE)], rows)


def bands(findings: Findings) -> str:
    rows = [
        ["actual, printed", *ACTUAL_BY_FREQUENCY, ""],
        ["actual, here", *_three(findings.bands), f"{findings.data.holdout['purchases'].sum():,}"],
    ]
    for name, each in findings.models.items():
        if name in BY_FREQUENCY:
            rows.append([f"{NAMES[name]}, printed", *BY_FREQUENCY[name], ""])
        rows.append([f"{NAMES[name]}, here", *_three(each.bands), f"{each.holdout_total:,.0f}"])
    labels = [f"{band}+" if band == BANDS[-1] else str(band) for band in BANDS]
    return _table(["repeats before", *labels, f"all, {HOLDOUT_WEEKS} weeks"], rows)


def value(findings: Findings) -> str:
    """Residual value by repeats so far: Pareto/NBD's discounted purchases × Gamma-Gamma's spend."""
    rows = [
        [
            f"{band}+" if band == BANDS[-1] else str(band),
            f"{findings.counts[band]:,.0f}",
            f"{purchases:.2f}",
            f"{spend:.2f}",
            f"{both:,.0f}",
        ]
        for band, (purchases, spend, both) in zip(BANDS, findings.spend.residual, strict=True)
    ]
    header = [
        "repeats before",
        "customers",
        "purchases to come, discounted",
        "dollars a purchase",
        "dollars to come",
    ]
    return _table(header, rows)


# ---------- cells


def _meaning(name: str) -> str:
    if name.startswith("customer_"):
        return f"E[spend] of customer {name.removeprefix('customer_')}"
    return MEANING.get(name, f"`{name}`")


def _error(findings: Findings, model: str, name: str) -> str:
    error = findings.models[model].errors.get(name) if model in findings.models else None
    return "" if error is None else f"{error:.3g}"


def _three(values: np.ndarray) -> list[str]:
    return [as_printed(float(value), ".000") for value in values]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, all but the first to the right."""
    widths = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = [header, rule, *rows]
    return "".join(
        "| "
        + " | ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        + " |\n"
        for line in lines
    )
