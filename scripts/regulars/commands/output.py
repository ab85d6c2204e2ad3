"""How commands speak: tables and sentences for people, JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from regulars.plain_text import plain

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


class Day(click.ParamType):
    """A business date, YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is no date: write it as YYYY-MM-DD, e.g. 2026-10-31.", param, ctx)


AS_OF = click.option("--as-of", type=Day(), required=True, help="Business date of the night.")


def say(text: str) -> None:
    """Print a line that may repeat what came from outside."""
    click.echo(plain(text))


def say_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2, default=str))


WIDTH_OF_A_FILE = 240  # names are not split where a program or an editor reads


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under headings; numbers to the right."""
    rows = [tuple(row) for row in rows]
    shown = Table(title=escape(plain(title)), title_justify="left", header_style="bold")
    for position, column in enumerate(columns):
        numeric = any(isinstance(row[position], int | float) for row in rows)
        shown.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        shown.add_row(*("" if cell is None else escape(plain(str(cell))) for cell in row))
    console = Console()
    console.width = console.width if console.is_terminal else WIDTH_OF_A_FILE
    console.print(shown)
