"""Orders that contacts brought about: whose, when, and what is in them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

import regulars.sample_company.catalogue as goods
from regulars.sample_company.company import EUR, SALE, WEB, Company, Orders
from regulars.sample_company.keyed import uniforms
from regulars.sample_company.localtime import DAY, HOUR, MISSING, local_day, to_instant
from regulars.sample_company.loop.response import Untreated
from regulars.sample_company.records import entries, joined
from regulars.sample_company.spend import Baskets


@dataclass(frozen=True)
class Moved:
    """One entry per person whom a contact brought to buy: whose, by which list (`Sent.list_key`),
    when contacted, in which of the customer's episodes."""

    customer: np.ndarray
    list_key: np.ndarray
    at: np.ndarray
    episode: np.ndarray


def made_orders(untreated: Untreated, moved: Moved) -> tuple[Orders, Baskets, np.ndarray]:
    """What those moved order, while they live and want to be known; in order of time. With it,
    the order of the company that each takes after.

    Without one ordinary order to take after, nothing is bought.
    """
    pool = _pool(untreated.company)
    made, nth, at = _timed(untreated, moved)
    template = _like_theirs(untreated, pool, made, nth)
    order = np.flatnonzero((at < untreated.ended_at[made.customer]) & (template >= 0))
    order = order[np.lexsort((nth[order], made.list_key[order], made.customer[order], at[order]))]
    orders, lines = _made(untreated, entries(made, order), at[order], template[order])
    return orders, lines, template[order]


def _timed(untreated: Untreated, moved: Moved) -> tuple[Moved, np.ndarray, np.ndarray]:
    """(whose, which of theirs, when): one order each, soon; for some more at their own pace."""
    rate = np.maximum(untreated.company.lives.rate[moved.customer], 1e-4)
    response = untreated.company.world.response
    days = _exponential(untreated, "days to order", moved, 0) * response.days_to_order
    days = np.clip(days, 0.1, 28.0)
    whose, days_on = [moved], [days]
    again = np.ones(len(days), dtype=bool)
    for nth, share in enumerate(response.buys_again_shares, start=1):
        days = days + np.clip(_exponential(untreated, "gap", moved, nth) / rate, 5.0, 400.0)
        again &= uniforms(untreated.seed, "buys again", *_key(moved, nth)) < share
        whose.append(entries(moved, again))
        days_on.append(days[again])
    made = joined(whose)
    place = np.repeat(np.arange(len(whose)), [len(days) for days in days_on])
    day = local_day(made.at) + np.ceil(np.round(np.concatenate(days_on), 6)).astype(np.int64)
    second = 8 * HOUR + uniforms(untreated.seed, "hour of order", *_key(made, place)) * 14 * HOUR
    return made, place, to_instant(day * DAY + second.astype(np.int64))


def _exponential(untreated: Untreated, part: str, moved: Moved, nth: int) -> np.ndarray:
    return -np.log1p(-uniforms(untreated.seed, part, *_key(moved, nth)))


def _key(moved: Moved, nth: np.ndarray | int) -> tuple[np.ndarray, ...]:
    """What an order's draws depend on."""
    nth = np.broadcast_to(np.asarray(nth), moved.at.shape)
    return moved.customer, moved.list_key, moved.episode, nth


def _pool(c: Company) -> np.ndarray:
    """Ordinary web orders without a machine, by the spend level of who made them."""
    machines = (goods.MACHINES, goods.GRINDERS, goods.KETTLES)
    is_unit = np.isin(c.shop.category[c.lines.product], machines)
    has_unit = np.bincount(c.lines.order, weights=is_unit, minlength=len(c.orders.customer)) > 0
    usual = (c.orders.order_type == SALE) & (c.orders.delivered_at != MISSING) & ~has_unit
    usual &= (c.orders.currency == EUR) & (c.orders.channel == WEB)
    pool = np.flatnonzero(usual & ~c.lives.is_wholesale[c.orders.customer])
    return pool[np.lexsort((pool, c.level[c.orders.customer[pool]]))]


def _like_theirs(
    untreated: Untreated, pool: np.ndarray, made: Moved, nth: np.ndarray
) -> np.ndarray:
    """For each order, one of the pool that somebody with a like spend level once made."""
    c = untreated.company
    if not len(pool):
        return np.full(len(made.customer), -1)
    middle = np.searchsorted(c.level[c.orders.customer[pool]], c.level[made.customer])
    near = max(len(pool) // 50, 1)
    step = (uniforms(untreated.seed, "basket", *_key(made, nth)) * 2 * near).astype(np.int64) - near
    return pool[np.clip(middle + step, 0, len(pool) - 1)]


def _made(
    untreated: Untreated, made: Moved, at: np.ndarray, template: np.ndarray
) -> tuple[Orders, Baskets]:
    """The orders and their lines: the template's goods, at the day's prices, without discount."""
    c = untreated.company
    alike = entries(c.orders, template)
    leaves_at = at + alike.shipped_at - alike.paid_at
    orders = replace(
        alike,
        customer=made.customer,
        ordered_at=at,
        paid_at=at,
        shipped_at=leaves_at,
        delivered_at=leaves_at + alike.delivered_at - alike.shipped_at,
    )
    by_order = np.argsort(c.lines.order, kind="stable")
    start = np.searchsorted(c.lines.order[by_order], template, side="left")
    count = np.searchsorted(c.lines.order[by_order], template, side="right") - start
    order = np.repeat(np.arange(len(template)), count)
    into = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    lines = entries(c.lines, by_order[start[order] + into])
    price = c.shop.price[c.shop.version(c.night(at))[order], lines.product]
    return orders, replace(lines, order=order, unit_price=price, discount=np.zeros_like(price))
