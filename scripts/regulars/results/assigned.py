"""The households of one list whose outcome is settled, as arrays of one length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Assigned:
    """Everybody assigned, whether reached or not; a row a household.

    is_treated  bool
    stratum     integer codes, 0 … k-1
    outcome     margin in the outcome window, before contact cost and incentive; summed over people
    people      people of the household who were assigned, 1 or more
    before      (rows, p) what was known before the assignment, p may be 0
    draw        integer codes: those with one code were drawn with one share; None: all were
    """

    is_treated: np.ndarray
    stratum: np.ndarray
    outcome: np.ndarray
    people: np.ndarray
    before: np.ndarray
    draw: np.ndarray | None = None

    def __post_init__(self) -> None:
        rows = len(self.is_treated)
        if {len(self.stratum), len(self.outcome), len(self.people), len(self.before)} != {rows}:
            raise ValueError("the arrays are of different lengths.")
        if rows and (self.people < 1).any():
            raise ValueError("a household of nobody.")

    def __len__(self) -> int:
        return len(self.is_treated)

    def where(self, rows: np.ndarray) -> Assigned:
        return Assigned(
            self.is_treated[rows],
            self.stratum[rows],
            self.outcome[rows],
            self.people[rows],
            self.before[rows],
            None if self.draw is None else self.draw[rows],
        )
