"""What stands in quarantined lines that may hold somebody back, so that it is found out whom.

A line that could not be read may still be somebody's no, purchase or complaint. Its cells are kept
as they are written, its addresses and numbers in normal form; SQL compares them with known ones. By
the key and the version of its row it is known what corrects it, also once its text is gone; of a no
that is found by its cells, however they are spelled.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import psycopg

from regulars.feeds.model import Feed
from regulars.lists.normal_forms import said_forms
from regulars.lists.quarantined_keys import key_of, version_of

Term = tuple[int, int, str, str]  # delivery_id, line, kind, term
MOST_TERMS = 200  # of a line; a longer one is no row of these feeds
LONGEST_TERM = 320
SEPARATORS = re.compile(r"[\x00-\x1f,;|\"'{}\[\]]+")
AROUND_ADDRESSES = re.compile(r"[\x00-\x1f,;|\"{}\[\]]+")  # an address may have an apostrophe
# A cell that is one, or what begins with + or 0 anywhere in a sentence.
MAY_BE_NUMBER = re.compile(
    r"^\D{0,12}\d[\d ().+/-]{6,40}\D{0,12}$|(?:\+|(?<![\w.,:-])\(?0)[\d ()./-]{7,40}"
)


def record_terms(connection: psycopg.Connection, feeds: Iterable[Feed]) -> int:
    """Add the terms of every quarantined line that has none yet. Returns how many lines.

    Of every feed: which of them hold somebody back, guards and lists decide.
    """
    by_table = {feed.table: feed for feed in feeds}
    lines = connection.execute(
        """
        select q.feed, d.columns, d.delivered_on, q.delivery_id, q.line, q.raw_text
        from raw.quarantine as q
        inner join raw.deliveries as d on q.delivery_id = d.delivery_id
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
        for table, columns, delivered_on, delivery_id, line, text in lines:
            row = _row_of(by_table[table], columns, text, delivered_on)
            for kind, term in sorted({*terms_of(text), *row}):
                copy.write_row((delivery_id, line, kind, term))
    if lines:  # a planner that knows nothing of them compares each with all others
        connection.execute("analyze pii.quarantined_terms")
    return len(lines)


def _row_of(
    feed: Feed, columns: Sequence[str] | None, text: str, delivered_on: date
) -> Iterator[tuple[str, str]]:
    """`key` and `version` of the row that a line would have been, as far as it says them."""
    if feed.delivery.forbids:
        return
    if key := key_of(feed, columns, text):
        yield "key", key
    if version := version_of(feed, columns, text, delivered_on):
        yield "version", version


def terms_of(text: str) -> Iterator[tuple[str, str]]:
    """(kind, term) of a line: `cell` as written, `email` and `phone` in the normal forms that they
    may mean, or a number's national part."""
    plain = unicodedata.normalize("NFKC", text)
    cells = [cell.strip() for cell in SEPARATORS.split(plain)]
    parts = [part for cell in cells for part in (cell, *cell.split(), *cell.split(":"))]
    for part in dict.fromkeys(parts[:MOST_TERMS]):
        term = part.strip()
        if term and len(term) <= LONGEST_TERM:
            yield "cell", term
    for cell in AROUND_ADDRESSES.split(plain)[:MOST_TERMS]:
        for said in [cell] if len(cell) <= LONGEST_TERM else cell.split():
            if "@" in said or "%40" in said:
                yield from (("email", form) for form in said_forms("email", said))
            for found in MAY_BE_NUMBER.findall(said):
                yield from (("phone", form) for form in _numbers_in(found))


def _numbers_in(found: str) -> Iterator[str]:
    """What it is, and what its parts are; none of which is a number at home without its zero."""
    yield from said_forms("phone", found)
    for part in found.split():
        forms = said_forms("phone", part)
        yield from (form for form in forms if form.startswith("+") or part.startswith(("0", "(0")))
