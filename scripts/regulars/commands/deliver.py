"""Deliver what is published: regulars deliver."""

from __future__ import annotations

import os
from datetime import date
from typing import Any

import click

from regulars.commands.output import AS_OF, JSON, say, say_json
from regulars.nights.orchestration import airflow_environment
from regulars.project import list_definitions
from regulars.settings import Settings
from regulars.targets import places


@click.command()
@AS_OF
@click.option("--target", help="This one only; `tables` for the audience tables.")
@JSON
def deliver(as_of: date, target: str | None, as_json: bool) -> None:
    """Bring the live lists to where the company's tools pick them up, each once.

    Who said no up to --as-of is left out. A target that fails does not stop the others; exit
    code 1 says that one did.
    """
    settings = Settings.from_env()
    declared = places.load(settings.dbt_project, list_definitions.load(settings.dbt_project))
    targets = [target] if target else declared.targets
    if not targets:
        say("Nothing is delivered: dbt_project/destinations.yml names no place (docs/delivery.md).")
        return
    _with_airflow(settings)
    from regulars.sending.withdrawn import note_withdrawn

    checked = note_withdrawn(settings, as_of)
    outcomes = {name: _one(settings, as_of, name) for name in targets}
    if as_json:
        say_json({**checked, "targets": outcomes})
    else:
        left_out = sum(checked["left_out"].values())
        say(f"Generation {checked['generation']}: {left_out} said no since and are left out.")
        for name, outcome in outcomes.items():
            _tell(name, outcome)
    if any("failed" in outcome for outcome in outcomes.values()):
        raise SystemExit(1)


def _with_airflow(settings: Settings) -> None:
    """Connections are looked up where Airflow of this machine has its state, unless told."""
    for name, value in airflow_environment(settings).items():
        os.environ.setdefault(name, value)


def _one(settings: Settings, as_of: date, target: str) -> dict[str, Any]:
    from regulars.sending.send import deliver as deliver_to
    from regulars.sending.sending_alerts import OURS

    try:
        return deliver_to(settings, as_of, target)
    except OURS as error:
        return {"failed": str(error)}


def _tell(target: str, outcome: dict[str, Any]) -> None:
    if "failed" in outcome:
        say(f"{target}: FAILED: {outcome['failed']}")
        return
    for code, rows in outcome["delivered"].items():
        say(f"{target}: {code}: {rows} people")
    if outcome["before"]:
        say(f"{target}: delivered before: {', '.join(outcome['before'])}")
    for code, why in outcome["withheld"].items():
        say(f"{target}: {code} is withheld: {why}")
