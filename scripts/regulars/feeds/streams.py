"""Bytes of a delivery, decompressed, in blocks of whole lines; memory stays flat."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from regulars.feeds.model import Delivery
from regulars.feeds.refusal import FileRefused

BLOCK = 2**20
SMALL = 16 * 2**20  # a ratio says nothing about a small file
UTF8_BOM = b"\xef\xbb\xbf"
FOREIGN_MARKS = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "gzip without .gz in its name",
    b"%PDF": "a PDF",
}


@contextmanager
def _open(file: Path) -> Iterator[IO[bytes]]:
    opener = gzip.open if file.name.endswith(".gz") else open
    with opener(file, "rb") as stream:
        yield stream  # type: ignore[misc]


def blocks(file: Path, delivery: Delivery) -> Iterator[bytes]:
    """Raw blocks of the content. Raises FileRefused on a broken or exploding archive."""
    limit = unpacked_limit(file, delivery) if file.name.endswith(".gz") else delivery.max_bytes
    total = 0
    try:
        with _open(file) as stream:
            while block := stream.read(BLOCK):
                total += len(block)
                if total > limit:
                    raise FileRefused(
                        f"it grows beyond {limit} bytes; if that is right, raise max_bytes or "
                        "max_ratio of the feed"
                    )
                yield block
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise FileRefused("its gzip stream is broken or cut off; deliver it again") from None


def unpacked_limit(file: Path, delivery: Delivery) -> int:
    """Bytes that a compressed file may unpack to."""
    return min(delivery.max_bytes, max(SMALL, file.stat().st_size * delivery.max_ratio))


def line_blocks(file: Path, delivery: Delivery) -> Iterator[bytes]:
    """Blocks that end at a line end; the last one may lack it. A UTF-8 BOM is stripped once."""
    rest = b""
    first = True
    for block in blocks(file, delivery):
        if first:
            _refuse_foreign(block)
            block = block.removeprefix(UTF8_BOM)
            first = False
        cut = block.rfind(b"\n") + 1
        if not cut:
            rest += block
        else:
            yield rest + block[:cut]
            rest = block[cut:]
        if len(rest) > record_limit(delivery):
            raise FileRefused(
                f"it has a line of more than {record_limit(delivery)} bytes; line ends are LF or "
                "CR LF"
            )
    if rest:
        yield rest


def record_limit(delivery: Delivery) -> int:
    """Bytes of one record: a handful of fields at their limit."""
    return 8 * delivery.max_field_bytes


def _refuse_foreign(block: bytes) -> None:
    for mark, what in FOREIGN_MARKS.items():
        if block.startswith(mark):
            raise FileRefused(f"it is {what}; deliver it as its declaration says")
