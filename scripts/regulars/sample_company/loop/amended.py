"""The company as it becomes, once what follows from contacts has happened to it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import numpy as np

from regulars.sample_company.care import EMAIL, LISTS, MARKETING, Consents, Contacts
from regulars.sample_company.company import Company
from regulars.sample_company.house_feeds import order_numbers
from regulars.sample_company.localtime import DAY, MISSING, day_number
from regulars.sample_company.loop.aftermath import Answer
from regulars.sample_company.loop.response import Untreated
from regulars.sample_company.records import Record, joined

# Orders that follow from contacts are numbered from here, in order of time.
FIRST_NUMBER = 70_000_000
# What happens to nobody: later than any night that is delivered.
_FAR = day_number(date(2100, 1, 1)) * DAY


def amended(untreated: Untreated, answer: Answer) -> tuple[Company, np.ndarray]:
    """The company with everything that followed, and each order's number.

    Numbers of what was delivered do not change when more is sent: whatever a contact changes lies
    after it, and what it adds is numbered by time.
    """
    c, base = untreated.company, len(untreated.company.orders.customer)
    added = FIRST_NUMBER + np.arange(len(answer.orders.customer))
    lines = replace(answer.lines, order=answer.lines.order + base)
    cases = replace(answer.cases, order=answer.cases.order + base)
    surveys = replace(answer.surveys, case=answer.surveys.case + len(c.cases.customer))
    late = c.surveys.answered_at > _from(c, answer)[c.surveys.customer]
    off = answer.is_put_off
    case_off = _flag(off, c.cases.order)
    survey_off = _flag(case_off, c.surveys.case) | (late & (c.surveys.case < 0))
    company = replace(
        c,
        orders=joined([_never(c.orders, off), answer.orders]),
        lines=joined([c.lines, lines]),
        cases=joined([_never(c.cases, case_off), cases]),
        surveys=joined([_never(c.surveys, survey_off), surveys]),
        refunds=_never(c.refunds, off[c.lines.order[c.refunds.line]]),
        contacts=_with_contacts(c.contacts, answer),
        consents=_with_opt_outs(c.consents, answer),
    )
    return company, np.concatenate([order_numbers(c), added])


def _from(c: Company, answer: Answer) -> np.ndarray:
    """Per customer, when the first order that is not made would have been made."""
    since = np.full(len(c.who), np.iinfo(np.int64).max)
    off = np.flatnonzero(answer.is_put_off)
    np.minimum.at(since, c.orders.customer[off], c.orders.ordered_at[off])
    return since


def _flag(of_parent: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """What holds of the parent; false without one."""
    return of_parent[np.maximum(parent, 0)] & (parent >= 0)


def _never(record: Record, which: np.ndarray) -> Record:
    """The record with the instants of these entries put off beyond every night."""
    moved = {
        f.name: np.where(
            which & (getattr(record, f.name) != MISSING), _FAR, getattr(record, f.name)
        )
        for f in fields(record)
        if f.name.endswith("_at")
    }
    return replace(record, **moved)


def _with_contacts(mail: Contacts, answer: Answer) -> Contacts:
    """Newsletters, but for those after an opt-out, and what the lists sent."""
    since = np.full(int(mail.customer.max(initial=0)) + 1, np.iinfo(np.int64).max)
    inside = answer.opted_out < len(since)
    np.minimum.at(since, answer.opted_out[inside], answer.opted_out_at[inside])
    mail = _never(mail, mail.sent_at > since[mail.customer])
    sent = replace(answer.contacts, list_code=answer.contacts.list_code + len(LISTS))
    return replace(joined([mail, sent]), lists=(*LISTS, *sent.lists))


def _with_opt_outs(consents: Consents, answer: Answer) -> Consents:
    """Permission for e-mail marketing withdrawn by who opted out."""
    size = len(answer.opted_out)
    withdrawn = Consents(
        customer=answer.opted_out,
        channel=np.full(size, EMAIL),
        purpose=np.full(size, MARKETING),
        changed_at=answer.opted_out_at,
        is_granted=np.zeros(size, dtype=bool),
    )
    return joined([consents, withdrawn])
