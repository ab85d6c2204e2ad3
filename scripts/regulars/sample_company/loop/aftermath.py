"""What follows from what was sent: contacts, opt-outs, orders made and orders not made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import regulars.sample_company.fatigue as fatigue
import regulars.sample_company.loop.response as response
from regulars.sample_company.care import (
    BOUNCED,
    CLICKED,
    COMPLAINED,
    DELIVERED,
    EMAIL,
    OPENED,
    PHONE,
    UNSUBSCRIBED,
    Contacts,
)
from regulars.sample_company.company import Orders
from regulars.sample_company.keyed import uniforms
from regulars.sample_company.localtime import DAY, HOUR, to_instant
from regulars.sample_company.loop.made_cases import made_cases
from regulars.sample_company.loop.made_orders import Moved, made_orders
from regulars.sample_company.loop.response import Untreated
from regulars.sample_company.loop.sent import Sent
from regulars.sample_company.records import entries, joined
from regulars.sample_company.service import Cases
from regulars.sample_company.spend import Baskets
from regulars.sample_company.surveys import Surveys


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


def follow(untreated: Untreated, sent: Sent) -> Answer:
    """The answer to everything sent so far."""
    at = _sent_at(untreated, sent)
    weariness = _weariness(untreated, sent, at)
    moved, is_persuaded, is_put_off = _effects(untreated, sent, at, weariness)
    out = _opts_out(untreated, sent, weariness)
    orders, lines, template = made_orders(untreated, moved)
    cases, surveys = made_cases(untreated, orders, template)
    return Answer(
        contacts=_contacts(untreated, sent, at, out, is_persuaded),
        opted_out=sent.customer[out],
        opted_out_at=at[out] + HOUR,
        is_put_off=is_put_off,
        orders=orders,
        lines=lines,
        cases=cases,
        surveys=surveys,
    )


def _opts_out(untreated: Untreated, sent: Sent, weariness: np.ndarray) -> np.ndarray:
    """Which letters are answered with an opt-out; a call is not, nor what never arrives."""
    chance = fatigue.opt_out_chance(weariness, untreated.company.world.response)
    out = uniforms(untreated.seed, "opts out", sent.customer, sent.night) < chance
    return out & ~sent.is_call & ~response.bounces(untreated, sent.customer)


def _sent_at(untreated: Untreated, sent: Sent) -> np.ndarray:
    """The morning after the night for a letter, its office hours for a call."""
    day = untreated.company.first_day + sent.night + 1
    draw = uniforms(untreated.seed, "hour of contact", sent.customer, sent.night, sent.list_key)
    second = np.where(sent.is_call, 10 * HOUR + draw * 8 * HOUR, 9 * HOUR + draw * 2 * HOUR)
    return to_instant(day * DAY + second.astype(np.int64))


def _weariness(untreated: Untreated, sent: Sent, at: np.ndarray) -> np.ndarray:
    """What each contact meets, of newsletters and everything that the lists sent before."""
    mail = untreated.company.contacts
    customer = np.concatenate([sent.customer, mail.customer])
    every = np.concatenate([at, mail.sent_at])
    return fatigue.before(customer, every, untreated.company.world.response)[: len(at)]


def _effects(
    untreated: Untreated, sent: Sent, at: np.ndarray, weariness: np.ndarray
) -> tuple[Moved, np.ndarray, np.ndarray]:
    """Who is moved to buy, by a contact or by who lives with them; per contact, whether it was
    the one that persuaded; per order of the company left alone, whether it is not made."""
    window = np.array([response.effect_of(code).window_days for code in sent.lists], np.int64)
    episode, begins = response.episodes(sent.list_code, sent.customer, at, window[sent.list_code])
    is_persuaded = np.zeros(len(at), dtype=bool)
    is_put_off = np.zeros(len(untreated.company.orders.customer), dtype=bool)
    overheard = []
    for place, code in enumerate(sent.lists):
        here = np.flatnonzero(begins & (sent.list_code == place))
        who, when = sent.customer[here], at[here]
        kind = response.outcomes(untreated, code, who, when, episode[here], weariness[here]).kind
        is_persuaded[here] = kind == response.PERSUADABLE
        is_dog = kind == response.SLEEPING_DOG
        until = when[is_dog] + window[place] * DAY
        _, order = untreated.orders_between(who[is_dog], when[is_dog], until)
        is_put_off[order] = True
        overheard.append(_spilt_over(untreated, sent, place, here, at, episode))
    contacted = Moved(sent.customer, sent.list_key, at, episode)
    return joined([entries(contacted, is_persuaded), *overheard]), is_persuaded, is_put_off


def _spilt_over(
    untreated: Untreated,
    sent: Sent,
    place: int,
    here: np.ndarray,
    at: np.ndarray,
    episode: np.ndarray,
) -> Moved:
    """Who buys because somebody they live with was contacted, and they not, on that list so far."""
    other = untreated.kin.others_at_home()[sent.customer[here]]
    since = np.full(len(untreated.company.who), np.iinfo(np.int64).max)
    on_list = sent.list_code == place
    np.minimum.at(since, sent.customer[on_list], at[on_list])
    left_out = (other >= 0) & (since[other] > at[here] + 12 * HOUR)  # not on the same day either
    overhears = Moved(other, sent.list_key[here], at[here], episode[here])
    overhears = entries(overhears, left_out)
    outcomes = response.outcomes(
        untreated,
        sent.lists[place],
        overhears.customer,
        overhears.at,
        overhears.episode,
        weariness=np.zeros(len(overhears.at)),
        power=untreated.company.world.response.spill_over,
    )
    return entries(overhears, outcomes.kind == response.PERSUADABLE)


def _contacts(
    untreated: Untreated, sent: Sent, at: np.ndarray, out: np.ndarray, is_persuaded: np.ndarray
) -> Contacts:
    """What the mailing tool and the call desk report, in order of time."""
    shares = untreated.company.world.response
    draw = uniforms(untreated.seed, "outcome", sent.customer, sent.night, sent.list_key)
    opened, clicked = shares.opened_share, shares.opened_share + shares.clicked_share
    outcome = np.where(draw < opened, OPENED, np.where(draw < clicked, CLICKED, DELIVERED))
    outcome = np.where(is_persuaded & (draw < shares.persuaded_click_share), CLICKED, outcome)
    leaves = np.where(draw < shares.complaint_share, COMPLAINED, UNSUBSCRIBED)
    outcome = np.where(out, leaves, outcome)
    outcome = np.where(response.bounces(untreated, sent.customer), BOUNCED, outcome)
    contacts = Contacts(
        list_code=sent.list_code,
        customer=sent.customer,
        channel=np.where(sent.is_call, PHONE, EMAIL),
        sent_at=at,
        outcome=np.where(sent.is_call, DELIVERED, outcome),
        lists=sent.lists,
    )
    return entries(contacts, np.lexsort((sent.list_code, sent.customer, at)))
