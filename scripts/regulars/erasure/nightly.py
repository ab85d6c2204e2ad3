"""The night's last step: erasures that are due, and what is kept no longer.

The database's own files may lose an erased person within a declared number of days: until then a
reader in the way is told of and waited for; after it the step fails, so that people are told.
"""

from __future__ import annotations

from datetime import date

from regulars.erasure.erase import erase
from regulars.erasure.physical import StaysOpen, holders
from regulars.erasure.retention import sweep
from regulars.gates.hold import Hold
from regulars.gates.open_erasures import unclosed
from regulars.settings import Settings
from regulars.warehouse import connect


class ErasureOverdue(RuntimeError):
    """An erasure was to be finished by now; the message says by when and what to do."""


def erase_and_sweep(settings: Settings, as_of: date) -> dict[str, int]:
    """Returns counts. Raises ErasureOverdue, WarehouseError."""
    try:
        counts = erase(settings, as_of)
    except StaysOpen as stays_open:
        counts = {"people_erased": stays_open.people_erased}
    counts |= sweep(settings, as_of)
    with connect(settings, "transformer") as connection:
        open_receipts = unclosed(connection, as_of)
    overdue = [hold for hold in open_receipts if hold.kind == "erasure_overdue"]
    if overdue:
        raise ErasureOverdue(_what_to_do(overdue, holders(settings)))
    if open_receipts:
        counts["receipts_open"] = sum(hold.count for hold in open_receipts)
    return counts


def _what_to_do(overdue: list[Hold], readers: list[str]) -> str:
    late = "; ".join(hold.sentence for hold in overdue)
    return (
        f"{late}. Who may keep the old rows now: {', '.join(readers) or 'nobody any more'}. End "
        "them (`select pg_terminate_backend(…)`, `rollback prepared '…'`, `select "
        "pg_drop_replication_slot('…')`), then `regulars erase --by \"your name\"`."
    )
