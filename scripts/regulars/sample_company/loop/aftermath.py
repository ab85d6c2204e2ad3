"""What follows from what was sent: contacts, opt-outs, orders made and orders not made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company.care import COMPLAINED, OUTCOMES, UNSUBSCRIBED, Contacts
from regulars.sample_company.company import Orders
from regulars.sample_company.keyed import uniforms
from regulars.sample_company.localtime import DAY, HOUR, to_instant
from regulars.sample_company.loop import fatigue, response
from regulars.sample_company.loop.made_cases import made_cases
from regulars.sample_company.loop.made_orders import Moved, joined, made_orders
from regulars.sample_company.loop.response import SPILL_OVER, Untreated
from regulars.sample_company.loop.sent import Sent
from regulars.sample_company.service import Cases
from regulars.sample_company.spend import Baskets
from regulars.sample_company.surveys import Surveys

_DELIVERED, _OPENED, _CLICKED, _BOUNCED = (
    OUTCOMES.index(o) for o in ("delivered", "opened", "clicked", "bounced")
)
_EMAIL, _PHONE = 0, 1


@dataclass(frozen=True)
class Answer:
    """Everything that follows. is_put_off: per order of the company left alone, whether it is not
    made; orders and lines: those made instead, in order of time, with their cases and what is
    answered about these (`made_cases`)."""

    contacts: Contacts
    opted_out: np.ndarray
    opted_out_at: np.ndarray
    is_put_off: np.ndarray
    orders: Orders
    lines: Baskets
    cases: Cases
    surveys: Surveys


def follow(known: Untreated, sent: Sent) -> Answer:
    """The answer to everything sent so far."""
    at = _sent_at(known, sent)
    weariness = _weariness(known, sent, at)
    moved, is_persuaded, is_put_off = _effects(known, sent, at, weariness)
    out = uniforms(known.seed, "opts out", sent.customer, sent.night) < fatigue.opt_out_chance(
        weariness
    )
    out &= ~sent.is_call & ~response.bounces(known, sent.customer)
    orders, lines, template = made_orders(known, moved)
    contacts = _contacts(known, sent, at, out, is_persuaded)
    return Answer(
        contacts, sent.customer[out], at[out] + HOUR, is_put_off, orders, lines,
        *made_cases(known, orders, template),
    )  # fmt: skip


def _sent_at(known: Untreated, sent: Sent) -> np.ndarray:
    """The morning after the night for a letter, its office hours for a call."""
    day = known.company.first_day + sent.night + 1
    draw = uniforms(known.seed, "hour of contact", sent.customer, sent.night, sent.list_key)
    second = np.where(sent.is_call, 10 * HOUR + draw * 8 * HOUR, 9 * HOUR + draw * 2 * HOUR)
    return to_instant(day * DAY + second.astype(np.int64))


def _weariness(known: Untreated, sent: Sent, at: np.ndarray) -> np.ndarray:
    """What each contact meets, of newsletters and everything that the lists sent before."""
    mail = known.company.contacts
    customer = np.concatenate([sent.customer, mail.customer])
    return fatigue.before(customer, np.concatenate([at, mail.sent_at]))[: len(at)]


def _effects(
    known: Untreated, sent: Sent, at: np.ndarray, weariness: np.ndarray
) -> tuple[Moved, np.ndarray, np.ndarray]:
    """Who is moved to buy, by a contact or by who lives with them; per contact, whether it was
    the one that persuaded; per order of the company left alone, whether it is not made."""
    window = np.array([response.effect_of(code).window_days for code in sent.lists], np.int64)
    episode, begins = response.episodes(sent.list_code, sent.customer, at, window[sent.list_code])
    is_persuaded = np.zeros(len(at), dtype=bool)
    is_put_off = np.zeros(len(known.company.orders.customer), dtype=bool)
    overheard = []
    for place, code in enumerate(sent.lists):
        here = np.flatnonzero(begins & (sent.list_code == place))
        who, when = sent.customer[here], at[here]
        found = response.outcomes(known, code, who, when, episode[here], weariness[here])
        is_persuaded[here] = found.kind == response.PERSUADABLE
        no = found.kind == response.SLEEPING_DOG
        _, order = known.orders_between(who[no], when[no], when[no] + window[place] * DAY)
        is_put_off[order] = True
        overheard.append(_spilt_over(known, sent, place, here, at, episode))
    persuaded = Moved(*(
        column[is_persuaded] for column in (sent.customer, sent.list_key, at, episode)
    ))  # fmt: skip
    return joined([persuaded, *overheard]), is_persuaded, is_put_off


def _spilt_over(
    known: Untreated, sent: Sent, place: int, here: np.ndarray, at: np.ndarray, episode: np.ndarray
) -> Moved:
    """Who buys because somebody they live with was contacted, and they not, on that list so far."""
    other = known.kin.others_at_home()[sent.customer[here]]
    since = np.full(len(known.company.who), np.iinfo(np.int64).max)
    on_list = sent.list_code == place
    np.minimum.at(since, sent.customer[on_list], at[on_list])
    left_out = (other >= 0) & (since[other] > at[here] + 12 * HOUR)  # not on the same day either
    here, other = here[left_out], other[left_out]
    rested = np.zeros(len(here))
    found = response.outcomes(
        known, sent.lists[place], other, at[here], episode[here], rested, SPILL_OVER
    )
    yes = found.kind == response.PERSUADABLE
    return Moved(other[yes], sent.list_key[here][yes], at[here][yes], episode[here][yes])


def _contacts(
    known: Untreated, sent: Sent, at: np.ndarray, out: np.ndarray, is_persuaded: np.ndarray
) -> Contacts:
    """What the mailing tool and the call desk report, in order of time."""
    draw = uniforms(known.seed, "outcome", sent.customer, sent.night, sent.list_key)
    read = np.where(draw < 0.34, _OPENED, np.where(draw < 0.40, _CLICKED, _DELIVERED))
    outcome = np.where(is_persuaded & (draw < 0.7), _CLICKED, read)
    outcome = np.where(out, np.where(draw < 0.15, COMPLAINED, UNSUBSCRIBED), outcome)
    outcome = np.where(response.bounces(known, sent.customer), _BOUNCED, outcome)
    outcome = np.where(sent.is_call, _DELIVERED, outcome)
    order = np.lexsort((sent.list_code, sent.customer, at))
    return Contacts(
        sent.list_code[order], sent.customer[order],
        np.where(sent.is_call, _PHONE, _EMAIL)[order], at[order], outcome[order], sent.lists,
    )  # fmt: skip
