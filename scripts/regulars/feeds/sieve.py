"""Which lines of a block are plainly sound, found and numbered thousands at a time: arrow holds the
lines and works without the interpreter's lock, so that another feed is loaded meanwhile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.feeds.erased_ids import ErasedIds
from regulars.feeds.model import Delivery
from regulars.feeds.plain_lines import PlainLines
from regulars.feeds.shapes import LEAST_PHONE_DIGITS, LONGEST_BYTES, NUMBER_MARKS
from regulars.feeds.text_lines import LineBlock

BETWEEN_DIGITS = f"[{re.escape(NUMBER_MARKS)}]"


@dataclass(frozen=True)
class Sifted:
    """How many lines are plainly sound, those as COPY text after their delivery, number and day,
    and all others as (number, line)."""

    rows: int
    plain: bytes
    others: list[tuple[int, str]]


class Sieve:
    """Sifts the lines of one delivery. A row that may be of somebody erased is no plain one."""

    def __init__(
        self,
        plain: PlainLines,
        delivery: Delivery,
        delivery_id: int,
        delivered_on: date,
        erased: ErasedIds | None = None,
    ) -> None:
        mark = self._delimiter = delivery.delimiter
        self._pattern = _whole_line(plain.pattern)
        self._pattern_of_long = _whole_line(plain.pattern_of_long)
        self._plain = plain
        self._erased = erased
        self._most_bytes = delivery.max_field_bytes
        self._before_number = f"{delivery_id}{mark}"
        self._before_line = f"{mark}{delivered_on}{mark}"

    def sift(self, block: LineBlock) -> Sifted:
        """Tell plainly sound lines from the others. A last line without its end is no plain one."""
        lines = _lines(block.data)
        is_plain = self._is_plain(lines)
        numbers = np.arange(block.first, block.first + len(lines))
        others = lines.filter(pa.array(~is_plain)).to_pylist()
        return Sifted(
            int(is_plain.sum()),
            self._written(numbers[is_plain], lines.filter(pa.array(is_plain))),
            [
                (number, line.removesuffix("\n"))
                for number, line in zip(numbers[~is_plain].tolist(), others, strict=True)
            ],
        )

    def _is_plain(self, lines: pa.LargeStringArray) -> np.ndarray:
        size = _numpy(pc.binary_length(lines))
        is_plain = _matches(lines, self._pattern)
        is_long = size > LONGEST_BYTES
        if is_long.any():
            is_plain[is_long] = _matches(lines.filter(pa.array(is_long)), self._pattern_of_long)
        is_plain &= size <= self._most_bytes
        if self._plain.apart or self._erased:
            cells = pc.split_pattern(
                lines.filter(pa.array(is_plain)),
                self._delimiter,
                max_splits=self._plain.last_place + 1,
            )
            is_plain[is_plain] = ~(self._may_show_number(cells) | self._may_be_erased(cells))
        return is_plain

    def _may_show_number(self, cells: pa.LargeListArray) -> np.ndarray:
        """Whether an id ends as a telephone number of its row does: else neither ends the other."""
        found = np.zeros(len(cells), bool)
        for own, phone in self._plain.apart:
            ends = _end(cells, own)
            alike = _numpy(pc.equal(ends, _end(cells, phone)))
            found |= alike & (_numpy(pc.utf8_length(ends)) == LEAST_PHONE_DIGITS)
        return found

    def _may_be_erased(self, cells: pa.LargeListArray) -> np.ndarray:
        """Whether a row is of somebody erased, or has an address and says not whose row it is."""
        found = np.zeros(len(cells), bool)
        if self._erased is None:
            return found
        is_nobodys = np.full(len(cells), self._plain.has_addresses)
        for place in self._plain.owners:
            ids = _cell(cells, place)
            erased = [one for one in pc.unique(ids).to_pylist() if one in self._erased]
            found |= _numpy(pc.is_in(ids, pa.array(erased, ids.type)))
            is_nobodys &= _numpy(pc.equal(ids, ""))
        return found | is_nobodys

    def _written(self, numbers: np.ndarray, lines: pa.LargeStringArray) -> bytes:
        written = pc.binary_join_element_wise(
            pa.scalar(self._before_number, pa.large_string()),
            pa.array(numbers).cast(pa.large_string()),
            pa.scalar(self._before_line, pa.large_string()),
            lines,
            pa.scalar("", pa.large_string()),
        )
        return written.buffers()[2].to_pybytes() if len(written) else b""


def _whole_line(pattern: str) -> str:
    return rf"^(?:{pattern})\n$"


def _matches(lines: pa.LargeStringArray, pattern: str) -> np.ndarray:
    return _numpy(pc.match_substring_regex(lines, pattern))


def _lines(data: bytes) -> pa.LargeStringArray:
    """Lines with their ends, over the bytes of a text."""
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
    if data and not data.endswith(b"\n"):
        ends = np.append(ends, len(data))
    offsets = np.concatenate([[0], ends]).astype(np.int64)
    return pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))


def _cell(cells: pa.LargeListArray, place: int) -> pa.LargeStringArray:
    return pc.utf8_rtrim(pc.list_element(cells, place), "\n")


def _end(cells: pa.LargeListArray, place: int) -> pa.LargeStringArray:
    """The last characters of a cell, without what stands between the digits of a number."""
    plain = pc.replace_substring_regex(_cell(cells, place), BETWEEN_DIGITS, "")
    return pc.utf8_slice_codeunits(plain, -LEAST_PHONE_DIGITS)


def _numpy(values: pa.Array) -> np.ndarray:
    return values.to_numpy(zero_copy_only=False)
