"""`regulars warehouse`: the embedded server by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from regulars import warehouse as library
from regulars.backup.backup import backup as write_backup
from regulars.backup.restore import restore as fill
from regulars.commands.output import JSON, say_json
from regulars.feeds import raw_tables
from regulars.nights.lock import only_one
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
    counts = raw_tables.migrate(settings)
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


@warehouse.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@JSON
def backup(file: Path | None, as_json: bool) -> None:
    """Write one file that the warehouse comes back from; it holds personal data and keys."""
    settings = Settings.from_env()
    with only_one(settings):
        made = write_backup(settings, file)
    if as_json:
        say_json(made)
        return
    click.echo(f"{made['file']}: the night of {made['as_of']}, {made['bytes']:,} bytes.")


@warehouse.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@JSON
def restore(file: Path, as_json: bool) -> None:
    """Fill an empty warehouse from a backup; erase again who was erased since."""
    restored = fill(Settings.from_env(), file)
    if as_json:
        say_json(restored)
        return
    click.echo(
        f"The night of {restored['as_of']} is live again, generation {restored['generation']}; "
        f"{restored['erased_again']} people who were erased since were erased again."
    )


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
