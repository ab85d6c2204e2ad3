"""What a feed is, before it is written: rows by night, and the columns that can say them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from regulars.sample_company.columns import Column
from regulars.sample_company.localtime import MISSING


class Calendar(Protocol):
    """The nights of a company."""

    @property
    def nights(self) -> int: ...

    def night(self, instants: np.ndarray) -> np.ndarray:
        """0-based night of each instant; negative when MISSING."""
        ...


@dataclass(frozen=True)
class Feed:
    """Rows of one feed, ordered by night; `rows` are the places in the columns' arrays."""

    name: str
    night: np.ndarray
    rows: np.ndarray
    columns: dict[str, Column]

    def shifted(self, places: np.ndarray, nights: int) -> Feed:
        """The same feed with the rows at these places delivered some nights later."""
        night = self.night.copy()
        night[places] += nights
        order = np.argsort(night, kind="stable")
        return replace(self, night=night[order], rows=self.rows[order])


@dataclass(frozen=True)
class Versions:
    """State of each thing at the end of each night on which it changed."""

    entity: np.ndarray
    at: np.ndarray
    state: np.ndarray
    night: np.ndarray


def versions(calendar: Calendar, changes: Sequence[tuple[np.ndarray, int]]) -> Versions:
    """From (instants per thing, state from then on): one version per thing and night.

    Instants that are MISSING are no change; of several changes within a night the last counts.
    """
    entity = np.concatenate([np.arange(len(at)) for at, _ in changes])
    at = np.concatenate([at for at, _ in changes])
    state = np.concatenate([np.full(len(at), code) for at, code in changes])
    night = calendar.night(at)
    real = (at != MISSING) & (night < calendar.nights)
    order = np.flatnonzero(real)
    order = order[np.lexsort((state[order], at[order], entity[order]))]
    entity, at, state, night = entity[order], at[order], state[order], night[order]
    follows = (entity[1:] == entity[:-1]) & (night[1:] == night[:-1])
    last = np.append(~follows, True) if len(entity) else np.zeros(0, dtype=bool)
    return Versions(entity[last], at[last], state[last], night[last])


def build_feed(
    name: str, night: np.ndarray, tie: np.ndarray, columns: dict[str, Column], nights: int
) -> Feed:
    """The rows that fall within the nights, by night and tie (one entry per row of the columns)."""
    inside = np.flatnonzero((night >= 0) & (night < nights))
    rows = inside[np.lexsort((tie[inside], night[inside]))]
    return Feed(name, night[rows], rows, columns)
