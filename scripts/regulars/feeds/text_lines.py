"""Physical lines of a text file, decoded strictly, with what is unusual about them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from regulars.feeds.model import Delivery
from regulars.feeds.refusal import FileRefused
from regulars.feeds.streams import line_blocks

# Tab is text; CR and LF are line ends, or part of a field where records span lines.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
CONTROL_OR_CR = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_C0_BYTES = bytes(b for b in range(0x20) if b not in b"\t\r\n") + b"\x7f"
_C1_UTF8 = re.compile(rb"\xc2[\x80-\x9f]")
_UTF8_CHARACTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


@dataclass(frozen=True)
class LineBlock:
    """Lines, each ended by LF but perhaps the last; `first` is the number of the first, from 1.

    What is asked of a block is found when it is asked: lines that are sifted need little of it.
    """

    first: int
    text: str

    @cached_property
    def data(self) -> bytes:
        """The text in UTF-8."""
        return self.text.encode()

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.removesuffix("\n").split("\n") if self.text else []

    @cached_property
    def last(self) -> int:
        return self.first + self.text.count("\n") - (not self.is_cut)

    @property
    def is_cut(self) -> bool:
        """Whether the last line lacks its end."""
        return bool(self.text) and not self.text.endswith("\n")

    @property
    def is_plain(self) -> bool:
        return not ('"' in self.text or "\\" in self.text or self.may_have_control)

    @cached_property
    def may_have_control(self) -> bool:
        """Cheap and never wrong when it says no."""
        if "\r" in self.text or len(self.data.translate(None, _C0_BYTES)) != len(self.data):
            return True
        return not self.text.isascii() and _C1_UTF8.search(self.data) is not None

    def without_first(self) -> LineBlock:
        _, _, rest = self.text.partition("\n")
        return LineBlock(self.first + 1, rest)


def read_lines(file: Path, delivery: Delivery) -> Iterator[LineBlock]:
    """Blocks of decoded lines. Raises FileRefused where bytes are not the declared encoding."""
    first = 1
    for block in line_blocks(file, delivery):
        text = _decode(block, delivery, first)
        if b"\r" in block:
            text = text.replace("\r\n", "\n")
        lines = LineBlock(first, text)
        yield lines
        first = lines.last + 1


def pick(blocks: Iterable[LineBlock], wanted: Iterable[int]) -> Iterator[tuple[int, str]]:
    """(number, line) of the wanted lines, ascending."""
    numbers = iter(wanted)
    number = next(numbers, None)
    for block in blocks:
        while number is not None and number < block.first + len(block.lines):
            yield number, block.lines[number - block.first]
            number = next(numbers, None)
        if number is None:
            return


def _decode(block: bytes, delivery: Delivery, first: int) -> str:
    """Raises FileRefused where bytes are not the declared encoding, as far as bytes can tell."""
    if block.isascii():
        return block.decode("ascii")
    if not _is_utf8(delivery.encoding):
        _refuse_utf8(block, delivery, first)
    try:
        return block.decode(delivery.encoding)
    except UnicodeDecodeError as error:
        line = first + block.count(b"\n", 0, error.start)
    raise FileRefused(
        f"line {line} is not {delivery.encoding}; deliver the declared encoding, or correct the "
        "declaration"
    )


def _refuse_utf8(block: bytes, delivery: Delivery, first: int) -> None:
    """Nearly any bytes are text in a single-byte encoding, so only their sense betrays UTF-8: a
    line whose bytes beyond ASCII all form its characters is no accident."""
    position = 0
    while match := _UTF8_CHARACTER.search(block, position):
        start = block.rfind(b"\n", 0, match.start()) + 1
        end = block.find(b"\n", match.end())
        position = len(block) if end < 0 else end
        try:
            block[start:position].decode("utf-8")
        except UnicodeDecodeError:
            continue
        line = first + block.count(b"\n", 0, start)
        raise FileRefused(
            f"it is UTF-8 (line {line}), its declaration says "
            f"{delivery.encoding}; correct one of them"
        )


def _is_utf8(encoding: str) -> bool:
    return encoding.lower().replace("_", "-") in ("utf-8", "utf8")
