"""Transactions from a CSV or Parquet file, checked on entry.

Messages name the column and the row (the first row of data is row 1); they never quote what
stands there, which may be personal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
from pyarrow import csv, parquet

# a date as it is written: what follows it (time, offset) does not change the day
_ISO_DAY = r"^(\d{4})-?(\d{2})-?(\d{2})(?:[T ]\d{1,2}:\d{2}\S*(?: ?(?:Z|UTC|[+-]\d\S*))?)?$"


class FileError(ValueError):
    """A file that cannot be used as it is; the message says where and what to do."""


@dataclass(frozen=True)
class Transactions:
    """lines: customer, date (midnight), value; left_out: lines without a customer."""

    lines: pd.DataFrame
    left_out: int


def read_transactions(
    path: Path,
    customer: str,
    date: str,
    value: str,
    delimiter: str = ",",
    date_format: str | None = None,
) -> Transactions:
    """The three columns of the file. Raises FileError."""
    frame = _frame(path, [customer, date, value], delimiter)
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    who = frame[customer].astype("string").str.strip()
    is_known = (who.notna() & (who != "")).to_numpy()
    frame, who = frame[is_known], who[is_known]
    if frame.empty:
        raise FileError(f"{path.name} has no line with a customer in column '{customer}'")
    lines = pd.DataFrame(
        {
            "customer": who.to_numpy(dtype=object),
            "date": _days(frame[date], date, date_format).to_numpy(),
            "value": _amounts(frame[value], value),
        }
    )
    return Transactions(lines, int((~is_known).sum()))


def _frame(path: Path, columns: list[str], delimiter: str) -> pd.DataFrame:
    if len(set(columns)) < len(columns):
        raise FileError("customer, date and value must be three different columns")
    if path.suffix.lower() in {".parquet", ".pq"}:
        return _parquet(path, columns)
    return _csv(path, columns, delimiter)


def _csv(path: Path, columns: list[str], delimiter: str) -> pd.DataFrame:
    """Texts as they stand; a line with more or fewer fields than the header is refused."""
    parsing = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    reading = csv.ReadOptions(use_threads=False)  # one thread knows the row of an error
    texts = csv.ConvertOptions(
        include_columns=columns, column_types=dict.fromkeys(columns, pyarrow.string())
    )
    try:
        with csv.open_csv(path, reading, parsing) as head:
            _require(path, columns, head.schema.names)
        return csv.read_csv(path, reading, parsing, texts).to_pandas()
    except pyarrow.ArrowInvalid as error:
        raise FileError(f"{path.name} {_why_no_csv(str(error), delimiter)}") from None


def _why_no_csv(message: str, delimiter: str) -> str:
    """The parser's reason without the text of the line, which it quotes."""
    if "Empty CSV" in message:
        return "is empty"
    if "UTF8" in message:
        return "is not UTF-8 text: save it as UTF-8"
    count = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", message)
    if count:
        row, expected, found = count.groups()
        return (
            f"line {row} has {found} fields where the header has {expected}: put quotes around "
            "texts and numbers that hold the delimiter"
        )
    return f"cannot be read as CSV with delimiter {delimiter!r}"


def _parquet(path: Path, columns: list[str]) -> pd.DataFrame:
    try:
        _require(path, columns, parquet.read_schema(path).names)
        return parquet.read_table(path, columns=columns).to_pandas()
    except pyarrow.ArrowInvalid:
        raise FileError(f"{path.name} is not a Parquet file") from None


def _require(path: Path, columns: list[str], found: list[str]) -> None:
    for name in columns:
        if name not in found:
            raise FileError(f"{path.name} has no column '{name}'; it has: {', '.join(found)}")


def _days(texts: pd.Series, name: str, date_format: str | None) -> pd.Series:
    """The calendar day of each row, as written there: offsets do not move it."""
    if isinstance(texts.dtype, pd.DatetimeTZDtype):
        texts = texts.dt.tz_localize(None)
    if pd.api.types.is_datetime64_any_dtype(texts):
        days = texts
    else:
        codes, distinct = pd.factorize(texts.astype("string").str.strip(), use_na_sentinel=False)
        parsed = _parsed(pd.Series(distinct, dtype="string"), date_format).to_numpy()
        days = pd.Series(parsed[codes], index=texts.index)
    how = f"as {date_format}" if date_format else "as YYYY-MM-DD or YYYYMMDD, a time may follow"
    _refuse(days.isna(), name, f"no date {how} (--date-format reads another form)")
    return days.dt.normalize().astype("datetime64[s]")


def _parsed(texts: pd.Series, date_format: str | None) -> pd.Series:
    if date_format is not None:
        return pd.to_datetime(texts, format=date_format, errors="coerce", utc=False)
    parts = texts.str.extract(_ISO_DAY)
    return pd.to_datetime(parts[0] + parts[1] + parts[2], format="%Y%m%d", errors="coerce")


def _amounts(texts: pd.Series, name: str) -> np.ndarray:
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
