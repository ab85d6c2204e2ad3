"""The whole company in arrays: people, their lives, and everything that follows from them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

import regulars.sample_company.care as care
import regulars.sample_company.catalogue as goods
import regulars.sample_company.exchange as exchange
import regulars.sample_company.people as people
import regulars.sample_company.returns as returns
import regulars.sample_company.rhythm as rhythm
import regulars.sample_company.service as service
import regulars.sample_company.spend as spend
import regulars.sample_company.surveys as opinions
import regulars.sample_company.wallets as wallets
from regulars.sample_company.dirt.faults import FOREIGN_CURRENCY, wants
from regulars.sample_company.lives import Lives, simulate
from regulars.sample_company.localtime import DAY, HOUR, MISSING, local_day, to_instant
from regulars.sample_company.parts import Dirt
from regulars.sample_company.records import entries, joined
from regulars.sample_company.seeds import pick, stream
from regulars.sample_company.worlds import World

# The truth looks this many days past the last night, which the deliveries never do.
LOOK_AHEAD_DAYS = 365
CHANNELS = ("web", "shop", "phone")
WEB, SHOP, PHONE = range(3)
TYPES = ("sale", "replacement", "gift_card", "staff")
SALE, REPLACEMENT, GIFT_CARD, STAFF = range(4)
CURRENCIES = ("EUR", "USD")  # and, as the third, the world's second currency, if it has one
EUR, USD, SECOND_CURRENCY = range(3)
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
    """Everything that happens, the look-ahead included; first_day in days since 1970-01-01.

    elsewhere: what was bought of a competitor on the same errands (no line where no wallet is
    shared). rates: of the second currency; None where there is none.
    """

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
    elsewhere: spend.Baskets
    rates: exchange.Rates | None = None

    @property
    def currencies(self) -> tuple[str, ...]:
        """What the orders' codes mean."""
        return CURRENCIES if self.rates is None else (*CURRENCIES, self.rates.currency)

    @property
    def euros_per_unit(self) -> np.ndarray:
        """What a unit of each order's currency was worth when it was made. Dollars, which are
        there by mistake, count as euros."""
        ones = np.ones(len(self.orders.customer))
        if self.rates is None:
            return ones
        is_second = self.orders.currency == SECOND_CURRENCY
        return np.where(is_second, self.rates.at(self.orders.ordered_at), ones)

    def night(self, instants: np.ndarray) -> np.ndarray:
        """0-based night on whose local date each instant falls; negative when MISSING."""
        known = np.where(instants == MISSING, 0, instants)
        return np.where(instants == MISSING, -1, local_day(known) - self.first_day)


def live(
    seed: int,
    world: World,
    customers: int,
    first_day: int,
    nights: int,
    look_ahead: int = LOOK_AHEAD_DAYS,
) -> Company:
    """Let the company live for its nights and a year (or look_ahead days) beyond."""
    who = people.people(seed, customers, first_day, nights, world)
    lives = simulate(
        seed, world, first_day, who.night, who.first_purchase, nights, nights + look_ahead
    )
    level = spend.levels(stream(seed, "spend levels"), lives.rate, world.spend)
    shop = goods.catalogue(seed, world, first_day, nights)
    by_time, ordered_at = _order_times(seed, world, lives, who, first_day)
    night = local_day(ordered_at) - first_day
    placed = _Placed(
        customer=lives.customer[by_time],
        number=lives.number[by_time],
        ordered_at=ordered_at,
        is_shop_open=_shop_open(world, night, nights),
    )
    purchases = _purchases(world, lives, level, by_time, night)
    lines, elsewhere = _bought(seed, world, customers, purchases, shop, placed.customer)
    orders, lines = _orders(seed, world, who, shop, placed, lines)
    rates = None
    if world.exchange.currency:
        orders, lines = _in_second_currency(world, who, orders, lines)
        rates = exchange.rates(seed, world.exchange, first_day, nights + look_ahead)
    cases = _cases(seed, world, lives, by_time, who, orders, lines, shop)
    if world.service.repeated_share:
        cases = service.with_repeats(stream(seed, "faults again"), cases, world.service)
    orders, lines = _with_replacements(seed, world, orders, lines, cases, who, shop)
    consents, contacts = care.care(stream(seed, "care"), who, first_day, nights, world)
    surveys = _surveys(seed, world, cases, orders)
    refunds = _refunds(seed, world, customers, orders, lines, shop)
    return Company(
        world=world,
        first_day=first_day,
        nights=nights,
        who=who,
        lives=lives,
        level=level,
        shop=shop,
        orders=orders,
        lines=lines,
        cases=cases,
        surveys=surveys,
        refunds=refunds,
        consents=consents,
        contacts=contacts,
        elsewhere=elsewhere,
        rates=rates,
    )


