"""An erasure removes the accounts that are one person tonight, not those that once were."""

from __future__ import annotations

import pytest

from regulars import warehouse
from regulars.erasure.person import find
from regulars.erasure.stored_feeds import stored_feeds
from regulars.settings import Settings

MERGED, APART = True, False


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ([("A", "B", MERGED), ("A", "C", MERGED), ("A", "C", APART)], {"A", "B"}),
        ([("A", "B", MERGED), ("A", "C", MERGED)], {"A", "C"}),
        ([("A", "B", MERGED), ("B", "A", APART)], {"A"}),
        ([("A", "B", MERGED), ("B", "C", MERGED)], {"A", "B", "C"}),
        ([("A", "B", MERGED), ("A", "B", APART), ("A", "B", MERGED)], {"A", "B"}),
    ],
)
def test_by_the_words_on_their_accounts(
    warehouse_settings: Settings, words: list[tuple[str, str, bool]], ids: set[str]
) -> None:
    with warehouse.connect(warehouse_settings, "admin") as connection:
        for day, (old, new, is_merged) in enumerate(words, start=1):
            connection.execute(
                "insert into raw.identities (old_customer_id, customer_id, is_merged, changed_at,"
                " _delivery_id, _line, _delivered_on)"
                " values (%s, %s, %s, %s, 1, %s, '2026-10-31')",
                [old, new, is_merged, f"2026-10-{day:02} 12:00+00", day],
            )
        person = find(connection, stored_feeds(connection, warehouse_settings), "A")
    assert person.ids == ids
