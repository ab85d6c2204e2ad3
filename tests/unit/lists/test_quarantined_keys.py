"""Which row a line that could not be read would have been."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from regulars.feeds.model import Column, Feed
from regulars.lists.quarantined_keys import key_of, version_of
from tests.unit.feeds.conftest import make_feed

ORDER, NUMBER, PRICE = (
    Column("order_id", "order_id", "text"),
    Column("line_no", "line_no", "integer"),
    Column("price", "price", "numeric(14,2)"),
)


def feed_of(*columns: Column, key: tuple[str, ...], **delivery: object) -> Feed:
    return make_feed(columns, key=key, **delivery)


LINES = feed_of(ORDER, NUMBER, PRICE, key=("order_id", "line_no"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("o-1,2,x", "o-1,2"),
        ('"o-1","2",x', "o-1,2"),
        ("o-1, 02 ,x", "o-1,2"),
        ('o-1,2,5" pipe', "o-1,2"),
        ("o-1,2,x,too,many", "o-1,2"),
        ("o-1;2;x", "o-1,2"),
        ("o-1,,2", None),
        ("o-1,two,2", None),
        ("o-1", None),
        ("", None),
    ],
)
def test_the_key_of_a_line_stands_in_its_columns(text: str, key: str | None) -> None:
    assert key_of(LINES, None, text) == key


def test_columns_in_another_order_are_read_by_the_header_of_their_file() -> None:
    columns = ["price", "line_no", "", "order_id"]
    assert key_of(LINES, columns, "1,2,3,o-1") == "o-1,2"


def test_where_nobody_knows_the_order_of_a_files_columns_no_key_is_believed() -> None:
    assert key_of(LINES, [], "1,2,3,o-1") is None


def test_of_a_line_with_a_field_too_many_no_key_behind_it_is_believed() -> None:
    behind = feed_of(PRICE, ORDER, NUMBER, key=("order_id", "line_no"))
    assert key_of(behind, None, "1,17,3") == "17,3"
    assert key_of(behind, None, "1,000,17,3") is None


def test_a_json_line_names_its_key() -> None:
    named = feed_of(
        Column("order_id", "orderId", "text"),
        NUMBER,
        PRICE,
        key=("order_id", "line_no"),
        format="jsonl",
    )
    assert key_of(named, None, '{"price": 2, "line_no": 1, "orderId": "o-1"}') == "o-1,1"
    assert key_of(named, None, '{"price": 2, "orderId": "o-1"}') is None
    assert key_of(named, None, '{"price": 2, "line_no": 1') is None


def test_the_version_is_no_part_of_a_key() -> None:
    at = Column("at", "at", "timestamptz")
    said = feed_of(ORDER, PRICE, at, key=("order_id", "at"), version="at")
    assert key_of(said, None, "o-1,x,soon") == "o-1"


def test_without_a_declared_key_there_is_none() -> None:
    assert key_of(feed_of(ORDER, NUMBER, key=()), None, "o-1,2") is None


ON = date(2026, 3, 5)
AT = Column("at", "at", "timestamptz")


def versioned(at: Column, **delivery: object) -> Feed:
    return feed_of(ORDER, PRICE, at, key=("order_id",), version="at", **delivery)


@pytest.mark.parametrize(
    ("at", "text", "version"),
    [
        (AT, "o-1,x,2026-03-05T10:00:00+01:00", "2026-03-05T09:00:00+00:00"),
        (AT, "o-1,x,2026-03-05 10:00:00Z", "2026-03-05T10:00:00+00:00"),
        (AT, "o-1,x,2026-03-06T10:00:00Z", "2026-03-06T10:00:00+00:00"),
        (replace(AT, formats=("DD/MM/YYYY HH24:MI",)), "o-1,x,05/03/2026 10:00", None),
        (replace(AT, data_type="date"), "o-1,x,2026-03-05", "2026-03-05"),
        (replace(AT, data_type="date", formats=("D/M/YYYY",)), "o-1,x,5/3/2026", "2026-03-05"),
        (replace(AT, data_type="bigint"), "o-1,x,007", "7"),
        (AT, "o-1,x,2026-03-05T10:00:00", None),
        (AT, "o-1,x,soon", None),
        (AT, "o-1,x,", None),
        (AT, "o-1,2026-03-05T10:00:00Z", None),
        (AT, "o-1,1,000,2026-03-05T10:00:00Z", None),
    ],
)
def test_the_version_of_a_line_stands_in_its_column(
    at: Column, text: str, version: str | None
) -> None:
    assert version_of(versioned(at), None, text, ON) == version


def test_a_version_that_no_row_could_have_outranks_no_correction() -> None:
    assert version_of(versioned(AT), None, "o-1,x,2062-03-05T10:00:00Z", ON) is None


def test_a_local_version_is_read_in_the_declared_zone() -> None:
    local = replace(versioned(AT), timezone="Europe/Amsterdam")
    assert version_of(local, None, "o-1,x,2026-03-05T10:00:00", ON) == "2026-03-05T09:00:00+00:00"


def test_a_feed_without_a_version_has_none() -> None:
    assert version_of(LINES, None, "o-1,2,x", ON) is None
