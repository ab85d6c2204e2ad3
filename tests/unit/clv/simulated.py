"""Companies drawn from a model's own story, one purchase at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd


def mbg_company(
    seed: int, customers: int, r: float, alpha: float, a: float, b: float, window: float
) -> tuple[pd.DataFrame, list[np.ndarray], np.ndarray]:
    """Histories at `window` and each customer's later purchases, by tossing every coin.

    Returns (frequency, recency, T), the moments of purchase after T, and who is still active.
    """
    draw = np.random.default_rng(seed)
    ages = draw.uniform(0.2, 1.0, customers) * window
    rates, chances = draw.gamma(r, 1 / alpha, customers), draw.beta(a, b, customers)
    rows, later, active = [], [], []
    for age, rate, chance in zip(ages, rates, chances, strict=True):
        moments, left_at = _life(draw, rate, chance, age + 2 * window)
        known = moments[moments <= age]
        rows.append((len(known), known[-1] if len(known) else 0.0, age))
        later.append(moments[moments > age] - age)
        active.append(left_at > age)
    frame = pd.DataFrame(rows, columns=["frequency", "recency", "T"])
    return frame, later, np.array(active)


def _life(
    draw: np.random.Generator, rate: float, chance: float, end: float
) -> tuple[np.ndarray, float]:
    """Repeat purchases up to `end`, and when the customer left (inf if not by then)."""
    moments: list[float] = []
    moment = 0.0
    while draw.random() >= chance:
        moment += draw.exponential(1 / max(rate, 1e-300))
        if moment > end:
            return np.array(moments), np.inf
        moments.append(moment)
    return np.array(moments), moment


def pareto_company(
    seed: int, customers: int, r: float, alpha: float, s: float, beta: float, window: float
) -> pd.DataFrame:
    """Histories at `window` of customers who leave at any moment."""
    draw = np.random.default_rng(seed)
    ages = draw.uniform(0.2, 1.0, customers) * window
    rates = draw.gamma(r, 1 / alpha, customers)
    lives = draw.exponential(1 / np.maximum(draw.gamma(s, 1 / beta, customers), 1e-300))
    observed = np.minimum(ages, lives)
    counts = draw.poisson(rates * observed)
    # the last of n uniform moments
    lasts = observed * draw.random(customers) ** (1 / np.maximum(counts, 1))
    return pd.DataFrame(
        {"frequency": counts, "recency": np.where(counts > 0, lasts, 0.0), "T": ages}
    )


def spends(
    seed: int, customers: pd.DataFrame, p: float, q: float, gamma: float
) -> tuple[np.ndarray, np.ndarray]:
    """Mean spend on the x + 1 purchase days so far, and the total on `later_purchases`."""
    draw = np.random.default_rng(seed)
    rates = draw.gamma(q, 1 / gamma, len(customers))
    known, later = customers["frequency"] + 1, customers["later_purchases"]
    so_far = draw.gamma(p * known) / rates
    to_come = np.where(later > 0, draw.gamma(p * np.maximum(later, 1)) / rates, 0.0)
    return so_far / known.to_numpy(), to_come


def later_days(seed: int, days: pd.DataFrame, p: float) -> pd.DataFrame:
    """The purchase days after a first one that make up `days` (purchase_days, monetary_value):
    given their sum, Gamma(p) days divide it as Dirichlet shares, whatever the customer's rate."""
    count = days["purchase_days"].to_numpy()
    starts = np.cumsum(count) - count
    parts = np.random.default_rng(seed).gamma(p, size=count.sum())
    scale = count * days["monetary_value"].to_numpy() / np.add.reduceat(parts, starts)
    value = parts * np.repeat(scale, count)
    before = np.cumsum(value) - value
    before -= np.repeat(before[starts], count)
    number = np.arange(len(value)) - np.repeat(starts, count)
    columns = {"days_before": number, "spent_before": before, "value": value}
    return pd.DataFrame(columns)[number > 0]
