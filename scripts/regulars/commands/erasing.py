"""`regulars erase`: remove a person everywhere, say what would go, show the receipts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

import click

from regulars.commands.output import JSON, Day, say_json, table
from regulars.erasure.erase import erase as erase_people
from regulars.erasure.erase import preview
from regulars.erasure.receipt import Receipt, receipts
from regulars.nights.lock import NightRefused, only_one
from regulars.settings import Settings
from regulars.warehouse import live_night


@click.command()
@click.option(
    "--request", "request_id", help="A delivered request, whether its grace is over or not."
)
@click.option("--by", default=None, help="Who erases; stands in the receipt.")
@click.option("--as-of", type=Day(), help="Business date; without it that of the published night.")
@click.option("--dry-run", is_flag=True, help="Say what would go; change nothing.")
@click.option("--receipts", "only_receipts", is_flag=True, help="Show the receipts; erase nobody.")
@JSON
def erase(
    request_id: str | None,
    by: str | None,
    as_of: date | None,
    dry_run: bool,
    only_receipts: bool,
    as_json: bool,
) -> None:
    """Erase whoever is behind a request, or behind all whose days of grace are over."""
    settings = Settings.from_env()
    if only_receipts:
        _show_receipts(settings, as_json)
        return
    if not dry_run and not by:
        raise click.UsageError("--by says who erases; it stands in the receipt.")
    with only_one(settings):
        on = as_of or _published_on(settings)
        if dry_run:
            _show_preview(preview(settings, on, request_id), as_json)
            return
        result = erase_people(settings, on, request_id=request_id, by=str(by))
    if as_json:
        say_json(result)
        return
    click.echo(
        f"{result['people_erased']} people erased, {result['receipts_closed']} receipts closed. "
        "The next night builds in full. `regulars erase --receipts` shows what was done."
    )


def _published_on(settings: Settings) -> date:
    as_of = live_night(settings)
    if as_of is None:
        raise NightRefused("No night is published yet: name the business date with --as-of.")
    return as_of


def _show_preview(preview: dict[str, Any], as_json: bool) -> None:
    if as_json:
        say_json(preview)
        return
    click.echo(f"{preview['requests']} requests would be carried out; nothing was changed.")
    rows = [(line["place"], line["what"], line["rows"]) for line in preview["lines"]]
    table("What would go", ("place", "what", "rows"), rows)


def _state(receipt: Receipt) -> str:
    if receipt.status == "closed":
        return receipt.status
    return f"{receipt.status}, to be closed by {receipt.close_by}"


def _show_receipts(settings: Settings, as_json: bool) -> None:
    all_receipts = receipts(settings)
    if as_json:
        say_json([asdict(receipt) for receipt in all_receipts])
        return
    for receipt in all_receipts:
        title = (
            f"Erasure {receipt.erasure_id}, as of {receipt.as_of}, by {receipt.erased_by}: "
            f"{_state(receipt)}"
        )
        rows = [(line.place, line.what, line.rows) for line in receipt.lines]
        table(title, ("place", "what", "rows"), rows)
    if not all_receipts:
        click.echo("Nobody was erased yet.")
