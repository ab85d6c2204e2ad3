"""The strict dialect's records, and those that span lines in feeds declared multiline: true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from regulars.feeds.model import Delivery
from regulars.feeds.refusal import FileRefused
from regulars.feeds.streams import record_limit
from regulars.feeds.text_lines import LineBlock


def assemble(blocks: Iterable[LineBlock], delivery: Delivery) -> Iterator[tuple[int, str]]:
    """(number of its first line, record). A line goes on only if a quote opens where a field
    starts and is not closed; a stray quote elsewhere stays alone on its line.

    Raises FileRefused when a quote is never closed.
    """
    opens = open_pattern(delivery.delimiter)
    pending: list[str] = []
    start = size = 0
    for block in blocks:
        for number, line in enumerate(block.lines, block.first):
            is_odd = line.count('"') % 2
            if not pending:
                if is_odd and opens.fullmatch(line):
                    pending, start, size = [line], number, len(line)
                else:
                    yield number, line
                continue
            pending.append(line)
            size += len(line)
            if is_odd:
                yield start, "\n".join(pending)
                pending = []
            elif size > record_limit(delivery):
                raise FileRefused(f"the quote opened in line {start} is not closed")
    if pending:
        raise FileRefused(f"the quote opened in line {start} is not closed; deliver it again")


def record_pattern(delimiter: str) -> re.Pattern[str]:
    """A whole record in the strict dialect. Possessive: linear on any input."""
    d = re.escape(delimiter)
    field = rf'(?:"(?:[^"]++|"")*+"|[^"{d}]*+)'
    return re.compile(rf"{field}(?:{d}{field})*+")


def open_pattern(delimiter: str) -> re.Pattern[str]:
    """The first line of a record whose last field is quoted and goes on."""
    d = re.escape(delimiter)
    field = rf'(?:"(?:[^"]++|"")*+"|[^"{d}]*+)'
    return re.compile(rf'(?:{field}{d})*+"(?:[^"]++|"")*+')
