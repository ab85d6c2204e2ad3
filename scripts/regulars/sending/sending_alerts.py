"""What is said when sending fails: words, never what was sent."""

from __future__ import annotations

from regulars.nights.lock import NightRefused
from regulars.sending.generation_to_send import SendingRefused
from regulars.sending.target_folder import SendingFailed
from regulars.warehouse import WarehouseError

OURS = (SendingFailed, SendingRefused, NightRefused, WarehouseError)


def subject() -> str:
    return "Regulars: a delivery failed"


def failure_message(task: str, place: int, error: object) -> str:
    """place: which of the mapped targets, from 0; below that the task is no mapped one. The words
    of errors that are not ours could quote rows: only their name is told."""
    what = str(error) if isinstance(error, OURS) else f"{type(error).__name__}; see the task's log"
    which = f"{task} of target {place + 1}" if place >= 0 else task
    return (
        f"Regulars: the delivery stopped at {which}: {what}\n"
        "  What has arrived stays and is not sent again; the other targets go on.\n"
        "  docs/runbook.md#a-delivery-to-a-tool-failed"
    )
