"""`regulars`: the command line. Commands live in regulars.commands; this puts them together."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
import psycopg

from regulars.commands import (
    backtest,
    bad_rows,
    deliver,
    erasing,
    init,
    look,
    loop,
    run_nights,
    server,
    web,
    why,
)
from regulars.plain_text import plain
from regulars.settings import SettingsError
from regulars.warehouse import refusal

REFUSED = 1


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="regulars")
@click.option(
    "--project",
    type=click.Path(file_okay=False),
    envvar="REGULARS_PROJECT",
    help="The company's own project, made by `regulars init`; or REGULARS_PROJECT.",
)
def cli(project: str | None) -> None:
    """What each customer is worth, every night, and the lists that follow from it."""
    if project:
        os.environ["REGULARS_PROJECT"] = str(Path(project).absolute())


for command in (
    run_nights.demo,
    init.init,
    run_nights.sample,
    loop.next_day,
    run_nights.night,
    run_nights.backfill,
    run_nights.rebuild,
    deliver.deliver,
    run_nights.approve,
    backtest.backtest,
    look.status,
    look.doctor,
    look.report,
    look.lists,
    why.why,
    bad_rows.quarantine,
    erasing.erase,
    server.warehouse,
    web.web,
    web.airflow,
):
    cli.add_command(command)


def main() -> None:
    """Run a command; say what is wrong in one line instead of a traceback."""
    try:
        cli()
    except psycopg.Error as error:
        # A driver's message can quote whole rows: only the code is shown.
        _fail(refusal(error))
    except (SettingsError, RuntimeError) as error:
        _fail(str(error))
    except OSError as error:
        _fail(
            f"{error.strerror or type(error).__name__}: "
            f"{error.filename or 'a file in the state folder'}. "
            "What is published stays as it is; mend this, then run the same command again."
        )


def _fail(message: str) -> None:
    click.echo(plain(f"regulars: {message}"), err=True)
    sys.exit(REFUSED)
