"""Returns and refunds: whole orders, single lines, parts of a price, and late ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import regulars.sample_company.catalogue as goods
from regulars.sample_company.localtime import DAY, HOUR
from regulars.sample_company.parts import Returns
from regulars.sample_company.records import entries
from regulars.sample_company.seeds import pick
from regulars.sample_company.spend import Baskets

REASONS = ("changed_mind", "damaged", "wrong_item", "not_as_described", "defect", "goodwill")
GOODWILL = 5
_RESTOCKED = (0, 2, 3)  # changed_mind, wrong_item, not_as_described


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
    readiness: np.ndarray,
    returns: Returns,
) -> Refunds:
    """Refunds of delivered orders.

    category: of each line. delivered_at, may_return, readiness (of its customer to send things
    back): one entry per order.
    """
    orders = len(may_return)
    line, is_whole = _sent_back(rng, lines, category, may_return, readiness, returns)
    order = lines.order[line]
    is_goodwill = ~is_whole & (rng.random(len(line)) < returns.goodwill_share)
    some = 1 + np.floor(rng.random(len(line)) * lines.quantity[line])
    quantity = np.where(is_whole, lines.quantity[line], some).astype(np.int64)
    price = lines.net[line] * quantity // lines.quantity[line]
    allowance = (lines.net[line] * rng.uniform(0.1, 0.4, len(line))).astype(np.int64)
    reason = np.where(is_goodwill, GOODWILL, pick(rng, orders, returns.reason_shares)[order])
    delay = _delays(rng, orders, returns)
    refunded_at = (delivered_at + np.rint(delay * DAY).astype(np.int64))[order]
    handling = np.where(is_goodwill, 0, 250 + rng.integers(0, 400, len(line)))
    is_booked_late = rng.random(len(line)) < returns.booked_late_share
    unsorted = Refunds(
        line=line,
        quantity=np.where(is_goodwill, 0, quantity),
        amount=np.where(is_goodwill, np.maximum(allowance, 1), price),
        is_restocked=~is_goodwill & np.isin(reason, _RESTOCKED),
        reason=reason,
        handling=handling,
        refunded_at=refunded_at,
        booked_at=np.where(is_booked_late, refunded_at + 4 * DAY + 2 * HOUR, refunded_at),
    )
    return entries(unsorted, np.lexsort((line, refunded_at)))


def _sent_back(
    rng: np.random.Generator,
    lines: Baskets,
    category: np.ndarray,
    may_return: np.ndarray,
    readiness: np.ndarray,
    returns: Returns,
) -> tuple[np.ndarray, np.ndarray]:
    """Lines that come back, and whether with their whole order."""
    orders = len(may_return)
    chance = returns.share * _order_factor(lines, category, orders, returns) * readiness
    is_returned = may_return & (rng.random(orders) < chance)
    whole = rng.random(orders) < returns.whole_share
    chosen = np.floor(rng.random(orders) * np.bincount(lines.order, minlength=orders)) + 1
    is_meant = whole[lines.order] | (lines.line_no == chosen[lines.order])
    line = np.flatnonzero(is_returned[lines.order] & is_meant & (lines.net > 0))
    return line, whole[lines.order[line]]


def _delays(rng: np.random.Generator, orders: int, returns: Returns) -> np.ndarray:
    """Days from delivery to refund: some weeks, or two months and more."""
    is_late = rng.random(orders) < returns.late_share
    late = rng.integers(60, returns.latest_days, orders)
    return np.where(is_late, late, 2 + rng.gamma(2.0, 5.0, orders))


def readiness(rng: np.random.Generator, customers: int, spread: float) -> np.ndarray:
    """How readily each customer sends things back; the mean is one."""
    return np.exp(spread * rng.standard_normal(customers) - spread**2 / 2)


def _order_factor(
    lines: Baskets, category: np.ndarray, orders: int, returns: Returns
) -> np.ndarray:
    """How readily an order comes back, by what is in it; the mean over orders is one."""
    of_line = np.array(returns.by_category)[category]
    total = np.bincount(lines.order, weights=of_line, minlength=orders)
    factor = total / np.maximum(np.bincount(lines.order, minlength=orders), 1)
    return factor / max(factor.mean(), 1e-9) if orders else factor


def is_replacement_worthy(category: np.ndarray) -> np.ndarray:
    """Goods that are replaced under warranty."""
    return np.isin(category, (goods.MACHINES, goods.GRINDERS, goods.KETTLES, goods.ACCESSORIES))
