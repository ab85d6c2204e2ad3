"""Files that are not as they should be: each kind, how it is made, and what must become of it.

Whatever is refused is followed by a good file of the same night, so that nothing is lost and the
clean company is known.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass

from regulars.sample_company.dirt.mishaps import IGNORED, LOADED, REFUSED


@dataclass(frozen=True)
class FileText:
    """Column names and cells of one file."""

    columns: list[str]
    rows: list[list[str]]

    @classmethod
    def read(cls, columns: list[str], body: bytes) -> FileText:
        """Cells of a file's lines below its header."""
        return cls(columns, list(csv.reader(io.StringIO(body.decode(), newline=""))))

    def to_bytes(self, delimiter: str = ",") -> bytes:
        return b"".join(line_of(cells, delimiter) for cells in [self.columns, *self.rows])


def line_of(cells: list[str], delimiter: str = ",") -> bytes:
    """One line of a file, its end included."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerow(cells)
    return out.getvalue().encode()


Contents = dict[str, bytes]  # what is added to the feed's name -> the file's bytes


@dataclass(frozen=True)
class OddFile:
    """One kind of odd file in one feed.

    expected: loaded, refused, or ignored (not picked up); reason: words of the refusal
    make: endings and contents of the night's files, in the order in which they count; None for
    the night's rows that come with the next night's, in their place a header alone
    is_ordinary: happens to every company; the others only where a world asks for them
    least_rows: a file of fewer rows would not show it
    """

    kind: str
    feed: str
    expected: str
    make: Callable[[FileText], Contents] | None
    reason: str = ""
    is_ordinary: bool = False
    least_rows: int = 2


def _with_notes(text: FileText) -> bytes:
    notes = [[*row, "gift wrap" if i % 5 == 0 else ""] for i, row in enumerate(text.rows)]
    return FileText([*text.columns, "packing_note"], notes).to_bytes()


def _reorder(text: FileText, columns: list[str]) -> bytes:
    order = [text.columns.index(column) for column in columns]
    return FileText(columns, [[row[i] for i in order] for row in text.rows]).to_bytes()


def _without(text: FileText, column: str) -> bytes:
    return _reorder(text, [c for c in text.columns if c != column])


def _changed(text: FileText, column: str, value: str, rows: int) -> bytes:
    """The file with another value in a column of the first rows."""
    place = text.columns.index(column)
    changed = [
        [*row[:place], value, *row[place + 1 :]] if i < rows else row
        for i, row in enumerate(text.rows)
    ]
    return FileText(text.columns, changed).to_bytes()


def _latin(text: FileText) -> bytes:
    """One letter of one cell in another encoding."""
    lines = text.to_bytes().split(b"\n")
    return b"\n".join([lines[0], b"\xe9" + lines[1], *lines[2:]])


def _twice(text: FileText) -> bytes:
    return FileText([*text.columns[:-1], text.columns[0]], text.rows).to_bytes()


def _cut_archive(text: FileText) -> bytes:
    return gzip.compress(text.to_bytes(), mtime=0)[:-12]


def _then_good(ending: str, bad: Callable[[FileText], bytes]) -> Callable[[FileText], Contents]:
    return lambda text: {ending: bad(text), ".r2.csv": text.to_bytes()}


def _refused(
    kind: str, feed: str, reason: str, bad: Callable[[FileText], bytes], least_rows: int = 2
) -> OddFile:
    """Refused, and delivered again as it should be."""
    return OddFile(
        kind=kind,
        feed=feed,
        expected=REFUSED,
        make=_then_good(".csv", bad),
        reason=reason,
        least_rows=least_rows,
    )


def _ordinary(kind: str, feed: str, make: Callable[[FileText], Contents] | None) -> OddFile:
    return OddFile(kind, feed, LOADED, make, is_ordinary=True)


def _miscounted(text: FileText) -> Contents:
    """A manifest that promises a row more than there is."""
    manifest = json.dumps({"rows": len(text.rows) + 1}).encode()
    return {".csv.manifest.json": manifest, ".csv": text.to_bytes(), ".r2.csv": text.to_bytes()}


ODD_FILES: tuple[OddFile, ...] = (
    _ordinary("extra_column", "orders", lambda text: {".csv": _with_notes(text)}),
    _ordinary("missing_column", "surveys", lambda text: {".csv": _without(text, "comment")}),
    _ordinary(
        "reordered_columns",
        "consents",
        lambda text: {".csv": _reorder(text, text.columns[::-1])},
    ),
    _ordinary(
        "byte_order_mark",
        "campaign_contacts",
        lambda text: {".csv": b"\xef\xbb\xbf" + text.to_bytes()},
    ),
    # No time stamp in the archive: the same content is the same bytes.
    _ordinary(
        "compressed_file",
        "order_lines",
        lambda text: {".csv.gz": gzip.compress(text.to_bytes(), mtime=0)},
    ),
    _ordinary(
        "redelivered_file",
        "order_lines",
        lambda text: {".csv": text.to_bytes(), ".csv.gz": gzip.compress(text.to_bytes(), mtime=0)},
    ),
    _ordinary(
        "corrected_file",
        "orders",
        _then_good(".csv", lambda text: _changed(text, "shipping_cost", "88.88", 3)),
    ),
    _ordinary("late_file", "cases", None),
    _refused("truncated_file", "orders", "cut off", lambda text: text.to_bytes()[:-25]),
    _refused("wrong_delimiter", "customers", "single field", lambda text: text.to_bytes(";")),
    _refused("bad_encoding", "customers", "utf-8", _latin),
    _refused(
        "utf16_file", "surveys", "UTF-16", lambda text: text.to_bytes().decode().encode("utf-16")
    ),
    _refused("empty_file", "consents", "empty", lambda text: b""),
    _refused(
        "required_column_missing",
        "order_lines",
        "quantity",
        lambda text: _without(text, "quantity"),
    ),
    _refused("column_twice", "cases", "twice", _twice),
    _refused(
        "mostly_bad",
        "consents",
        "rows are bad",
        lambda text: _changed(text, "is_granted", "perhaps", len(text.rows)),
        least_rows=8,
    ),
    OddFile(
        kind="broken_archive",
        feed="order_lines",
        expected=REFUSED,
        make=_then_good(".csv.gz", _cut_archive),
        reason="gzip",
    ),
    OddFile(
        kind="wrong_count", feed="cases", expected=REFUSED, make=_miscounted, reason="manifest"
    ),
    OddFile(
        "unfinished_file",
        "orders",
        IGNORED,
        lambda text: {".csv.part": text.to_bytes()[:-25], ".csv": text.to_bytes()},
    ),
)
