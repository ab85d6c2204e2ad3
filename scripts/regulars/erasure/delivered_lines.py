"""A delivered file without somebody's lines. A line gives way to an empty one, so that every other
keeps its number; the temporary copy is as closed as the file itself. Text is read line by line and
packed files within the loader's limits: what an archive explodes to never stands in memory.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from regulars.erasure.person import Person
from regulars.feeds.model import Feed
from regulars.feeds.notation import Notation
from regulars.feeds.refusal import FileRefused
from regulars.feeds.streams import BLOCK, FOREIGN_MARKS, SMALL, unpacked_limit

if TYPE_CHECKING:
    from pyarrow import Table


LONGEST_LINE = 16 * 2**20  # bytes
MOST_UNPACKED = 200  # times what a file that no feed declares has packed


class FileUnreadable(ValueError):
    """A file that is no text, or cannot be read or unpacked: nobody knows whom it names."""


Judge = Callable[[str], bool]  # whether a record is somebody's


def without(file: Path, feed: Feed | None, person: Person, target: Path) -> int:
    """Write `file` to `target` without the person's records; returns how many there were.

    feed: what declares it; None for a file that no feed expects, judged by its words alone.
    Nothing is written when the person is not in it. Raises FileUnreadable.
    """
    if file.name.endswith(".parquet") or (feed and feed.delivery.format == "parquet"):
        return _without_rows(file, feed, person, target)
    encoding = feed.delivery.encoding if feed else "utf-8"
    if not _may_be_named(file, feed, person, encoding):
        return 0
    removed = sum(is_theirs for _, is_theirs in _judged(file, feed, person, encoding))
    if removed:
        with _new(target, file) as stream:
            for record, is_theirs in _judged(file, feed, person, encoding):
                kept = map(_end_of, record) if is_theirs else record
                stream.write("".join(kept).encode(encoding, "surrogateescape"))
    return removed


def _may_be_named(file: Path, feed: Feed | None, person: Person, encoding: str) -> bool:
    """Spares most files the work: no word of theirs stands in them."""
    words = [word.encode(encoding, "replace") for word in _low_words(person)]
    reach = max(map(len, words), default=0)
    tail = b""
    for block in _blocks(file, feed):
        low = (tail + block).lower()
        if not low.isascii() or any(word in low for word in words):
            return True
        tail = low[-reach:]
    return False


def _low_words(person: Person) -> list[str]:
    keys = (key for keys in person.linked.values() for key in keys)
    return [word.lower() for word in (*person.ids, *person.addresses, *keys)]


def _judged(
    file: Path, feed: Feed | None, person: Person, encoding: str
) -> Iterator[tuple[list[str], bool]]:
    """(the lines of a record with their ends, whether it is the person's). A header is nobody's."""
    words = _low_words(person)
    records = records_of(_lines(file, feed, encoding), bool(feed and feed.delivery.multiline))
    is_theirs: Judge | None = None
    for record in records:
        text = "".join(record).removesuffix("\n")
        if is_theirs is None:
            is_theirs = _judge(feed, text, person)
            if feed is not None and feed.delivery.format == "csv":
                yield record, False
                continue
        low = text.lower()  # spares most records the reading
        may_be = not low.isascii() or any(word in low for word in words)
        yield record, may_be and is_theirs(text)


def _lines(file: Path, feed: Feed | None, encoding: str) -> Iterator[str]:
    """Lines with their ends; surrogates bring back, byte for byte, what the encoding does not
    know."""
    rest = b""
    for block in _blocks(file, feed):
        *whole, rest = (rest + block).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise FileUnreadable(file.name)
        for line in whole:
            yield (line + b"\n").decode(encoding, "surrogateescape")
    if rest:
        yield rest.decode(encoding, "surrogateescape")


def _blocks(file: Path, feed: Feed | None) -> Iterator[bytes]:
    """The content, unpacked. Raises FileUnreadable for a workbook, a broken or exploding archive,
    another encoding, a file that this account may not read."""
    opener = gzip.open if file.name.endswith(".gz") else open
    try:
        unread = _most_bytes(file, feed)
        with opener(file, "rb") as stream:
            block = stream.read(BLOCK)
            if _is_no_text(block, feed):
                raise FileUnreadable(file.name)
            while block:
                unread -= len(block)
                if unread < 0:
                    raise FileUnreadable(file.name)
                yield block  # type: ignore[misc]  # bytes: it was opened so
                block = stream.read(BLOCK)
    except (OSError, EOFError, zlib.error) as error:  # a broken archive is an OSError
        raise FileUnreadable(file.name) from error


def _most_bytes(file: Path, feed: Feed | None) -> int:
    """What a file may unpack to; one that is not packed has what it has."""
    size = file.stat().st_size
    if not file.name.endswith(".gz"):
        return size
    if feed is None:
        return max(SMALL, size * MOST_UNPACKED)
    return unpacked_limit(file, feed.delivery)


def _is_no_text(begin: bytes, feed: Feed | None) -> bool:
    """A NUL in a line of a declared feed is that line's fault; many are another encoding."""
    most = len(begin) // 4 if feed else 0
    return begin.startswith(tuple(FOREIGN_MARKS)) or begin.count(b"\0") > most


def _end_of(line: str) -> str:
    return "\r\n" if line.endswith("\r\n") else "\n" * line.endswith("\n")


def records_of(lines: Iterable[str], is_multiline: bool = True) -> Iterator[list[str]]:
    """The lines of each record: several where a quoted field holds line ends. A quote that is not
    closed for long is none."""
    pending: list[str] = []
    is_open = False
    size = 0
    for line in lines:
        pending.append(line)
        size += len(line)
        if is_multiline and line.count('"') % 2:
            is_open = not is_open
        if is_open and size > LONGEST_LINE:
            yield from ([line] for line in pending)
            pending, size, is_open = [], 0, False
        if not is_open:
            if pending:
                yield pending
            pending, size = [], 0
    yield from ([line] for line in pending)


def _judge(feed: Feed | None, header: str, person: Person) -> Judge:
    mention = person.mention
    if feed is None or not _says_whose(feed):
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


def _says_whose(feed: Feed) -> bool:
    return bool(feed.customer_columns or feed.address_columns)


def _is_theirs(feed: Feed, fields: dict[str, str] | None, record: str, person: Person) -> bool:
    """By the columns that say whose row it is, as the tables are cleaned; by its words where they
    cannot be read."""
    owners = [column.header for column in feed.customer_columns or feed.address_columns]
    if fields is None or not all(header in fields for header in owners):
        return bool(person.mention.search(record))
    if any(fields[column.header] in person.ids for column in feed.customer_columns):
        return True
    if any(fields[column.header] for column in feed.customer_columns):
        return False
    addresses = {word.lower() for word in person.addresses}
    return any(
        fields.get(column.header, "").lower() in addresses for column in feed.address_columns
    ) or any(
        fields.get(column.header) in person.linked[column.name]
        for column in feed.columns
        if column.name in person.linked and feed.customer_columns
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
        with _new(target, file, is_packed=True) as stream:
            stream.write(buffer.getvalue())
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
    if feed is None or not _says_whose(feed):
        return bool(person.mention.search(" ".join(fields.values())))
    return _is_theirs(feed, fields, " ".join(fields.values()), person)


@contextmanager
def _new(target: Path, like: Path, is_packed: bool = False) -> Iterator[IO[bytes]]:
    """A file that is whole or not there, with the owner and the rights of the one it replaces."""
    stand = like.stat()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(descriptor, stand.st_mode & 0o777)
        if os.geteuid() == 0:
            os.fchown(descriptor, stand.st_uid, stand.st_gid)
        if like.name.endswith(".gz") and not is_packed:
            with gzip.GzipFile("", "wb", fileobj=stream, mtime=0) as packed:
                yield cast(IO[bytes], packed)
        else:
            yield stream
        stream.flush()
        os.fsync(descriptor)
