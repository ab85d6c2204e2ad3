"""Arrow values as text, by value: what a CSV file would have said."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.feeds.model import Column
from regulars.feeds.notation import WHOLE, Notation
from regulars.feeds.refusal import FileRefused


def column_texts(values: pa.Array, column: Column, n: int, notation: Notation) -> list[str | None]:
    """The n-th declared column as text. Raises FileRefused for a type that it cannot hold."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.dictionary_decode(), kind.value_type
    if isinstance(kind, pa.BaseExtensionType):
        return _extension(values, column)
    if pa.types.is_null(kind):
        return [None] * len(values)
    write = _writer(values, column, n, notation)
    return [None if value is None else write(value) for value in _values(values, column, notation)]


def decoded_bytes(batch: pa.RecordBatch) -> int:
    """Bytes of a batch once its dictionaries are written out."""
    return sum(_decoded_bytes(column) for column in batch.columns)


def _decoded_bytes(values: pa.Array) -> int:
    if not pa.types.is_dictionary(values.type):
        return values.nbytes
    lengths = pc.take(pc.binary_length(values.dictionary), values.indices)
    return int(pc.sum(lengths).as_py() or 0) + 8 * len(values)


def _writer(
    values: pa.Array, column: Column, n: int, notation: Notation
) -> Callable[[object], str | None]:
    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or _is_string_view(kind):
        return lambda value: notation.text(n, str(value))
    if pa.types.is_boolean(kind):
        return lambda value: notation.boolean(n, bool(value))
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return lambda value: notation.number(n, Decimal(value))  # type: ignore[arg-type]
    if pa.types.is_floating(kind):
        return _float_writer(values, column, n, notation)
    if pa.types.is_timestamp(kind):
        return lambda value: notation.moment(n, value)  # type: ignore[arg-type]
    if pa.types.is_date(kind):
        return lambda value: notation.day(n, value)  # type: ignore[arg-type]
    if pa.types.is_time(kind):
        return str
    raise FileRefused(
        f"its column {column.header} is of type {kind}, which no declared column can hold"
    )


def _is_string_view(kind: pa.DataType) -> bool:
    return kind == pa.string_view()


def _values(values: pa.Array, column: Column, notation: Notation) -> Iterator[object]:
    if pa.types.is_timestamp(values.type):
        values = _microseconds(values, column, notation)
    elif pa.types.is_time64(values.type) and values.type.unit == "ns":
        values = pc.cast(values, pa.time64("us"), safe=False)
    elif pa.types.is_float16(values.type):
        values = pc.cast(values, pa.float32())
    if pa.types.is_float32(values.type):
        yield from _shortest(values)
        return
    try:
        yield from values.to_pylist()
    except (OverflowError, ValueError):
        raise FileRefused(
            f"its column {column.header} holds a time outside the years 1 to 9999"
        ) from None


def _microseconds(values: pa.Array, column: Column, notation: Notation) -> pa.Array:
    if values.type.unit != "ns":
        return pc.cast(values, pa.timestamp("us", tz=values.type.tz))
    cut = pc.cast(values, pa.timestamp("us", tz=values.type.tz), safe=False)
    back = pc.cast(cut, values.type)
    changed = pc.sum(pc.not_equal(back, values)).as_py() or 0
    if changed:
        notation.note(f"{column.name}: cut to microseconds", changed)
    return cut


def _shortest(values: pa.Array) -> Iterator[object]:
    """Single precision, each as the shortest decimal that reads back as the same number."""
    for value, is_valid in zip(
        values.to_numpy(zero_copy_only=False), values.is_valid().to_pylist(), strict=True
    ):
        yield Decimal(np.format_float_scientific(value, unique=True)) if is_valid else None


def _float_writer(
    values: pa.Array, column: Column, n: int, notation: Notation
) -> Callable[[object], str | None]:
    """Shortest text that reads back as the number. NaN is no id: in a column of text it is null."""
    if column.kind in WHOLE:
        digits = np.finfo(values.type.to_pandas_dtype()).nmant + 1  # binary; all below are exact
        largest = pc.max(pc.abs(pc.cast(values, pa.float64()))).as_py()
        if largest is not None and 2.0**digits <= largest < float("inf"):
            raise FileRefused(
                f"its column {column.header} has floating-point numbers of 2^{digits} or more, "
                "which may be rounded; deliver them as integers or text"
            )

    def write(value: object) -> str | None:
        number = value if isinstance(value, Decimal) else Decimal(repr(value))
        if number.is_nan() and column.kind == "text":
            notation.note(f"{column.name}: NaN, taken as empty")
            return None
        return notation.number(n, number)

    return write


def _extension(values: pa.Array, column: Column) -> list[str | None]:
    if values.type != pa.uuid():
        raise FileRefused(
            f"its column {column.header} is of type {values.type}, which no declared column can "
            "hold"
        )
    storage = values.storage.to_pylist()
    return [None if value is None else str(uuid.UUID(bytes=value)) for value in storage]
