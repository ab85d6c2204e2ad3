"""Weariness: each contact adds to it, time takes it away, too much of it ends in opting out."""

from __future__ import annotations

import numpy as np

from regulars.sample_company.localtime import DAY

# One contact counts 1 when it is made and 1/e so many days later.
MEMORY_DAYS = 40.0
# What is left of a list's power to persuade, per unit of weariness: exp(-_DULLS).
_DULLS = 0.15
# The chance of opting out at a contact is 1 - exp(-_ANNOYS * (1 + weariness) ** 2).
_ANNOYS = 0.004


def before(customer: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Weariness that each contact meets: the sum over that customer's earlier ones, faded.

    customer, at (instants): one entry per contact, in any order.
    """
    order = np.lexsort((np.arange(len(at)), at, customer))
    who, when = customer[order], at[order]
    nth = np.arange(len(who)) - np.searchsorted(who, who, side="left")
    level = np.zeros(len(who))
    for n in range(1, int(nth.max(initial=0)) + 1):
        here = np.flatnonzero(nth == n)
        faded = np.exp(-(when[here] - when[here - 1]) / (MEMORY_DAYS * DAY))
        level[here] = (level[here - 1] + 1.0) * faded
    found = np.empty(len(who))
    found[order] = np.round(level, 9)
    return found


def persuasion(level: np.ndarray) -> np.ndarray:
    """Share of a list's power to persuade that is left."""
    return np.round(np.exp(-_DULLS * level), 9)


def opt_out_chance(level: np.ndarray) -> np.ndarray:
    """Chance that a contact which meets this weariness is the last one wanted."""
    return np.round(1.0 - np.exp(-_ANNOYS * (1.0 + level) ** 2), 9)
