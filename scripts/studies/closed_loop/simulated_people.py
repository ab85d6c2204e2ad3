"""What a company knows of its people on a night of the loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company.accounts import order_margins
from regulars.sample_company.care import EMAIL, MARKETING
from regulars.sample_company.company import SALE, Company
from regulars.sample_company.localtime import DAY, MISSING
from regulars.sample_company.loop.aftermath import Answer, follow
from regulars.sample_company.loop.amended import amended
from regulars.sample_company.loop.response import Untreated
from regulars.sample_company.loop.sent import Sent

YEAR = 365


@dataclass(frozen=True)
class Ledger:
    """Everything that happens once so much was sent: an entry per delivered sale, in order of
    customer and night; margin in euros. opted_out_on: night per customer, far off for most."""

    customer: np.ndarray
    night: np.ndarray
    margin: np.ndarray
    agreed: np.ndarray
    opted_out_on: np.ndarray

    @classmethod
    def after(cls, untreated: Untreated, sent: Sent) -> Ledger:
        answer = follow(untreated, sent)
        company, _ = amended(untreated, answer)
        orders = company.orders
        night = company.night(orders.ordered_at)
        is_sale = (orders.order_type == SALE) & (orders.delivered_at != MISSING)
        is_sale &= night < 10 * YEAR  # what a contact put off lies in the year 2100
        rows = np.flatnonzero(is_sale)
        rows = rows[np.lexsort((rows, night[rows], orders.customer[rows]))]
        return cls(
            customer=orders.customer[rows],
            night=night[rows],
            margin=order_margins(company)[rows] / 100,
            agreed=_agreed(untreated.company),
            opted_out_on=_opted_out_on(untreated.company, answer),
        )

    def margin_between(self, people: np.ndarray, since: np.ndarray, days: int) -> np.ndarray:
        """Each person's margin over so many days from the night after `since` on."""
        total = np.concatenate([[0.0], np.cumsum(self.margin)])
        key = self.customer * 10_000 + self.night
        first = np.searchsorted(key, people * 10_000 + since + 1)
        last = np.searchsorted(key, people * 10_000 + since + 1 + days)
        return total[last] - total[first]

    def total(self, since: int, until: int) -> float:
        """Margin of all over the nights after `since`, up to and with `until`."""
        return float(self.margin[(self.night > since) & (self.night <= until)].sum())


def _agreed(c: Company) -> np.ndarray:
    """Night from which on each person may be written to; far off for those who never agreed."""
    said = c.consents
    yes = (said.channel == EMAIL) & (said.purpose == MARKETING) & said.is_granted
    since = np.full(len(c.who), 10 * YEAR)
    np.minimum.at(since, said.customer[yes], c.night(said.changed_at[yes]))
    return since


def _opted_out_on(c: Company, answer: Answer) -> np.ndarray:
    said = c.consents
    no = (said.channel == EMAIL) & (said.purpose == MARKETING) & ~said.is_granted
    on = np.full(len(c.who), 10 * YEAR)
    np.minimum.at(on, said.customer[no], c.night(said.changed_at[no]))
    np.minimum.at(on, answer.opted_out, answer.opted_out_at // DAY - c.first_day)
    return on


@dataclass(frozen=True)
class Known:
    """Per customer, on a night: orders so far, nights since the last one and between them (mean),
    margin of the last 365 nights and an order's mean, and whether they may be written to."""

    orders: np.ndarray
    since_last: np.ndarray
    gap: np.ndarray
    year: np.ndarray
    per_order: np.ndarray
    is_reachable: np.ndarray

    @classmethod
    def on(cls, ledger: Ledger, night: int) -> Known:
        size, past = len(ledger.agreed), ledger.night <= night
        who, when, margin = ledger.customer[past], ledger.night[past], ledger.margin[past]
        orders = np.bincount(who, minlength=size)
        first, last = np.full(size, 10 * YEAR), np.full(size, -1)
        np.minimum.at(first, who, when)
        np.maximum.at(last, who, when)
        recent = when > night - YEAR
        return cls(
            orders=orders,
            since_last=np.where(orders > 0, night - last, 10 * YEAR),
            gap=(last - first) / np.maximum(orders - 1, 1),
            year=np.bincount(who[recent], weights=margin[recent], minlength=size),
            per_order=np.bincount(who, weights=margin, minlength=size) / np.maximum(orders, 1),
            is_reachable=(ledger.agreed <= night) & (ledger.opted_out_on > night),
        )
