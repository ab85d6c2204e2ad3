"""Command of the closed loop: next-day."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from regulars.commands.output import JSON, say_json
from regulars.settings import Settings


@click.command("next-day")
@click.option(
    "--lists",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with the night's list files; default: the published ones.",
)
@JSON
def next_day(lists: Path | None, as_json: bool) -> None:
    """Let the sample company answer a night's lists: write the next day's deliveries.

    Whoever stands in a file is contacted, nobody else; contacts, opt-outs and orders that follow
    arrive in the landing folder. Needs a company that has nights ahead: the demo's has four weeks,
    `regulars sample --ahead NIGHTS` makes others.
    """
    from regulars.sample_company import loop

    settings = Settings.from_env()
    landing = settings.landing
    result = loop.next_day(
        landing, landing.parent / "truth", lists or settings.home / "current" / "lists"
    )
    if as_json:
        say_json(result)
    else:
        days = ", ".join(result["delivered"]) or "nothing new: this night was answered before"
        click.echo(f"Lists of {result['as_of']}: {result['contacts']} contacts. Delivered: {days}")
        following = result["as_of"] + timedelta(days=1)
        click.echo(f"Then: regulars night --as-of {following}")
