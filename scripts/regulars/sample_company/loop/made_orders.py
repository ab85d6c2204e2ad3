"""Orders that contacts brought about: whose, when, and what is in them."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from regulars.sample_company import catalogue as goods
from regulars.sample_company.company import SALE, WEB, Company, Orders
from regulars.sample_company.keyed import uniforms
from regulars.sample_company.localtime import DAY, HOUR, MISSING, local_day, to_instant
from regulars.sample_company.loop.response import Untreated
from regulars.sample_company.spend import Baskets

_MEAN_DAYS_TO_ORDER = 9.0
# Shares of those moved who buy a second time, and of those a third time.
_BUYS_AGAIN = (0.30, 0.10)


@dataclass(frozen=True)
class Moved:
    """One entry per person whom a contact brought to buy: whose, by which list (`Sent.list_key`),
    when contacted, in which of the customer's episodes."""

    customer: np.ndarray
    list_key: np.ndarray
    at: np.ndarray
    episode: np.ndarray


def joined(parts: list[Moved]) -> Moved:
    """All of them, one part after the other."""
    columns = ([getattr(p, f.name) for p in parts] for f in fields(Moved))
    empty = np.zeros(0, dtype=np.int64)
    return Moved(*(np.concatenate([empty, *column]) for column in columns))


def made_orders(known: Untreated, moved: Moved) -> tuple[Orders, Baskets, np.ndarray]:
    """What those moved order, while they live and want to be known; in order of time. With it,
    the order of the company that each takes after.

    Without one ordinary order to take after, nothing is bought.
    """
    pool = _pool(known.company)
    made, nth, at = _timed(known, moved)
    template = _like_theirs(known, pool, made, nth)
    order = np.flatnonzero((at < known.ended_at[made.customer]) & (template >= 0))
    order = order[np.lexsort((nth[order], made.list_key[order], made.customer[order], at[order]))]
    return *_made(known, chosen(made, order), at[order], template[order]), template[order]


def _timed(known: Untreated, moved: Moved) -> tuple[Moved, np.ndarray, np.ndarray]:
    """(whose, which of theirs, when): one order each, soon; for some more at their own pace."""
    rate = np.maximum(known.company.lives.rate[moved.customer], 1e-4)
    days = np.clip(_exponential(known, "days to order", moved, 0) * _MEAN_DAYS_TO_ORDER, 0.1, 28.0)
    whose, days_on = [moved], [days]
    again = np.ones(len(days), dtype=bool)
    for nth, share in enumerate(_BUYS_AGAIN, start=1):
        days = days + np.clip(_exponential(known, "gap", moved, nth) / rate, 5.0, 400.0)
        again &= uniforms(known.seed, "buys again", *_key(moved, nth)) < share
        whose.append(chosen(moved, again))
        days_on.append(days[again])
    made = joined(whose)
    place = np.repeat(np.arange(len(whose)), [len(days) for days in days_on])
    day = local_day(made.at) + np.ceil(np.round(np.concatenate(days_on), 6)).astype(np.int64)
    second = 8 * HOUR + uniforms(known.seed, "hour of order", *_key(made, place)) * 14 * HOUR
    return made, place, to_instant(day * DAY + second.astype(np.int64))


def _exponential(known: Untreated, part: str, moved: Moved, nth: int) -> np.ndarray:
    return -np.log1p(-uniforms(known.seed, part, *_key(moved, nth)))


def chosen(moved: Moved, which: np.ndarray) -> Moved:
    """Some of them, by place or mask."""
    return Moved(*(getattr(moved, f.name)[which] for f in fields(Moved)))


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
    usual &= (c.orders.currency == 0) & (c.orders.channel == WEB)
    pool = np.flatnonzero(usual & ~c.lives.is_wholesale[c.orders.customer])
    return pool[np.lexsort((pool, c.level[c.orders.customer[pool]]))]


def _like_theirs(known: Untreated, pool: np.ndarray, made: Moved, nth: np.ndarray) -> np.ndarray:
    """For each order, one of the pool that somebody with a like spend level once made."""
    c = known.company
    if not len(pool):
        return np.full(len(made.customer), -1)
    middle = np.searchsorted(c.level[c.orders.customer[pool]], c.level[made.customer])
    near = max(len(pool) // 50, 1)
    step = (uniforms(known.seed, "basket", *_key(made, nth)) * 2 * near).astype(np.int64) - near
    return pool[np.clip(middle + step, 0, len(pool) - 1)]


def _made(
    known: Untreated, made: Moved, at: np.ndarray, template: np.ndarray
) -> tuple[Orders, Baskets]:
    """The orders and their lines: the template's goods, at the day's prices, without discount."""
    c = known.company
    alike = {f.name: getattr(c.orders, f.name)[template] for f in fields(c.orders)}
    waits = c.orders.shipped_at[template] - c.orders.paid_at[template]
    travels = c.orders.delivered_at[template] - c.orders.shipped_at[template]
    orders = Orders(**{
        **alike, "customer": made.customer, "ordered_at": at, "paid_at": at,
        "shipped_at": at + waits, "delivered_at": at + waits + travels,
    })  # fmt: skip
    by_order = np.argsort(c.lines.order, kind="stable")
    start = np.searchsorted(c.lines.order[by_order], template, side="left")
    count = np.searchsorted(c.lines.order[by_order], template, side="right") - start
    order = np.repeat(np.arange(len(template)), count)
    into = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    line = by_order[start[order] + into]
    price = c.shop.price[c.shop.version(c.night(at))[order], c.lines.product[line]]
    same = {f.name: getattr(c.lines, f.name)[line] for f in fields(c.lines)}
    return orders, Baskets(**{
        **same, "order": order, "unit_price": price, "discount": np.zeros_like(price),
    })  # fmt: skip