def _bought(
    seed: int,
    world: World,
    customers: int,
    purchases: spend.Purchases,
    shop: goods.Catalogue,
    customer: np.ndarray,
) -> tuple[spend.Baskets, spend.Baskets]:
    """What lies in the baskets of all purchases, here and elsewhere."""
    lines = spend.baskets(
        stream(seed, "baskets"), stream(seed, "failing units"), purchases, shop, world.spend
    )
    return _here_and_elsewhere(seed, world, customers, lines, shop, customer)


def _surveys(seed: int, world: World, cases: service.Cases, orders: Orders) -> opinions.Surveys:
    return opinions.surveys(
        stream(seed, "surveys"), cases, orders.customer, orders.delivered_at, world.opinions
    )


def _here_and_elsewhere(
    seed: int,
    world: World,
    customers: int,
    lines: spend.Baskets,
    shop: goods.Catalogue,
    customer: np.ndarray,
) -> tuple[spend.Baskets, spend.Baskets]:
    """What is bought of us, and of a competitor; customer: of each order."""
    if not world.wallet.shared_share:
        return lines, entries(lines, np.zeros(0, dtype=np.int64))
    is_shared = wallets.shared(seed, world.wallet, customers)
    category = shop.category[lines.product]
    return wallets.split(seed, world.wallet, is_shared, lines, category, customer[lines.order])


def _in_second_currency(
    world: World, who: people.People, orders: Orders, lines: spend.Baskets
) -> tuple[Orders, spend.Baskets]:
    """The orders of one country, but those in dollars, with every amount in its currency."""
    country = people.COUNTRIES.index(world.exchange.country)
    pays = (who.country[orders.customer] == country) & (orders.currency == EUR)
    of_line = pays[lines.order]
    price = np.where(of_line, exchange.list_price(lines.unit_price, world.exchange), 0)
    # The same share off, so that no discount exceeds its line.
    off = lines.discount / np.maximum(lines.unit_price * lines.quantity, 1)
    discount = np.rint(off * price * lines.quantity).astype(np.int64)
    return replace(
        orders,
        currency=np.where(pays, SECOND_CURRENCY, orders.currency),
        shipping=np.where(pays, exchange.amount(orders.shipping, world.exchange), orders.shipping),
        fee=np.where(pays, exchange.amount(orders.fee, world.exchange), orders.fee),
    ), replace(
        lines,
        unit_price=np.where(of_line, price, lines.unit_price),
        discount=np.where(of_line, discount, lines.discount),
    )


def _purchases(
    world: World, lives: Lives, level: np.ndarray, by_time: np.ndarray, night: np.ndarray
) -> spend.Purchases:
    """What each order's basket depends on, in order of time."""
    customer = lives.customer[by_time]
    return spend.Purchases(
        level=level[customer],
        is_first=lives.number[by_time] == 0,
        has_unit=lives.has_unit[by_time],
        is_failing=lives.has_case[by_time] & (world.service.failure_spread > 0),
        times=np.where(lives.is_wholesale[customer], world.spend.wholesale_quantity, 1),
        night=night,
    )


def _shop_open(world: World, night: np.ndarray, nights: int) -> np.ndarray:
    """Whether the shop is open on each order's night."""
    is_open = np.ones(len(night), dtype=bool)
    for change in (c for c in world.changes if c.closes_shop):
        over = change.last_day(nights, nights + LOOK_AHEAD_DAYS)
        is_open &= (night < change.first_night(nights)) | (night >= over)
    return is_open


def _order_times(
    seed: int, world: World, lives: Lives, who: people.People, first_day: int
) -> tuple[np.ndarray, np.ndarray]:
    """Order of the purchases by time, and their instants in that order."""
    whole = np.floor(lives.day)
    same_day = whole == np.floor(who.first_purchase[lives.customer])
    drawn = rhythm.times_of_day(stream(seed, "times of day"), len(whole), world.rhythm.hours)
    second = np.where(same_day, np.floor((lives.day - whole) * DAY), drawn)
    wall = (first_day + whole).astype(np.int64) * DAY + second.astype(np.int64)
    instants = to_instant(wall)
    by_time = np.lexsort((lives.number, lives.customer, instants))
    return by_time, instants[by_time]


