"""A person's word that a gate may pass what it stopped: for one gate, one night, one input.

A gate that stops leaves a note in ops.gate_stops; only what stands there can be approved. The
approval names the digest of the deliveries that were judged, so it is void as soon as another
delivery counts for that night.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import psycopg

from regulars.gates.gate_names import GUARDS
from regulars.night import Night
from regulars.settings import Settings
from regulars.warehouse import connect


class ApprovalRefused(RuntimeError):
    """There is nothing to approve, or nothing that a person may approve; the message says why."""


def delivered_digest(connection: psycopg.Connection, as_of: date) -> str:
    """SHA-256 over what the ledger holds for a night: accepted and refused arrivals, in order.

    Unlike a night's input digest it can be computed before the night has built anything.
    """
    row = connection.execute("select ops.delivered_digest(%s)", [as_of]).fetchone()
    assert row is not None
    return str(row[0])


def approved_gates(connection: psycopg.Connection, night: Night) -> set[str]:
    """Gates of this night that a person lets pass, for the deliveries as they are now."""
    rows = connection.execute(
        "select gate from decisions.approvals where as_of = %s and input_digest = %s",
        [night.as_of, delivered_digest(connection, night.as_of)],
    )
    return {gate for (gate,) in rows}


def note_stop(
    connection: psycopg.Connection, night: Night, gate: str, claims: Sequence[str], faults: int
) -> None:
    """Remember that a gate stopped the night on these claims, `faults` of them truths."""
    connection.execute(
        """
        insert into ops.gate_stops (as_of, gate, input_digest, claims, faults)
        values (%s, %s, %s, %s, %s)
        on conflict (as_of, gate) do update set
            input_digest = excluded.input_digest, claims = excluded.claims,
            faults = excluded.faults
        """,
        [night.as_of, gate, delivered_digest(connection, night.as_of), list(claims), faults],
    )


def forget_stop(connection: psycopg.Connection, night: Night, gate: str) -> None:
    """The gate has let the night pass."""
    connection.execute(
        "delete from ops.gate_stops where as_of = %s and gate = %s", [night.as_of, gate]
    )


def approve(settings: Settings, gate: str, as_of: date, approved_by: str, reason: str) -> bool:
    """Record a person's word. Returns False when it was given before: the first word stands.

    Raises ApprovalRefused when the gate did not stop that night, when it stopped on a fault, or
    when deliveries have come since.
    """
    with connect(settings, "transformer") as connection:
        try:
            row = connection.execute(
                "select decisions.approve(%s, %s, %s, %s)", [gate, as_of, approved_by, reason]
            ).fetchone()
        except psycopg.errors.RaiseException as refused:
            raise ApprovalRefused(str(refused.diag.message_primary)) from None
    return row == (True,)


def question(settings: Settings) -> dict[str, str] | None:
    """What a person is asked of the latest night that waits for a word they may give: gate, as_of,
    and a subject and a body to show; None when nothing waits."""
    with connect(settings, "transformer") as connection:
        stop = connection.execute(
            "select gate, as_of, claims from ops.gate_stops where faults = 0"
            " order by as_of desc, gate limit 1"
        ).fetchone()
    if stop is None:
        return None
    gate, as_of, claims = stop
    subject = (
        f"Let lists of {as_of} go out although feeds that guard them are not in?"
        if gate == GUARDS
        else f"Let the {gate} gate pass the night of {as_of}?"
    )
    return {
        "gate": gate,
        "as_of": as_of.isoformat(),
        "subject": subject,
        "body": "\n".join(f"- {claim}" for claim in claims),
    }


def refusal(error: BaseException | None) -> str:
    """Why a word was not taken; a stranger's words are not repeated."""
    if isinstance(error, ApprovalRefused):
        return str(error)
    return f"The approval was not taken ({type(error).__name__}). See the task's log."
