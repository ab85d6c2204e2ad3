"""What becomes of orders that contacts brought about: cases, and what is said of them.

Such an order takes after one that was once made (`made_orders`), in this too: where that one led
to a case, it leads to one about the same goods, as many days later and handled alike. Nothing is
drawn, so cases are as frequent and as good or bad as those of the orders taken after.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np

from regulars.sample_company.company import Company, Orders
from regulars.sample_company.localtime import DAY, MISSING, local_day, offset, to_instant
from regulars.sample_company.loop.response import Untreated
from regulars.sample_company.service import Cases
from regulars.sample_company.surveys import Surveys


def made_cases(known: Untreated, orders: Orders, template: np.ndarray) -> tuple[Cases, Surveys]:
    """Cases of made orders and the answers about them, each in order of time.

    template: the order that each takes after. `order` of a case and `case` of an answer count
    from the first made order, the first made case. Nobody dead or forgotten opens one or answers.
    """
    c = known.company
    made = np.flatnonzero(_case_of_order(c)[template] >= 0)
    taken = _case_of_order(c)[template[made]]
    days = local_day(orders.ordered_at[made]) - local_day(c.orders.ordered_at[template[made]])
    cases = replace(
        _later(_entries(c.cases, taken), days), customer=orders.customer[made], order=made
    )
    alive = np.flatnonzero(cases.opened_at < known.ended_at[cases.customer])
    place = alive[np.lexsort((cases.customer[alive], cases.opened_at[alive]))]
    cases = _entries(cases, place)
    return cases, _answers(known, cases, taken[place], days[place])


def _case_of_order(c: Company) -> np.ndarray:
    """Each order's case; -1 without one."""
    found = np.full(len(c.orders.customer), -1)
    of_orders = np.flatnonzero(c.cases.order >= 0)
    found[c.cases.order[of_orders]] = of_orders
    return found


def _answers(known: Untreated, cases: Cases, taken: np.ndarray, days: np.ndarray) -> Surveys:
    """What is answered after these cases: as after those they take after, so many days later."""
    said = known.company.surveys
    by_case = np.argsort(said.case, kind="stable")
    start = np.searchsorted(said.case[by_case], taken, side="left")
    count = np.searchsorted(said.case[by_case], taken, side="right") - start
    case = np.repeat(np.arange(len(taken)), count)
    into = np.arange(len(case)) - np.repeat(np.cumsum(count) - count, count)
    answers = replace(
        _later(_entries(said, by_case[start[case] + into]), days[case]),
        customer=cases.customer[case], case=case,
    )  # fmt: skip
    alive = np.flatnonzero(answers.answered_at < known.ended_at[answers.customer])
    order = np.lexsort((answers.kind[alive], case[alive], answers.answered_at[alive]))
    return _entries(answers, alive[order])


def _entries(record: Any, which: np.ndarray) -> Any:
    """Some entries of a record of arrays."""
    return replace(record, **{f.name: getattr(record, f.name)[which] for f in fields(record)})


def _later(record: Any, days: np.ndarray) -> Any:
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
