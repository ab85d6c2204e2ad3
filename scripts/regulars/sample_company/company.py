"""The whole company in arrays: people, their lives, and everything that follows from them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from regulars.sample_company import care, people, returns, rhythm, service, spend
from regulars.sample_company import catalogue as goods
from regulars.sample_company import surveys as opinions
from regulars.sample_company.dirt.faults import FOREIGN_CURRENCY, wants
from regulars.sample_company.lives import Lives, simulate
from regulars.sample_company.localtime import DAY, HOUR, MISSING, local_day, to_instant
from regulars.sample_company.parts import Dirt
from regulars.sample_company.seeds import pick, stream
from regulars.sample_company.worlds import World

# The truth looks this many days past the last night, which the deliveries never do.
LOOK_AHEAD_DAYS = 365
CHANNELS = ("web", "shop", "phone")
WEB, SHOP = 0, 1
TYPES = ("sale", "replacement", "gift_card", "staff")
SALE, REPLACEMENT, GIFT_CARD, STAFF = range(4)
CURRENCIES = ("EUR", "USD")
_SHIPPING_BY_COUNTRY = np.array([495, 595, 895, 695])


@dataclass(frozen=True)
class Orders:
    """One entry per order, in order of time; instants, money in cents.

    paid_at differs from ordered_at for bank transfers only; shipped_at and delivered_at are
    MISSING for cancelled orders, cancelled_at for the others.
    """

    customer: np.ndarray
    ordered_at: np.ndarray
    order_type: np.ndarray
    channel: np.ndarray
    currency: np.ndarray
    paid_at: np.ndarray
    shipped_at: np.ndarray
    delivered_at: np.ndarray
    cancelled_at: np.ndarray
    shipping: np.ndarray
    fee: np.ndarray


@dataclass(frozen=True)
class Company:
    """Everything that happens, the look-ahead included; first_day in days since 1970-01-01."""

    world: World
    first_day: int
    nights: int
    who: people.People
    lives: Lives
    level: np.ndarray
    shop: goods.Catalogue
    orders: Orders
    lines: spend.Baskets
    cases: service.Cases
    surveys: opinions.Surveys
    refunds: returns.Refunds
    consents: care.Consents
    contacts: care.Contacts

    def night(self, instants: np.ndarray) -> np.ndarray:
        """0-based night on whose local date each instant falls; negative when MISSING."""
        known = np.where(instants == MISSING, 0, instants)
        return np.where(instants == MISSING, -1, local_day(known) - self.first_day)


def found(
    seed: int, world: World, customers: int, first_day: int, nights: int,
    look_ahead: int = LOOK_AHEAD_DAYS,
) -> Company:  # fmt: skip
    """Let the company live for its nights and a year (or look_ahead days) beyond."""
    who = people.people(seed, customers, first_day, nights, world)
    lives = simulate(
        seed, world, first_day, who.night, who.first_purchase, nights, nights + look_ahead
    )
    level = spend.levels(stream(seed, "spend levels"), lives.rate, world.spend)
    shop = goods.catalogue(seed, world, first_day, nights)
    by_time, ordered_at = _order_times(seed, lives, who, first_day)
    customer, number = lives.customer[by_time], lives.number[by_time]
    night = local_day(ordered_at) - first_day
    lines = spend.baskets(
        stream(seed, "baskets"),
        stream(seed, "failing units"),
        _purchases(world, lives, level, by_time, night),
        shop,
    )
    shop_open = _shop_open(world, night, nights)
    orders, lines = _orders(seed, world, who, shop, customer, ordered_at, number, lines, shop_open)
    cases = _cases(seed, lives, by_time, who, orders, lines, shop)
    orders, lines = _with_replacements(seed, orders, lines, cases, who, shop)
    category = shop.category[lines.product]
    may_return = (orders.order_type == SALE) & (orders.delivered_at != MISSING)
    returning = returns.readiness(stream(seed, "readiness"), customers, world.returns.spread)
    refunds = returns.refunds(
        stream(seed, "returns"), lines, category, orders.delivered_at, may_return,
        returning[orders.customer], world.returns,
    )  # fmt: skip
    surveys = opinions.surveys(stream(seed, "surveys"), cases, orders.customer, orders.delivered_at)
    consents, contacts = care.care(stream(seed, "care"), who, first_day, nights, world)
    return Company(
        world,
        first_day,
        nights,
        who,
        lives,
        level,
        shop,
        orders,
        lines,
        cases,
        surveys,
        refunds,
        consents,
        contacts,
    )


def _purchases(
    world: World, lives: Lives, level: np.ndarray, by_time: np.ndarray, night: np.ndarray
) -> spend.Purchases:
    """What each order's basket depends on, in order of time."""
    customer = lives.customer[by_time]
    times = np.where(lives.is_wholesale[customer], world.spend.wholesale_quantity, 1)
    fails = lives.has_case[by_time] & (world.service.failure_spread > 0)
    return spend.Purchases(
        level[customer], lives.number[by_time] == 0, lives.has_unit[by_time], fails, times, night
    )


