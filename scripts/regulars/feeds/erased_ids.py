"""Ids of erased people, known by their keyed hashes alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

import psycopg


@dataclass(frozen=True)
class ErasedIds:
    """Tells an erased person's id, of those that are suppressed, from anybody else's."""

    key: bytes = field(repr=False)
    hashes: frozenset[str]

    def __contains__(self, identifier: str) -> bool:
        return sha256(self.key + f"id|{identifier}".encode()).hexdigest() in self.hashes


def erased_ids(connection: psycopg.Connection) -> ErasedIds | None:
    """None where nobody was ever erased, by an id or an address."""
    rows = connection.execute("select kind, keyed_hash from decisions.suppressions").fetchall()
    if not rows:
        return None
    (key,) = connection.execute("select key from decisions.suppression_key").fetchone() or (b"",)
    return ErasedIds(key, frozenset(hashed for kind, hashed in rows if kind == "id"))
