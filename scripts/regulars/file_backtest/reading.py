"""Transactions from a CSV or Parquet file, checked on entry.

Messages name the column and the row (the first row of data is row 1); they never quote what
stands there, which may be personal, nor a line of headings, which may be a line of data.
"""

from __future__ import annotations

import csv as records
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
from pyarrow import compute, csv, parquet

from regulars.clv.calendar_days import HOW, NoDates, written_days
from regulars.file_backtest import formats
from regulars.file_backtest.errors import FileError
from regulars.file_backtest.options import date_format_of, delimiter_of

USUAL_DELIMITERS = {",": ",", ";": ";", r"\t": "\t", "|": "|"}  # as typed
MAX_HEADINGS = 1_000_000  # characters


@dataclass(frozen=True)
class Transactions:
    """lines: customer (text), date (midnight), value, by their row in the file.

    left_out  lines without a customer
    in_file   lines that the file holds, counted apart from the parser; None: read from no file
    """

    lines: pd.DataFrame
    left_out: int
    in_file: int | None = None

    @property
    def lines_in_file(self) -> int:
        return len(self.lines) + self.left_out if self.in_file is None else self.in_file


def read_transactions(
    path: Path,
    customer: str,
    date: str,
    value: str,
    delimiter: str = ",",
    date_format: str | None = None,
) -> Transactions:
    """The three columns of the file. Raises FileError."""
    delimiter, date_format = delimiter_of(delimiter), date_format_of(date_format)
    table, in_file = _table(path, [customer, date, value], delimiter)
    who = _ids(table.column(customer), customer)
    frame = table.select([date, value]).to_pandas()
    frame.index = who.index = pd.RangeIndex(1, len(frame) + 1)
    is_known = (who.notna() & (who != "")).to_numpy()
    frame, who = frame[is_known], who[is_known]
    if frame.empty:
        raise FileError(f"{path.name} has no line with a customer in column '{customer}'")
    lines = pd.DataFrame(
        {
            "customer": who.to_numpy(dtype=object),
            "date": _days(frame[date], date, date_format).to_numpy(),
            "value": _amounts(frame[value], value),
        },
        index=frame.index,
    )
    return Transactions(lines, int((~is_known).sum()), in_file)


def _table(path: Path, columns: list[str], delimiter: str) -> tuple[pyarrow.Table, int]:
    """The columns as they stand, and how many lines the file holds."""
    if len(set(columns)) < len(columns):
        raise FileError("customer, date and value must be three different columns")
    formats.refuse_other_formats(path)
    if formats.is_parquet(path):
        table, in_file = _parquet(path, columns)
    elif path.suffix.lower() in {".parquet", ".pq"}:
        raise FileError(f"{path.name} is not a Parquet file")
    else:
        table = _csv(path, columns, delimiter)
        in_file = max(_lines_in(path) - 1, 0)  # but the headings
    if table.num_rows != in_file:
        raise FileError(_why_fewer(path, delimiter, in_file, table.num_rows))
    return table, in_file


# ---------- CSV


def _csv(path: Path, columns: list[str], delimiter: str) -> pyarrow.Table:
    """Texts as they stand; a line with more or fewer fields than the header is refused."""
    _refuse_other_delimiter(path, columns, delimiter)
    parsing = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    reading = csv.ReadOptions(use_threads=False)  # one thread knows the row of an error
    texts = csv.ConvertOptions(
        include_columns=columns, column_types=dict.fromkeys(columns, pyarrow.string())
    )
    try:
        with csv.open_csv(path, reading, parsing) as head:
            _require(path, columns, head.schema.names)
        return csv.read_csv(path, reading, parsing, texts)
    except pyarrow.ArrowInvalid as error:
        raise FileError(f"{path.name} {_why_no_csv(str(error), delimiter)}") from None


def _refuse_other_delimiter(path: Path, columns: list[str], delimiter: str) -> None:
    """Before a comma within an amount is taken for one between fields."""
    with path.open(encoding="utf-8-sig", errors="replace", newline=None) as file:
        headings = file.readline(MAX_HEADINGS)

    def has_columns(separator: str) -> bool:
        try:
            return set(columns) <= set(next(records.reader([headings], delimiter=separator), []))
        except records.Error:
            return False

    others = [name for name, each in USUAL_DELIMITERS.items() if has_columns(each)]
    if others and not has_columns(delimiter):
        raise FileError(
            f"{path.name} has the three columns with another delimiter: give --delimiter "
            f"'{others[0]}'"
        )


def _why_no_csv(message: str, delimiter: str) -> str:
    """The parser's reason without the text of the line, which it quotes."""
    if "Empty CSV" in message:
        return "is empty"
    if "UTF8" in message:
        return "is not UTF-8 text: save it as UTF-8"
    count = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", message)
    if count:
        row, expected, counted = count.groups()
        return (
            f"line {row} has {counted} fields where the header has {expected}: put quotes around "
            "texts and numbers that hold the delimiter"
        )
    return f"cannot be read as CSV with delimiter {delimiter!r}"


def _lines_in(path: Path) -> int:
    """Lines that are not empty, whatever ends them; quotes mean nothing here."""
    with path.open(encoding="latin-1", newline=None) as file:
        return sum(line != "\n" for line in file)


def _why_fewer(path: Path, delimiter: str, in_file: int, read: int) -> str:
    words = f"{path.name} holds {in_file:,} lines of data, of which {read:,} would be read"
    place = _long_record(path, delimiter)
    if place is None:
        return words
    first, last = place
    return (
        f"{words}: a quote that opens on line {first} swallows all to line {last}. Take it away; "
        "texts that hold line breaks are written without them"
    )


