"""What people allowed us, what we sent them, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.sample_company import localtime
from regulars.sample_company.localtime import DAY, HOUR
from regulars.sample_company.people import People
from regulars.sample_company.seeds import pick
from regulars.sample_company.worlds import World

CHANNELS = ("email", "phone", "post", "ads")
PURPOSES = ("marketing", "service", "advertising")
LISTS = ("newsletter", "autumn_offer", "new_roasts")
OUTCOMES = ("sent", "delivered", "opened", "clicked", "bounced", "unsubscribed", "complained")
UNSUBSCRIBED, COMPLAINED = 5, 6
# channel, purpose, share asked at sign-up, share of those who agree (None: as the world says)
_ASKED = (
    (0, 0, 0.93, None),
    (0, 1, 0.90, 0.97),
    (1, 0, 0.55, 0.24),
    (2, 0, 0.50, 0.46),
    (3, 2, 0.70, 0.40),
)
_WITHDRAWN_PER_YEAR = 0.05


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
    given, withdrawn, email_until = _signups(rng, who, world)
    contacts, left_at = _mailings(rng, who, email_until, first_day, nights)
    left = np.flatnonzero(left_at < email_until)
    unsubscribed = _changes(left, 0, 0, left_at[left] + 60, False)
    # An unsubscription makes a later withdrawal of the same permission void.
    void = np.isin(withdrawn[0], left) & (withdrawn[1] == 0) & (withdrawn[2] == 0)
    parts = [given, tuple(column[~void] for column in withdrawn), unsubscribed]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    by_time = np.lexsort((columns[2], columns[1], columns[0], columns[3]))
    return Consents(*(column[by_time] for column in columns)), contacts


def _changes(
    customer: np.ndarray, channel: int, purpose: int, at: np.ndarray, granted: bool | np.ndarray
) -> tuple[np.ndarray, ...]:
    size = len(customer)
    return (
        customer,
        np.full(size, channel),
        np.full(size, purpose),
        at,
        np.broadcast_to(np.asarray(granted, dtype=bool), size).copy(),
    )


def _signups(
    rng: np.random.Generator, who: People, world: World
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...], np.ndarray]:
    """Changes at sign-up, later withdrawals, and until when e-mail marketing is allowed."""
    given, withdrawn = [], []
    email_until = np.full(len(who), localtime.MISSING)
    forever = np.iinfo(np.int64).max
    for channel, purpose, asked_share, share in _ASKED:
        agree_share = world.care.email_consent_share / asked_share if share is None else share
        asked = np.flatnonzero(rng.random(len(who)) < asked_share)
        agrees = rng.random(len(asked)) < agree_share
        given.append(_changes(asked, channel, purpose, who.created_at[asked] + 5, agrees))
        leaves = rng.exponential(365.0 / _WITHDRAWN_PER_YEAR, len(asked))
        at = who.created_at[asked] + np.rint(np.minimum(leaves, 20_000) * DAY).astype(np.int64)
        stops = agrees & (leaves < 20_000)
        withdrawn.append(_changes(asked[stops], channel, purpose, at[stops], False))
        if (channel, purpose) == (0, 0):
            email_until[asked[agrees]] = np.where(stops, at, forever)[agrees]
    joined = (
        tuple(np.concatenate(c) for c in zip(*changes, strict=True))
        for changes in (given, withdrawn)
    )
    first, second = joined
    return first, second, email_until


def _mailings(
    rng: np.random.Generator, who: People, email_until: np.ndarray, first_day: int, nights: int
) -> tuple[Contacts, np.ndarray]:
    """A newsletter on the second Tuesday of each month, to a third of those who agreed."""
    parts = []
    left_at = np.full(len(who), np.iinfo(np.int64).max)
    for day in _second_tuesdays(first_day, nights):
        hour = localtime.to_instant(np.array([day * DAY + 9 * HOUR]))[0]
        allowed = (who.created_at < hour - DAY) & (email_until > hour) & (left_at > hour)
        allowed &= who.has_email
        customer = np.flatnonzero(allowed & (rng.random(len(who)) < 0.34))
        outcome = pick(rng, len(customer), (0, 0.600, 0.315, 0.062, 0.013, 0.008, 0.002))
        sent_at = hour + rng.integers(0, 2 * HOUR, len(customer))
        leaves = np.isin(outcome, (UNSUBSCRIBED, COMPLAINED))
        left_at[customer[leaves]] = sent_at[leaves] + HOUR
        month = localtime.to_date(day).month
        code = 1 if month in (10, 11) else 2 if month in (4, 6) else 0
        parts.append(
            (np.full(len(customer), code), customer, np.zeros_like(customer), sent_at, outcome)
        )
    if not parts:
        empty = np.zeros(0, dtype=np.int64)
        return Contacts(empty, empty, empty, empty, empty), left_at
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    by_time = np.lexsort((columns[1], columns[3]))
    lists, whose, channel, sent_at, outcome = (column[by_time] for column in columns)
    return Contacts(lists, whose, channel, sent_at, outcome), left_at


def _second_tuesdays(first_day: int, nights: int) -> list[int]:
    days = [first_day + night for night in range(nights)]
    dates = [localtime.to_date(day) for day in days]
    return [
        day for day, on in zip(days, dates, strict=True) if on.weekday() == 1 and 8 <= on.day <= 14
    ]
