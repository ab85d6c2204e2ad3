"""What runs until it is stopped: `regulars web`, and Airflow's web page and scheduler."""

from __future__ import annotations

import click

from regulars.nights import orchestration
from regulars.settings import Settings


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8090, show_default=True)
def web(port: int) -> None:
    """Serve today's lists on the loopback: download, approve, calls done, do not contact, why."""
    from regulars.feeds import raw_tables
    from regulars.web.serve import serve

    settings = Settings.from_env()
    raw_tables.migrate(settings)
    click.echo(
        f"Regulars at http://localhost:{port}, until Ctrl-C. Log in as marketing or analyst; the"
        f" passwords are in {settings.server_folder / 'credentials.json'}."
    )
    serve(settings, port)


@click.group()
def airflow() -> None:
    """Start and stop Airflow's web page and scheduler, on the loopback."""


@airflow.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
def up(port: int) -> None:
    """Start Airflow's services in the background; say where and with which password."""
    click.echo("Starting Airflow, which takes about a minute …")
    click.echo(orchestration.start_web(Settings.from_env(), port))


@airflow.command()
def down() -> None:
    """Stop Airflow's services."""
    click.echo(orchestration.stop_web(Settings.from_env()))
