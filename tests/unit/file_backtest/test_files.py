"""What a file is, how much of it is read, and what in it is out of the ordinary."""

from __future__ import annotations

import gzip
import json
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from regulars.file_backtest.comparison import compare
from regulars.file_backtest.errors import FileError
from regulars.file_backtest.peculiarities import dominating, outlying, spend_by_frequency
from regulars.file_backtest.reading import Transactions, read_transactions

NAMES = ("who", "on", "amount")


def read(path: Path, **options: str) -> Transactions:
    return read_transactions(path, *NAMES, **options)


def written(folder: Path, *rows: str, header: str = "who,on,amount,note") -> Path:
    path = folder / "lines.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


# ---------- ids


def test_ids_beyond_the_digits_of_a_float_stay_apart_beside_a_null(tmp_path: Path) -> None:
    ids = pa.array([2**53, 2**53 + 1, None, 2**62 + 1, 2**62], pa.int64())
    table = pa.table({"who": ids, "on": ["2026-01-01"] * 5, "amount": [1.0] * 5})
    parquet.write_table(table, tmp_path / "lines.parquet")
    found = read(tmp_path / "lines.parquet")
    assert found.lines["customer"].tolist() == [str(each) for each in ids.to_pylist() if each]
    assert (found.left_out, found.in_file) == (1, 5)


@pytest.mark.parametrize(
    ("ids", "texts"),
    [
        (pa.array([7.0, None, 8.0]), ["7", "8"]),
        (pa.array([7.0, None, 2.0**24 - 1], pa.float32()), ["7", "16777215"]),
        (pa.array(np.array([7, 2047], np.float16)), ["7", "2047"]),
        (pa.array(["007", "7", "7e0"]), ["007", "7", "7e0"]),
        (pa.array([7, 10], pa.decimal128(20, 2)), ["7", "10"]),
        (pa.array(["x", "y"]).dictionary_encode(), ["x", "y"]),
        (pa.array([b"\x00\xff" * 8], pa.binary(16)), ["00ff" * 8]),
    ],
)
def test_ids_of_any_type_become_text(tmp_path: Path, ids: pa.Array, texts: list[str]) -> None:
    table = pa.table({"who": ids, "on": ["2026-01-01"] * len(ids), "amount": [1.0] * len(ids)})
    parquet.write_table(table, tmp_path / "lines.parquet")
    assert read(tmp_path / "lines.parquet").lines["customer"].tolist() == texts


@pytest.mark.parametrize(
    "ids",
    [
        pa.array([1.5, 2.0]),
        pa.array([float(2**53), 1.0]),
        pa.array([float("nan"), 1.0]),
        pa.array([2.0**24, 1.0], pa.float32()),
        pa.array(np.array([2048, 1], np.float16)),
    ],
)
def test_ids_that_a_float_has_spoilt_are_refused(tmp_path: Path, ids: pa.Array) -> None:
    table = pa.table({"who": ids, "on": ["2026-01-01"] * 2, "amount": [1.0] * 2})
    parquet.write_table(table, tmp_path / "lines.parquet")
    with pytest.raises(FileError, match="floating-point numbers"):
        read(tmp_path / "lines.parquet")


@pytest.mark.parametrize(
    "amounts", [pa.array([True, False]), pa.array([True, None]), pa.array([date(2026, 1, 1)] * 2)]
)
def test_what_is_no_amount_is_not_taken_for_one(tmp_path: Path, amounts: pa.Array) -> None:
    table = pa.table({"who": ["a", "b"], "on": ["2026-01-01"] * 2, "amount": amounts})
    parquet.write_table(table, tmp_path / "lines.parquet")
    with pytest.raises(FileError, match="column 'amount'"):
        read(tmp_path / "lines.parquet")


# ---------- lines


def test_a_quote_that_swallows_lines_is_refused_with_its_place(tmp_path: Path) -> None:
    rows = [f"u{day % 3},2026-01-{day:02},5,wok" for day in range(1, 29)]
    rows[9], rows[19] = 'u0,2026-01-10,5,"wok', 'u1,2026-01-20,5,wok"'
    with pytest.raises(FileError, match=r"28 lines of data, of which 18 .* line 11 .* to line 21"):
        read(written(tmp_path, *rows))


