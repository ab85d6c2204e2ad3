"""What a person is told while a night runs, and what to do when it stops."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from regulars.nights.steps import STEPS
from regulars.plain_text import plain

if TYPE_CHECKING:  # a DAG file imports this, and must not load a driver
    from regulars.nights.outcome import Outcome


def start_message(step: str) -> str:
    """One line of progress: which of the steps begins, and what it does."""
    number = list(STEPS).index(step) + 1
    return f"  {number:>2}/{len(STEPS)}  {step:<19} {STEPS[step].purpose}"


def subject(as_of: date | None, what: str) -> str:
    """First line of a message: which night, and what became of it."""
    return f"Regulars: the night {as_of or 'of unknown date'} {what}"


def published_subject(outcome: Outcome) -> str:
    number = len(outcome.withheld)
    held_back = f", {number} {'list' if number == 1 else 'lists'} withheld" if number else ""
    return subject(outcome.as_of, f"is published{held_back}")


def published_message(outcome: Outcome) -> str:
    """A few lines about a night that ended well: what may be sent, what may not and why."""
    lines = [f"REGULARS: the night {outcome.as_of} is published, generation {outcome.generation}."]
    lines += [f"  list      {code}: {people:,} people" for code, people in outcome.lists.items()]
    lines += [f"  withheld  {code}: {reason}" for code, reason in outcome.withheld.items()]
    lines += [f"  held      {words}" for words in outcome.holds]
    if outcome.withheld:
        lines.append(
            "  then      have what is missing delivered and run the night again, or let it pass:\n"
            f"            regulars approve --gate guards --as-of {outcome.as_of} "
            "--by NAME --reason TEXT"
        )
    return "\n".join(lines)


def failure_message(step: str, as_of: date | None, error: BaseException | str | None) -> str:
    """A few lines for a terminal, a log or a chat; free of personal data.

    The words of an error are repeated only if this package raised it: a driver's own message
    can quote whole rows.
    """
    night = as_of.isoformat() if as_of else "of unknown date"
    again = f"regulars night --as-of {night}" if as_of else "regulars night --as-of DATE"
    return "\n".join(
        (
            f"REGULARS: the night {night} stopped at {step}.",
            f"  why    {_reason(error)}",
            f"  now    {_now(step)}",
            "  look   regulars status",
            f"  then   {again}, or clear the task in Airflow: every step may run again",
            f"  help   docs/runbook.md#{STEPS[step].runbook if step in STEPS else 'a-step-failed'}",
        )
    )


def _now(step: str) -> str:
    steps = list(STEPS)
    if step in STEPS and steps.index(step) > steps.index("publish"):
        return "this night is published, with its lists and its report"
    return (
        "nothing of this night is published; the lists and the report of the last\n"
        "         published night stay in place"
    )


def _reason(error: BaseException | str | None) -> str:
    if not isinstance(error, BaseException):
        return "see the task's log"
    name = type(error).__name__
    if type(error).__module__.split(".")[0] == "regulars":
        return plain(f"{name}: {error}")  # it may name a file as somebody named it
    state = getattr(error, "sqlstate", None)
    return f"{name} (SQLSTATE {state})" if state else f"{name}: see the task's log"
