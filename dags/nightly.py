"""The night: what runs when, and in what order. What each step does is in the package."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import Asset, CronTriggerTimetable, Param, chain, dag, task, task_group

from regulars.alerts import failure_message, start_message
from regulars.settings import Settings

TIMEZONE = Settings.from_env().company_timezone
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
    print(start_message(context["ti"].task.op_args[0]), file=sys.stderr, flush=True)


def announce_failure(context: Any) -> None:
    """Say what failed, for which night and what to do, on the terminal or in the task's log."""
    name = context["ti"].task.op_args[0]
    as_of = business_date(context["params"], context.get("logical_date"))
    print(failure_message(name, as_of, context.get("exception")), file=sys.stderr, flush=True)


EVERY_TASK: dict[str, Any] = {
    "retries": 2,
    "retry_delay": timedelta(minutes=1),
    "on_execute_callback": announce_start,
    "on_failure_callback": announce_failure,
}
# The same data fails the same gate again.
GATE: dict[str, Any] = {"task_id": "check", "retries": 0}


@task
def step(name: str, params: Any = None, logical_date: Any = None) -> dict[str, Any]:
    """Run one step of the night; hand on its counts, never its rows."""
    from regulars.night import run_step

    return run_step(name, business_date(params, logical_date))


@task_group
def ingest() -> None:
    # One after the other: the first step brings the warehouse up to date, and every step holds
    # the night's lock.
    chain(
        step.override(task_id="sales")("ingest_sales"),
        step.override(task_id="service")("ingest_service"),
    )


@task_group
def gate_raw() -> None:
    step.override(**GATE)("gate_raw")


@task_group
def transform() -> None:
    chain(
        step.override(task_id="contacts")("normalise_contacts"),
        step.override(task_id="marts")("transform"),
    )


@task_group
def score() -> None:
    chain(
        step.override(task_id="fit")("score"),
        step.override(task_id="value")("value"),
    )


@task_group
def gate_scores() -> None:
    step.override(**GATE)("gate_scores")


@task_group
def lists() -> None:
    step.override(task_id="build")("lists")


@task_group
def gate_lists() -> None:
    step.override(**GATE)("gate_lists")


@task_group
def publish() -> None:
    step.override(task_id="generation", outlets=[PUBLISHED_LISTS])("publish")


@dag(
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
    chain(
        ingest(),
        gate_raw(),
        transform(),
        score(),
        gate_scores(),
        lists(),
        gate_lists(),
        publish(),
    )


nightly()
