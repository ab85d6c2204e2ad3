"""What stands in quarantined lines that may hold somebody back, so that it is found out whom.

A line that could not be read may still be somebody's no, purchase or complaint. Its cells are kept
as they are written, its addresses and numbers in normal form; SQL compares them with known ones. Of
a feed whose key has several columns neighbouring cells are kept too: by them a later row of that
key is known once the line's text is gone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise

import psycopg

from regulars.feeds.model import Feed
from regulars.lists.normal_forms import normal_email, normal_phone

Term = tuple[int, int, str, str]  # delivery_id, line, kind, term
MOST_TERMS = 200  # of a line; a longer one is no row of these feeds
LONGEST_TERM = 320
SEPARATORS = re.compile(r"[\x00-\x1f,;|\"'{}\[\]]+")


def record_terms(connection: psycopg.Connection, feeds: Iterable[Feed]) -> int:
    """Add the terms of every quarantined line that has none yet. Returns how many lines.

    Of every feed: which of them hold somebody back, guards and lists decide.
    """
    by_table = {feed.table: feed for feed in feeds}
    lines = connection.execute(
        """
        select q.feed, q.delivery_id, q.line, q.raw_text from raw.quarantine as q
        where q.feed = any(%s) and q.raw_text is not null and not exists (
            select 1 from pii.quarantined_terms as w
            where w.delivery_id = q.delivery_id and w.line = q.line
        )
        """,
        [list(by_table)],
    ).fetchall()
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "copy pii.quarantined_terms (delivery_id, line, kind, term) from stdin"
        ) as copy,
    ):
        for table, delivery_id, line, text in lines:
            terms = {*terms_of(text), *pairs_of(text, by_table[table])}
            for kind, term in sorted(terms):
                copy.write_row((delivery_id, line, kind, term))
    return len(lines)


def terms_of(text: str) -> Iterator[tuple[str, str]]:
    """(kind, term) of a line: `cell` as written, `email` and `phone` in normal form."""
    plain = unicodedata.normalize("NFKC", text)
    cells = [cell.strip() for cell in SEPARATORS.split(plain)]
    parts = [part for cell in cells for part in (cell, *cell.split(), *cell.split(":"))]
    for part in dict.fromkeys(parts[:MOST_TERMS]):
        term = part.strip()
        if not term or len(term) > LONGEST_TERM:
            continue
        yield "cell", term
        if "@" in term and (email := normal_email(term)):
            yield "email", email
        if term.startswith("+") and (phone := normal_phone(term, "")):
            yield "phone", phone


def pairs_of(text: str, feed: Feed) -> Iterator[tuple[str, str]]:
    """Neighbouring cells of a line of text, where the key of its feed has several columns. Not of
    feeds that forbid: who a no means is found by cells, however they are spelled."""
    delivery = feed.delivery
    if len(delivery.key) < 2 or delivery.forbids or delivery.format != "csv":
        return
    cells = [cell.strip() for cell in text.replace('"', "").split(delivery.delimiter)]
    for one, other in pairwise(cells[:MOST_TERMS]):
        if one and other and len(one) + len(other) < LONGEST_TERM:
            yield "pair", f"{one},{other}"
