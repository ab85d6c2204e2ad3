"""Physical lines of a text file, decoded strictly, with what is unusual about them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from regulars.feeds.model import Delivery
from regulars.feeds.refusal import FileRefused
from regulars.feeds.streams import line_blocks

# Tab is text; CR and LF are line ends, or part of a field where records span lines.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
CONTROL_OR_CR = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_C0_BYTES = bytes(b for b in range(0x20) if b not in b"\t\r\n") + b"\x7f"
_C1_BYTES = bytes(range(0x80, 0xA0))
_C1_UTF8 = re.compile(rb"\xc2[\x80-\x9f]")
_UTF8_CHARACTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


@dataclass(frozen=True)
class LineBlock:
    """Lines, each ended by LF but perhaps the last; `first` is the number of the first, from 1."""

    first: int
    text: str
    may_have_control: bool
    has_quote: bool
    has_backslash: bool
    is_cut: bool  # the last line lacks its end

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.removesuffix("\n").split("\n") if self.text else []

    @cached_property
    def last(self) -> int:
        return self.first + self.text.count("\n") - (not self.is_cut)

    @property
    def is_plain(self) -> bool:
        return not (self.has_quote or self.has_backslash or self.may_have_control)

    def without_first(self) -> LineBlock:
        _, end, rest = self.text.partition("\n")
        return replace(self, first=self.first + 1, text=rest, is_cut=self.is_cut and bool(end))


def read_lines(file: Path, delivery: Delivery) -> Iterator[LineBlock]:
    """Blocks of decoded lines. Raises FileRefused where bytes are not the declared encoding."""
    first = 1
    for block in line_blocks(file, delivery):
        text = _decode(block, delivery, first)
        if b"\r" in block:
            text = text.replace("\r\n", "\n")
        lines = LineBlock(
            first=first,
            text=text,
            may_have_control="\r" in text or _may_have_control(block, delivery.encoding),
            has_quote='"' in text,
            has_backslash="\\" in text,
            is_cut=not text.endswith("\n"),
        )
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


def _may_have_control(block: bytes, encoding: str) -> bool:
    """Cheap and never wrong when it says no."""
    if len(block.translate(None, _C0_BYTES)) != len(block):
        return True
    if _is_utf8(encoding):
        return not block.isascii() and _C1_UTF8.search(block) is not None
    return len(block.translate(None, _C1_BYTES)) != len(block)
