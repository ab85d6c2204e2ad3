"""Returns and refunds: whole orders, single lines, parts of a price, and late ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company import catalogue as goods
from regulars.sample_company.localtime import DAY, HOUR
from regulars.sample_company.parts import Returns
from regulars.sample_company.seeds import pick
from regulars.sample_company.spend import Baskets

REASONS = ("changed_mind", "damaged", "wrong_item", "not_as_described", "defect", "goodwill")
GOODWILL = 5
_RETURNABLE = np.array([1.6, 1.4, 1.2, 0.45, 1.2, 1.0, 0.3, 0.0])


@dataclass(frozen=True)
class Refunds:
    """One entry per refund, in order of time; money in cents, booked_at when handling is known."""

    line: np.ndarray
    quantity: np.ndarray
    amount: np.ndarray
    is_restocked: np.ndarray
    reason: np.ndarray
    handling: np.ndarray
    refunded_at: np.ndarray
    booked_at: np.ndarray


def refunds(
    rng: np.random.Generator,
    lines: Baskets,
    category: np.ndarray,
    delivered_at: np.ndarray,
    may_return: np.ndarray,
    returning: np.ndarray,
    returns: Returns,
) -> Refunds:
    """Refunds of delivered orders.

    delivered_at, may_return, returning (how readily its customer sends things back): one entry
    per order.
    """
    orders = len(may_return)
    chance = returns.share * _order_factor(lines, category, orders) * returning
    returned = may_return & (rng.random(orders) < chance)
    whole = rng.random(orders) < 0.62
    chosen = np.floor(rng.random(orders) * np.bincount(lines.order, minlength=orders)) + 1
    hit = returned[lines.order] & (whole[lines.order] | (lines.line_no == chosen[lines.order]))
    line = np.flatnonzero(hit & (lines.net > 0))
    is_whole = whole[lines.order[line]]
    partial = ~is_whole & (rng.random(len(line)) < 0.35)
    quantity = np.where(
        is_whole, lines.quantity[line], 1 + np.floor(rng.random(len(line)) * lines.quantity[line])
    ).astype(np.int64)
    full = lines.net[line] * quantity // lines.quantity[line]
    part = np.maximum((lines.net[line] * rng.uniform(0.1, 0.4, len(line))).astype(np.int64), 1)
    reason = np.where(partial, GOODWILL, pick(rng, orders, (46, 14, 8, 18, 14))[lines.order[line]])
    late = rng.random(orders) < returns.late_share
    delay = np.where(
        late, rng.integers(60, returns.latest_days, orders), 2 + rng.gamma(2.0, 5.0, orders)
    )
    at = delivered_at + np.rint(delay * DAY).astype(np.int64)
    refunded_at = at[lines.order[line]]
    handling = np.where(partial, 0, 250 + rng.integers(0, 400, len(line)))
    booked = np.where(rng.random(len(line)) < 0.1, refunded_at + 4 * DAY + 2 * HOUR, refunded_at)
    found = Refunds(
        line,
        np.where(partial, 0, quantity),
        np.where(partial, part, full),
        ~partial & np.isin(reason, (0, 2, 3)),
        reason,
        handling,
        refunded_at,
        booked,
    )
    by_time = np.lexsort((line, refunded_at))
    return Refunds(*(getattr(found, name)[by_time] for name in Refunds.__dataclass_fields__))


def readiness(rng: np.random.Generator, customers: int, spread: float) -> np.ndarray:
    """How readily each customer sends things back; the mean is one."""
    return np.exp(spread * rng.standard_normal(customers) - spread**2 / 2)


def _order_factor(lines: Baskets, category: np.ndarray, orders: int) -> np.ndarray:
    """How readily an order comes back, by what is in it; the mean over orders is one."""
    total = np.bincount(lines.order, weights=_RETURNABLE[category], minlength=orders)
    factor = total / np.maximum(np.bincount(lines.order, minlength=orders), 1)
    return factor / max(factor.mean(), 1e-9) if orders else factor


def is_replacement_worthy(category: np.ndarray) -> np.ndarray:
    """Goods that are replaced under warranty."""
    return np.isin(category, (goods.MACHINES, goods.GRINDERS, goods.KETTLES, goods.ACCESSORIES))
