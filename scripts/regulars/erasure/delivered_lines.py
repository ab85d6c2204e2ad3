"""A delivered file without somebody's lines. A line gives way to an empty one, so that every other
keeps its number; the temporary copy is as closed as the file itself. Text is read line by line and
packed files within the loader's limits: what an archive explodes to never stands in memory.
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from regulars.erasure.delivered_file import FileChanged, FileUnreadable, limits, new_file
from regulars.erasure.person import Person
from regulars.erasure.possibly_named import Words, found, lowered
from regulars.erasure.whose_record import Judge, judge_of
from regulars.feeds.model import Feed
from regulars.feeds.streams import BLOCK, FOREIGN_MARKS, unpacked_limit

LONGEST_LINE = 16 * 2**20  # bytes


class Sought:
    """People who are looked for in many files, each of which is read once for all of them."""

    def __init__(self, people: Mapping[int, Person]) -> None:
        self.people = people
        self._low = {one: _low_words(person) for one, person in people.items()}
        self._words: dict[str, Words] = {}  # by encoding

    def possible_in(self, file: Path, feed: Feed | None) -> list[int]:
        """Whose records may be in a file. Of whom no word stands there is left out, but where it
        may spell one otherwise, or its ids are loaded as others.

        Raises FileUnreadable, FileChanged.
        """
        if _is_parquet(file, feed) or (feed is not None and feed.has_pseudonyms):
            return list(self._low)
        try:
            return sorted(found(_plain(_blocks(file, feed), feed), self._in(_encoding(feed))))
        except _SpellsOtherwise:
            return list(self._low)

    def _in(self, encoding: str) -> Words:
        if encoding not in self._words:
            self._words[encoding] = {one: lowered(w, encoding) for one, w in self._low.items()}
        return self._words[encoding]


class _SpellsOtherwise(Exception):
    """A text in which a word can look another way than its bytes."""


def _plain(blocks: Iterable[bytes], feed: Feed | None) -> Iterator[bytes]:
    may_escape = _may_escape(feed)
    for block in blocks:
        if not block.isascii() or (may_escape and b"\\" in block):
            raise _SpellsOtherwise
        yield block


def count(file: Path, feed: Feed | None, person: Person) -> int:
    """The person's records in a file; nothing is written.

    feed: what declares it; None for a file that no feed expects, judged by its words alone.
    Raises FileUnreadable, FileChanged.
    """
    if _is_parquet(file, feed):
        from regulars.erasure import delivered_rows

        return delivered_rows.count(file, feed, person)
    return sum(is_theirs for _, is_theirs in _judged(file, feed, person, _encoding(feed)))


def without(file: Path, feed: Feed | None, person: Person, target: Path) -> int:
    """Write `file` to `target` without the person's records; returns how many there were.

    Nothing is written when the person is not in it. Raises FileUnreadable, FileChanged.
    """
    removed = count(file, feed, person)
    if removed and _is_parquet(file, feed):
        from regulars.erasure import delivered_rows

        delivered_rows.write_without(file, feed, person, target)
    elif removed:
        _write_without(file, feed, person, target)
    return removed


def _is_parquet(file: Path, feed: Feed | None) -> bool:
    return file.name.endswith(".parquet") or bool(feed and feed.delivery.format == "parquet")


def _encoding(feed: Feed | None) -> str:
    return feed.delivery.encoding if feed else "utf-8"


def _write_without(file: Path, feed: Feed | None, person: Person, target: Path) -> None:
    encoding = _encoding(feed)
    with new_file(target, file) as stream:
        for record, is_theirs in _judged(file, feed, person, encoding):
            kept = map(_end_of, record) if is_theirs else record
            stream.write("".join(kept).encode(encoding, "surrogateescape"))


def _low_words(person: Person) -> list[str]:
    """As they stand in a file; where one holds a quote, CSV doubles it."""
    keys = (key for keys in person.linked.values() for key in keys)
    words = {word.lower() for word in (*person.ids, *person.addresses, *keys)}
    return sorted(words | {word.replace('"', '""') for word in words})


def _may_escape(feed: Feed | None) -> bool:
    """Whether a backslash may spell a word: in JSON, which an undeclared file may be."""
    return feed is None or feed.delivery.format == "jsonl"


def _judged(
    file: Path, feed: Feed | None, person: Person, encoding: str
) -> Iterator[tuple[list[str], bool]]:
    """(the lines of a record with their ends, whether it is the person's). A header is nobody's."""
    words, may_escape = _low_words(person), _may_escape(feed)
    is_renamed = feed is not None and feed.has_pseudonyms
    records = records_of(_lines(file, feed, encoding), bool(feed and feed.delivery.multiline))
    is_theirs: Judge | None = None
    for record in records:
        text = "".join(record).removesuffix("\n")
        if is_theirs is None:
            is_theirs = judge_of(feed, text, person)
            if feed is not None and feed.delivery.format == "csv":
                yield record, False
                continue
        low = text.lower()  # spares most records the reading
        may_be = is_renamed or not low.isascii() or (may_escape and "\\" in low)
        yield record, (may_be or any(word in low for word in words)) and is_theirs(text)


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
    another encoding, a file that this account may not read; FileChanged for one that is gone."""
    is_packed = file.name.endswith(".gz")
    opener = gzip.open if is_packed else open
    try:
        unread = unpacked_limit(file, limits(feed)) if is_packed else math.inf
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
    except FileNotFoundError as error:
        raise FileChanged(file.name) from error
    except (OSError, EOFError, zlib.error) as error:  # a broken archive is an OSError
        raise FileUnreadable(file.name) from error


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
