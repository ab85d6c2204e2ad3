"""What people spend: their level, and the baskets that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

import regulars.sample_company.catalogue as goods
from regulars.sample_company.catalogue import Catalogue
from regulars.sample_company.parts import Spend
from regulars.sample_company.seeds import pick, pick_by_row

_PRICE_TILT = 0.7
_MACHINE_TILT = 1.8  # machines lean to the entry models, whoever buys


@dataclass(frozen=True)
class Baskets:
    """Order lines, ordered by order: order, line_no, product, quantity; money in cents."""

    order: np.ndarray
    line_no: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    unit_price: np.ndarray
    discount: np.ndarray

    @property
    def net(self) -> np.ndarray:
        """Price of each line after discount, in cents."""
        return self.unit_price * self.quantity - self.discount


def levels(rng: np.random.Generator, rate: np.ndarray, spend: Spend) -> np.ndarray:
    """Spend level of each customer: the log of a factor around one, tied to the rate."""
    ranks = np.empty(len(rate))
    ranks[np.argsort(rate, kind="stable")] = np.arange(len(rate))
    of_rate = ndtri((ranks + 0.5) / max(len(rate), 1))
    rho = spend.rate_correlation
    score = rho * of_rate + np.sqrt(1.0 - rho**2) * rng.standard_normal(len(rate))
    # Rounded, so that the last bit of a machine's mathematics library decides nothing below.
    return np.round(spend.spread * score, 9)


def wholesale(rng: np.random.Generator, customers: int, spend: Spend) -> np.ndarray:
    """Who buys for a café: the share that the world says, to the customer."""
    chosen = rng.permutation(customers)[: round(spend.wholesale_share * customers)]
    is_wholesale = np.zeros(customers, dtype=bool)
    is_wholesale[chosen] = True
    return is_wholesale


@dataclass(frozen=True)
class Purchases:
    """What a basket depends on, an entry per order: level (of its customer's spending), is_first,
    has_unit, is_failing (the unit will bring a case), times (as much as a household takes),
    night (0-based)."""

    level: np.ndarray
    is_first: np.ndarray
    has_unit: np.ndarray
    is_failing: np.ndarray
    times: np.ndarray
    night: np.ndarray


def baskets(
    rng: np.random.Generator,
    unit_rng: np.random.Generator,
    orders: Purchases,
    shop: Catalogue,
    spend: Spend,
) -> Baskets:
    """Lines of each order. unit_rng draws which units fail."""
    level = orders.level
    further = rng.poisson(spend.further_lines * np.exp(0.3 * np.minimum(level, 2.0)))
    sizes = 1 + np.minimum(further, 6)
    order = np.repeat(np.arange(len(level)), sizes)
    line_no = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1
    category = _categories(rng, orders.is_first[order], orders.has_unit[order], line_no, spend)
    product = _products(rng, category, level[order], shop)
    fails = np.flatnonzero((orders.has_unit & orders.is_failing)[order] & (line_no == 1))
    product[fails] = _failing(unit_rng, category[fails], level[order[fails]], shop)
    quantity = _quantities(rng, category, level[order]) * orders.times[order]
    unit_price = shop.price[shop.version(orders.night[order]), product]
    return Baskets(
        order=order,
        line_no=line_no,
        product=product,
        quantity=quantity,
        unit_price=unit_price,
        discount=_discounts(rng, unit_price * quantity, spend),
    )


def _categories(
    rng: np.random.Generator,
    is_first: np.ndarray,
    has_unit: np.ndarray,
    line_no: np.ndarray,
    spend: Spend,
) -> np.ndarray:
    """The first line holds the unit, if there is one; further lines hold small things."""
    shares = np.array(
        [
            spend.unit_category_shares,
            spend.first_category_shares,
            spend.later_category_shares,
            spend.further_category_shares,
        ]
    )
    kind = np.where(line_no > 1, 3, np.where(has_unit, 0, np.where(is_first, 1, 2)))
    return pick_by_row(rng, shares[kind])


def _products(
    rng: np.random.Generator, category: np.ndarray, level: np.ndarray, shop: Catalogue
) -> np.ndarray:
    """Within the category, cheap to dear: a high level leans to the dear end."""
    lean = rng.random(len(category)) ** np.exp(-_PRICE_TILT * level)
    lean = np.where(category == goods.MACHINES, lean**_MACHINE_TILT, lean)
    count = shop.count[category]
    return shop.first[category] + np.minimum((lean * count).astype(np.int64), count - 1)


def _failing(
    rng: np.random.Generator, category: np.ndarray, level: np.ndarray, shop: Catalogue
) -> np.ndarray:
    """The units of orders that bring a case: as often bought as `_products` says, times how often
    each fails. By Bayes' rule that is the same as drawing the unit first and then whether it does.
    """
    count = shop.count[category][:, None]
    place = np.arange(shop.count.max() + 1)
    power = np.exp(-_PRICE_TILT * level) * np.where(category == goods.MACHINES, _MACHINE_TILT, 1.0)
    bought = np.diff(np.minimum(place / count, 1.0) ** (1.0 / power)[:, None], axis=1)
    product = shop.first[category][:, None] + np.minimum(place[:-1], count - 1)
    return product[np.arange(len(category)), pick_by_row(rng, bought * shop.failure[product])]


def _quantities(rng: np.random.Generator, category: np.ndarray, level: np.ndarray) -> np.ndarray:
    more = rng.poisson(0.45 * np.exp(np.minimum(level, 2.0)))
    cups = rng.poisson(0.35, len(category))
    return 1 + np.select(
        [category == goods.BEANS, category == goods.ACCESSORIES, category == goods.PARTS],
        [np.minimum(more, 11), np.minimum(cups, 5), np.minimum(cups, 3)],
        0,
    )


def _discounts(rng: np.random.Generator, gross: np.ndarray, spend: Spend) -> np.ndarray:
    """Cents off each line; nothing off most."""
    off = np.array(spend.discounts)[pick(rng, len(gross), spend.discount_shares)]
    is_reduced = rng.random(len(gross)) < spend.discount_share
    return np.where(is_reduced, np.rint(gross * off), 0).astype(np.int64)
