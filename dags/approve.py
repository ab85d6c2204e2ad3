"""What a gate or a missing feed holds back is offered to a person, who approves with a reason."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, Param, dag, task

from regulars.settings import Settings

SETTINGS = Settings.from_env()
RUNBOOK = "When it stops: `docs/runbook.md#a-gate-failed`."


def announce_failure(context: Any) -> None:
    """Say that the word was not taken and why: where it ran, and to whoever is told."""
    from regulars.gates.approvals import refusal
    from regulars.nights.notifiers import tell

    message = refusal(context.get("exception"))
    print(message, file=sys.stderr, flush=True)
    tell(SETTINGS, "Regulars: an approval was not taken", message)


@task.short_circuit(doc_md=RUNBOOK)
def waits() -> dict[str, str] | None:
    """What waits for a word that a person may give, of the latest night; nothing ends the run."""
    from regulars.gates.approvals import question

    return question(SETTINGS)


@task(doc_md=RUNBOOK)
def record(stop: Any, answer: Any) -> str:
    """Record the word as `regulars approve` does; hand on the night that may go on."""
    from regulars.gates.approvals import approve as record_word

    by = (answer.get("responded_by_user") or {}).get("name") or "Airflow"
    reason = (answer.get("params_input") or {}).get("reason", "")
    record_word(SETTINGS, stop["gate"], date.fromisoformat(stop["as_of"]), by, reason)
    return stop["as_of"]


@dag(
    description="Asks a person about what is held back, and runs the night again if they approve.",
    # After a publication with withheld lists, and in the morning for a night that a gate stopped.
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 4,6,8 * * *", timezone=SETTINGS.company_timezone),
        assets=[Asset.ref(name="published_lists")],  # type: ignore[list-item]  # Airflow looks it up
    ),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "regulars", "retries": 0, "on_failure_callback": announce_failure},
    tags=["regulars"],
    doc_md=__doc__,
)
def approve() -> None:
    stop = waits()
    ask = ApprovalOperator(
        task_id="ask",
        subject="{{ ti.xcom_pull(task_ids='waits')['subject'] }}",
        body="{{ ti.xcom_pull(task_ids='waits')['body'] }}",
        params={"reason": Param("", type="string", title="Why it is right to go on")},
        defaults=ApprovalOperator.REJECT,  # no answer is no approval
        response_timeout=timedelta(hours=20),
        doc_md=RUNBOOK,
    )
    run_the_night_again = TriggerDagRunOperator(
        task_id="run_the_night_again",
        trigger_dag_id="nightly",
        conf={"as_of": "{{ ti.xcom_pull(task_ids='record') }}"},
        doc_md=RUNBOOK,
    )
    stop >> ask
    record(stop, ask.output) >> run_the_night_again


approve()
