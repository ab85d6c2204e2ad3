"""What people allowed us, what we sent them, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

import regulars.sample_company.fatigue as fatigue
import regulars.sample_company.localtime as localtime
from regulars.sample_company.localtime import DAY, HOUR
from regulars.sample_company.parts import Care, Permission
from regulars.sample_company.people import People
from regulars.sample_company.records import entries, joined
from regulars.sample_company.seeds import pick
from regulars.sample_company.worlds import World

CHANNELS = ("email", "phone", "post", "ads", "google_ads", "meta_ads")
EMAIL, PHONE, ADS = (CHANNELS.index(name) for name in ("email", "phone", "ads"))
PURPOSES = ("marketing", "service", "advertising", "ad_user_data", "ad_personalization")
MARKETING = PURPOSES.index("marketing")
LISTS = ("newsletter", "autumn_offer", "new_roasts")
NEWSLETTER, AUTUMN_OFFER, NEW_ROASTS = range(3)
_LIST_OF_MONTH = {4: NEW_ROASTS, 6: NEW_ROASTS, 10: AUTUMN_OFFER, 11: AUTUMN_OFFER}
OUTCOMES = ("sent", "delivered", "opened", "clicked", "bounced", "unsubscribed", "complained")
SENT, DELIVERED, OPENED, CLICKED, BOUNCED, UNSUBSCRIBED, COMPLAINED = range(7)
_NEVER = np.iinfo(np.int64).max
# Whoever would withdraw later than this many days from now never does, as far as we can see.
_FAR_DAYS = 20_000


@dataclass(frozen=True)
class Consents:
    """One entry per change, in order of time."""

    customer: np.ndarray
    channel: np.ndarray
    purpose: np.ndarray
    changed_at: np.ndarray
    is_granted: np.ndarray


@dataclass(frozen=True)
class Contacts:
    """One entry per message sent, in order of time; list_code points into lists."""

    list_code: np.ndarray
    customer: np.ndarray
    channel: np.ndarray
    sent_at: np.ndarray
    outcome: np.ndarray
    lists: tuple[str, ...] = LISTS


def care(
    rng: np.random.Generator, who: People, first_day: int, nights: int, world: World
) -> tuple[Consents, Contacts]:
    """Consents at sign-up, mailings to those who agreed, withdrawals, unsubscriptions."""
    given, withdrawn, email_until = _signups(rng, who, world.care)
    contacts, left_at = _mailings(rng, who, email_until, first_day, nights, world)
    left = np.flatnonzero(left_at < email_until)
    unsubscribed = _changes(left, EMAIL, MARKETING, left_at[left] + 60, False)
    # An unsubscription makes a later withdrawal of the same permission void.
    is_email = (withdrawn.channel == EMAIL) & (withdrawn.purpose == MARKETING)
    is_void = np.isin(withdrawn.customer, left) & is_email
    changes = joined([given, entries(withdrawn, ~is_void), unsubscribed])
    changes = joined([changes, *_on_platforms(rng, changes, len(who), world.care)])
    by_time = np.lexsort((changes.purpose, changes.channel, changes.customer, changes.changed_at))
    return entries(changes, by_time), contacts


def _changes(
    customer: np.ndarray, channel: int, purpose: int, at: np.ndarray, granted: bool | np.ndarray
) -> Consents:
    size = len(customer)
    return Consents(
        customer=customer,
        channel=np.full(size, channel),
        purpose=np.full(size, purpose),
        changed_at=at,
        is_granted=np.broadcast_to(np.asarray(granted, dtype=bool), size).copy(),
    )


def _signups(
    rng: np.random.Generator, who: People, care: Care
) -> tuple[Consents, Consents, np.ndarray]:
    """Changes at sign-up, later withdrawals, and until when e-mail marketing is allowed."""
    given, withdrawn = [], []
    email_until = np.full(len(who), localtime.MISSING)
    for permission in care.permissions:
        channel = CHANNELS.index(permission.channel)
        purpose = PURPOSES.index(permission.purpose)
        asked = np.flatnonzero(rng.random(len(who)) < permission.asked_share)
        agrees = rng.random(len(asked)) < _agreeing(permission, care)
        given.append(_changes(asked, channel, purpose, who.created_at[asked] + 5, agrees))
        leaves = rng.exponential(365.0 / care.withdrawn_per_year, len(asked))
        days = np.minimum(leaves, _FAR_DAYS)
        at = who.created_at[asked] + np.rint(days * DAY).astype(np.int64)
        stops = agrees & (leaves < _FAR_DAYS)
        withdrawn.append(_changes(asked[stops], channel, purpose, at[stops], False))
        if (channel, purpose) == (EMAIL, MARKETING):
            email_until[asked[agrees]] = np.where(stops, at, _NEVER)[agrees]
    return joined(given), joined(withdrawn), email_until


def _on_platforms(
    rng: np.random.Generator, changes: Consents, people: int, care: Care
) -> Iterator[Consents]:
    """What those who agree to advertising say of each platform: a share agree there too, until they
    take back the whole. Drawn last, so that nothing else depends on it."""
    agrees = np.zeros(people, dtype=bool)
    agrees[changes.customer[(changes.channel == ADS) & changes.is_granted]] = True
    for platform in care.platforms:
        agrees_there = agrees & (rng.random(people) < platform.asked_share)
        agreed = entries(changes, (changes.channel == ADS) & agrees_there[changes.customer])
        yield replace(
            agreed,
            channel=np.full(len(agreed.customer), CHANNELS.index(platform.channel)),
            purpose=np.full(len(agreed.customer), PURPOSES.index(platform.purpose)),
        )


def _agreeing(permission: Permission, care: Care) -> float:
    """Share of those asked who agree; by default, such that the world's share of all does."""
    if permission.granted_share is None:
        return care.email_consent_share / permission.asked_share
    return permission.granted_share


