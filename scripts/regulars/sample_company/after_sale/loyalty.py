"""The points ledger: a point a euro, spent in steps, gone after a year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company.company import SALE, Company
from regulars.sample_company.localtime import DAY, HOUR, MISSING, local_day, to_instant
from regulars.sample_company.records import entries, joined
from regulars.sample_company.seeds import stream

KINDS = ("earned", "spent", "expired", "reversed")
EARNED, SPENT, EXPIRED, REVERSED = range(4)
LIFE_DAYS = 365
STEP, STEPS_MAX = 250, 4


@dataclass(frozen=True)
class Ledger:
    """One entry per booking, in order of time; points are negative but for what is earned.

    order: the order that brought the points or was paid with them. expires_on: day, MISSING but
    for what is earned.
    """

    customer: np.ndarray
    order: np.ndarray
    kind: np.ndarray
    points: np.ndarray
    booked_at: np.ndarray
    expires_on: np.ndarray


@dataclass(frozen=True)
class _Chances:
    """What may change a balance: kind, whose, when, by which order, how many points at most."""

    kind: np.ndarray
    customer: np.ndarray
    at: np.ndarray
    order: np.ndarray
    points: np.ndarray


def ledger(seed: int, c: Company) -> Ledger:
    """Points of the members' own orders, from delivery on."""
    rng, after_sale = stream(seed, "loyalty"), c.world.after_sale
    member = (rng.random(len(c.who)) < after_sale.member_share) & ~c.who.is_staff
    spends = rng.random(len(c.orders.customer)) < after_sale.redeemed_share
    chances = _chances(c, member, spends)
    points = _book(chances, len(c.who))
    booked = Ledger(
        customer=chances.customer,
        order=chances.order,
        kind=chances.kind,
        points=points,
        booked_at=chances.at,
        expires_on=np.where(chances.kind == EARNED, local_day(chances.at) + LIFE_DAYS, MISSING),
    )
    booked = entries(booked, points != 0)
    return entries(booked, np.lexsort((booked.kind, booked.order, booked.booked_at)))


def _chances(c: Company, member: np.ndarray, spends: np.ndarray) -> _Chances:
    """By customer, then time."""
    o = c.orders
    net = np.bincount(c.lines.order, weights=c.lines.net, minlength=len(o.customer))
    worth = np.floor(net / 100).astype(np.int64)
    counts = member[o.customer] & (o.order_type == SALE) & (o.delivered_at != MISSING)
    earns, pays = np.flatnonzero(counts & (worth > 0)), np.flatnonzero(counts & spends)
    back = np.flatnonzero(np.isin(c.lines.order[c.refunds.line], earns))
    back_order = c.lines.order[c.refunds.line[back]]
    expiry = to_instant((local_day(o.delivered_at[earns]) + LIFE_DAYS + 1) * DAY + 4 * HOUR)
    nothing = np.zeros(len(pays), dtype=np.int64)
    reversed_at, taken_back = c.refunds.refunded_at[back], c.refunds.amount[back] // 100
    chances = joined(
        [
            _of_orders(c, EARNED, earns, o.delivered_at[earns], worth[earns]),
            _of_orders(c, SPENT, pays, o.ordered_at[pays], nothing),
            _of_orders(c, EXPIRED, earns, expiry, worth[earns]),
            _of_orders(c, REVERSED, back_order, reversed_at, taken_back),
        ]
    )
    order = np.lexsort((chances.order, chances.kind, chances.at, chances.customer))
    return entries(chances, order)


def _of_orders(
    c: Company, kind: int, order: np.ndarray, at: np.ndarray, points: np.ndarray
) -> _Chances:
    return _Chances(
        kind=np.full(len(order), kind),
        customer=c.orders.customer[order],
        at=at,
        order=order,
        points=points,
    )


def _book(chances: _Chances, customers: int) -> np.ndarray:
    """Points booked at each chance: the nth of every customer at once, n after n.

    What was earned first is used first, so an earning expires as far as everything earned up to
    it is more than everything used so far.
    """
    earned, used = np.zeros(customers, np.int64), np.zeros(customers, np.int64)
    earned_up_to = _earned_up_to(chances)
    booked = np.zeros(len(chances.kind), dtype=np.int64)
    nth = np.arange(len(booked)) - np.searchsorted(chances.customer, chances.customer, "left")
    turn = np.argsort(nth, kind="stable")
    for at in np.split(turn, np.cumsum(np.bincount(nth))[:-1]) if len(nth) else []:
        who, kind = chances.customer[at], chances.kind[at]
        balance = earned[who] - used[who]
        takes = np.select(
            [kind == SPENT, kind == EXPIRED, kind == REVERSED],
            [
                np.minimum(balance // STEP, STEPS_MAX) * STEP,
                np.maximum(earned_up_to[at] - used[who], 0),
                np.minimum(chances.points[at], balance),
            ],
            0,
        )
        gains = np.where(kind == EARNED, chances.points[at], 0)
        earned[who] += gains
        used[who] += takes
        booked[at] = gains - takes
    return booked


def _earned_up_to(chances: _Chances) -> np.ndarray:
    """At each expiry: everything its customer earned up to and with the earning that expires."""
    earning, expiry = (np.flatnonzero(chances.kind == kind) for kind in (EARNED, EXPIRED))
    total = np.cumsum(chances.points[earning])
    whose = chances.customer[earning]
    before = np.searchsorted(whose, whose, side="left")
    of_order = np.zeros(int(chances.order.max(initial=-1)) + 1, dtype=np.int64)
    of_order[chances.order[earning]] = total - np.where(before > 0, total[before - 1], 0)
    earned_up_to = np.zeros(len(chances.kind), dtype=np.int64)
    earned_up_to[expiry] = of_order[chances.order[expiry]]
    return earned_up_to
