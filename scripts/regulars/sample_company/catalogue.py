"""What Kettle & Crane sells: products, prices, costs, warranties, and how they change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

import regulars.sample_company.localtime as localtime
from regulars.sample_company.parts import Change
from regulars.sample_company.seeds import stream
from regulars.sample_company.worlds import World

CATEGORIES = (
    "espresso_machines",
    "grinders",
    "kettles",
    "coffee_beans",
    "accessories",
    "spare_parts",
    "service_plans",
    "gift_cards",
)
MACHINES, GRINDERS, KETTLES, BEANS, ACCESSORIES, PARTS, PLANS, GIFT_CARDS = range(8)


@dataclass(frozen=True)
class _Terms:
    """Of a category: share of the price that the goods cost; warranty, life and service interval
    in months (-1: does not apply)."""

    cost_share: float
    warranty: int = -1
    life: int = -1
    interval: int = -1


_TERMS = {
    MACHINES: _Terms(0.62, warranty=24, life=96, interval=12),
    GRINDERS: _Terms(0.57, warranty=24, life=84, interval=18),
    KETTLES: _Terms(0.52, warranty=24, life=60),
    BEANS: _Terms(0.48),
    ACCESSORIES: _Terms(0.42, warranty=12, life=48),
    PARTS: _Terms(0.38, warranty=6, life=24),
    PLANS: _Terms(0.45, life=12),
    GIFT_CARDS: _Terms(1.00),
}

# Prices without tax, in euros.
_PRODUCTS: dict[int, tuple[tuple[str, float], ...]] = {
    MACHINES: (
        ("Crane Piccolo manual espresso machine", 289.0),
        ("Crane Piccolo Plus espresso machine", 349.0),
        ("Crane Mezzo single boiler", 449.0),
        ("Crane Mezzo PID single boiler", 529.0),
        ("Crane Lever One", 619.0),
        ("Crane Bridge heat exchanger", 749.0),
        ("Crane Bridge E61", 899.0),
        ("Crane Tower dual boiler", 1249.0),
        ("Crane Tower Profile dual boiler", 1590.0),
        ("Crane Harbour two-group", 2190.0),
    ),
    GRINDERS: (
        ("Dock hand grinder", 59.0),
        ("Dock hand grinder, steel burrs", 89.0),
        ("Quay 40 conical grinder", 129.0),
        ("Quay 54 flat burr grinder", 199.0),
        ("Quay 54 by weight", 259.0),
        ("Mole 64 single dose grinder", 379.0),
        ("Mole 64 low retention grinder", 449.0),
        ("Mole 80 café grinder", 690.0),
    ),
    KETTLES: (
        ("Stove kettle 1.0 l", 39.0),
        ("Stove gooseneck kettle 0.9 l", 49.0),
        ("Electric kettle 1.2 l", 59.0),
        ("Electric gooseneck kettle 0.8 l", 89.0),
        ("Variable temperature kettle 1.0 l", 109.0),
        ("Variable temperature kettle, walnut", 139.0),
        ("Pour-over station with kettle", 169.0),
    ),
    BEANS: (
        ("House espresso 250 g", 8.5),
        ("Decaf Swiss water 250 g", 9.5),
        ("Brazil Cerrado 250 g", 9.9),
        ("Colombia Huila 250 g", 10.9),
        ("Guatemala Antigua 250 g", 11.5),
        ("Ethiopia Yirgacheffe 250 g", 12.5),
        ("Kenya Nyeri AA 250 g", 13.9),
        ("Autumn blend 500 g", 17.5),
        ("House espresso 1 kg", 26.0),
        ("Brazil Cerrado 1 kg", 28.5),
        ("Colombia Huila 1 kg", 31.0),
        ("Ethiopia Yirgacheffe 1 kg", 36.0),
        ("Tasting box, six origins", 39.0),
        ("Panama Geisha 200 g", 46.0),
    ),
    ACCESSORIES: (
        ("Paper filters size 02, 100 pieces", 5.5),
        ("Cleaning brush", 6.9),
        ("Espresso cup 80 ml", 8.9),
        ("Cappuccino cup 180 ml", 10.9),
        ("Airtight tin 500 g", 14.5),
        ("Ceramic dripper 02", 17.9),
        ("Milk jug 350 ml", 19.5),
        ("Milk jug 600 ml", 23.5),
        ("Glass server 600 ml", 24.9),
        ("Tamper 58 mm", 29.0),
        ("Levelling tool 58 mm", 34.0),
        ("Knock box", 36.0),
        ("Bottomless portafilter", 49.0),
        ("Scale with timer", 59.0),
        ("Precision tamper 58.5 mm", 64.0),
        ("Smart scale", 119.0),
    ),
    PARTS: (
        ("Group gasket 8 mm", 4.5),
        ("Shower screen", 6.5),
        ("Descaling powder, 6 sachets", 8.9),
        ("Group cleaner 500 g", 10.9),
        ("Steam tip, four holes", 12.5),
        ("Water filter cartridge", 14.9),
        ("Filter basket 18 g", 17.5),
        ("Seal set", 19.9),
        ("Kettle lid with knob", 13.5),
        ("Steam valve kit", 34.0),
        ("Burr set 54 mm", 42.0),
        ("Vibration pump", 38.0),
        ("Burr set 64 mm", 69.0),
    ),
    PLANS: (
        ("Grinder care, one year", 35.0),
        ("Machine care, one year", 79.0),
        ("Machine care, two years", 139.0),
        ("Machine care at home, one year", 149.0),
    ),
    GIFT_CARDS: (("Gift card 25", 25.0), ("Gift card 50", 50.0), ("Gift card 100", 100.0)),
}

# Each January prices move; each season beans cost something else.
_REVISIONS: tuple[tuple[tuple[int, int], int | None, float, float], ...] = (
    ((1, 6), None, 1.025, 1.02),
    ((4, 1), BEANS, 1.0, 1.03),
    ((7, 1), BEANS, 1.03, 1.04),
    ((10, 2), BEANS, 1.0, 0.97),
)


@dataclass(frozen=True)
class Catalogue:
    """Products and their versions.

    Per product: names, category, months of warranty, life and service interval (-1: none),
    first and count of each category's products (cheap to dear). Per version: from_night
    (night it holds from), price and cost in cents, shape (versions, products). failure: how often
    each product fails, relative to its category.
    """

    names: tuple[str, ...]
    category: np.ndarray
    warranty: np.ndarray
    life: np.ndarray
    interval: np.ndarray
    first: np.ndarray
    count: np.ndarray
    failure: np.ndarray
    from_night: np.ndarray
    price: np.ndarray
    cost: np.ndarray

    def version(self, night: np.ndarray) -> np.ndarray:
        """Version that holds on each night."""
        latest = np.searchsorted(self.from_night, night, side="right") - 1
        return np.maximum(latest, 0)


def catalogue(seed: int, world: World, first_day: int, nights: int) -> Catalogue:
    """The catalogue over a number of nights, with each revision that falls within them."""
    rows = [(name, c, price) for c in sorted(_PRODUCTS) for name, price in _PRODUCTS[c]]
    category = np.array([c for _, c, _ in rows], dtype=np.int64)
    price = np.array([p for _, _, p in rows])
    cost = price * _cost_shares(world)[category]
    spread = world.service.failure_spread
    failure = np.exp(spread * stream(seed, "failure rates").standard_normal(len(rows)))
    counts = np.bincount(category, minlength=len(CATEGORIES))
    nights_from, prices, costs = _versions(category, price, cost, world, first_day, nights)
    return Catalogue(
        names=tuple(name for name, _, _ in rows),
        category=category,
        warranty=_months(category, "warranty"),
        life=_months(category, "life"),
        interval=_months(category, "interval"),
        first=np.cumsum(counts) - counts,
        count=counts,
        failure=failure,
        from_night=nights_from,
        price=_cents(prices),
        cost=_cents(costs),
    )


def _cost_shares(world: World) -> np.ndarray:
    """Cost over price by category: the catalogue's, where the world does not say otherwise."""
    own = dict(world.spend.cost_shares)
    return np.array([own.get(name, _TERMS[c].cost_share) for c, name in enumerate(CATEGORIES)])


