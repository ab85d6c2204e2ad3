"""Parquet's types become the text that a CSV file would have brought."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.feeds.count import survey
from regulars.feeds.parse_parquet import as_text
from regulars.feeds.parsing import open_parser
from regulars.feeds.refusal import FileRefused
from tests.unit.feeds.conftest import make_feed


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array([1, None]), ["1", None]),
        (pa.array([2**53 + 1]), ["9007199254740993"]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.array([Decimal("1.50")]), ["1.50"]),
        (pa.array([0.1, 1e-7, float("nan")]), ["0.1", "0.0000001", "nan"]),
        (pa.array([date(2026, 1, 5)]), ["2026-01-05"]),
        (pa.array([datetime(2026, 1, 5, 10, 1, 2)]), ["2026-01-05T10:01:02"]),
        (
            pa.array([datetime(2026, 1, 5, 10, tzinfo=UTC)], pa.timestamp("us", "Europe/Paris")),
            ["2026-01-05T10:00:00Z"],
        ),
        (pa.array(["x", "y", "x"]).dictionary_encode(), ["x", "y", "x"]),
    ],
)
def test_each_type_has_one_text(values: pa.Array, texts: list[str | None]) -> None:
    assert as_text(values, "column") == texts


@pytest.mark.parametrize("values", [pa.array([[1]]), pa.array([b"x"])])
def test_a_type_that_no_column_can_hold_refuses_the_file(values: pa.Array) -> None:
    with pytest.raises(FileRefused, match="which no declared column can hold"):
        as_text(values, "column")


def test_rows_are_numbered_and_columns_matched_by_name(tmp_path: Path) -> None:
    file = tmp_path / "things.parquet"
    pq.write_table(pa.table({"amount": [1, 2], "colour": ["r", "g"], "id": ["a", "b\x07"]}), file)
    feed = make_feed(format="parquet")
    parser = open_parser(feed, file, 7)
    lines = "".join(parser.copy_blocks()).split("\n")
    assert lines[0] == "7\t1\t\t\ta\t1\t"
    assert lines[1].split("\t")[2] == "control_characters"
    assert (parser.tally.drift, parser.tally.missing) == (["colour"], ["note"])
    assert dict(parser.raw_texts([1])) == {1: '{"id": "a", "amount": "1", "note": null}'}
    assert survey(file, feed.delivery).records == 2


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "things.parquet"
    file.write_text("id,amount,note\n")
    with pytest.raises(FileRefused, match="no readable Parquet"):
        survey(file, make_feed(format="parquet").delivery)
