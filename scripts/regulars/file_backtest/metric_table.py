"""What the table of a backtest calls things, one place for the terminal and the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from regulars.backtesting.names import MODEL_NAMES
from regulars.file_backtest.comparison import Comparison, Entry
from regulars.phrases import plural

LABELS = {
    **MODEL_NAMES,
    "all_zero": "all zero",
    "past_rate": "past rate",
    "past_spend": "past spend",
    "last_period": "last period",
}

HOW_TO_READ = (
    "Least is best of MAE, RMSE, MSLE, Brier, CRPS and running, most of Spearman, Gini and 10%;\n"
    "bias should be near 0, slope near 1, and 90% in at 90% or a little more: docs/backtest.md."
)


@dataclass(frozen=True)
class Column:
    """A metric: its key, its heading on two lines, how it reads, and what it means."""

    metric: str
    heading: tuple[str, str]
    is_share: bool
    meaning: str
    places: int = 1  # of a percentage


COLUMNS = (
    Column("mae", ("", "MAE"), False, "mean absolute error per customer, purchases"),
    Column("rmse", ("", "RMSE"), False, "root of the mean square error per customer, purchases"),
    Column("bias", ("", "bias"), True, "expected ÷ actual total, less one"),
    Column("msle", ("", "MSLE"), False, "mean square error of log(1 + purchases)"),
    Column("spearman", ("Spear-", "man"), False, "correlation of ranks"),
    Column("gini", ("", "Gini"), False, "order of customers, 1 is perfect"),
    Column("brier", ("", "Brier"), False, "mean square error of the chance of buying at all"),
    Column("crps", ("", "CRPS"), False, "error of the whole distribution; of a plain rule its MAE"),
    Column(
        "coverage_90", ("90%:", "in"), True, "outcomes within the distribution's central 90%", 0
    ),
    Column("tracking_error", ("run-", "ning"), True, "mean error of the running total", 0),
    Column("calibration_slope", ("", "slope"), False, "of actual on expected, 1 is right"),
    Column("top_decile_share", ("10%:", "buys"), True, "purchases by the best tenth by forecast"),
    Column("top_decile_spend_share", ("10%:", "spend"), True, "spend by the best tenth, same way"),
)


# of these a difference from past spend is printed with its error
COMPARED = ("rmse", "crps", "spearman", "gini", "top_decile_share", "top_decile_spend_share")


def cell(column: Column, metrics: Mapping[str, float]) -> str:
    """The metric as text; a dash where it is not defined."""
    value = metrics.get(column.metric)
    if value is None:
        return "-"
    if column.is_share:
        return f"{100 * value:{'+' if column.metric == 'bias' else ''}.{column.places}f}%"
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"


def table_lines(entries: list[Entry]) -> list[str]:
    """The table for a terminal, numbers to the right, a blank line before the plain rules."""
    rows = [[LABELS[entry.name], *(cell(c, entry.metrics) for c in COLUMNS)] for entry in entries]
    lines = _lines([["", *(c.heading[line] for c in COLUMNS)] for line in (0, 1)] + rows)
    models = sum(entry.is_model for entry in entries)
    return [*lines[: 2 + models], "", *lines[2 + models :]]


def compared_columns() -> list[Column]:
    return [column for column in COLUMNS if column.metric in COMPARED]


def difference(column: Column, entry: Entry) -> str:
    """Metric less that of past spend, and the standard error of the difference."""
    with_error = entry.against_past_spend.get(column.metric)
    if with_error is None:
        return "-"
    by, error = with_error
    return f"{100 * by:+.1f}±{100 * error:.1f}" if column.is_share else f"{by:+.3f}±{error:.3f}"


def difference_lines(entries: list[Entry]) -> list[str]:
    """Each entry against past spend, for a terminal."""
    columns = compared_columns()
    rows = [
        [LABELS[entry.name], *(difference(column, entry) for column in columns)]
        for entry in entries
        if entry.against_past_spend
    ]
    return _lines([["", *(c.heading[line] for c in columns)] for line in (0, 1)] + rows)


def _lines(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [_line(row, widths) for row in rows]


def _line(row: list[str], widths: list[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    return " ".join([first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)])


def warnings(comparison: Comparison) -> list[str]:
    """Everything a reader must know before the figures: notes, then the models' own words, those
    of several models once."""
    models_by_words: dict[str, list[str]] = {}
    for entry in comparison.entries:
        for words in entry.warnings:
            models_by_words.setdefault(words, []).append(LABELS[entry.name])
    return comparison.notes + [
        f"{', '.join(models)}: {words}" for words, models in models_by_words.items()
    ]


def summary(comparison: Comparison) -> str:
    """What was judged, and what was not."""
    counts = comparison.counts
    newcomers, returns = counts["newcomers_purchases_not_judged"], counts["return_lines"]
    words = (
        f"{counts['lines_in_file']:,} lines in the file, all of them read. {_judged(comparison)}"
    )
    if newcomers:
        days = plural(int(newcomers), "purchase day")
        words += f" Not judged: {days} of people who first bought later."
    if returns:
        words += f" Netted as returns: {plural(int(returns), 'line')} below zero."
    return words


def _judged(comparison: Comparison) -> str:
    counts = comparison.counts
    return (
        f"{plural(int(counts['customers']), 'customer')} who bought from {comparison.start} to "
        f"{comparison.calibration_end}, {counts['repeaters']:,} of them again; judged on the "
        f"{comparison.holdout_days} days to {comparison.holdout_end}, when "
        f"{counts['holdout_buyers']:,} of them bought on {counts['holdout_purchases']:,} days."
    )
