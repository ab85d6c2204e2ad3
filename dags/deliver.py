"""Deliveries: what is published goes where the company's tools pick it up, a task a target."""

from __future__ import annotations

import logging
import sys
from datetime import date, timedelta
from typing import Any

from airflow.sdk import Asset, Param, dag, task

from regulars.settings import Settings

SETTINGS = Settings.from_env()
log = logging.getLogger("regulars.dags.deliver")


def day(params: dict[str, Any]) -> date:
    """Up to which day a no counts: the parameter if given, else the live night's."""
    from regulars.sending.generation_to_send import night

    given = params.get("as_of")
    return date.fromisoformat(given) if given else night(SETTINGS)


def announce_failure(context: Any) -> None:
    """Say which target got nothing and what to do: where it ran, and to whoever is told."""
    from regulars.nights.notifiers import tell
    from regulars.sending.sending_alerts import failure_message, subject

    task_instance = context["ti"]
    message = failure_message(
        task_instance.task_id, task_instance.map_index, context.get("exception")
    )
    print(message, file=sys.stderr, flush=True)
    tell(SETTINGS, subject(), message)


@task(doc_md="When it stops: `docs/runbook.md#a-delivery-to-a-tool-failed`.")
def withdraw(params: Any = None) -> list[dict[str, str]]:
    """Note who has said no since; hand on the targets, with the day."""
    from regulars.project import list_definitions
    from regulars.sending.withdrawn import note_withdrawn
    from regulars.targets import places

    as_of = day(params)
    declared = places.load(SETTINGS.dbt_project, list_definitions.load(SETTINGS.dbt_project))
    if declared.targets:
        log.info("%s", note_withdrawn(SETTINGS, as_of))
    return [{"target": target, "as_of": as_of.isoformat()} for target in declared.targets]


@task(
    map_index_template="{{ task.op_kwargs['delivery']['target'] }}",
    doc_md="When it stops: `docs/runbook.md#a-delivery-to-a-tool-failed`.",
)
def send(delivery: dict[str, str]) -> dict[str, Any]:
    """Deliver to one target; hand on its counts, never its rows."""
    from regulars.sending.send import deliver as deliver_to

    outcome = deliver_to(SETTINGS, date.fromisoformat(delivery["as_of"]), delivery["target"])
    log.info("%s: %s", delivery["target"], outcome)
    return outcome


@dag(
    description="The live lists to where the company's tools pick them up, each once.",
    schedule=[Asset.ref(name="published_lists")],
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    default_args={
        "owner": "regulars",
        "retries": 4,  # a target that is down at three is often up again at four
        "retry_delay": timedelta(minutes=2),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=30),
        "on_failure_callback": announce_failure,
    },
    params={
        "as_of": Param(
            None,
            type=["null", "string"],
            format="date",
            description="Up to which day a no counts; empty: the day of the live night.",
        )
    },
    tags=["regulars"],
    doc_md=__doc__,
)
def deliver() -> None:
    send.expand(delivery=withdraw())


deliver()
