"""A step's result as a line for people."""

from __future__ import annotations

from regulars.nights.counts import in_words


def test_what_was_loaded_is_told_in_words() -> None:
    result = {
        "loaded": 1923,
        "refused": 0,
        "rows_in": 5961,
        "rows_loaded": 5931,
        "rows_quarantined": 26,
        "refusals": [],
        "group": "sales",
    }
    assert in_words(result) == "1,923 files loaded, 5,931 rows loaded, 26 rows in quarantine"


def test_a_refused_file_is_counted_and_breaks_no_night() -> None:
    refusal = {"feed": "orders", "file": "2026-11-04/orders.csv", "reason": "it was cut off"}
    assert in_words({"loaded": 3, "refused": 1, "refusals": [refusal]}) == (
        "3 files loaded, 1 files refused"
    )


def test_what_has_no_words_of_its_own_is_told_by_name() -> None:
    assert in_words({"generation": 2, "is_new": True, "mode": "full", "column_changes": []}) == (
        "generation: 2, is new: yes, mode: full"
    )
