"""Declared date formats are fixed-width and are rearranged into ISO 8601."""

from __future__ import annotations

import pytest

from regulars.feeds.dates import format_problem, iso_expression, shape


@pytest.mark.parametrize("written", ["DD/MM/YYYY HH24:MI", "%d/%m/%Y %H:%M"])
def test_both_notations_mean_the_same(written: str) -> None:
    assert shape(written) == "99/99/9999 99:99"
    assert iso_expression("v", written) == (
        "(substr(v, 7, 4) || '-' || substr(v, 4, 2) || '-' || substr(v, 1, 2)"
        " || ' ' || substr(v, 12, 2) || ':' || substr(v, 15, 2))"
    )


def test_positions_after_the_hours_allow_for_their_longer_token() -> None:
    assert "substr(v, 1, 2) || ':' || substr(v, 4, 2)" in iso_expression("v", "HH24:MI DD.MM.YYYY")


@pytest.mark.parametrize(
    ("kind", "written"),
    [("text", "YYYY-MM-DD"), ("date", "YYYY-MM"), ("date", "YYYY-MM-DD HH24"),
     ("timestamp", "YYYY-MM-DD MI"), ("date", "YYYY-MM-DD Q"), ("date", "DD-MM-YYYY-DD"),
     ("date", "%d %b %Y")],
)  # fmt: skip
def test_a_format_that_cannot_be_read_is_named(kind: str, written: str) -> None:
    assert format_problem(kind, written)