def _long_record(path: Path, delimiter: str) -> tuple[int, int] | None:
    """First and last line of the first record of more than one line."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = records.reader(file, delimiter=delimiter)
        before = 0
        while True:
            try:
                next(rows)
            except StopIteration:
                return None
            except records.Error:
                return before + 1, rows.line_num
            if rows.line_num > before + 1:
                return before + 1, rows.line_num
            before = rows.line_num


# ---------- Parquet


def _parquet(path: Path, columns: list[str]) -> tuple[pyarrow.Table, int]:
    try:
        file = parquet.ParquetFile(path)
        _require(path, columns, file.schema_arrow.names)
        return file.read(columns=columns), file.metadata.num_rows
    except (pyarrow.ArrowException, OSError):
        raise FileError(
            f"{path.name} begins as Parquet and cannot be read: write it anew"
        ) from None


def _require(path: Path, columns: list[str], header: list[str]) -> None:
    for name in columns:
        if name not in header:
            raise FileError(f"{path.name} has no column '{name}' {_near(name, header)}")
        if header.count(name) > 1:
            raise FileError(
                f"{path.name} has {header.count(name)} columns '{name}': name them apart"
            )


def _near(name: str, header: list[str]) -> str:
    """Where it might be; headings are not quoted, since the first line may be data."""
    alike = [place for place, each in enumerate(header, 1) if _plain(each) == _plain(name)]
    if alike:
        return f"(column {alike[0]} differs in case or spaces only)"
    count = "1 column: is the delimiter right" if len(header) == 1 else f"{len(header)} columns"
    return f"among its {count}; the first line must hold the names of the columns"


def _plain(name: str) -> str:
    return name.strip().strip("\ufeff").casefold()


# ---------- columns


def _ids(column: pyarrow.ChunkedArray, name: str) -> pd.Series:
    """Who, as text: an id is never a number on its way, which would round it."""
    kind = column.type
    if pyarrow.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pyarrow.types.is_floating(kind):
        column = _whole(column, name)
    elif pyarrow.types.is_decimal(kind):
        column = _of_decimals(column)
    elif pyarrow.types.is_binary(kind) or pyarrow.types.is_fixed_size_binary(kind):
        column = _of_bytes(column)
    elif pyarrow.types.is_nested(kind):
        raise FileError(f"column '{name}' holds lists or structures: an id is a text or a number")
    return column.cast(pyarrow.string()).to_pandas().astype("string").str.strip()


def _whole(column: pyarrow.ChunkedArray, name: str) -> pyarrow.ChunkedArray:
    """Whole numbers that were stored as floats (for want of a null, as a rule)."""
    exact = 2.0 ** (np.finfo(column.type.to_pandas_dtype()).nmant + 1)  # every number below is
    column = column.cast(pyarrow.float64())  # which holds every narrower number
    is_id = compute.and_(
        compute.equal(column, compute.floor(column)), compute.less(compute.abs(column), exact)
    )
    if not compute.all(is_id, min_count=0).as_py():
        raise FileError(
            f"column '{name}' holds ids as floating-point numbers that are not whole, or so large "
            "that digits are lost: write ids as text or 64-bit integers"
        )
    return column.cast(pyarrow.int64())


def _of_decimals(column: pyarrow.ChunkedArray) -> pyarrow.Array:
    texts = [None if each is None else f"{each.normalize():f}" for each in column.to_pylist()]
    return pyarrow.array(texts, pyarrow.string())


def _of_bytes(column: pyarrow.ChunkedArray) -> pyarrow.Array:
    """Text where it is UTF-8, hexadecimal where it is not (UUIDs)."""
    values = column.to_pylist()
    try:
        texts = [None if each is None else each.decode() for each in values]
    except UnicodeDecodeError:
        texts = [None if each is None else each.hex() for each in values]
    return pyarrow.array(texts, pyarrow.string())


def _days(values: pd.Series, name: str, date_format: str | None) -> pd.Series:
    """The calendar day of each row, as written there: offsets do not move it."""
    if pd.api.types.is_integer_dtype(values):
        values = values.astype("string")  # 20260131
    try:
        days = written_days(values, date_format)
    except NoDates as why:
        raise FileError(f"column '{name}' {why}") from None
    how = f"no date as {date_format}" if date_format else HOW
    _refuse(days.isna(), name, f"{how} (--date-format reads another form)")
    return days.astype("datetime64[s]")


def _amounts(texts: pd.Series, name: str) -> np.ndarray:
    if pd.api.types.is_timedelta64_dtype(texts) or pd.api.types.is_datetime64_any_dtype(texts):
        raise FileError(f"column '{name}' holds times: an amount is a number")
    if pd.api.types.infer_dtype(texts, skipna=True) == "boolean":
        raise FileError(f"column '{name}' holds yes and no: an amount is a number")
    numbers = pd.to_numeric(texts, errors="coerce").astype(np.float64)
    _refuse(
        numbers.isna() | np.isinf(numbers),
        name,
        "no number (write 1234.50: a point, no separators)",
    )
    return numbers.to_numpy()


def _refuse(is_bad: pd.Series, name: str, why: str) -> None:
    if is_bad.any():
        bad = int(is_bad.sum())
        others = f"; {bad} rows in all" if bad > 1 else ""
        raise FileError(f"column '{name}', row {is_bad.idxmax()}: {why}{others}")
