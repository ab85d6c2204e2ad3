"""Columns that turn numbers into the text of a delivery, a block of rows at a time.

A column keeps compact arrays; `text(rows)` gives the cells of those rows as an Arrow string
array, null where the cell is empty. So a feed of many millions of rows is never all text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import regulars.sample_company.localtime as localtime


class Column(Protocol):
    """Anything that can write the cells of chosen rows."""

    def text(self, rows: np.ndarray) -> pa.Array: ...


def _join(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _digits(values: np.ndarray, width: int) -> pa.Array:
    return pc.utf8_lpad(pa.array(values).cast(pa.string()), width=width, padding="0")


def _blank(cells: pa.Array, missing: np.ndarray) -> pa.Array:
    return pc.if_else(pa.array(missing), pa.scalar(None, pa.string()), cells)


def _times_of_day() -> pa.Array:
    seconds = np.arange(localtime.DAY)
    return _join(
        "T",
        _digits(seconds // 3600, 2),
        ":",
        _digits(seconds // 60 % 60, 2),
        ":",
        _digits(seconds % 60, 2),
    )


_TIME_OF_DAY = _times_of_day()
_OFFSET = pa.array(["+01:00", "+02:00"])
_PENCE = _digits(np.arange(100), 2)


@dataclass(frozen=True)
class Ids:
    """A prefix and a number of fixed width, such as C0000042; negative numbers are empty."""

    prefix: str
    numbers: np.ndarray
    width: int = 7

    def text(self, rows: np.ndarray) -> pa.Array:
        numbers = self.numbers[rows]
        cells = _join(self.prefix, _digits(np.maximum(numbers, 0), self.width))
        return _blank(cells, numbers < 0)


@dataclass(frozen=True)
class Cents:
    """Money in cents, written with a point and two places; negative is empty."""

    values: np.ndarray

    def text(self, rows: np.ndarray) -> pa.Array:
        values = self.values[rows]
        cents = np.maximum(values, 0)
        whole = pa.array(cents // 100).cast(pa.string())
        return _blank(_join(whole, ".", _PENCE.take(pa.array(cents % 100))), values < 0)


@dataclass(frozen=True)
class Whole:
    """Whole numbers; negative is empty."""

    values: np.ndarray

    def text(self, rows: np.ndarray) -> pa.Array:
        values = self.values[rows]
        return _blank(pa.array(values).cast(pa.string()), values < 0)


@dataclass(frozen=True)
class Stamps:
    """Instants, written as company-local ISO 8601 with offset; MISSING is empty."""

    instants: np.ndarray

    def text(self, rows: np.ndarray) -> pa.Array:
        instants = self.instants[rows]
        missing = instants == localtime.MISSING
        known = np.where(missing, 0, instants)
        offset = localtime.offset(known)
        wall = known + offset
        days = pa.array((wall // localtime.DAY).astype(np.int32)).cast(pa.date32())
        return _blank(
            _join(
                days.cast(pa.string()),
                _TIME_OF_DAY.take(pa.array(wall % localtime.DAY)),
                _OFFSET.take(pa.array(offset // localtime.HOUR - 1)),
            ),
            missing,
        )


@dataclass(frozen=True)
class Dates:
    """Days since 1970-01-01, written as ISO dates; MISSING is empty."""

    days: np.ndarray

    def text(self, rows: np.ndarray) -> pa.Array:
        days = self.days[rows]
        missing = days == localtime.MISSING
        known = np.where(missing, 0, days).astype(np.int32)
        return _blank(pa.array(known).cast(pa.date32()).cast(pa.string()), missing)


@dataclass(frozen=True)
class Labels:
    """Codes into a list of words; negative codes are empty."""

    codes: np.ndarray
    words: Sequence[str]

    def text(self, rows: np.ndarray) -> pa.Array:
        codes = self.codes[rows]
        cells = pa.array(self.words, type=pa.string()).take(pa.array(np.maximum(codes, 0)))
        return _blank(cells, codes < 0)


@dataclass(frozen=True)
class Flags:
    """true or false."""

    values: np.ndarray

    def text(self, rows: np.ndarray) -> pa.Array:
        return pa.array(self.values[rows].astype(bool)).cast(pa.string())


@dataclass(frozen=True)
class Texts:
    """Cells that are text already."""

    cells: pa.Array

    def text(self, rows: np.ndarray) -> pa.Array:
        return self.cells.take(pa.array(rows))


@dataclass(frozen=True)
class Joined:
    """Several columns written one after the other; empty when one of them is."""

    parts: Sequence[Column | str]

    def text(self, rows: np.ndarray) -> pa.Array:
        return _join(*(p if isinstance(p, str) else p.text(rows) for p in self.parts))


@dataclass(frozen=True)
class At:
    """Another column, read at an index: the customer's cell on an order's row, say."""

    column: Column
    index: np.ndarray

    def text(self, rows: np.ndarray) -> pa.Array:
        return self.column.text(self.index[rows])


@dataclass(frozen=True)
class Either:
    """The second column where the mask says so, else the first."""

    second_where: np.ndarray
    first: Column
    second: Column

    def text(self, rows: np.ndarray) -> pa.Array:
        mask = pa.array(self.second_where[rows])
        return pc.if_else(mask, self.second.text(rows), self.first.text(rows))


@dataclass(frozen=True)
class Signed:
    """Whole numbers that may be negative."""

    values: np.ndarray

    def text(self, rows: np.ndarray) -> pa.Array:
        return pa.array(self.values[rows]).cast(pa.string())


@dataclass(frozen=True)
class Millionths:
    """Numbers that are not negative, as whole millionths, written with a point and six places."""

    values: np.ndarray

    def text(self, rows: np.ndarray) -> pa.Array:
        whole, rest = np.divmod(self.values[rows], 10**6)
        return _join(pa.array(whole).cast(pa.string()), ".", _digits(rest, 6))