def _months(category: np.ndarray, term: str) -> np.ndarray:
    return np.array([getattr(_TERMS[c], term) for c in category.tolist()], dtype=np.int64)


def _cents(euros: np.ndarray) -> np.ndarray:
    return np.rint(euros * 100).astype(np.int64)


def _versions(
    category: np.ndarray,
    price: np.ndarray,
    cost: np.ndarray,
    world: World,
    first_day: int,
    nights: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """From which night each version holds, and its prices and costs in euros."""
    starts, prices, costs = [0], [price], [cost]
    revisions = _yearly_revisions(first_day, nights) + _price_changes(world.changes, nights)
    for night, only, price_factor, cost_factor in sorted(revisions, key=lambda r: r[0]):
        if not 0 < night < nights:
            continue
        touched = category != GIFT_CARDS if only is None else category == only
        starts.append(night)
        prices.append(np.where(touched, shelf_price(prices[-1] * price_factor), prices[-1]))
        costs.append(np.where(touched, costs[-1] * cost_factor, costs[-1]))
    return np.array(starts, dtype=np.int64), np.array(prices), np.array(costs)


# night, category (None: all), factor on prices, factor on costs
Revision = tuple[int, int | None, float, float]


def _yearly_revisions(first_day: int, nights: int) -> list[Revision]:
    first = localtime.to_date(first_day)
    return [
        (localtime.day_number(date(year, month, day)) - first_day, only, on_price, on_cost)
        for year in range(first.year, localtime.to_date(first_day + nights).year + 1)
        for (month, day), only, on_price, on_cost in _REVISIONS
    ]


def _price_changes(changes: Sequence[Change], nights: int) -> list[Revision]:
    """Prices that change with the company, and change back when that is over."""
    moved = [change for change in changes if change.prices != 1.0]
    return [
        *((change.first_night(nights), None, change.prices, 1.0) for change in moved),
        *((change.last_day(nights, nights), None, 1.0 / change.prices, 1.0) for change in moved),
    ]


def shelf_price(price: np.ndarray) -> np.ndarray:
    """To ten cents below a hundred euros, to whole euros above."""
    return np.where(price < 100, np.rint(price * 10) / 10, np.rint(price))
