"""Commands that only look: status, doctor, report, lists."""

from __future__ import annotations

from typing import Any

import click

from regulars.commands import inspection
from regulars.commands.output import JSON, say, say_json, table
from regulars.settings import Settings

STATES = {
    "building": "being built, or broken off",
    "building_full": "all being built anew, or broken off",
    "built": "built",
    "erased_from": "built; somebody was erased from it since, and the next night builds all anew",
}
"""Of a build, as ops.builds has them, in words."""


@click.command()
@JSON
def status(as_json: bool) -> None:
    """What is published, what came in, what was refused."""
    state = inspection.status(Settings.from_env())
    if as_json:
        say_json(state)
        return
    _say_night(state)
    table(
        "Feeds",
        ("feed", "last delivery", "deliveries", "rows loaded", "quarantined", "refused"),
        [tuple(feed.values()) for feed in state["feeds"]],
    )
    _say_delivered(state)
    _say_files(state)


def _say_night(state: dict[str, Any]) -> None:
    live = state["live"]
    say(
        f"Live: generation {live['generation']}, night of {live['as_of']}, run {live['run_id']}"
        if live
        else "Nothing is published yet: run `regulars night --as-of DATE`."
    )
    if state["build"]:
        say(f"Tables: night of {state['build']['as_of']}, {STATES[state['build']['status']]}")
    for hold in state["held"]:
        if hold["kind"] != "ledger_warning":  # below, with the files
            say(hold["sentence"])
    for stop in state["waiting"]:
        say(
            f"waits for a person: --gate {stop['gate']} --as-of {stop['as_of']}:"
            f" {'; '.join(stop['claims'])}"
        )


def _say_delivered(state: dict[str, Any]) -> None:
    if state["delivered"]:
        table(
            "Delivered",
            ("target", "lists", "people", "left out", "no's known up to"),
            [tuple(row.values()) for row in state["delivered"]],
        )
    for refresh in state["to_refresh"]:
        say(
            f"to be sent again before {refresh['ends_on']}: {refresh['list_code']} to"
            f" {refresh['target']}, which forgets people then"
        )


def _say_files(state: dict[str, Any]) -> None:
    for refusal in state["refused"]:
        say(f"refused: {refusal['path']}: {refusal['reason']}")
    for warning in state["warnings"]:
        say(
            f"warning: {warning['path']}"
            + (f" and {warning['files'] - 1} more" if warning["files"] > 1 else "")
            + f": {warning['warning']}"
        )
    if state["unexpected_files"]:
        say(f"no feed expects: {inspection.in_short(state['unexpected_files'])}")


@click.command()
@JSON
def doctor(as_json: bool) -> None:
    """Check that this machine and its settings can run a night."""
    checks = inspection.doctor(Settings.from_env())
    if as_json:
        say_json(checks)
    else:
        for check in checks:
            say(f"{'ok ' if check['ok'] else 'NOT'}  {check['what']}: {check['found']}")
    if not all(check["ok"] for check in checks):
        raise SystemExit(1)


@click.command()
def report() -> None:
    """Print where the report of the live generation is."""
    page = Settings.from_env().home / "current" / "report.html"
    if not page.exists():
        raise click.ClickException("No report yet: run `regulars night --as-of DATE` first.")
    say(str(page.resolve()))


@click.group()
def lists() -> None:
    """Look at the live lists: who, why, and what changed."""


@lists.command("show")
@click.argument("list_code", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@JSON
def lists_show(list_code: str | None, limit: int, as_json: bool) -> None:
    """Counts of every list, or the first people on one."""
    settings = Settings.from_env()
    rows = (
        inspection.list_members(settings, list_code, limit)
        if list_code
        else (inspection.list_counts(settings))
    )
    if as_json:
        say_json(rows)
    elif rows:
        table(list_code or "Lists", list(rows[0]), [tuple(row.values()) for row in rows])
        for sentence in {} if list_code else inspection.changed_lists(settings).values():
            say(sentence)
    elif list_code:
        if not _say_withheld(settings, list_code):
            say(inspection.changed_lists(settings).get(list_code) or f"Nobody is on {list_code}.")
    else:
        say("No list is published yet.")


@lists.command("diff")
@click.argument("list_code", required=False)
@JSON
def lists_diff(list_code: str | None, as_json: bool) -> None:
    """Who entered, stayed and left since the publication before, and why."""
    settings = Settings.from_env()
    rows = inspection.list_movements(settings, list_code)
    if as_json:
        say_json(rows)
        return
    if rows:
        table("Movements", list(rows[0]), [tuple(row.values()) for row in rows])
    if not _say_withheld(settings, list_code) and not rows:
        say("No movement: nothing was published before, or nothing changed.")


def _say_withheld(settings: Settings, list_code: str | None) -> bool:
    """Say which lists are held back tonight, of all or of one; whether there is any."""
    held_back = {
        code: reason
        for code, reason in sorted(inspection.withheld_lists(settings).items())
        if list_code in (None, code)
    }
    for code, reason in held_back.items():
        say(f"{code} is withheld tonight: {reason}")
    return bool(held_back)


@lists.command("plan")
@click.argument("list_code", required=False)
@click.option(
    "--set", "settings_typed", multiple=True, metavar="NAME=VALUE", help="A threshold or setting."
)
@JSON
def lists_plan(list_code: str | None, settings_typed: tuple[str, ...], as_json: bool) -> None:
    """What a change would do to tonight's lists; nothing is saved.

    Compares what is published with what the project says now, or would say with --set.
    """
    from regulars.commands import planning

    planned = planning.plan(Settings.from_env(), list_code, settings_typed)
    rows = planning.rows(planned, list_code)
    if as_json:
        say_json(rows)
        return
    if rows:
        table("Tonight, now and then", list(rows[0]), [tuple(row.values()) for row in rows])
    for sentence in planning.sentences(planned, list_code):
        say(sentence)


@lists.command("files")
@JSON
def lists_files(as_json: bool) -> None:
    """Tonight's files by target, read as the target's tool would; 1 if it would stumble."""
    rows = inspection.list_files(Settings.from_env())
    if as_json:
        say_json(rows)
    else:
        table("Files", list(rows[0]), [tuple(row.values()) for row in rows])
    if any(row["file"] and row["fault"] for row in rows):
        raise SystemExit(1)


@lists.command("why")
@click.argument("customer_id")
@JSON
def lists_why(customer_id: str, as_json: bool) -> None:
    """Why a customer is on a list, or why not."""
    settings = Settings.from_env()
    rows = inspection.why(settings, customer_id)
    if as_json:
        say_json(rows)
        return
    for sentence in inspection.value_reasons(settings, customer_id):
        say(sentence)
    if not rows:
        say(f"No list is about {customer_id} tonight.")
    for row in rows:
        say(f"{row['list_code']:<20} {row['verdict']:<16} {row['why']}")
