"""Run a gate: measure in the warehouse, let Great Expectations validate, stop the night or not.

What is expected stands in expectations/<gate>.py, one module a gate; a module gives suites.
"""

from __future__ import annotations

import importlib.util
import logging
from types import ModuleType
from typing import Any

import psycopg

from regulars import lasting
from regulars.gates import approvals, data_docs, guards, holds
from regulars.gates.gate_names import GATES
from regulars.gates.hold import OF_FEEDS, Hold, sentences
from regulars.gates.suites import GateContext, Publication
from regulars.gates.validation import Failure, Verdict, validate
from regulars.night import Night
from regulars.put_off import put_off
from regulars.settings import Settings
from regulars.warehouse import connect


class GateFailed(RuntimeError):
    """A gate stopped the night. Names every failed expectation; holds no values of rows."""


def check(settings: Settings, night: Night, gate: str) -> dict[str, Any]:
    """Judge a gate of this night: "raw", "scores" or "lists".

    Returns counts and the claims that warned. Raises GateFailed when a truth does not hold, or a
    judgement that nobody has approved. Data docs go to home/data_docs/<night>/<gate>.
    """
    module = module_of(settings, gate)
    with connect(settings, "transformer") as connection:
        context = GateContext(settings, night, connection, _previous(connection, night))
        suites = [suite for suite in module.suites(context) if suite.expectations]
        is_approved = gate in approvals.approved_gates(connection, night)
        warned = holds.warned(connection, night.as_of) if gate == "raw" else []
    verdict = validate(settings, night, gate, suites)
    stopping = verdict.of("truth") if is_approved else verdict.of("truth", "judgement")
    _note(settings, night, gate, stopping)
    holds_tonight = _holds_of(settings, night) if gate == "lists" else ()
    if stopping:
        holds_of_feeds = [*warned, *(hold for hold in holds_tonight if hold.kind in OF_FEEDS)]
        raise GateFailed(_message(night, gate, stopping, verdict, holds_of_feeds))
    return {
        "gate": gate,
        "suites": len(suites),
        "expectations": verdict.expectations,
        "rows_judged": sum(verdict.rows_judged.values()),
        "rows_by_suite": verdict.rows_judged,
        "approved": is_approved and bool(verdict.of("judgement")),
        "warnings": [
            *sorted({f"{f.claim}: {f.text}" for f in verdict.of("warning")}),
            *sentences(warned),
        ],
        "lists_withheld": ", ".join(
            hold.subject for hold in holds_tonight if hold.kind == "list_withheld"
        ),
        "held": sentences(hold for hold in holds_tonight if hold.kind not in SAID_BEFORE),
    }


# The list's reason names the feed; of files the raw gate has spoken.
SAID_BEFORE = ("list_withheld", "ledger_warning")


def _holds_of(settings: Settings, night: Night) -> tuple[Hold, ...]:
    """What this night holds back; a note is left of what a person may let pass."""
    with connect(settings, "transformer") as connection:
        guards.note(connection, night)
        return holds.of_night(connection, night)


def module_of(settings: Settings, gate: str) -> ModuleType:
    """The module of expectations/ that says what a gate expects."""
    if gate not in GATES:
        raise ValueError(f"there is no gate '{gate}': {', '.join(GATES)}")
    path = settings.project / "expectations" / f"{gate}.py"
    spec = importlib.util.spec_from_file_location(f"expectations_{gate}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    # at INFO it tells what it registers on import: half the lines of a night's log
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    with put_off("altair", "scipy.stats"):
        lasting.imported("great_expectations.expectations")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _previous(connection: psycopg.Connection, night: Night) -> Publication | None:
    row = connection.execute(
        """
        select as_of, generation, last_delivery_id from decisions.effective_publications
        where as_of < %s order by as_of desc limit 1
        """,
        [night.as_of],
    ).fetchone()
    return Publication(*row) if row else None


def _note(settings: Settings, night: Night, gate: str, stopping: list[Failure]) -> None:
    """Leave word of a stop for whoever may approve it, or take it back; truths come first."""
    faults = {failure.claim for failure in stopping if failure.strength == "truth"}
    claims = sorted(faults) + sorted({failure.claim for failure in stopping} - faults)
    with connect(settings, "transformer") as connection:
        if stopping:
            approvals.note_stop(connection, night, gate, claims, len(faults))
        else:
            approvals.forget_stop(connection, night, gate)


def _message(
    night: Night,
    gate: str,
    stopping: list[Failure],
    verdict: Verdict,
    holds_of_feeds: list[Hold],
) -> str:
    lines = [f"The {gate} gate stopped the night of {night.as_of}. Nothing new is published."]
    lines += dict.fromkeys(f"  {failure.claim}: {failure.text}" for failure in stopping)
    lines += [f"  warning: {sentence}" for sentence in sentences(holds_of_feeds)]
    lines.append(f"{GATES[gate]}; docs/runbook.md says more.")
    if all(failure.strength == "judgement" for failure in stopping):
        lines.append(
            "If this is right as it is, a person may say so: "
            f"regulars approve --gate {gate} --as-of {night.as_of} --by NAME --reason TEXT"
        )
    if not verdict.could_not_run:
        lines.append(f"Data docs: {data_docs.docs_name(night)}/{gate}/index.html")
    return "\n".join(lines)
