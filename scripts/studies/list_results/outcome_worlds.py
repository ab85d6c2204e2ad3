"""Made-up lists whose true effect is known: skewed margins, one in ten held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.results.assigned import Assigned

STRATA = 4
OF_EACH = (0.1, 0.2, 0.3, 0.4)  # share of the strata, the most valuable first
CHANCE = (0.55, 0.40, 0.28, 0.18)  # of an order in the window, without a contact
MEDIAN = (90.0, 60.0, 40.0, 30.0)  # margin of those who order


@dataclass(frozen=True)
class World:
    """change: of the chance to order by a contact, as a share; tail: sigma of log margin."""

    name: str
    change: float
    tail: float
    households: int = 2_000
    held: float = 0.10


WORLDS = (
    World("null", 0.0, 1.0),
    World("null, heavier tail", 0.0, 1.4),
    World("gain", 0.20, 1.0),
    World("gain, heavier tail", 0.20, 1.4),
    World("harmful", -0.15, 1.0),
)


def true_lift(world: World) -> float:
    """Expected change of the margin a head."""
    mean = np.array(MEDIAN) * np.exp(world.tail**2 / 2)
    return float(world.change * (np.array(OF_EACH) * np.array(CHANCE) * mean).sum())


def drawn(world: World, rng: np.random.Generator) -> Assigned:
    """One list: who was treated, and what they and the held spent.

    A household's taste is half of its margin's spread and is seen in the margin of the year before;
    the predicted value is the stratum's mean times a part of the taste.
    """
    n = world.households
    stratum = rng.choice(STRATA, size=n, p=OF_EACH)
    treated = rng.random(n) >= world.held
    taste = rng.normal(size=n) * world.tail * np.sqrt(0.5)
    chance = np.array(CHANCE)[stratum] * (1 + world.change * treated)
    outcome = np.where(rng.random(n) < chance, _margin(stratum, taste, world, rng), 0.0)
    year_before = sum(
        np.where(rng.random(n) < np.array(CHANCE)[stratum], _margin(stratum, taste, world, rng), 0)
        for _ in range(2)
    )
    predicted = np.array(CHANCE)[stratum] * np.array(MEDIAN)[stratum] * np.exp(0.7 * taste)
    before = np.stack([np.asarray(year_before), predicted], axis=1)
    return Assigned(treated, stratum, outcome, np.ones(n), before)


def _margin(
    stratum: np.ndarray, taste: np.ndarray, world: World, rng: np.random.Generator
) -> np.ndarray:
    noise = rng.normal(size=len(stratum)) * world.tail * np.sqrt(0.5)
    return np.array(MEDIAN)[stratum] * np.exp(taste + noise)
