"""Weariness: each contact adds to it, time takes it away, too much of it ends in opting out."""

from __future__ import annotations

import numpy as np

from regulars.sample_company.localtime import DAY
from regulars.sample_company.parts import Response


def before(customer: np.ndarray, at: np.ndarray, response: Response) -> np.ndarray:
    """Weariness that each contact meets: the sum over that customer's earlier ones, faded.

    customer, at (instants): one entry per contact, in any order.
    """
    order = np.lexsort((np.arange(len(at)), at, customer))
    who, when = customer[order], at[order]
    nth = np.arange(len(who)) - np.searchsorted(who, who, side="left")
    level = np.zeros(len(who))
    for n in range(1, int(nth.max(initial=0)) + 1):
        here = np.flatnonzero(nth == n)
        faded = np.exp(-(when[here] - when[here - 1]) / (response.memory_days * DAY))
        level[here] = (level[here - 1] + 1.0) * faded
    in_given_order = np.empty(len(who))
    in_given_order[order] = np.round(level, 9)
    return in_given_order


def faded(level: np.ndarray, days: np.ndarray, response: Response) -> np.ndarray:
    """What is left of a weariness after so many days."""
    return level * np.exp(-days / response.memory_days)


def persuasion(level: np.ndarray, response: Response) -> np.ndarray:
    """Share of a list's power to persuade that is left."""
    return np.round(np.exp(-response.dulls * level), 9)


def opt_out_chance(level: np.ndarray, response: Response) -> np.ndarray:
    """Chance that a contact which meets this weariness is the last one wanted."""
    return np.round(1.0 - np.exp(-response.annoys * (1.0 + level) ** 2), 9)
