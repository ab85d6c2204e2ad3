"""What makes two runs of a night the same: the deliveries they count."""

from __future__ import annotations

import hashlib
from datetime import date

import psycopg
from psycopg import sql

from regulars.night import Night


def input_digest(connection: psycopg.Connection, night: Night) -> str:
    """SHA-256 over the deliveries this night counts: feed, date, revision and content of each, in
    the order in which they count."""
    rows = connection.execute(
        sql.SQL(
            "select feed, delivered_on, revision, sha256 from {}.stg_deliveries"
            ' order by feed collate "C", delivered_on, revision, delivery_rank, sha256 collate "C"'
        ).format(sql.Identifier(night.schema("staging")))
    )
    digest = hashlib.sha256()
    for row in rows:
        digest.update("|".join(map(str, row)).encode() + b"\n")
    return digest.hexdigest()


def run_id(as_of: date, digest: str) -> str:
    """Name of a run: equal inputs, equal name."""
    return f"{as_of}-{digest[:12]}"
