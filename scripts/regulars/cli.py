"""`regulars`: the command line. Commands live in regulars.commands; this puts them together."""

from __future__ import annotations

import sys

import click
import psycopg

from regulars.commands import backtest, look, quarantine, run, server, web
from regulars.settings import SettingsError

REFUSED = 1


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="regulars")
def cli() -> None:
    """What each customer is worth, every night, and the lists that follow from it."""


for command in (
    run.demo, run.sample, run.night, run.backfill, run.rebuild, run.approve,
    backtest.backtest, look.status, look.doctor, look.report, look.lists, quarantine.quarantine,
    server.warehouse, web.airflow,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Run a command; say what is wrong in one line instead of a traceback."""
    try:
        cli()
    except psycopg.Error as error:
        # A driver's message can quote whole rows: only the code is shown.
        _fail(f"the database refused with SQLSTATE {error.sqlstate} ({type(error).__name__})")
    except (SettingsError, RuntimeError) as error:
        _fail(str(error))


def _fail(message: str) -> None:
    click.echo(f"regulars: {message}", err=True)
    sys.exit(REFUSED)
