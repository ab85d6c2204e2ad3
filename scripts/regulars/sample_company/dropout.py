"""Who leaves and when, and how much sooner after bad service."""

from __future__ import annotations

import numpy as np

from regulars.sample_company.worlds import World


def rates(rng: np.random.Generator, customers: int, world: World) -> np.ndarray:
    """Drop-out rate per day ("lifetime"), or chance after a purchase ("after_purchase")."""
    if world.dropout == "lifetime":
        return rng.standard_gamma(world.dropout_shape, customers) / world.dropout_scale_days
    if world.dropout == "after_purchase":
        return rng.beta(world.dropout_a, world.dropout_b, customers)
    return np.zeros(customers)


def lifetimes(rng: np.random.Generator, rate: np.ndarray, world: World) -> np.ndarray:
    """Days from first purchase to drop-out if service is never bad; infinite when undated."""
    draws = rng.standard_exponential(len(rate))
    if world.dropout != "lifetime":
        return np.full(len(rate), np.inf)
    return draws / np.maximum(rate, 1e-12)


def leaves_after_purchase(
    rng: np.random.Generator, chance: np.ndarray, is_bad: np.ndarray, world: World
) -> np.ndarray:
    """Who leaves right after this purchase; a bad case multiplies the hazard."""
    draws = rng.random(len(chance))
    if world.dropout != "after_purchase":
        return np.zeros(len(chance), dtype=bool)
    stay = (1.0 - chance) ** np.where(is_bad, world.bad_service_hazard, 1.0)
    return draws >= stay


def shorten(death: np.ndarray, bad_day: np.ndarray, hazard: float) -> np.ndarray:
    """Drop-out day once the hazard is multiplied from `bad_day` on.

    For a constant hazard this is exact: what is left of the life is divided by the factor.
    """
    left = np.where(np.isfinite(death), np.maximum(death - bad_day, 0.0), 0.0)
    # Taken off, not built up from bad_day: a factor of one changes nothing, to the last bit.
    return death - left * (1.0 - 1.0 / hazard)
