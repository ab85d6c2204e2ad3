"""Commands for rows that were refused: count them, look at them, try them again."""

from __future__ import annotations

from dataclasses import asdict

import click

from regulars.commands.output import JSON, say, say_json, table
from regulars.feeds import quarantine_queries, replay
from regulars.nights.lock import only_one
from regulars.settings import Settings


@click.group()
def quarantine() -> None:
    """Rows that were refused while their file was accepted."""


@quarantine.command("list")
@click.argument("feed", required=False)
@JSON
def quarantine_list(feed: str | None, as_json: bool) -> None:
    """Count quarantined rows by feed, rule and reason."""
    counts = quarantine_queries.list_counts(Settings.from_env(), feed)
    if as_json:
        say_json([asdict(count) for count in counts])
    elif counts:
        table(
            "Quarantine",
            ("feed", "rule", "reason", "rows", "files", "last delivered on"),
            [tuple(asdict(count).values()) for count in counts],
        )
    else:
        say("No rows are in quarantine.")


@quarantine.command("show")
@click.argument("feed")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@JSON
def quarantine_show(feed: str, limit: int, as_json: bool) -> None:
    """Print quarantined rows as they were delivered. They can hold personal data."""
    rows = quarantine_queries.show(Settings.from_env(), feed, limit)
    if as_json:
        say_json([asdict(row) for row in rows])
        return
    for row in rows:
        where_and_why = f"{row.file}:{row.line}: {row.reason} ({row.rule})"
        say(f"{where_and_why}\n    {row.raw_text or '(swept: see the file)'}")
    if not rows:
        say(f"No rows of {feed} are in quarantine.")


@quarantine.command("replay")
@click.argument("feed", required=False)
@JSON
def quarantine_replay(feed: str | None, as_json: bool) -> None:
    """Try quarantined rows and refused files again, after a correction of the declaration."""
    settings = Settings.from_env()
    with only_one(settings):  # a night that runs meanwhile could take a later place in the ledger
        result = replay.replay(settings, feed)
    if as_json:
        say_json(result)
        return
    say(f"{result['rows_replayed']} rows loaded from quarantine.")
    for path in result["files_accepted"]:
        say(f"accepted: {path}")
    for path in result["files_gone"]:
        say(f"gone or changed, left in quarantine: {path}")