def _mailings(
    rng: np.random.Generator,
    who: People,
    email_until: np.ndarray,
    first_day: int,
    nights: int,
    world: World,
) -> tuple[Contacts, np.ndarray]:
    """Newsletters on Tuesdays, each to a share of those who agreed, and when people had enough."""
    care, weary = world.care, _Weary(world, len(who))
    nobody = np.zeros(0, dtype=np.int64)
    mailings = [
        Contacts(list_code=nobody, customer=nobody, channel=nobody, sent_at=nobody, outcome=nobody)
    ]
    left_at = np.full(len(who), _NEVER)
    for day in _mailing_days(first_day, nights, care.mailings_per_month):
        hour = localtime.to_instant(np.array([day * DAY + 9 * HOUR]))[0]
        allowed = (who.created_at < hour - DAY) & (email_until > hour) & (left_at > hour)
        allowed &= who.has_email
        customer = np.flatnonzero(allowed & (rng.random(len(who)) < care.mailed_share))
        outcome = pick(rng, len(customer), care.outcome_shares)
        sent_at = hour + rng.integers(0, 2 * HOUR, len(customer))
        if care.mail_wearies:
            tired = rng.random(len(customer)) < weary.opt_out_chance(customer, sent_at)
            outcome = np.where(tired, UNSUBSCRIBED, outcome)
            weary.receives(customer, sent_at)
        leaves = np.isin(outcome, (UNSUBSCRIBED, COMPLAINED))
        left_at[customer[leaves]] = sent_at[leaves] + HOUR
        code = _LIST_OF_MONTH.get(localtime.to_date(day).month, NEWSLETTER)
        mailings.append(
            Contacts(
                list_code=np.full(len(customer), code),
                customer=customer,
                channel=np.full(len(customer), EMAIL),
                sent_at=sent_at,
                outcome=outcome,
            )
        )
    contacts = joined(mailings)
    return entries(contacts, np.lexsort((contacts.customer, contacts.sent_at))), left_at


class _Weary:
    """How weary of mail everybody is, as mailings go out."""

    def __init__(self, world: World, customers: int) -> None:
        self._response = world.response
        self._level = np.zeros(customers)
        self._since = np.zeros(customers, dtype=np.int64)

    def _now(self, customer: np.ndarray, at: np.ndarray) -> np.ndarray:
        days = (at - self._since[customer]) / DAY
        return fatigue.faded(self._level[customer], days, self._response)

    def opt_out_chance(self, customer: np.ndarray, at: np.ndarray) -> np.ndarray:
        return fatigue.opt_out_chance(self._now(customer, at), self._response)

    def receives(self, customer: np.ndarray, at: np.ndarray) -> None:
        self._level[customer] = self._now(customer, at) + 1.0
        self._since[customer] = at


# Weeks of the month in which newsletters go out, the most usual one first.
_MAILING_WEEKS = (2, 4, 1, 3)


def _mailing_days(first_day: int, nights: int, per_month: int) -> list[int]:
    """Tuesdays of the month's first weeks, as many as asked for."""
    weeks = _MAILING_WEEKS[:per_month]
    days = [first_day + night for night in range(nights)]
    dates = [localtime.to_date(day) for day in days]
    return [
        day
        for day, on in zip(days, dates, strict=True)
        if on.weekday() == 1 and (on.day - 1) // 7 + 1 in weeks
    ]
