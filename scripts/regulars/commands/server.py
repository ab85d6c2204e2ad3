"""`regulars warehouse`: the embedded server by hand."""

from __future__ import annotations

import os
import subprocess
import sys

import click

from regulars import warehouse as library
from regulars.feeds import schema
from regulars.settings import ROLES, Settings
from regulars.warehouse.embedded import binaries

ROLE = click.option(
    "--role", type=click.Choice(["admin", *ROLES]), default="analyst", show_default=True
)


@click.group()
def warehouse() -> None:
    """Start, stop and reach the warehouse."""


@warehouse.command()
def start() -> None:
    """Start the embedded server and bring its schema up to date."""
    settings = Settings.from_env()
    counts = schema.migrate(settings)
    click.echo(f"The warehouse is up, with {counts['feeds']} declared feeds.")


@warehouse.command()
def stop() -> None:
    """Stop the embedded server."""
    settings = Settings.from_env()
    if settings.warehouse_url:
        raise click.ClickException(
            "REGULARS_WAREHOUSE_URL names a server that is not ours to stop."
        )
    library.stop(settings)
    click.echo("The warehouse is stopped.")


@warehouse.command()
@ROLE
def url(role: str) -> None:
    """Print a connection URL for a tool. It holds that role's password."""
    click.echo(library.url(Settings.from_env(), role))


@warehouse.command(context_settings={"ignore_unknown_options": True})
@ROLE
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(role: str, arguments: tuple[str, ...]) -> None:
    """Open psql as a role; further arguments go to psql."""
    address = library.url(Settings.from_env(), role)
    # The password goes by the environment: a command line can be read by others.
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(address)
    names = {
        "host": "PGHOST",
        "port": "PGPORT",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "dbname": "PGDATABASE",
        "options": "PGOPTIONS",
    }
    environment = {names[key]: str(value) for key, value in parts.items() if key in names}
    code = subprocess.run(
        [str(binaries() / "psql"), *arguments], env={**os.environ, **environment}
    ).returncode
    sys.exit(code)
