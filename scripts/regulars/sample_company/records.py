"""Frozen records of arrays, an entry per thing: some of the entries, or several records in one.

What is not an array (a list of names that codes point into) belongs to the whole record and stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")


def entries(record: Record, which: np.ndarray) -> Record:
    """Some entries, by place or mask, in the order asked for."""
    return replace(record, **{name: getattr(record, name)[which] for name in _arrays(record)})


def joined(records: Sequence[Record]) -> Record:
    """The entries of all, one record after the other; at least one record."""
    first = records[0]
    return replace(
        first,
        **{
            name: np.concatenate([getattr(record, name) for record in records])
            for name in _arrays(first)
        },
    )


def _arrays(record: DataclassInstance) -> list[str]:
    return [f.name for f in fields(record) if isinstance(getattr(record, f.name), np.ndarray)]
