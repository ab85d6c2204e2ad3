"""What happened in a world, measured for its picture and its line in the page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company import LAST_NIGHT, WORLDS, accounts, company
from regulars.sample_company.company import SALE, Company
from regulars.sample_company.localtime import day_number

CUSTOMERS, SEED = 4_000, 7
MONTH = 30.4375
MONTHS = 24
GAP_BINS = np.linspace(0.0, 3.0, 16)


@dataclass(frozen=True)
class Seen:
    """One world, measured.

    orders_per_week: over all nights and the year ahead; weeks: how many of them are delivered
    alive: share of buyers still customers 0 to 24 months after their first order
    gaps: share of gaps in each of GAP_BINS, in multiples of the customer's own usual gap
    revenue_held: share of revenue of the best 0%, 1%, ... 100% of buyers
    """

    orders_per_week: np.ndarray
    weeks: int
    alive: np.ndarray
    gaps: np.ndarray
    revenue_held: np.ndarray
    orders: int
    came_again: float
    order_value: float
    refunded: float
    cases_per_order: float
    unprofitable: float


def see(name: str) -> Seen:
    """The world as large as it says, or as many customers as make a smooth picture."""
    world = WORLDS[name]
    customers = min(CUSTOMERS, world.customers) if name == "tiny" else CUSTOMERS
    first_day = day_number(LAST_NIGHT) - world.nights + 1
    c = company.live(SEED, world, customers, first_day, world.nights)
    own = c.orders.order_type == SALE
    night = c.night(c.orders.ordered_at)
    past = own & (night < c.nights)
    bought = np.bincount(c.orders.customer[past], minlength=customers)
    net = c.lines.net * c.euros_per_unit[c.lines.order]
    value = np.bincount(c.lines.order, net, len(night)) / 100
    returned = np.unique(c.lines.order[c.refunds.line])
    revenue = np.bincount(c.orders.customer[past], value[past], customers)
    return Seen(
        orders_per_week=np.bincount(night[own] // 7)[: (c.nights + 365) // 7],
        weeks=c.nights // 7,
        alive=_alive(c),
        gaps=_gaps(c),
        revenue_held=_held(revenue[bought > 0]),
        orders=int(past.sum()),
        came_again=float((bought > 1).sum() / (bought > 0).sum()),
        order_value=float(value[past].mean()),
        refunded=float(past[returned].sum() / past.sum()),
        cases_per_order=float(c.lives.has_case.mean()),
        unprofitable=_unprofitable(c, past),
    )


def _alive(c: Company) -> np.ndarray:
    started = np.isfinite(c.who.first_purchase)
    lived = c.lives.death[started] - c.who.first_purchase[started]
    return np.array([(lived > month * MONTH).mean() for month in range(MONTHS + 1)])


def _gaps(c: Company) -> np.ndarray:
    same = c.lives.customer[1:] == c.lives.customer[:-1]
    gap = np.diff(c.lives.day)[same] * c.lives.rate[c.lives.customer[1:][same]]
    counted = np.histogram(gap, GAP_BINS)[0]
    return counted / max(len(gap), 1)


def _held(revenue: np.ndarray) -> np.ndarray:
    best = np.concatenate([[0.0], np.cumsum(np.sort(revenue)[::-1])])
    places = np.rint(np.linspace(0, len(revenue), 101)).astype(np.int64)
    return best[places] / best[-1]


def _unprofitable(c: Company, past: np.ndarray) -> float:
    """Buyers who cost more so far than they brought."""
    size = len(c.who)
    brought = np.bincount(c.orders.customer[past], accounts.order_margins(c)[past], size)
    opened = c.night(c.cases.opened_at) < c.nights
    cost = np.bincount(c.cases.customer[opened], accounts.case_costs(c)[opened], size)
    buyers = np.bincount(c.orders.customer[past], minlength=size) > 0
    return float((brought < cost)[buyers].mean())
