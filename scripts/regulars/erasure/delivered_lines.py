"""A delivered file without somebody's lines. A line gives way to an empty one, so that every other
keeps its number; the temporary copy is as closed as the file itself.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars.erasure.person import Person
from regulars.feeds.model import Feed
from regulars.feeds.notation import Notation
from regulars.feeds.refusal import FileRefused

if TYPE_CHECKING:
    from pyarrow import Table


class FileUnreadable(ValueError):
    """A file that is no text, or cannot be unpacked: nobody knows whom it names."""


Judge = Callable[[str], bool]  # whether a record is somebody's


def without(file: Path, feed: Feed | None, person: Person, target: Path) -> int:
    """Write `file` to `target` without the person's records; returns how many there were.

    feed: what declares it; None for a file that no feed expects, judged by its words alone.
    Nothing is written when the person is not in it. Raises FileUnreadable.
    """
    if file.name.endswith(".parquet") or (feed and feed.delivery.format == "parquet"):
        return _without_rows(file, feed, person, target)
    encoding = feed.delivery.encoding if feed else "utf-8"
    text = _text(file, encoding)
    if not _may_name(text, person):
        return 0
    lines = text.split("\n")
    is_theirs = _judge(feed, lines[0], person)
    is_header = feed is not None and feed.delivery.format == "csv"
    removed = 0
    kept: list[str] = []
    for record in records_of(lines, bool(feed and feed.delivery.multiline)):
        if (kept or not is_header) and is_theirs("\n".join(record)):
            removed += 1
            kept += [_end_of(line) for line in record]
        else:
            kept += record
    if removed:
        _write(target, file, "\n".join(kept).encode(encoding, "surrogateescape"))
    return removed


def _text(file: Path, encoding: str) -> str:
    """The content; surrogates bring back, byte for byte, what the encoding does not know."""
    content = _unpacked(file)
    if b"\0" in content and b"\0" not in "a".encode(encoding):
        raise FileUnreadable(file.name)  # a workbook, an archive, another encoding
    return content.decode(encoding, "surrogateescape")


def _unpacked(file: Path) -> bytes:
    if not file.name.endswith(".gz"):
        return file.read_bytes()
    try:
        return gzip.decompress(file.read_bytes())
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise FileUnreadable(file.name) from error


def _may_name(text: str, person: Person) -> bool:
    """Spares most files the work: no word of theirs stands in it."""
    identifiers = (
        *person.ids,
        *person.addresses,
        *(k for keys in person.linked.values() for k in keys),
    )
    low = text.lower()
    return any(word.lower() in low for word in identifiers) or not text.isascii()


def _end_of(line: str) -> str:
    return "\r" if line.endswith("\r") else ""


def records_of(lines: list[str], is_multiline: bool = True) -> Iterator[list[str]]:
    """The lines of each record: several where a quoted field holds line ends."""
    pending: list[str] = []
    is_open = False
    for line in lines:
        pending.append(line)
        if is_multiline and line.count('"') % 2:
            is_open = not is_open
        if not is_open:
            yield pending
            pending = []
    yield from ([line] for line in pending)


def _judge(feed: Feed | None, header: str, person: Person) -> Judge:
    mention = person.mention
    if feed is None or not feed.customer_columns:
        return lambda record: bool(mention.search(record))
    if feed.delivery.format == "jsonl":
        return lambda record: _is_theirs(feed, _fields_of_json(record), record, person)
    names = next(csv.reader([header.rstrip("\r\n")], delimiter=feed.delivery.delimiter), [])
    return lambda record: _is_theirs(feed, _fields(feed, names, record), record, person)


def _fields(feed: Feed, names: list[str], record: str) -> dict[str, str] | None:
    """Header -> value; None where the record is not what the header says."""
    try:
        rows = list(csv.reader(io.StringIO(record), delimiter=feed.delivery.delimiter, strict=True))
    except csv.Error:
        return None
    if len(rows) != 1 or len(rows[0]) != len(names):
        return None
    return dict(zip(names, rows[0], strict=True))


def _fields_of_json(record: str) -> dict[str, str] | None:
    try:
        document = json.loads(record, parse_float=str, parse_int=str)  # as it was loaded
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    return {name: "" if value is None else str(value) for name, value in document.items()}


def _is_theirs(feed: Feed, fields: dict[str, str] | None, record: str, person: Person) -> bool:
    """By the columns that say whose row it is; by its words where they cannot be read."""
    owners = [column.header for column in feed.customer_columns]
    if fields is None or not all(header in fields for header in owners):
        return bool(person.mention.search(record))
    if any(fields[header] in person.ids for header in owners):
        return True
    if any(fields[header] for header in owners):
        return False
    return any(
        fields.get(column.header) in person.linked[column.name]
        for column in feed.columns
        if column.name in person.linked
    )


def _without_rows(file: Path, feed: Feed | None, person: Person, target: Path) -> int:
    """A Parquet file without the person's rows."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    try:
        table = parquet.read_table(file)
        fields = _texts(table, feed)
    except (arrow.ArrowException, OSError, FileRefused) as error:
        raise FileUnreadable(file.name) from error
    kept = [not _names_row(feed, row, person) for row in fields]
    removed = kept.count(False)
    if removed:
        buffer = io.BytesIO()
        parquet.write_table(table.filter(arrow.array(kept)), buffer)
        _write(target, file, buffer.getvalue(), is_packed=True)
    return removed


def _texts(table: Table, feed: Feed | None) -> list[dict[str, str]]:
    """Each row, header -> text: of declared columns what the loader reads there (an id of 77.0 is
    77), of others whatever stands there."""
    from regulars.feeds.arrow_text import column_texts

    texts: dict[str, list[Any]] = {
        name: table.column(name).to_pylist() for name in table.schema.names
    }
    if feed is not None:
        notation = Notation(feed)
        for n, column in enumerate(feed.columns):
            if column.header in texts:
                values = table.column(column.header).combine_chunks()
                texts[column.header] = column_texts(values, column, n, notation)
    rows = zip(*texts.values(), strict=True)
    return [
        {name: "" if v is None else str(v) for name, v in zip(texts, row, strict=True)}
        for row in rows
    ]


def _names_row(feed: Feed | None, fields: dict[str, str], person: Person) -> bool:
    if feed is None or not feed.customer_columns:
        return bool(person.mention.search(" ".join(fields.values())))
    return _is_theirs(feed, fields, " ".join(fields.values()), person)


def _write(target: Path, like: Path, content: bytes, is_packed: bool = False) -> None:
    """Write whole or not at all, with the owner and the rights of the file it replaces."""
    if like.name.endswith(".gz") and not is_packed:
        content = gzip.compress(content, mtime=0)
    stand = like.stat()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        os.fchmod(descriptor, stand.st_mode & 0o777)
        if os.geteuid() == 0:
            os.fchown(descriptor, stand.st_uid, stand.st_gid)
        stream.flush()
        os.fsync(descriptor)
