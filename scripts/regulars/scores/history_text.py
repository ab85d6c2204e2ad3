"""Scores of histories as COPY's text: hundreds of thousands of rows, of which each value would cost
Python more to write than the model to find."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

HISTORY = ("frequency", "recency", "T")
_ROWS = 5_000  # a dozen megabytes, in each of the forms they go through
_MILLIONTHS = pa.decimal128(38, 6)  # wider than any column: the database says what is too large


def text_blocks(as_of: date, histories: pd.DataFrame, scores: pd.DataFrame) -> Iterator[str]:
    """Lines of as_of, the history in whole days, and its scores: whole numbers as they are, others
    to 6 places. What is not a number is null, which no score may be."""
    keys = (histories[name].astype("int64") for name in HISTORY)
    columns = [column.to_numpy() for column in (*keys, *(scores[name] for name in scores))]
    for start in range(0, len(histories), _ROWS):
        texts = (_texts(column[start : start + _ROWS]) for column in columns)
        lines = pc.binary_join_element_wise(
            as_of.isoformat(), *texts, "\t", null_handling="replace", null_replacement=r"\N"
        )
        yield "\n".join([*lines.to_pylist(), ""])


def _texts(values: np.ndarray) -> pa.Array:
    exact = pa.array(values, from_pandas=True)
    if not pa.types.is_integer(exact.type):
        exact = exact.cast(_MILLIONTHS)
    return exact.cast(pa.string())
