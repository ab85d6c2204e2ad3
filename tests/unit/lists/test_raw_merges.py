"""Which accounts the last check before the files takes for one person."""

from __future__ import annotations

from datetime import UTC, date, datetime

import psycopg
import pytest
from psycopg import sql

from regulars.lists import raw_merges
from regulars.night import Night

NIGHT = Night(date(2026, 3, 15))
END = datetime(2026, 3, 16, tzinfo=UTC)
NO_OTHERS = sql.SQL(
    "select null as customer_id, null as linked_customer_id, null as linked_until where false"
)
MERGED, APART = True, False
Word = tuple[str, str, bool]


def is_standing(admin: psycopg.Connection, *words: Word) -> dict[str, bool]:
    """Account that is or was A as well -> whether it is. words: revisions about one instant, each
    loaded before the one that it corrects."""
    for revision, (old, new, is_merged) in reversed(list(enumerate(words))):
        admin.execute(
            "with entry as (insert into raw.deliveries (feed, delivered_on, revision, sha256, path,"
            " size, modified_at, status, rows_in, rows_loaded) values ('identities', '2026-03-15',"
            " %s, 'x', 'x', 1, '2026-03-15', 'loaded', 1, 1) returning delivery_id)"
            " insert into raw.identities (old_customer_id, customer_id, is_merged, changed_at,"
            " _delivery_id, _line, _delivered_on)"
            " select %s, %s, %s, '2026-03-14', delivery_id, 1, '2026-03-15' from entry",
            [revision, old, new, is_merged],
        )
    admin.execute("create temporary table people as select 'A' as customer_id")
    query = raw_merges.links(admin, NIGHT, END, NO_OTHERS, "people")
    return {account: standing for account, _, standing in admin.execute(query)}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([("A", "B", MERGED)], {"B": True}),
        ([("A", "B", MERGED), ("A", "C", MERGED)], {"B": False, "C": True}),
        ([("A", "B", APART), ("A", "B", MERGED)], {"B": True}),
        ([("A", "B", MERGED), ("A", "B", APART)], {"B": False}),
        ([("A", "B", MERGED), ("C", "A", MERGED)], {"B": True, "C": True}),
    ],
)
def test_of_words_about_one_instant_the_correction_stands_and_what_was_said_is_known(
    admin: psycopg.Connection, words: list[Word], expected: dict[str, bool]
) -> None:
    assert is_standing(admin, *words) == expected