def test_a_quote_that_nothing_closes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        read(written(tmp_path, "a,2026-01-01,5,wok", 'b,2026-01-02,5,"wok', "c,2026-01-03,5,wok"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(tmp_path: Path, end: str) -> None:
    text = end.join(["who,on,amount", 'a,2026-01-01,"5"', "", "b,2026-01-02,5"])
    for last in ("", end, end + end):
        (tmp_path / "lines.csv").write_bytes((text + last).encode())
        assert read(tmp_path / "lines.csv").in_file == 2


def test_headings_are_not_quoted_for_they_may_be_data(tmp_path: Path) -> None:
    path = written(tmp_path, "b@example.org,2026-01-02,5", header="a@example.org,2026-01-01,4")
    with pytest.raises(FileError, match="no column 'who' among its 3 columns") as refused:
        read(path)
    assert "example" not in str(refused.value)
    with pytest.raises(FileError, match="column 1 differs in case or spaces only"):
        read(written(tmp_path, "a,2026-01-01,5", header=" Who,on,amount"))
    with pytest.raises(FileError, match="1 column: is the delimiter right"):
        read(written(tmp_path, "a;2026-01-01;5", header="whom;on;amount"))


@pytest.mark.parametrize(
    ("header", "line", "option"),
    [
        ("who;on;amount", "a;2026-01-01;5", "';'"),
        ('\ufeff"who";"on";"amount"', "a;2026-01-01;5,50", "';'"),
        ("who;on;amount;net, gross", "a;2026-01-01;5;1,1", "';'"),
        ("who\ton\tamount", "a\t2026-01-01\t5", r"'\t'"),
        ("who|on|amount", "a|2026-01-01|5", "'|'"),
    ],
)
def test_the_delimiter_that_gives_the_columns_is_named(
    tmp_path: Path, header: str, line: str, option: str
) -> None:
    with pytest.raises(FileError, match="has the three columns") as refused:
        read(written(tmp_path, line, header=header))
    assert str(refused.value).endswith(f"with another delimiter: give --delimiter {option}")


# ---------- formats


def contents(folder: Path) -> dict[str, bytes]:
    """By a part of the message: a small file of each format."""
    frame = pd.DataFrame({"who": ["a"], "on": ["2026-01-01"], "amount": [5]})
    text = frame.to_csv(index=False)
    with zipfile.ZipFile(folder / "file.zip", "w") as archive:
        archive.writestr("lines.csv", text)
    with zipfile.ZipFile(folder / "book.zip", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with zipfile.ZipFile(folder / "sheet.zip", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    feather.write_feather(pa.Table.from_pandas(frame), folder / "file.feather")
    return {
        "is UTF-16 text": text.encode("utf-16"),
        "is UTF-16": text.encode("utf-16-le"),
        "is a zip archive": (folder / "file.zip").read_bytes(),
        "is an Excel workbook (xlsx)": (folder / "book.zip").read_bytes(),
        "is an OpenDocument spreadsheet": (folder / "sheet.zip").read_bytes(),
        "is UTF-32 text": text.encode("utf-32-be"),
        "is UTF-32": text.encode("utf-32-le"),
        "is a Feather": (folder / "file.feather").read_bytes(),
        "is compressed (gzip)": gzip.compress(text.encode()),
        "is JSON": json.dumps(frame.to_dict("records"), indent=1).encode(),
        "is JSON:": b'\xef\xbb\xbf{"who": "a"}\n{"who": "b"}\n',
        "is XML": b"<?xml version='1.0'?><lines/>",
        "is a PDF": b"%PDF-1.7\n",
        "is not text": bytes(range(256)),
    }


def test_other_formats_are_named_before_they_are_parsed(tmp_path: Path) -> None:
    for words, content in contents(tmp_path).items():
        path = tmp_path / "lines.csv"
        path.write_bytes(content)
        with pytest.raises(FileError) as refused:
            read(path)
        assert f"lines.csv {words}" in str(refused.value)


def test_parquet_is_known_by_its_content(tmp_path: Path) -> None:
    table = pa.table({"who": ["a"], "on": [date(2026, 1, 1)], "amount": [5]})
    parquet.write_table(table, tmp_path / "export")
    assert len(read(tmp_path / "export").lines) == 1
    cut = (tmp_path / "export").read_bytes()[:-20]
    (tmp_path / "export").write_bytes(cut)
    with pytest.raises(FileError, match="begins as Parquet and cannot be read"):
        read(tmp_path / "export")


# ---------- options


def test_a_tab_can_be_typed(tmp_path: Path) -> None:
    path = written(tmp_path, "a\t2026-01-01\t5", header="who\ton\tamount")
    for text in ("\\t", "\t", "tab"):
        assert len(read(path, delimiter=text).lines) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delimiter": ""}, "the delimiter is empty"),
        ({"delimiter": ";;"}, "2 characters"),
        ({"delimiter": '"'}, "a quote"),
        ({"date_format": ""}, "the date format is empty"),
        ({"date_format": "%Y-%m"}, "gives no day"),
        ({"date_format": "%Q/%m/%Y"}, "not known"),
        ({"date_format": "day"}, "gives no day"),
        ({"date_format": "%d/%m/%Y %d"}, "cannot be read back"),
        ({"date_format": "%G %V %u %j"}, "cannot be read back"),
        ({"date_format": "%Y-%m-%d %U"}, "cannot be read back"),
    ],
)
def test_an_option_is_understood_or_refused_in_a_sentence(
    tmp_path: Path, options: dict[str, str], message: str
) -> None:
    with pytest.raises(FileError, match=message):
        read(written(tmp_path, "a,2026-01-01,5,x"), **options)


def test_with_an_offset_the_day_is_the_one_that_is_written(tmp_path: Path) -> None:
    rows = ["a,31/01/2026 23:30 +0200,5,x", "b,01/02/2026 00:30 -0500,5,x"]
    found = read(written(tmp_path, *rows), date_format="%d/%m/%Y %H:%M %z").lines["date"]
    assert [f"{day:%m-%d}" for day in found] == ["01-31", "02-01"]


# ---------- what dominates, and what lies far outside


def shop(days: int = 400, customers: int = 40) -> pd.DataFrame:
    draw = np.random.default_rng(3)
    on = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(days), unit="D")
    who = [f"c{number}" for number in draw.integers(0, customers, days)]
    return pd.DataFrame({"customer": who, "date": on, "value": draw.gamma(4, 5, days)})


def test_a_date_decades_away_sets_no_cut_in_silence() -> None:
    for year, side in (("2204", "after"), ("1970", "before")):
        lines = shop()
        lines.loc[7, "date"] = pd.Timestamp(f"{year}-05-01")
        with pytest.raises(FileError, match=rf"1 line lies \d+ years or more {side} .* \(row 7 "):
            compare(Transactions(lines, 0))
        given = compare(Transactions(lines, 0), date(2024, 7, 1), date(2024, 12, 31))
        assert any(f"{side} all others" in note for note in given.notes)
    assert outlying(shop()) == []


def test_both_ends_are_looked_at() -> None:
    lines = shop()
    lines.loc[[7, 9], "date"] = pd.to_datetime(["1900-01-01", "2100-01-01"])
    assert {(each.row, each.is_late) for each in outlying(lines)} == {(7, False), (9, True)}


def test_a_customer_with_a_tenth_of_all_is_said_and_not_named() -> None:
    lines = shop()
    lines.loc[:60, "customer"], lines.loc[:60, "value"] = "guest@example.org", 0.1
    (words,) = dominating(lines)
    assert "of all lines" in words
    assert "guest@" not in words
    dear = shop()
    dear.loc[5, "value"] = 3000.0
    (words,) = dominating(dear)
    assert "of all sales" in words
    assert dominating(shop()) == []


@pytest.mark.parametrize(("power", "word"), [(0.4, "rises"), (-0.4, "falls"), (0.0, None)])
def test_spend_that_goes_with_frequency_is_said(power: float, word: str | None) -> None:
    draw = np.random.default_rng(4)
    count = draw.geometric(0.3, 800)
    spends = pd.DataFrame(
        {"purchase_days": count, "monetary_value": draw.gamma(6, 5, 800) * count**power}
    )
    found = spend_by_frequency(spends)
    assert [f"day {word} with" in words for words in found] == ([True] if word else [])


def test_what_is_beyond_the_data_is_refused() -> None:
    for ends in ((date(2025, 12, 31), date(2026, 12, 31)), (date(2024, 12, 1), date(2025, 3, 1))):
        with pytest.raises(FileError, match="and the file ends on 2025-02-03"):
            compare(Transactions(shop(), 0), *ends)
