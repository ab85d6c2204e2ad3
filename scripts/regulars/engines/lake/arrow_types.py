"""PostgreSQL's types as Arrow's, and back; Arrow's as Spark's."""

from __future__ import annotations

import re

import pyarrow as pa

# Of several with one Arrow type the first is what it comes back as.
PLAIN = {
    "text": pa.string(),
    "text[]": pa.string(),  # as PostgreSQL spells it; no model reads one
    "jsonb": pa.string(),
    "boolean": pa.bool_(),
    "integer": pa.int32(),
    "smallint": pa.int32(),
    "bigint": pa.int64(),
    "date": pa.date32(),
    "double precision": pa.float64(),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
    "bytea": pa.string(),  # as hexadecimal digits
}
# Of a number without declared digits; more than 38 in all no other engine has.
UNDECLARED = pa.decimal128(38, 10)
SPARK = {
    pa.string(): "string",
    pa.bool_(): "boolean",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.date32(): "date",
    pa.float64(): "double",
    pa.timestamp("us", tz="UTC"): "timestamp",
}


class UnknownType(TypeError):
    """A type that the lake cannot hold; the message names it."""


def arrow_type(postgres_type: str) -> pa.DataType:
    """The Arrow type of a PostgreSQL type as format_type() spells it. Raises UnknownType."""
    digits = re.fullmatch(r"numeric\((\d+),(\d+)\)", postgres_type)
    if digits:
        return pa.decimal128(int(digits[1]), int(digits[2]))
    if postgres_type == "numeric":
        return UNDECLARED
    if postgres_type not in PLAIN:
        raise UnknownType(f"a column of type {postgres_type} has no counterpart in the lake")
    return PLAIN[postgres_type]


def postgres_type(arrow: pa.DataType) -> str:
    """The PostgreSQL type of an Arrow type. Raises UnknownType."""
    if pa.types.is_decimal(arrow):
        return f"numeric({arrow.precision},{arrow.scale})"
    if pa.types.is_timestamp(arrow):
        return "timestamp with time zone"
    if isinstance(arrow, pa.JsonType):
        return "jsonb"
    if pa.types.is_large_string(arrow) or pa.types.is_string_view(arrow):
        return "text"
    if pa.types.is_null(arrow):
        return "text"
    for name, known in PLAIN.items():
        if known == arrow:
            return name
    raise UnknownType(f"a column of Arrow type {arrow} has no counterpart in PostgreSQL")


def spark_type(arrow: pa.DataType) -> str:
    """The Spark type of a column that arrow_type() has typed."""
    if pa.types.is_decimal(arrow):
        return f"decimal({arrow.precision},{arrow.scale})"
    return SPARK[arrow]
