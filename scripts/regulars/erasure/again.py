"""Erase again, in a restored warehouse, whom the backup still knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from datetime import date

import psycopg
from psycopg import sql

from regulars.erasure.erase import carry_out
from regulars.erasure.erased_list import remembered
from regulars.erasure.requests import Request
from regulars.erasure.stored_feeds import stored_feeds
from regulars.feeds.model import Feed
from regulars.settings import Settings
from regulars.warehouse import connect


def erase_again(settings: Settings) -> int:
    """Repeat every erasure of the list beside the database; returns how many people it found.

    Raises ErasedListDamaged.
    """
    known = {erased_id.keyed_hash: erased_id for erased_id in remembered(settings)}
    if not known:
        return 0
    with connect(settings, "admin") as connection:
        feeds = stored_feeds(connection, settings)
        known_again = {
            customer_id: known[keyed_hash]
            for customer_id, keyed_hash in _in_raw(connection, feeds, known)
        }
    together: dict[tuple[str, str], list[Request]] = defaultdict(list)
    for customer_id, erased in sorted(known_again.items()):
        request = Request(
            f"again {erased.keyed_hash}", customer_id, date.fromisoformat(erased.as_of)
        )
        together[erased.as_of, erased.by].append(request)
    for (as_of, by), requests in sorted(together.items()):
        carry_out(settings, requests, date.fromisoformat(as_of), by)
    return len(known_again)


def _in_raw(
    connection: psycopg.Connection, feeds: tuple[Feed, ...], hashes: Container[str]
) -> set[tuple[str, str]]:
    """(id, its hash) of those that stand in raw."""
    in_raw: set[tuple[str, str]] = set()
    for feed in feeds:
        for column in feed.customer_columns:
            query = sql.SQL(
                "select id, encode(sha256((select key from decisions.suppression_key)"
                " || convert_to('id|' || id, 'UTF8')), 'hex')"
                " from (select distinct {} as id from {}) as ids where id is not null"
            ).format(sql.Identifier(column.name), sql.Identifier("raw", feed.table))
            in_raw |= {
                (customer_id, keyed)
                for customer_id, keyed in connection.execute(query)
                if keyed in hashes
            }
    return in_raw
