"""A person's word that a gate may pass what it stopped: for one gate, one night, one input.

A gate that stops leaves a note in ops.gate_stops; only what stands there can be approved. The
approval names the digest of the deliveries that were judged, so it is void as soon as another
delivery counts for that night.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

import psycopg

from regulars.night import Night
from regulars.settings import Settings
from regulars.warehouse import connect

GUARDS = "guards"
"""Approved in place of a gate: feeds that are not in. Its inputs are their states, so the word
holds for what was missing when it was given, and for that night alone."""


class ApprovalRefused(RuntimeError):
    """There is nothing to approve, or nothing that a person may approve; the message says why."""


def delivered_digest(connection: psycopg.Connection, as_of: date) -> str:
    """SHA-256 over what the ledger holds for a night: accepted and refused arrivals, in order.

    Unlike a night's input digest it can be computed before the night has built anything.
    """
    rows = connection.execute(
        """
        select feed, delivered_on, revision, status, sha256 from raw.deliveries
        where delivered_on <= %s and status <> 'redelivered'
        order by
            feed collate "C", delivered_on, revision, rewrite_no, status collate "C",
            sha256 collate "C"
        """,
        [as_of],
    )
    digest = hashlib.sha256()
    for row in rows:
        digest.update("|".join(map(str, row)).encode() + b"\n")
    return digest.hexdigest()


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
        if gate == GUARDS:
            inputs = _stop(connection, gate, as_of)[3]
        else:
            inputs = [delivered_digest(connection, as_of)]
            _check_approvable(_stop(connection, gate, as_of), inputs[0])
        added = sum(
            connection.execute(
                """
                insert into decisions.approvals (as_of, gate, input_digest, approved_by, reason)
                values (%s, %s, %s, %s, %s) on conflict do nothing
                """,
                [as_of, gate, approved, approved_by, reason],
            ).rowcount
            for approved in inputs
        )
    return added > 0


def _stop(connection: psycopg.Connection, gate: str, as_of: date) -> tuple:
    """(gate, as_of, input_digest, claims, faults) of the stop that waits for a word."""
    stops = connection.execute(
        "select gate, as_of, input_digest, claims, faults from ops.gate_stops order by as_of, gate"
    ).fetchall()
    mine = [stop for stop in stops if stop[:2] == (gate, as_of)]
    if not mine:
        others = ", ".join(f"{other} of {night}" for other, night, *_ in stops)
        raise ApprovalRefused(
            f"The {gate} gate did not stop the night of {as_of}: there is nothing to approve. "
            + (f"Stopped and waiting: {others}." if others else "No gate waits for a word.")
        )
    return mine[0]


def _check_approvable(stop: tuple, digest: str) -> None:
    gate, as_of, stopped_digest, claims, faults = stop
    if faults:
        raise ApprovalRefused(
            f"The {gate} gate stopped the night of {as_of} on a fault, which nobody can approve: "
            f"{'; '.join(claims[:faults])}. It is corrected where it arises."
        )
    if stopped_digest != digest:
        raise ApprovalRefused(
            f"Deliveries have come since the {gate} gate stopped the night of {as_of}. Run the "
            "night again, and approve what it then says if that is right."
        )
