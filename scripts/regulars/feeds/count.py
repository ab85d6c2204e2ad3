"""Records of a file, counted without the parser, so that the ledger's balance proves something."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from regulars.feeds.model import Delivery
from regulars.feeds.streams import UTF8_BOM, blocks

_BLANK = re.compile(rb"(?:^|(?<=\n))\r?\n")


@dataclass(frozen=True)
class Survey:
    """One pass over the bytes: content hash, records (header left out), how the file ends."""

    sha256: str
    records: int
    is_empty: bool
    ends_with_newline: bool


def survey(file: Path, delivery: Delivery) -> Survey:
    """Read a file once. Raises FileRefused where the bytes cannot be read."""
    if delivery.format == "parquet":
        return _survey_parquet(file, delivery)
    sha, counter, last = hashlib.sha256(), _LineCounter(delivery.multiline), b""
    for block in blocks(file, delivery):
        sha.update(block)
        counter.add(block if last else block.removeprefix(UTF8_BOM))
        last = block[-1:]
    headers = 1 if delivery.format == "csv" else 0
    return Survey(sha.hexdigest(), max(counter.total() - headers, 0), not last, last == b"\n")


def _survey_parquet(file: Path, delivery: Delivery) -> Survey:
    from regulars.feeds.parse_parquet import row_count

    sha = hashlib.sha256()
    empty = True
    for block in blocks(file, delivery):
        sha.update(block)
        empty = False
    return Survey(sha.hexdigest(), 0 if empty else row_count(file), empty, True)


class _LineCounter:
    """Lines with something on them; inside quotes a line end counts only without `multiline`."""

    def __init__(self, multiline: bool) -> None:
        self._multiline = multiline
        self._count = 0
        self._open = False  # multiline: within quotes
        self._some = False  # something stands on the line that goes on

    def add(self, block: bytes) -> None:
        if self._multiline:
            self._add_multiline(block)
            return
        newlines = block.count(b"\n")
        blank = len(_BLANK.findall(block)) if _may_have_blank(block) else 0
        head = block[: block.find(b"\n")] if newlines else block
        if newlines and self._some and not head.strip(b"\r"):
            blank -= 1  # its first line end closes a line begun in the block before
        self._count += newlines - blank
        tail = block[block.rfind(b"\n") + 1 :] if newlines else block
        self._some = bool(tail.strip(b"\r")) or (not newlines and self._some)

    def _add_multiline(self, block: bytes) -> None:
        for line in _lines(block):
            if line.count(b'"') % 2:
                self._open = not self._open
            self._some = self._some or bool(line.strip(b"\r\n"))
            if line.endswith(b"\n") and not self._open:
                self._count += self._some
                self._some = False

    def total(self) -> int:
        return self._count + self._some


def _may_have_blank(block: bytes) -> bool:
    """Spares nearly every block the regular expression."""
    has_empty = b"\n\n" in block or (b"\r" in block and b"\n\r\n" in block)
    return has_empty or block.startswith((b"\n", b"\r\n"))


def _lines(block: bytes) -> list[bytes]:
    """Split at LF only: a CR alone is no line end."""
    pieces = block.split(b"\n")
    return [piece + b"\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])
