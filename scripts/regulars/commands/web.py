"""`regulars airflow`: Airflow's web page and scheduler on this machine."""

from __future__ import annotations

import click

from regulars.nights import orchestration
from regulars.settings import Settings


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
