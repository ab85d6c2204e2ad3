"""The command for a sceptic: every model judged on a file of one's own, without a warehouse."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from regulars.commands.output import JSON, Day, say_json

if TYPE_CHECKING:  # its libraries take a second to import, which no other command needs
    from regulars.file_backtest.comparison import Comparison


def _folder(ctx: click.Context, param: click.Parameter, out: str | None) -> Path | None:
    """A folder that is there and can be written, before minutes go into what belongs there."""
    if out is None:
        return None
    if not out.strip():
        raise click.BadParameter("is empty: give a folder", ctx, param)
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.BadParameter(f"cannot be made: {error.strerror}", ctx, param) from None
    if not os.access(out, os.W_OK | os.X_OK):
        raise click.BadParameter("cannot be written", ctx, param)
    return Path(out)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--customer", required=True, metavar="COL", help="Column that says who.")
@click.option("--date", "on", required=True, metavar="COL", help="Column that says when.")
@click.option("--value", required=True, metavar="COL", help="Amount; returns are below zero.")
@click.option("--calibration-end", type=Day(), help="Last day the models may know.")
@click.option("--holdout-end", type=Day(), help="Last day they are judged on.")
@click.option("--date-format", metavar="FORMAT", help="E.g. '%d/%m/%Y %H:%M'; default ISO 8601.")
@click.option(
    "--delimiter", default=",", show_default=True, help="Between fields of a CSV; '\\t' is a tab."
)
@click.option(
    "--out",
    callback=_folder,
    metavar="DIR",
    help="Write a page with drawings to this folder.",
)
@JSON
def backtest(
    file: Path,
    customer: str,
    on: str,
    value: str,
    calibration_end: date | None,
    holdout_end: date | None,
    date_format: str | None,
    delimiter: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Judge every model and plain rule on FILE, a CSV or Parquet of transactions.

    A row is one line of an order or a return (value below zero). The models see what was known at
    the end of the calibration (by default a year before the file ends if it holds two, else a
    third of it) and are held against what followed.
    """
    from regulars.file_backtest import metric_table
    from regulars.file_backtest.comparison import compare
    from regulars.file_backtest.comparison_page import write_page
    from regulars.file_backtest.errors import FileError
    from regulars.file_backtest.reading import read_transactions

    try:
        transactions = read_transactions(file, customer, on, value, delimiter, date_format)
        comparison = compare(transactions, calibration_end, holdout_end)
    except FileError as error:
        raise click.ClickException(str(error)) from error
    page = write_page(comparison, file.name, out) if out else None
    if as_json:
        say_json(as_data(comparison, page))
        return
    click.echo(metric_table.summary(comparison))
    for sentence in metric_table.warnings(comparison):
        click.echo(f"Note: {sentence}.")
    click.echo("")
    for line in metric_table.table_lines(comparison.entries):
        click.echo(line)
    click.echo("\nDifference from past spend, with its standard error (paired bootstrap)")
    for line in metric_table.difference_lines(comparison.entries):
        click.echo(line)
    click.echo(f"\n{metric_table.HOW_TO_READ}")
    if page:
        click.echo(f"\nDrawings: {page}")


def as_data(comparison: Comparison, page: Path | None) -> dict[str, object]:
    """The comparison for machines; what is not defined is absent."""
    return {
        "start": comparison.start,
        "calibration_end": comparison.calibration_end,
        "holdout_end": comparison.holdout_end,
        "holdout_days": comparison.holdout_days,
        "counts": comparison.counts,
        "notes": comparison.notes,
        "entries": [asdict(entry) for entry in comparison.entries],
        "drawn": asdict(comparison.drawn),
        "page": page,
    }