def _shop_open(world: World, night: np.ndarray, nights: int) -> np.ndarray:
    """Whether the shop is open on each order's night."""
    is_open = np.ones(len(night), dtype=bool)
    for change in (c for c in world.changes if c.closes_shop):
        over = change.last_day(nights, nights + LOOK_AHEAD_DAYS)
        is_open &= (night < change.first_night(nights)) | (night >= over)
    return is_open


def _order_times(
    seed: int, lives: Lives, who: people.People, first_day: int
) -> tuple[np.ndarray, np.ndarray]:
    """Order of the purchases by time, and their instants in that order."""
    whole = np.floor(lives.day)
    same_day = whole == np.floor(who.first_purchase[lives.customer])
    drawn = rhythm.times_of_day(stream(seed, "times of day"), len(whole))
    second = np.where(same_day, np.floor((lives.day - whole) * DAY), drawn)
    wall = (first_day + whole).astype(np.int64) * DAY + second.astype(np.int64)
    instants = to_instant(wall)
    by_time = np.lexsort((lives.number, lives.customer, instants))
    return by_time, instants[by_time]


def _orders(
    seed: int,
    world: World,
    who: people.People,
    shop: goods.Catalogue,
    customer: np.ndarray,
    ordered_at: np.ndarray,
    number: np.ndarray,
    lines: spend.Baskets,
    shop_open: np.ndarray,
) -> tuple[Orders, spend.Baskets]:
    rng = stream(seed, "orders")
    size = len(customer)
    gift = (number > 0) & (rng.random(size) < 0.008)
    order_type = np.where(who.is_staff[customer], STAFF, np.where(gift, GIFT_CARD, SALE))
    lines = _gift_cards(rng, lines, order_type, shop)
    over_counter = world.spend.shop_share
    channel = pick(rng, size, (0.96 - over_counter, over_counter, 0.04))
    channel = np.where((order_type == GIFT_CARD) | ((channel == SHOP) & ~shop_open), WEB, channel)
    in_shop = channel == SHOP
    cancelled = (rng.random(size) < world.returns.cancelled_share) & ~in_shop
    transfer = (rng.random(size) < 0.04) & ~in_shop
    paid_at = ordered_at + np.where(transfer, rng.integers(6 * HOUR, 2 * DAY, size), 0)
    shipped_at = _shipping_times(rng, paid_at)
    arrives = shipped_at + DAY + rng.integers(0, 2 * DAY, size)
    delivered_at = np.where(in_shop, ordered_at, arrives)
    value = np.bincount(lines.order, weights=lines.net, minlength=size).astype(np.int64)
    heavy = np.bincount(lines.order, shop.category[lines.product] == goods.MACHINES, size) > 0
    shipping = _SHIPPING_BY_COUNTRY[who.country[customer]] + np.where(heavy, 650, 0)
    shipping = np.where(in_shop | (order_type == GIFT_CARD), 0, shipping)
    return Orders(
        customer, ordered_at, order_type, channel,
        _currencies(rng, order_type, world.dirt), paid_at,
        np.where(cancelled, MISSING, np.where(in_shop, ordered_at, shipped_at)),
        np.where(cancelled, MISSING, delivered_at),
        np.where(cancelled, paid_at + rng.integers(600, 10 * HOUR, size), MISSING),
        shipping, np.where(in_shop, 10 + value * 4 // 1000, 25 + value * 12 // 1000),
    ), lines  # fmt: skip


def _currencies(rng: np.random.Generator, order_type: np.ndarray, dirt: Dirt) -> np.ndarray:
    """Euros, but for one order in some thousands where the world has dirt."""
    share = dirt.per_mille / 10_000 if wants(dirt, FOREIGN_CURRENCY) else 0.0
    return ((rng.random(len(order_type)) < share) & (order_type == SALE)).astype(np.int64)


def _shipping_times(rng: np.random.Generator, paid_at: np.ndarray) -> np.ndarray:
    """The same day before two, the next after; the warehouse is closed on Sundays."""
    wait = rng.integers(2 * HOUR, 20 * HOUR, len(paid_at))
    ready = paid_at + wait
    sunday = (local_day(ready) + 3) % 7 == 6
    return np.where(sunday, ready + DAY, ready)


def _gift_cards(
    rng: np.random.Generator, lines: spend.Baskets, order_type: np.ndarray, shop: goods.Catalogue
) -> spend.Baskets:
    """Orders of gift cards hold one card and nothing else."""
    of_gift = order_type[lines.order] == GIFT_CARD
    card = shop.first[goods.GIFT_CARDS] + pick(rng, len(of_gift), (3, 5, 2))
    price = shop.price[0]
    keep = ~of_gift | (lines.line_no == 1)
    return spend.Baskets(
        lines.order[keep], lines.line_no[keep],
        np.where(of_gift, card, lines.product)[keep], np.where(of_gift, 1, lines.quantity)[keep],
        np.where(of_gift, price[card], lines.unit_price)[keep],
        np.where(of_gift, 0, lines.discount)[keep],
    )  # fmt: skip


def _cases(
    seed: int,
    lives: Lives,
    by_time: np.ndarray,
    who: people.People,
    orders: Orders,
    lines: spend.Baskets,
    shop: goods.Catalogue,
) -> service.Cases:
    """Cases of orders as they were lived, and questions from people who have not bought."""
    rng = stream(seed, "cases")
    order = np.flatnonzero(lives.has_case[by_time])
    lived = by_time[order]
    line = service.concerned_lines(rng, order, lines.order, shop.category[lines.product])
    opened = orders.ordered_at[order] + np.rint(lives.case_delay[lived] * DAY).astype(np.int64)
    asks = np.flatnonzero(np.isinf(who.first_purchase) & (rng.random(len(who)) < 0.15))
    asked = who.created_at[asks] + rng.integers(HOUR, 5 * DAY, len(asks))
    none, never = np.full(len(asks), -1), np.zeros(len(asks), dtype=bool)
    product = np.concatenate([lines.product[line], none])
    return service.build_cases(
        rng,
        customer=np.concatenate([orders.customer[order], asks]),
        order=np.concatenate([order, none]),
        product=product,
        category=np.where(product < 0, -1, shop.category[product]),
        ordered_at=np.concatenate([orders.ordered_at[order], asked]),
        opened_at=np.concatenate([service.in_service_hours(rng, opened), asked]),
        is_slow=np.concatenate([lives.is_slow[lived], never]),
        is_breach=np.concatenate([lives.is_breach[lived], never]),
        is_badly_solved=np.concatenate([lives.is_badly_solved[lived], never]),
    )


def _with_replacements(
    seed: int,
    orders: Orders,
    lines: spend.Baskets,
    cases: service.Cases,
    who: people.People,
    shop: goods.Catalogue,
) -> tuple[Orders, spend.Baskets]:
    """Add an order without charge for some warranty claims; the cases keep their orders' places.

    Replacements come after all other orders in the arrays; numbers by time are given when the
    feeds are written.
    """
    rng = stream(seed, "replacements")
    claim = (cases.kind == service.WARRANTY) & (cases.order >= 0)
    claim &= returns.is_replacement_worthy(shop.category[np.maximum(cases.product, 0)])
    case = np.flatnonzero(claim & (rng.random(len(claim)) < 0.45))
    at = cases.resolved_at[case]
    shipped_at = _shipping_times(rng, at)
    size = len(case)
    customer = cases.customer[case]
    added = Orders(
        customer, at, np.full(size, REPLACEMENT), np.full(size, 2), np.zeros(size, np.int64), at,
        shipped_at, shipped_at + DAY + rng.integers(0, DAY, size), np.full(size, MISSING),
        _SHIPPING_BY_COUNTRY[who.country[customer]], np.zeros(size, np.int64),
    )  # fmt: skip
    zero, one = np.zeros(size, np.int64), np.ones(size, np.int64)
    more = spend.Baskets(
        len(orders.customer) + np.arange(size), one, cases.product[case], one, zero, zero
    )
    return _append(orders, added), _append(lines, more)


Record = TypeVar("Record", Orders, spend.Baskets)


def _append(first: Record, second: Record) -> Record:
    """Two frozen records of arrays, one after the other."""
    names = [field.name for field in fields(first)]
    return type(first)(*(np.concatenate([getattr(first, n), getattr(second, n)]) for n in names))
