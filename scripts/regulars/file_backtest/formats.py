"""What a file is, by its first bytes, before anybody parses it."""

from __future__ import annotations

import re
from pathlib import Path

from regulars.file_backtest.errors import FileError

PARQUET = b"PAR1"
_HEAD = 4096

# (what the file begins with, what that is and what to do)
_SIGNATURES = (
    (b"\xff\xfe\x00\x00", "is UTF-32 text: save it as UTF-8"),
    (b"\x00\x00\xfe\xff", "is UTF-32 text: save it as UTF-8"),
    (b"\xff\xfe", "is UTF-16 text: save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16 text: save it as UTF-8"),
    (b"\x1f\x8b", "is compressed (gzip): unpack it first"),
    (b"BZh", "is compressed (bzip2): unpack it first"),
    (b"\xfd7zXZ\x00", "is compressed (xz): unpack it first"),
    (b"\x28\xb5\x2f\xfd", "is compressed (zstd): unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive: unpack it first"),
    (b"ARROW1", "is a Feather (Arrow) file: save it as Parquet or CSV"),
    (b"FEA1", "is a Feather file: save it as Parquet or CSV"),
    (b"ORC", "is an ORC file: save it as Parquet or CSV"),
    (b"Obj\x01", "is an Avro file: save it as Parquet or CSV"),
    (b"PARE", "is an encrypted Parquet file: write it without encryption"),
    (b"SQLite format 3\x00", "is a SQLite database: write its table as CSV"),
    (b"%PDF", "is a PDF: the table is needed as CSV or Parquet"),
    (b"\xd0\xcf\x11\xe0", "is an Excel workbook (xls): save the sheet as CSV UTF-8"),
)
_JSON = re.compile(rb'^\s*(\{\s*("|\})|\[\s*([\[{"\d\]-]|$))')
_MARKUP = re.compile(rb"^\s*<[!?A-Za-z]")


def is_parquet(path: Path) -> bool:
    """Whether the file begins as Parquet does."""
    return _head(path).startswith(PARQUET)


def refuse_other_formats(path: Path) -> None:
    """Raise FileError for what is neither Parquet nor plain text, and say what it is."""
    what = _what_else(path, _head(path))
    if what:
        raise FileError(f"{path.name} {what}")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def _what_else(path: Path, head: bytes) -> str | None:
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            return what
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        is_workbook = path.suffix.lower().startswith(".xls") or b"[Content_Types].xml" in head
        if b"vnd.oasis.opendocument" in head:
            return "is an OpenDocument spreadsheet: save the sheet as CSV UTF-8"
        if is_workbook or b"xl/" in head:
            return "is an Excel workbook (xlsx): save the sheet as CSV UTF-8"
        return "is a zip archive: unpack it first"
    if b"\x00" in head and not head.startswith(PARQUET):
        return _with_nulls(head)
    text = head.removeprefix(b"\xef\xbb\xbf")
    if _JSON.match(text):
        return "is JSON: write it as CSV or Parquet, a line of an order in each row"
    if _MARKUP.match(text):
        return "is XML or HTML: the table is needed as CSV or Parquet"
    return None


def _with_nulls(head: bytes) -> str:
    """Text of two or four bytes a character has zeros at the same places in nearly each."""
    zeros = [head[place::4].count(0) / max(len(head[place::4]), 1) for place in range(4)]
    is_zero = [share > 0.5 for share in zeros]
    if is_zero in ([True, True, True, False], [False, True, True, True]):
        return "is UTF-32 text: save it as UTF-8"
    if is_zero in ([True, False] * 2, [False, True] * 2) and min(zeros) < 0.1:
        return "is UTF-16 text: save it as UTF-8"
    return "is not text: CSV or Parquet is read"
