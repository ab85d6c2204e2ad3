"""Whose row it is where the owner's column is empty, as the feed declares empty."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.erasure.delivered_lines import without
from regulars.erasure.person import Person
from regulars.feeds.model import Column, Feed
from tests.unit.feeds.conftest import make_feed

COLUMNS = (
    Column("id", "id", "text", required=True),
    Column("who", "who", "text", is_customer=True),
    Column("phone", "phone", "text", personal="phone"),
    Column("order_id", "order_id", "text"),
)
PERSON = Person(
    frozenset({"QC-1"}), frozenset({"+31612345678"}), linked={"order_id": frozenset({"O-9"})}
)
NULLS = ("", "NULL", "n/a")


def feed(format_: str, nulls: tuple[str, ...] = NULLS) -> Feed:
    return make_feed(COLUMNS, format=format_, nulls=nulls)


@pytest.mark.parametrize("marker", NULLS)
@pytest.mark.parametrize("theirs", ["+31612345678,", ",O-9"])
def test_csv_loses_rows_of_nobody_that_are_theirs_by_address_or_key(
    tmp_path: Path, marker: str, theirs: str
) -> None:
    (tmp_path / "t.csv").write_text(
        f"id,who,phone,order_id\na,{marker},{theirs}\nb,QC-2,{theirs}\n"
    )
    assert without(tmp_path / "t.csv", feed("csv"), PERSON, tmp_path / "after") == 1
    assert (tmp_path / "after").read_text().endswith(f"order_id\n\nb,QC-2,{theirs}\n")


def test_what_no_marker_says_is_somebody(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,who,phone,order_id\na,NULL,+31612345678,\n")
    assert without(tmp_path / "t.csv", feed("csv", ("",)), PERSON, tmp_path / "after") == 0


@pytest.mark.parametrize("who", ['"who": "NULL", ', '"who": null, ', ""])
def test_json_lines_lose_rows_of_nobody_however_they_say_nobody(tmp_path: Path, who: str) -> None:
    (tmp_path / "t.jsonl").write_text(f'{{"id": "a", {who}"order_id": "O-9"}}\n')
    assert without(tmp_path / "t.jsonl", feed("jsonl"), PERSON, tmp_path / "after") == 1


def test_parquet_loses_rows_of_nobody_that_are_theirs_by_key(tmp_path: Path) -> None:
    table = pa.table({"id": ["a", "b"], "who": ["NULL", "QC-2"], "order_id": ["O-9", "O-9"]})
    pq.write_table(table, tmp_path / "t.parquet")
    assert without(tmp_path / "t.parquet", feed("parquet"), PERSON, tmp_path / "after") == 1
    assert pq.read_table(tmp_path / "after").equals(table.slice(1))


def test_a_byte_order_mark_hides_no_column(tmp_path: Path) -> None:
    columns = (Column("who", "who", "text", is_customer=True), COLUMNS[0])
    (tmp_path / "t.csv").write_text("\ufeffwho,id\n7,a\n17,b\n")
    person = Person(frozenset({"7"}))  # no telling word
    assert without(tmp_path / "t.csv", make_feed(columns), person, tmp_path / "after") == 1
    assert (tmp_path / "after").read_text() == "\ufeffwho,id\n\n17,b\n"