@dataclass(frozen=True)
class _Placed:
    """What is known of orders when they come in: whose, which of theirs (0-based), when, and
    whether the shop is open."""

    customer: np.ndarray
    number: np.ndarray
    ordered_at: np.ndarray
    is_shop_open: np.ndarray


def _orders(
    seed: int,
    world: World,
    who: people.People,
    shop: goods.Catalogue,
    placed: _Placed,
    lines: spend.Baskets,
) -> tuple[Orders, spend.Baskets]:
    rng, handling = stream(seed, "orders"), world.handling
    customer, ordered_at, size = placed.customer, placed.ordered_at, len(placed.customer)
    is_gift = (placed.number > 0) & (rng.random(size) < handling.gift_card_share)
    order_type = np.where(who.is_staff[customer], STAFF, np.where(is_gift, GIFT_CARD, SALE))
    lines = _gift_cards(rng, lines, order_type, shop, handling.gift_card_shares)
    channel = _channels(rng, world, order_type, placed.is_shop_open)
    in_shop = channel == SHOP
    cancelled = (rng.random(size) < world.returns.cancelled_share) & ~in_shop
    transfer = (rng.random(size) < handling.transfer_share) & ~in_shop
    paid_at = ordered_at + np.where(transfer, rng.integers(6 * HOUR, 2 * DAY, size), 0)
    shipped_at = _shipping_times(rng, paid_at)
    arrives = shipped_at + DAY + rng.integers(0, 2 * DAY, size)
    delivered_at = np.where(in_shop, ordered_at, arrives)
    value = np.bincount(lines.order, weights=lines.net, minlength=size).astype(np.int64)
    orders = Orders(
        customer=customer,
        ordered_at=ordered_at,
        order_type=order_type,
        channel=channel,
        currency=_currencies(rng, order_type, world.dirt),
        paid_at=paid_at,
        shipped_at=np.where(cancelled, MISSING, np.where(in_shop, ordered_at, shipped_at)),
        delivered_at=np.where(cancelled, MISSING, delivered_at),
        cancelled_at=np.where(cancelled, paid_at + rng.integers(600, 10 * HOUR, size), MISSING),
        shipping=_shipping(who.country[customer], order_type, in_shop, lines, shop),
        fee=np.where(in_shop, 10 + value * 4 // 1000, 25 + value * 12 // 1000),
    )
    return orders, lines


def _channels(
    rng: np.random.Generator, world: World, order_type: np.ndarray, is_shop_open: np.ndarray
) -> np.ndarray:
    """Where each order is made; a gift card, and what the shut shop would have sold, on the web."""
    phone, shop = world.handling.phone_share, world.spend.shop_share
    channel = pick(rng, len(order_type), (1.0 - phone - shop, shop, phone))
    is_moved = (order_type == GIFT_CARD) | ((channel == SHOP) & ~is_shop_open)
    return np.where(is_moved, WEB, channel)


def _shipping(
    country: np.ndarray,
    order_type: np.ndarray,
    in_shop: np.ndarray,
    lines: spend.Baskets,
    shop: goods.Catalogue,
) -> np.ndarray:
    """Cents to send each order: by country, more for a machine, nothing over the counter."""
    machines = shop.category[lines.product] == goods.MACHINES
    heavy = np.bincount(lines.order, machines, minlength=len(country)) > 0
    cost = _SHIPPING_BY_COUNTRY[country] + np.where(heavy, 650, 0)
    return np.where(in_shop | (order_type == GIFT_CARD), 0, cost)


def _currencies(rng: np.random.Generator, order_type: np.ndarray, dirt: Dirt) -> np.ndarray:
    """Euros, but for one order in some thousands where the world has dirt."""
    share = 0.0
    if wants(dirt, FOREIGN_CURRENCY):
        share = dirt.per_mille * dirt.foreign_currency_per_mille / 1000
    return ((rng.random(len(order_type)) < share) & (order_type == SALE)).astype(np.int64)


def _shipping_times(rng: np.random.Generator, paid_at: np.ndarray) -> np.ndarray:
    """The same day before two, the next after; the warehouse is closed on Sundays."""
    wait = rng.integers(2 * HOUR, 20 * HOUR, len(paid_at))
    ready = paid_at + wait
    sunday = (local_day(ready) + 3) % 7 == 6
    return np.where(sunday, ready + DAY, ready)


def _gift_cards(
    rng: np.random.Generator,
    lines: spend.Baskets,
    order_type: np.ndarray,
    shop: goods.Catalogue,
    card_shares: tuple[float, ...],
) -> spend.Baskets:
    """Orders of gift cards hold one card and nothing else."""
    of_gift = order_type[lines.order] == GIFT_CARD
    card = shop.first[goods.GIFT_CARDS] + pick(rng, len(of_gift), card_shares)
    with_cards = replace(
        lines,
        product=np.where(of_gift, card, lines.product),
        quantity=np.where(of_gift, 1, lines.quantity),
        unit_price=np.where(of_gift, shop.price[0][card], lines.unit_price),
        discount=np.where(of_gift, 0, lines.discount),
    )
    return entries(with_cards, ~of_gift | (lines.line_no == 1))


def _refunds(
    seed: int,
    world: World,
    customers: int,
    orders: Orders,
    lines: spend.Baskets,
    shop: goods.Catalogue,
) -> returns.Refunds:
    readiness = returns.readiness(stream(seed, "readiness"), customers, world.returns.spread)
    refunds = returns.refunds(
        stream(seed, "returns"),
        lines,
        category=shop.category[lines.product],
        delivered_at=orders.delivered_at,
        may_return=(orders.order_type == SALE) & (orders.delivered_at != MISSING),
        readiness=readiness[orders.customer],
        returns=world.returns,
    )
    is_second = orders.currency[lines.order[refunds.line]] == SECOND_CURRENCY
    handling = exchange.amount(refunds.handling, world.exchange)
    return replace(refunds, handling=np.where(is_second, handling, refunds.handling))


def _cases(
    seed: int,
    world: World,
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
    line = service.concerned_lines(
        rng, order, lines.order, shop.category[lines.product], world.service
    )
    opened = orders.ordered_at[order] + np.rint(lives.case_delay[lived] * DAY).astype(np.int64)
    is_prospect = np.isinf(who.first_purchase)
    asks = np.flatnonzero(
        is_prospect & (rng.random(len(who)) < world.service.prospect_question_share)
    )
    asked = who.created_at[asks] + rng.integers(HOUR, 5 * DAY, len(asks))
    none, never = np.full(len(asks), -1), np.zeros(len(asks), dtype=bool)
    product = np.concatenate([lines.product[line], none])
    return service.build_cases(
        rng,
        service.Opened(
            customer=np.concatenate([orders.customer[order], asks]),
            order=np.concatenate([order, none]),
            product=product,
            category=np.where(product < 0, -1, shop.category[product]),
            ordered_at=np.concatenate([orders.ordered_at[order], asked]),
            opened_at=np.concatenate([service.in_service_hours(rng, opened), asked]),
            is_slow=np.concatenate([lives.is_slow[lived], never]),
            is_breach=np.concatenate([lives.is_breach[lived], never]),
            is_badly_solved=np.concatenate([lives.is_badly_solved[lived], never]),
        ),
        world.service,
    )


def _with_replacements(
    seed: int,
    world: World,
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
    case = np.flatnonzero(claim & (rng.random(len(claim)) < world.service.replaced_share))
    at, customer, size = cases.resolved_at[case], cases.customer[case], len(case)
    shipped_at = _shipping_times(rng, at)
    nothing, once = np.zeros(size, np.int64), np.ones(size, np.int64)
    replacements = Orders(
        customer=customer,
        ordered_at=at,
        order_type=np.full(size, REPLACEMENT),
        channel=np.full(size, PHONE),
        currency=np.full(size, EUR),
        paid_at=at,
        shipped_at=shipped_at,
        delivered_at=shipped_at + DAY + rng.integers(0, DAY, size),
        cancelled_at=np.full(size, MISSING),
        shipping=_SHIPPING_BY_COUNTRY[who.country[customer]],
        fee=nothing,
    )
    replaced = spend.Baskets(
        order=len(orders.customer) + np.arange(size),
        line_no=once,
        product=cases.product[case],
        quantity=once,
        unit_price=nothing,
        discount=nothing,
    )
    return joined([orders, replacements]), joined([lines, replaced])
