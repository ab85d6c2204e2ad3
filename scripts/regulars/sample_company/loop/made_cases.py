"""What becomes of orders that contacts brought about: cases, and what is said of them.

Such an order takes after one that was once made (`made_orders`), in this too: where that one led
to a case, it leads to one about the same goods, as many days later and handled alike. Nothing is
drawn, so cases are as frequent and as good or bad as those of the orders taken after.
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from regulars.sample_company.company import Company, Orders
from regulars.sample_company.localtime import DAY, MISSING, local_day, offset, to_instant
from regulars.sample_company.loop.response import Untreated
from regulars.sample_company.records import Record, entries
from regulars.sample_company.service import Cases
from regulars.sample_company.surveys import Surveys


def made_cases(untreated: Untreated, orders: Orders, template: np.ndarray) -> tuple[Cases, Surveys]:
    """Cases of made orders and the answers about them, each in order of time.

    template: the order that each takes after. `order` of a case and `case` of an answer count
    from the first made order, the first made case. Nobody dead or forgotten opens one or answers.
    """
    c = untreated.company
    made = np.flatnonzero(_case_of_order(c)[template] >= 0)
    taken = _case_of_order(c)[template[made]]
    days = local_day(orders.ordered_at[made]) - local_day(c.orders.ordered_at[template[made]])
    cases = replace(
        _later(entries(c.cases, taken), days), customer=orders.customer[made], order=made
    )
    alive = np.flatnonzero(cases.opened_at < untreated.ended_at[cases.customer])
    place = alive[np.lexsort((cases.customer[alive], cases.opened_at[alive]))]
    cases = entries(cases, place)
    return cases, _answers(untreated, cases, taken[place], days[place])


def _case_of_order(c: Company) -> np.ndarray:
    """Each order's case; -1 without one."""
    case = np.full(len(c.orders.customer), -1)
    of_orders = np.flatnonzero(c.cases.order >= 0)
    case[c.cases.order[of_orders]] = of_orders
    return case


def _answers(untreated: Untreated, cases: Cases, taken: np.ndarray, days: np.ndarray) -> Surveys:
    """What is answered after these cases: as after those they take after, so many days later."""
    surveys = untreated.company.surveys
    by_case = np.argsort(surveys.case, kind="stable")
    start = np.searchsorted(surveys.case[by_case], taken, side="left")
    count = np.searchsorted(surveys.case[by_case], taken, side="right") - start
    case = np.repeat(np.arange(len(taken)), count)
    into = np.arange(len(case)) - np.repeat(np.cumsum(count) - count, count)
    alike = entries(surveys, by_case[start[case] + into])
    answers = replace(_later(alike, days[case]), customer=cases.customer[case], case=case)
    alive = np.flatnonzero(answers.answered_at < untreated.ended_at[answers.customer])
    order = np.lexsort((answers.kind[alive], case[alive], answers.answered_at[alive]))
    return entries(answers, alive[order])


def _later(record: Record, days: np.ndarray) -> Record:
    """Everything in it so many days later, at the same hour of the clock."""
    moved = {
        f.name: _at_the_same_hour(getattr(record, f.name), days)
        for f in fields(record)
        if f.name.endswith("_at")
    }
    return replace(record, **moved)


def _at_the_same_hour(instants: np.ndarray, days: np.ndarray) -> np.ndarray:
    known = np.where(instants == MISSING, 0, instants)
    moved = to_instant(known + offset(known) + days * DAY)
    return np.where(instants == MISSING, MISSING, moved)
