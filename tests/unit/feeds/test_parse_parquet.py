"""Parquet's types become the text that a CSV file would have brought."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.feeds.arrow_text import column_texts
from regulars.feeds.count import survey
from regulars.feeds.model import Column
from regulars.feeds.notation import Notation
from regulars.feeds.parsers_by_format import open_parser
from regulars.feeds.refusal import FileRefused
from tests.unit.feeds.conftest import make_feed


def texts(
    values: pa.Array, data_type: str = "text", formats: tuple[str, ...] = (), **delivery: object
) -> list[str | None]:
    """What a column of this declared type gets."""
    column = Column("column", "column", data_type, formats=formats)
    feed = make_feed((column,), key=(), format="parquet", **delivery)
    return column_texts(values, column, 0, Notation(feed))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([1, None]), ["1", None]),
        (pa.array([2**53 + 1, None, -(2**63)]), ["9007199254740993", None, str(-(2**63))]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.array([Decimal("1.50")]), ["1.50"]),
        (pa.array([Decimal("12345")], pa.decimal128(38, 9)), ["12345"]),
        (pa.array([17850.0, None, 3.5]), ["17850", None, "3.5"]),
        (pa.array([0.1, 1e-7]), ["0.1", "0.0000001"]),
        (pa.array([0.1, 16777215.0], pa.float32()), ["0.1", "16777215"]),
        (pa.array([date(2026, 1, 5)]), ["2026-01-05"]),
        (pa.array([date(2026, 1, 5)], pa.date64()), ["2026-01-05"]),
        (pa.array([datetime(2026, 1, 5, 10, 1, 2)]), ["2026-01-05T10:01:02"]),
        (
            pa.array([datetime(2026, 1, 5, 10, tzinfo=UTC)], pa.timestamp("us", "Europe/Paris")),
            ["2026-01-05T10:00:00Z"],
        ),
        (pa.array(["x", "y", "x"]).dictionary_encode(), ["x", "y", "x"]),
        (pa.array([None, None]), [None, None]),
        (pa.array([None, "x"], pa.large_string()), [None, "x"]),
        (
            pa.array([UUID(int=5).bytes, None], pa.uuid()),
            ["00000000-0000-0000-0000-000000000005", None],
        ),
    ],
)
def test_each_type_has_one_text(values: pa.Array, expected: list[str | None]) -> None:
    assert texts(values) == expected


@pytest.mark.parametrize(
    ("values", "data_type", "expected"),
    [
        (pa.array([Decimal("0"), Decimal("12.5")], pa.decimal128(38, 9)), "numeric(14,2)",
         ["0.000000000", "12.500000000"]),
        (pa.array([Decimal("0")], pa.decimal256(70, 30)), "numeric(14,2)", ["0." + "0" * 30]),
        (pa.array([Decimal("12"), Decimal("0")], pa.decimal128(20, 4)), "integer", ["12", "0"]),
        (pa.array([3.0, -0.0, None]), "integer", ["3", "0", None]),
        (pa.array([3.5]), "integer", ["3.5"]),
        (pa.array([0.1], pa.float32()), "numeric(14,2)", ["0.1"]),
        (pa.array([2.5], pa.float16()), "numeric(14,2)", ["2.5"]),
        (pa.array([float("nan")]), "numeric(14,2)", ["NaN"]),
        (pa.array([datetime(2026, 1, 5)]), "date", ["2026-01-05"]),
        (pa.array([datetime(2026, 1, 5, 3)]), "date", ["2026-01-05T03:00:00"]),
        (pa.array([datetime(2026, 1, 4, 23, tzinfo=UTC)], pa.timestamp("ns", "Europe/Paris")),
         "date", ["2026-01-05"]),
    ],
)  # fmt: skip
def test_values_are_judged_by_what_they_are_not_by_their_spelling(
    values: pa.Array, data_type: str, expected: list[str | None]
) -> None:
    assert texts(values, data_type) == expected


def test_typed_values_do_not_pass_through_declared_marks_and_formats() -> None:
    marks = {"decimal": ",", "thousands": "."}
    assert texts(pa.array([1234.5]), "numeric(14,2)", **marks) == ["1234,5"]
    assert texts(pa.array([date(2026, 1, 5)]), "date", ("DD/MM/YYYY",)) == ["05/01/2026"]
    assert texts(pa.array([date(2026, 1, 5)]), "date", ("D/M/YYYY",)) == ["2026-01-05"]
    assert texts(pa.array([True, False]), "boolean", ("yes/no",)) == ["yes", "no"]


def test_nanoseconds_are_cut_to_microseconds_and_counted() -> None:
    values = pa.array(
        [1_000_000_001_234_567_891, 1_000_000_000_000_001_000, None], pa.timestamp("ns", "UTC")
    )
    column = Column("at", "at", "timestamptz")
    notation = Notation(make_feed((column,), key=(), format="parquet"))
    assert column_texts(values, column, 0, notation) == [
        "2001-09-09T01:46:41.234567Z",
        "2001-09-09T01:46:40.000001Z",
        None,
    ]
    assert notation.notes() == ["at: cut to microseconds (1 values)"]


def test_not_a_number_is_no_id() -> None:
    column = Column("id", "id", "text")
    notation = Notation(make_feed((column,), key=(), format="parquet"))
    assert column_texts(pa.array([1.0, float("nan")]), column, 0, notation) == ["1", None]
    assert notation.notes() == ["id: NaN, taken as empty (1 values)"]


@pytest.mark.parametrize("data_type", ["text", "bigint"])
@pytest.mark.parametrize(("bits", "digits"), [(64, 53), (32, 24), (16, 11)])
def test_whole_numbers_that_a_float_may_have_rounded_refuse_the_file(
    bits: int, digits: int, data_type: str
) -> None:
    def of(number: int) -> pa.Array:
        return pa.array(np.array([number], dtype=f"float{bits}"))

    with pytest.raises(FileRefused, match=rf"2\^{digits} or more"):
        texts(of(2**digits), data_type)
    assert texts(of(2**digits - 1), data_type) == [str(2**digits - 1)]


@pytest.mark.parametrize(
    "values", [pa.array([[1]]), pa.array([b"x"]), pa.array([timedelta(days=1)])]
)
def test_a_type_that_no_column_can_hold_refuses_the_file(values: pa.Array) -> None:
    with pytest.raises(FileRefused, match="which no declared column can hold"):
        texts(values)


def read_all(file: Path) -> int:
    return sum(
        len(block) for block in open_parser(make_feed(format="parquet"), file, 0).copy_blocks()
    )


@pytest.mark.parametrize("use_dictionary", [True, False])
def test_a_file_that_unpacks_beyond_its_ratio_is_refused_before_memory_fills(
    tmp_path: Path, use_dictionary: bool
) -> None:
    file = tmp_path / "bomb.parquet"
    table = pa.table({"id": ["a" * 20_000] * 20_000})
    pq.write_table(table, file, use_dictionary=use_dictionary, compression="zstd")
    assert file.stat().st_size < 2**20
    del table
    before = pa.total_allocated_bytes()
    with pytest.raises(FileRefused, match="unpacks to more than"):
        read_all(file)
    assert pa.total_allocated_bytes() - before < 64 * 2**20


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    peaks = []
    for rows in (40_000, 120_000):
        file = tmp_path / "things.parquet"
        pq.write_table(pa.table({"id": [f"{n} {'x' * 500}" for n in range(rows)]}), file)
        tracemalloc.start()
        read_all(file)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]


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
