"""Requests to be erased that stand: delivered, and not taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import psycopg

from regulars.settings import Settings


class ErasureRefused(RuntimeError):
    """An erasure that cannot be done now; the message says why and what to do."""


@dataclass(frozen=True)
class Request:
    """A request, whose it is by its exact id, and since when it has stood."""

    request_id: str
    customer_id: str
    delivered_on: date


def standing(connection: psycopg.Connection) -> list[Request]:
    """As the last night that was built knows them; none before the first."""
    built = connection.execute("select to_regclass('pii.standing_erasure_requests')").fetchone()
    if not built or built[0] is None:
        return []
    return [
        Request(*row)
        for row in connection.execute(
            """
            select request_id, customer_id, delivered_on from pii.standing_erasure_requests
            order by delivered_on, request_id, customer_id
            """
        )
    ]


def due(connection: psycopg.Connection, settings: Settings, as_of: date) -> list[Request]:
    """Those whose grace has passed on as_of."""
    last = as_of - timedelta(days=settings.erasure_grace_days)
    return [request for request in standing(connection) if request.delivered_on <= last]


def named(connection: psycopg.Connection, request_id: str) -> list[Request]:
    """The request of this id, grace or not. Raises ErasureRefused if none stands."""
    matching = [request for request in standing(connection) if request.request_id == request_id]
    if not matching:
        raise ErasureRefused(
            "No request of that id stands: it was never delivered, was taken back, or came after "
            "the last night. `regulars erase --dry-run` counts those that are due."
        )
    return matching
