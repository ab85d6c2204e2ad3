"""The night: what runs when, and in what order. What each step does is in the package."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import Asset, CronTriggerTimetable, Param, chain, dag, task, task_group

from regulars.nights.alerts import (
    failure_message,
    published_message,
    published_subject,
    start_message,
    subject,
)
from regulars.nights.steps import STEPS, Step
from regulars.settings import Settings

SETTINGS = Settings.from_env()
TIMEZONE = SETTINGS.company_timezone
log = logging.getLogger("regulars.dags.nightly")
PUBLISHED_LISTS = Asset(name="published_lists", uri="regulars://published/lists")


def business_date(params: dict[str, Any], logical_date: datetime | None) -> date:
    """The night's date: the parameter if given, else the run's logical date, company-local."""
    if params.get("as_of"):
        return date.fromisoformat(params["as_of"])
    if logical_date is None:
        raise ValueError("This run has no logical date: trigger it with the parameter as_of.")
    return logical_date.astimezone(ZoneInfo(TIMEZONE)).date()


def announce_start(context: Any) -> None:
    """Say which step is at work, on the terminal or in the task's log."""
    message = start_message(context["ti"].task.op_args[0])
    if SETTINGS.progress == "terminal":
        print(message, file=sys.stderr, flush=True)
    else:  # Airflow shows what a task writes to stderr in red
        log.info(message.strip())


def announce_failure(context: Any) -> None:
    """Say what failed, for which night and what to do: where it ran, and to whoever is told."""
    from regulars.nights.notifiers import tell

    name = context["ti"].task.op_args[0]
    as_of = business_date(context["params"], context.get("logical_date"))
    message = failure_message(name, as_of, context.get("exception"))
    print(message, file=sys.stderr, flush=True)
    tell(SETTINGS, subject(as_of, f"stopped at {name}"), message)


def announce_published(context: Any) -> None:
    """Tell people that the night is published, what is withheld and which feeds are not in."""
    from regulars.nights.notifiers import tell
    from regulars.nights.outcome import of_published

    outcome = of_published(SETTINGS)
    message = published_message(outcome)
    log.info(message)
    tell(SETTINGS, published_subject(outcome), message)


EVERY_TASK: dict[str, Any] = {
    "owner": "regulars",
    "retries": 2,
    "retry_delay": timedelta(minutes=1),
    "on_execute_callback": announce_start,
    "on_failure_callback": announce_failure,
}


@task
def run(name: str, params: Any = None, logical_date: Any = None) -> dict[str, Any]:
    """Run one step of the night; hand on its counts, never its rows."""
    from regulars.nights.run import run_step

    return run_step(name, business_date(params, logical_date))


def stage(name: str, steps: Iterable[Step]) -> Any:
    """A task group of the steps of one stage, one after the other: each holds the night's lock."""

    @task_group(group_id=name)
    def tasks() -> None:
        chain(*(run.override(**options(step))(step.name) for step in steps))

    return tasks()


def options(step: Step) -> dict[str, Any]:
    """What Airflow is told of one step besides what it is told of all."""
    chosen: dict[str, Any] = {"task_id": step.task_name, "doc_md": documentation(step)}
    if step.is_gate:
        chosen["retries"] = 0  # the same data fails the same gate again
    if step.name == "publish":
        chosen["outlets"] = [PUBLISHED_LISTS]
        chosen["on_success_callback"] = announce_published
    return chosen


def documentation(step: Step) -> str:
    """What the step does and where to look when it stops, for Airflow's page of the task."""
    return f"{step.purpose}\n\nWhen it stops: `docs/runbook.md#{step.runbook}`."


@dag(
    description="A company's night: deliveries in, checked; values, lists and report out.",
    # Three in the morning, company time, for the day that has just ended. The first run is the
    # next night's: switching the schedule on starts nothing by surprise.
    schedule=CronTriggerTimetable(
        "0 3 * * *",
        timezone=TIMEZONE,
        interval=timedelta(days=1),
        run_immediately=timedelta(0),
    ),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    default_args=EVERY_TASK,
    params={
        "as_of": Param(
            None,
            type=["null", "string"],
            format="date",
            description="Business date of the night; empty: the date of the run.",
        )
    },
    tags=["regulars"],
    doc_md=__doc__,
)
def nightly() -> None:
    chain(*(stage(name, steps) for name, steps in groupby(STEPS.values(), attrgetter("stage"))))


nightly()
