"""The machines, grinders and kettles people own: from registration to the end of their life.

A unit that was sold here carries the serial that cases name. Some people register one they had
before; those are old, without an order, and the first to reach the end of their life.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import regulars.sample_company.catalogue as goods
import regulars.sample_company.returns as returns
import regulars.sample_company.service as service
from regulars.sample_company.company import Company
from regulars.sample_company.localtime import DAY, HOUR, MISSING, local_day, to_instant
from regulars.sample_company.records import joined
from regulars.sample_company.seeds import pick, stream

HOW = ("traded_in", "re_sold", "recycled", "disposed", "returned")
TRADED_IN, RE_SOLD, RECYCLED, DISPOSED, RETURNED = range(5)
_HOW_BY_KIND = {
    service.TRADE_IN: TRADED_IN,
    service.RECYCLING: RECYCLED,
    service.DISPOSAL: DISPOSED,
}
_SERVICES = 3  # at most so many within two years
_FAR = 40_000 * DAY


@dataclass(frozen=True)
class Units:
    """One entry per unit; days since 1970 or instants, MISSING where it never happens.

    order is -1 for a unit from before; number is what its serial shows. serviced_at has a row
    per service, shape (_SERVICES, units). owner_after registered a re-sold unit at resold_at.
    """

    product: np.ndarray
    number: np.ndarray
    customer: np.ndarray
    order: np.ndarray
    bought_at: np.ndarray
    known_at: np.ndarray
    registered_at: np.ndarray
    serviced_at: np.ndarray
    retired_at: np.ndarray
    how: np.ndarray
    owner_after: np.ndarray
    resold_at: np.ndarray


@dataclass(frozen=True)
class _Sold:
    """Units as they become known: as in `Units`."""

    product: np.ndarray
    number: np.ndarray
    customer: np.ndarray
    order: np.ndarray
    bought_at: np.ndarray
    known_at: np.ndarray


def units(seed: int, c: Company) -> Units:
    """Every unit of the company, in order of becoming known."""
    rng = stream(seed, "units")
    known = joined([_sold(c), _from_before(stream(seed, "older units"), c)])
    size, is_old = len(known.product), known.order < 0
    wait = np.rint(rng.exponential(9.0 * DAY, size)).astype(np.int64)
    registers = rng.random(size) < c.world.after_sale.registered_share
    registered_at = np.where(registers, known.known_at + wait, MISSING)
    # a stream of its own: further cases, later on, must not change what is drawn for units
    brought_in = _brought_in(stream(seed, "units brought in"), c)
    retired_at, how = _retirements(rng, c, known, brought_in)
    serviced_at = _services(rng, c, known, retired_at)
    owner_after, resold_at = _second_owners(rng, c, known.customer, retired_at, how)
    return Units(
        product=known.product,
        number=known.number,
        customer=known.customer,
        order=known.order,
        bought_at=known.bought_at,
        known_at=known.known_at,
        registered_at=np.where(is_old, known.known_at, registered_at),
        serviced_at=serviced_at,
        retired_at=retired_at,
        how=how,
        owner_after=owner_after,
        resold_at=resold_at,
    )


def add_months(days: np.ndarray, months: np.ndarray) -> np.ndarray:
    """The same day so many months on, the month's last where it has no such day."""
    dates = days.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    into = (dates - month.astype("datetime64[D]")).astype(np.int64)
    target = month + months
    last = ((target + 1).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(np.int64)
    return target.astype("datetime64[D]").astype(np.int64) + np.minimum(into, last - 1)


def _is_unit(c: Company, product: np.ndarray) -> np.ndarray:
    return np.isin(c.shop.category[product], (goods.MACHINES, goods.GRINDERS, goods.KETTLES))


def _sold(c: Company) -> _Sold:
    """Units in orders that arrived; an order never holds two of the same."""
    arrived = c.orders.delivered_at[c.lines.order] != MISSING
    line = np.flatnonzero(_is_unit(c, c.lines.product) & arrived)
    order = c.lines.order[line]
    return _Sold(
        product=c.lines.product[line],
        number=order,
        customer=c.orders.customer[order],
        order=order,
        bought_at=c.orders.delivered_at[order],
        known_at=c.orders.delivered_at[order],
    )


def _from_before(rng: np.random.Generator, c: Company) -> _Sold:
    """Units that people had when they signed up, registered for the sake of service or parts."""
    owner = np.flatnonzero(rng.random(len(c.who)) < c.world.after_sale.old_unit_share)
    kinds = np.flatnonzero(_is_unit(c, np.arange(len(c.shop.names))))
    product = kinds[pick(rng, len(owner), np.ones(len(kinds)))]
    age = rng.uniform(1.0, 1.3, len(owner)) * c.shop.life[product] * 30.4
    age *= rng.uniform(0.35, 1.0, len(owner))
    known_at = c.who.created_at[owner] + rng.integers(HOUR, 30 * DAY, len(owner))
    return _Sold(
        product=product,
        number=10_000_000 + owner,  # a block of serials that no order reaches
        customer=owner,
        order=np.full(len(owner), -1),
        bought_at=known_at - np.rint(age * DAY).astype(np.int64),
        known_at=known_at,
    )


Leaving = tuple[np.ndarray, np.ndarray, np.ndarray]  # when, unit's key, how


def _retirements(
    rng: np.random.Generator, c: Company, known: _Sold, brought_in: Leaving
) -> tuple[np.ndarray, np.ndarray]:
    """When each unit leaves its owner and how: by a case, a return, a private sale, or old age."""
    after_sale, is_old = c.world.after_sale, known.order < 0
    resold = known.known_at + _waits(rng, after_sale.re_sold_per_year, len(is_old))
    worn_out = known.known_at + _waits(rng, after_sale.old_unit_retired_per_year, len(is_old))
    retired_at = np.where(is_old, np.minimum(resold, worn_out), resold)
    is_recycled = rng.random(len(is_old)) < after_sale.old_unit_recycled_share
    by_age = np.where(is_recycled, RECYCLED, DISPOSED)
    how = np.where(is_old & (worn_out < resold), by_age, RE_SOLD)
    for at, key, way in (_given_back(c), brought_in):
        if not len(key):
            continue  # a small company may have none
        is_known, place = _looked_up(key, known.order * len(c.shop.names) + known.product)
        is_earlier = is_known & (at[place] < retired_at)
        retired_at = np.where(is_earlier, at[place], retired_at)
        how = np.where(is_earlier, way[place], how)
    return retired_at, how


def _waits(rng: np.random.Generator, per_year: float, size: int) -> np.ndarray:
    """Seconds until something that happens so often a year."""
    seconds = rng.exponential(DAY * 365.25 / per_year, size)
    return np.rint(np.minimum(seconds, _FAR)).astype(np.int64)


def _given_back(c: Company) -> Leaving:
    """Units sent back whole for their money."""
    r = c.refunds
    line = r.line
    back = (r.quantity > 0) & (r.reason != returns.GOODWILL) & _is_unit(c, c.lines.product[line])
    key = c.lines.order[line] * len(c.shop.names) + c.lines.product[line]
    return r.refunded_at[back], key[back], np.full(int(back.sum()), RETURNED)


def _brought_in(rng: np.random.Generator, c: Company) -> Leaving:
    """Units whose trade-in, recycling or disposal went through."""
    k = c.cases
    done = np.isin(k.kind, list(_HOW_BY_KIND)) & (k.serial >= 0)
    done &= rng.random(len(k.kind)) < c.world.after_sale.given_back_share
    how = np.array([_HOW_BY_KIND.get(kind, 0) for kind in range(len(service.KINDS))])
    key = k.order * len(c.shop.names) + k.product
    return k.closed_at[done], key[done], how[k.kind[done]]


def _looked_up(keys: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether each wanted key is among the keys (at least one), and the place of its first."""
    order = np.argsort(keys, kind="stable")
    place = order[np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)]
    return keys[place] == wanted, place


def _services(
    rng: np.random.Generator, c: Company, known: _Sold, retired_at: np.ndarray
) -> np.ndarray:
    """Regular services, about when they are due, by those owners who have them done at all."""
    interval, known_at = c.shop.interval[known.product], known.known_at
    keen = rng.random(len(interval)) < c.world.after_sale.serviced_share
    earliest = local_day(known_at) - 30 * np.maximum(interval, 0)
    due = np.maximum(local_day(known.bought_at), earliest)
    rows = []
    for _ in range(_SERVICES):
        due = add_months(due, np.maximum(interval, 0)) + rng.integers(-20, 45, len(interval))
        at = to_instant(due * DAY + 10 * HOUR)
        done = keen & (interval > 0) & (at > known_at) & (at < retired_at)
        rows.append(np.where(done, at, MISSING))
    return np.stack(rows)


def _second_owners(
    rng: np.random.Generator,
    c: Company,
    customer: np.ndarray,
    retired_at: np.ndarray,
    how: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Who registers a re-sold unit some weeks later: somebody else who is known by then."""
    again = rng.random(len(customer)) < c.world.after_sale.registered_again_share
    at = retired_at + np.rint(rng.uniform(3.0, 60.0, len(customer)) * DAY).astype(np.int64)
    people_by_then = np.searchsorted(c.who.created_at, at)
    owner = np.floor(rng.random(len(customer)) * people_by_then).astype(np.int64)
    again &= (how == RE_SOLD) & (owner < people_by_then) & (owner != customer)
    return np.where(again, owner, -1), np.where(again, at, MISSING)
